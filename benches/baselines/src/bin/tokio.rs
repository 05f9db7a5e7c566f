//! The bare relay on tokio, one thread.
//!
//! A task a direction, which reads one connection and writes the other by
//! itself: nothing is handed to a second task. All read into one buffer, and
//! what the partner's socket takes at once goes out from there; only what it
//! does not take is copied. What arrives before the partner waits in its socket.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use baselines::lines::Check;
use baselines::start::Start;
use rustix::net::{Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

const TURN_BYTES: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; TURN_BYTES]);
}

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let Start { listener, check } = Start::from_command_line()?;
    listener.set_nonblocking(true)?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let (first, _) = listener.accept().await?;
            let (second, _) = listener.accept().await?;
            pair(check, first, second);
        }
    })
}

fn pair(check: Check, first: TcpStream, second: TcpStream) {
    let (from_first, to_first) = first.into_split();
    let (from_second, to_second) = second.into_split();
    for (from, to) in [(from_first, to_second), (from_second, to_first)] {
        let direction = Direction {
            check,
            from,
            to,
            kept: Vec::new(),
            waiting: Vec::new(),
        };
        tokio::spawn(direction.run());
    }
}

struct Direction {
    check: Check,
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    /// The beginning of a line.
    kept: Vec<u8>,
    /// What `to` would not take.
    waiting: Vec<u8>,
}

impl Direction {
    async fn run(mut self) {
        loop {
            match poll_fn(|cx| self.poll_turn(cx)).await {
                Ok(0) => break,
                Ok(_) if self.waiting.is_empty() => {}
                Ok(_) => {
                    if self.to.write_all(&self.waiting).await.is_err() {
                        return self.close();
                    }
                    self.waiting.clear();
                }
                Err(_) => return self.close(),
            }
        }
        // Dropping `to` ends its stream.
    }

    /// Receives once and sends once.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let kept = self.kept.len();
            let mut buffer = ReadBuf::new(scratch);
            buffer.put_slice(&self.kept);
            ready!(Pin::new(&mut self.from).poll_read(cx, &mut buffer))?;
            let bytes = buffer.filled();
            let whole = self.check.whole(bytes, kept);
            let whole = whole.map_err(|_| io::ErrorKind::InvalidData)?;
            let received = bytes.len() - kept;
            self.kept.clear();
            self.kept.extend_from_slice(&bytes[whole..]);
            let lines = &bytes[..whole];
            let mut sent = 0;
            if whole > 0
                && let Poll::Ready(taken) = Pin::new(&mut self.to).poll_write(cx, lines)
            {
                sent = taken?;
            }
            self.waiting.extend_from_slice(&lines[sent..]);
            Poll::Ready(Ok(received))
        })
    }

    /// Ends both connections, the other direction with them.
    fn close(self) {
        for stream in [self.from.as_ref(), self.to.as_ref()] {
            let _ = shutdown(stream, Shutdown::Both);
        }
    }
}
