//! A request's body, within its bounds.

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::limits::{BIG_BODIES, BODY_BYTES, BODY_FOR, CLOSING_FOR};

/// What is read past a limit, so that a client that is still sending gets to
/// read why it should not.
const DRAINED_BYTES: usize = 32 * 1024 * 1024;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoBody {
    TooLarge,
    /// The client is gone or takes too long: nobody is there to be answered.
    CutShort,
}

/// Reads bodies; only so many long ones at once.
pub(super) struct Bodies {
    big: Semaphore,
}

impl Bodies {
    pub(super) fn new() -> Bodies {
        Bodies {
            big: Semaphore::new(BIG_BODIES),
        }
    }

    /// Reads it whole, if it has no more than `most` bytes.
    pub(super) async fn read(
        &self,
        headers: &HeaderMap,
        mut body: Body,
        most: usize,
    ) -> Result<Bytes, NoBody> {
        let told = headers.get(CONTENT_LENGTH);
        let told = told.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if told.is_some_and(|length| length > most as u64) {
            // Whoever asks before sending has not sent anything yet.
            if !headers.contains_key(EXPECT) {
                drain(body).await;
            }
            return Err(NoBody::TooLarge);
        }
        let read = timeout(BODY_FOR, self.collect(&mut body, most)).await;
        let read = read.unwrap_or(Err(NoBody::CutShort));
        if read == Err(NoBody::TooLarge) {
            drain(body).await;
        }
        read
    }

    async fn collect(&self, body: &mut Body, most: usize) -> Result<Bytes, NoBody> {
        let mut bytes = Vec::new();
        let mut permit = None;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| NoBody::CutShort)?.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > most {
                return Err(NoBody::TooLarge);
            }
            if bytes.len() + data.len() > BODY_BYTES && permit.is_none() {
                let room = self.big.acquire().await;
                permit = Some(room.expect("the semaphore is never closed"));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.into())
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
