//! The console handset: many handsets in one terminal, driven by lines as they
//! stand in the protocol's documents.
//!
//! - A join (`/send 1#{…}`, the `/send ` may be left out) opens a connection of
//!   its own, a second join of the same id too: from then on the newest open
//!   one speaks for that id.
//! - Any other line goes to the handset that its `yourId`, `youId` or `fromId`
//!   names; an unknown one gets a new connection.
//! - A line that names nobody (a RequestRoom, a heartbeat, a broken frame) goes
//!   to a nameless handset of its own, shown as `[-]`.
//! - A line is sent when the one before has been answered on its own
//!   connection, or after 200 ms. As a join may be answered by several lines,
//!   the next one waits for a short silence.
//!
//! Deliberately absent: checks of what is sent (a person may want to try a bad
//! frame), retries, and any state of a talk.

mod console;
pub(crate) mod handset;
pub(crate) mod order;
pub(crate) mod printable;
pub(crate) mod screen;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use crate::exit::Failure;
use console::Console;
use handset::Number;
use screen::Screen;

/// Where the lines come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A person at a terminal: gets help and a prompt, and leaves at once at
    /// the end of input.
    Prompt,
    /// A file or a program.
    Piped {
        /// After the end of input, leave when nothing has arrived for so long.
        linger: Duration,
    },
}

/// The console handset on standard input, output and error.
pub fn run(server: SocketAddr, linger: Duration) -> Result<(), Failure> {
    let input = io::stdin();
    let source = if input.is_terminal() {
        Source::Prompt
    } else {
        Source::Piped { linger }
    };
    converse(
        server,
        source,
        BufReader::new(input),
        &mut io::stdout(),
        &mut io::stderr(),
    )
}

/// Reads typed lines from `input`, writes received ones to `heard` and whatever
/// else there is to say to `notes`.
pub fn converse(
    server: SocketAddr,
    source: Source,
    input: impl BufRead + Send + 'static,
    heard: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Failure> {
    let (events_in, events) = mpsc::sync_channel(EVENTS);
    let (wanted, want) = mpsc::channel();
    let typed = events_in.clone();
    thread::Builder::new()
        .spawn(move || read_on_demand(input, &want, &typed))
        .map_err(|error| Failure::system(format!("cannot start a thread: {error}")))?;
    let screen = Screen::new(heard, notes, source == Source::Prompt);
    Console::new(server, source, screen, events_in, events, wanted).serve()
}

/// Events that may wait; a full channel holds up the listening threads.
const EVENTS: usize = 256;

/// What the threads tell the console.
enum Event {
    /// A line was typed; none is the end of input.
    Typed(io::Result<Option<Vec<u8>>>),
    /// A line came from the server.
    Received(Number, Vec<u8>),
    /// The server closed the connection.
    Closed(Number),
}

/// Reads a line whenever one is wanted, and tells it to the console.
fn read_on_demand(mut input: impl BufRead, want: &Receiver<()>, typed: &SyncSender<Event>) {
    while want.recv().is_ok() {
        let mut line = Vec::new();
        let read = input.read_until(b'\n', &mut line);
        let event = read.map(|bytes| (bytes > 0).then_some(line));
        if typed.send(Event::Typed(event)).is_err() {
            return;
        }
    }
}
