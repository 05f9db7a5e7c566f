//! Connections within bounds: only so many at once, of them a share from one
//! address, and none whose reader takes next to nothing for long. Descriptors
//! that HTTP holds are lacking in the chat.
//!
//! Whoever is slow to ask is not this file's care: hyper has a deadline for a
//! request's head, and [`body`](super::body) one for what follows it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use super::Gate;
use super::address::{Origin, Peer};
use super::shares::{Share, Shares};
use crate::limits::{
    HEAD_FOR, HTTP_CONNECTIONS, HTTP_CONNECTIONS_AN_ADDRESS, PACE_BYTES, PACE_FOR,
};

/// How many connections, and how patient with them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Beyond these, new ones wait in the kernel's queue.
    pub(super) connections: usize,
    /// Beyond these of one address, new ones are closed.
    pub(super) an_address: usize,
    /// For a request's head to come.
    pub(super) head_for: Duration,
    /// For [`PACE_BYTES`] of an answer to be taken.
    pub(super) pace_for: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            connections: HTTP_CONNECTIONS,
            an_address: HTTP_CONNECTIONS_AN_ADDRESS,
            head_for: HEAD_FOR,
            pace_for: PACE_FOR,
        }
    }
}

/// A listener that keeps within [`Bounds`].
pub(super) struct Sockets {
    listener: TcpListener,
    gate: Gate,
    bounds: Bounds,
    room: Arc<Semaphore>,
    shares: Arc<Shares>,
}

impl Sockets {
    /// To be called in the runtime that will serve.
    pub(super) fn new(
        listener: std::net::TcpListener,
        gate: Gate,
        bounds: Bounds,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Sockets {
            listener: TcpListener::from_std(listener)?,
            gate,
            bounds,
            room: Arc::new(Semaphore::new(bounds.connections)),
            shares: Shares::new(bounds.an_address),
        })
    }

    /// The next connection that there is room for. To be dropped at any time.
    pub(super) async fn accept(&mut self) -> (Socket, Peer) {
        let room = Arc::clone(&self.room).acquire_owned().await;
        let room = room.expect("the semaphore is never closed");
        loop {
            // Tokio's own accept of axum's trait logs and retries.
            let (stream, address) = Listener::accept(&mut self.listener).await;
            let peer = Peer(address.ip().to_canonical());
            let Ok(share) = self.share(peer) else {
                self.gate.metrics.http().turn_away();
                continue;
            };
            let place = Place {
                _room: room,
                _share: share,
            };
            return (Socket::new(stream, place, self.bounds.pace_for), peer);
        }
    }

    /// Of its address; a proxy that is trusted comes for many and needs none.
    fn share(&self, peer: Peer) -> Result<Option<Share>, TooMany> {
        let trusted = &self.gate.trusted_proxies;
        if trusted.iter().any(|network| network.contains(peer.0)) {
            return Ok(None);
        }
        let share = self.shares.take(Origin::of(peer.0));
        share.map(Some).ok_or(TooMany)
    }
}

/// The address has all that it may have.
struct TooMany;

/// Given back when dropped.
struct Place {
    _room: OwnedSemaphorePermit,
    _share: Option<Share>,
}

/// A connection that fails when its reader takes too little of what is written.
pub(super) struct Socket {
    stream: TcpStream,
    reader: Reader,
    _place: Place,
}

impl Socket {
    fn new(stream: TcpStream, place: Place, pace_for: Duration) -> Socket {
        Socket {
            stream,
            reader: Reader::new(pace_for),
            _place: place,
        }
    }
}

/// Who takes what is written, and how slowly.
struct Reader {
    pace_for: Duration,
    alarm: Pin<Box<Sleep>>,
    /// Since the alarm was set; none while nothing has to wait.
    taken: Option<usize>,
}

impl Reader {
    fn new(pace_for: Duration) -> Reader {
        Reader {
            pace_for,
            alarm: Box::pin(sleep(pace_for)),
            taken: None,
        }
    }

    /// Passes on what is written; what has to wait may have waited too long.
    fn in_time(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = outcome {
            if let (Some(taken), Ok(more)) = (self.taken, &written) {
                self.taken = Some(taken + more).filter(|&taken| taken < PACE_BYTES);
            }
            return Poll::Ready(written);
        }
        if self.taken.is_none() {
            self.taken = Some(0);
            self.alarm.as_mut().reset(Instant::now() + self.pace_for);
        }
        ready!(self.alarm.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Nothing is left for it to take.
    fn is_done(&mut self) {
        self.taken = None;
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.reader.in_time(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.reader.in_time(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for when everything has been written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.reader.is_done();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What the reader makes of it.
    async fn hears(reader: &mut Reader, outcome: Option<usize>) -> Poll<io::Result<usize>> {
        poll_fn(|context| {
            let outcome = outcome.map_or(Poll::Pending, |bytes| Poll::Ready(Ok(bytes)));
            Poll::Ready(reader.in_time(context, outcome))
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_must_keep_its_pace() {
        let mut reader = Reader::new(20 * SECOND);
        for _ in 0..3 {
            assert!(hears(&mut reader, None).await.is_pending());
            advance(19 * SECOND).await;
            // In parts or at once: it is enough, and another while begins.
            for bytes in [PACE_BYTES - 1, 1] {
                assert!(matches!(
                    hears(&mut reader, Some(bytes)).await,
                    Poll::Ready(Ok(_))
                ));
            }
        }
        // While nothing waits, no time passes for it.
        advance(60 * SECOND).await;
        assert!(hears(&mut reader, None).await.is_pending());
        reader.is_done();
        advance(60 * SECOND).await;
        assert!(hears(&mut reader, None).await.is_pending());
        for _ in 0..10 {
            advance(2 * SECOND).await;
            let taken = hears(&mut reader, Some(100)).await;
            assert!(matches!(taken, Poll::Ready(Ok(100))));
        }
        let late = hears(&mut reader, None).await;
        assert!(matches!(late, Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::TimedOut));
    }
}
