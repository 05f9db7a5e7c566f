//! A request's body, within its bounds: how it arrives, and where it is read. To
//! understand a long one takes a while, in which nobody else's request may wait.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::address::Origin;
use super::fault::Fault;
use super::reply::Refusal;
use super::shares::{Share, Shares};
use crate::limits::{
    ANSWER_FOR, BIG_BODIES, BIG_BODIES_AN_ADDRESS, BIG_BODY_WAITS_FOR, BODY_BYTES, BODY_FOR,
    CLOSING_FOR, PACE_BYTES, PACE_FOR,
};
use crate::picture::Workers;

/// What is read past a limit, so that a client that is still sending gets to
/// read why it should not.
const DRAINED_BYTES: usize = 32 * 1024 * 1024;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoBody {
    TooLarge,
    /// Too many long ones are being read; it may come again later.
    NoRoom,
    /// The client is gone or takes too long: nobody is there to be answered.
    CutShort,
}

/// How many long bodies, and how patient with all of them.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    big: usize,
    an_address: usize,
    /// For one to be among those.
    wait_for: Duration,
    /// For all of it to arrive, but for that wait.
    body_for: Duration,
    /// For the next [`PACE_BYTES`] of it to arrive, or its end.
    pace_for: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            big: BIG_BODIES,
            an_address: BIG_BODIES_AN_ADDRESS,
            wait_for: BIG_BODY_WAITS_FOR,
            body_for: BODY_FOR,
            pace_for: PACE_FOR,
        }
    }
}

/// Reads bodies; only so many long ones at once, and a share of them from one
/// address.
pub(super) struct Bodies {
    bounds: Bounds,
    big: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// A body that has come. A long one takes its place until it is dropped.
#[derive(Clone, Default)]
pub(super) struct Whole {
    bytes: Bytes,
    place: Option<Arc<Place>>,
}

/// Of a long body, given back when dropped.
struct Place {
    _big: OwnedSemaphorePermit,
    _share: Share,
}

impl Bodies {
    pub(super) fn new() -> Bodies {
        Bodies::within(Bounds::default())
    }

    fn within(bounds: Bounds) -> Bodies {
        Bodies {
            bounds,
            big: Arc::new(Semaphore::new(bounds.big)),
            shares: Shares::new(bounds.an_address),
        }
    }

    /// Reads it whole, if it has no more than `most` bytes.
    pub(super) async fn read(
        &self,
        from: Origin,
        headers: &HeaderMap,
        mut body: Body,
        most: usize,
    ) -> Result<Whole, NoBody> {
        let told = headers.get(CONTENT_LENGTH);
        let told = told.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if told.is_some_and(|length| length > most as u64) {
            // Whoever asks before sending has not sent anything yet.
            if !headers.contains_key(EXPECT) {
                drain(body).await;
            }
            return Err(NoBody::TooLarge);
        }
        let read = self.collect(from, &mut body, most).await;
        if matches!(read, Err(NoBody::TooLarge | NoBody::NoRoom)) {
            drain(body).await;
        }
        read
    }

    async fn collect(&self, from: Origin, body: &mut Body, most: usize) -> Result<Whole, NoBody> {
        let mut bytes = Vec::new();
        let mut place = None;
        let mut pace = Pace::new(&self.bounds);
        loop {
            let frame = timeout_at(pace.deadline(), body.frame()).await;
            let Some(frame) = frame.map_err(|_| NoBody::CutShort)? else {
                return Ok(Whole {
                    bytes: bytes.into(),
                    place,
                });
            };
            let Ok(data) = frame.map_err(|_| NoBody::CutShort)?.into_data() else {
                continue;
            };
            pace.arrived(data.len());
            if bytes.len() + data.len() > most {
                return Err(NoBody::TooLarge);
            }
            if bytes.len() + data.len() > BODY_BYTES && place.is_none() {
                let asked = Instant::now();
                place = Some(Arc::new(self.place(from).await?));
                pace.stood_still(asked.elapsed());
            }
            bytes.extend_from_slice(&data);
        }
    }

    /// First among those of its address: it keeps nobody else waiting.
    async fn place(&self, from: Origin) -> Result<Place, NoBody> {
        let place = async {
            let share = self.shares.wait(from).await;
            let big = Arc::clone(&self.big).acquire_owned().await;
            Place {
                _big: big.expect("the semaphore is never closed"),
                _share: share,
            }
        };
        let waited = timeout(self.bounds.wait_for, place).await;
        waited.map_err(|_| NoBody::NoRoom)
    }
}

impl Whole {
    /// Of a body that takes no place.
    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What `read` makes of it: at once if it is short, else on a thread of
    /// `apart`, which keeps its place as long as it is at it.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        apart: &Workers,
        read: fn(&[u8]) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        if self.place.is_none() {
            return read(&self.bytes);
        }
        let own = self.clone();
        let reading = apart.submit(move || {
            let Whole {
                bytes,
                place: _held,
            } = own;
            read(&bytes)
        });
        let reading = reading.map_err(|_| Refusal::busy())?;
        let Ok(Ok(read)) = timeout(ANSWER_FOR, reading).await else {
            tracing::error!("a long body was not read in time");
            return Err(Fault::Internal.into());
        };
        read
    }
}

/// Until when more of a body must have come.
struct Pace {
    lap: Duration,
    /// Since the lap began.
    arrived: usize,
    lap_ends: Instant,
    ends: Instant,
}

impl Pace {
    fn new(bounds: &Bounds) -> Pace {
        let now = Instant::now();
        Pace {
            lap: bounds.pace_for,
            arrived: 0,
            lap_ends: now + bounds.pace_for,
            ends: now + bounds.body_for,
        }
    }

    fn deadline(&self) -> Instant {
        self.lap_ends.min(self.ends)
    }

    fn arrived(&mut self, bytes: usize) {
        self.arrived += bytes;
        if self.arrived >= PACE_BYTES {
            self.arrived = 0;
            self.lap_ends = Instant::now() + self.lap;
        }
    }

    /// For so long nothing was read, for which the client cannot be blamed.
    fn stood_still(&mut self, time: Duration) {
        self.lap_ends += time;
        self.ends += time;
    }
}

async fn drain(mut body: Body) {
    let mut left = DRAINED_BYTES;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            left = left.saturating_sub(length);
            if left == 0 {
                break;
            }
        }
    };
    // Whatever comes of it, the answer is the same.
    let _ = timeout(CLOSING_FOR, reading).await;
}

#[cfg(test)]
mod tests;
