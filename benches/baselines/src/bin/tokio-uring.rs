//! The bare relay on tokio-uring 0.5.
//!
//! A task a direction, which reads one connection and writes the other by
//! itself. The engine has neither multishot nor buffer rings: each direction
//! owns one buffer, which goes into the read and from there into the write.
//! What arrives before the partner waits in its socket.

use std::io;
use std::net::Shutdown;
use std::rc::Rc;

use baselines::lines::Check;
use baselines::start::Start;
use tokio_uring::buf::BoundedBuf;
use tokio_uring::net::{TcpListener, TcpStream};

/// Entries of the submission queue; the completion queue has four times as
/// many.
const ENTRIES: u32 = 4096;
const TURN_BYTES: usize = 4096;

fn main() -> io::Result<()> {
    let Start { listener, check } = Start::from_command_line()?;
    let mut ring = tokio_uring::uring_builder();
    // Of what the engine bears, for it waits in epoll: deferred task runs stall it.
    ring.setup_cqsize(4 * ENTRIES)
        .setup_single_issuer()
        .setup_coop_taskrun();
    let mut engine = tokio_uring::builder();
    engine.entries(ENTRIES).uring_builder(&ring).start(async {
        let listener = TcpListener::from_std(listener);
        loop {
            let (first, _) = listener.accept().await?;
            let (second, _) = listener.accept().await?;
            let (first, second) = (Rc::new(first), Rc::new(second));
            tokio_uring::spawn(forward(check, Rc::clone(&first), Rc::clone(&second)));
            tokio_uring::spawn(forward(check, second, first));
        }
    })
}

async fn forward(check: Check, from: Rc<TcpStream>, to: Rc<TcpStream>) {
    if relay(check, &from, &to).await.is_ok() {
        let _ = to.shutdown(Shutdown::Write);
        return;
    }
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

async fn relay(check: Check, from: &TcpStream, to: &TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; TURN_BYTES];
    // The beginning of a line, at the front of the buffer.
    let mut kept = 0;
    loop {
        if kept == buffer.len() {
            buffer.resize(2 * kept, 0);
        }
        let (read, room) = from.read(buffer.slice(kept..)).await;
        buffer = room.into_inner();
        let end = match read? {
            0 => return Ok(()),
            bytes => kept + bytes,
        };
        let whole = check.whole(&buffer[..end], kept);
        let whole = whole.map_err(|_| io::ErrorKind::InvalidData)?;
        if whole > 0 {
            let (written, lines) = to.write_all(buffer.slice(..whole)).await;
            written?;
            buffer = lines.into_inner();
            buffer.copy_within(whole..end, 0);
        }
        kept = end - whole;
    }
}
