//! Connections within bounds: only so many at once, and none that does nothing
//! for long. Descriptors that HTTP holds are lacking in the chat.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use crate::limits::HTTP_IDLE_FOR;

/// How many connections, and how patient with them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Beyond these, new ones wait in the kernel's queue.
    pub(super) connections: usize,
    /// Nothing was read or written for so long: closed.
    pub(super) idle_for: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            connections: 1024,
            idle_for: HTTP_IDLE_FOR,
        }
    }
}

/// A listener that keeps within [`Bounds`].
pub(super) struct Sockets {
    listener: TcpListener,
    room: Arc<Semaphore>,
    idle_for: Duration,
}

impl Sockets {
    /// To be called in the runtime that will serve.
    pub(super) fn new(listener: std::net::TcpListener, bounds: Bounds) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Sockets {
            listener: TcpListener::from_std(listener)?,
            room: Arc::new(Semaphore::new(bounds.connections)),
            idle_for: bounds.idle_for,
        })
    }
}

impl Listener for Sockets {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        let room = Arc::clone(&self.room).acquire_owned().await;
        let permit = room.expect("the semaphore is never closed");
        // Tokio's own accept of axum's trait logs and retries.
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        let socket = Socket {
            stream,
            idle_for: self.idle_for,
            alarm: Box::pin(sleep(self.idle_for)),
            _room: permit,
        };
        (socket, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that fails when it does nothing for too long.
pub(super) struct Socket {
    stream: TcpStream,
    idle_for: Duration,
    alarm: Pin<Box<Sleep>>,
    _room: OwnedSemaphorePermit,
}

impl Socket {
    /// Passes on what is done; what is not yet done may have taken too long.
    fn in_time<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.alarm.as_mut().reset(Instant::now() + self.idle_for);
            return outcome;
        }
        ready!(self.alarm.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.in_time(context, outcome)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.in_time(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
