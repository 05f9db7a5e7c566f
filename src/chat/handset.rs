//! One connection to the server, and the thread that listens to it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use super::Event;

/// Which of the console's connections, in the order of their opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number(pub(super) u64);

/// An open connection. Dropping it hangs up, which also ends its thread.
pub(super) struct Handset {
    pub(super) number: Number,
    /// Whom it speaks for; none for lines that name nobody.
    pub(super) id: Option<String>,
    stream: TcpStream,
}

/// To connect, and for the server to take a line.
const PATIENCE: Duration = Duration::from_secs(5);

/// A longer line from the server is cut into several.
const LONGEST_BYTES: u64 = 1024 * 1024;

impl Handset {
    /// Connects. What the server says comes as [`Event::Received`], and once,
    /// last, [`Event::Closed`].
    pub(super) fn open(
        server: SocketAddr,
        number: Number,
        id: Option<String>,
        events: SyncSender<Event>,
    ) -> io::Result<Handset> {
        let stream = connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let reader = BufReader::new(stream.try_clone()?);
        thread::Builder::new().spawn(move || listen(reader, number, &events))?;
        Ok(Handset { number, id, stream })
    }

    /// Sends one line. Half a line would spoil the next one: after a failure
    /// the connection is shut down, and its end is told by [`Event::Closed`].
    pub(super) fn send(&mut self, line: &[u8]) -> io::Result<()> {
        self.stream
            .write_all(&[line, b"\n"].concat())
            .inspect_err(|_| self.shut_down())
    }

    fn shut_down(&self) {
        // Fails only on a connection that is down already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Drop for Handset {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// A connection to the server, or why there is none.
pub(super) fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&server, PATIENCE)
}

fn listen(mut reader: BufReader<TcpStream>, number: Number, events: &SyncSender<Event>) {
    while let Some(line) = next_line(&mut reader) {
        if events.send(Event::Received(number, line)).is_err() {
            return;
        }
    }
    let _ = events.send(Event::Closed(number));
}

/// The next line without its end; none at the end of the stream.
pub(crate) fn next_line(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    // An error is met again, without a byte, the next time round.
    let _ = reader
        .by_ref()
        .take(LONGEST_BYTES)
        .read_until(b'\n', &mut line);
    if line.is_empty() {
        return None;
    }
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    Some(line)
}
