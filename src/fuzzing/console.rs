//! The console handset reads its lines as the server would, and shows them so
//! that nobody far away moves the cursor.

use std::io::BufReader;

use super::lines;
use crate::chat::handset::next_line;
use crate::chat::order::{Address, Order, address, order};
use crate::chat::printable::printable;
use crate::chat::screen::Screen;
use crate::wire::message::{Incoming, Join};
use crate::wire::parse::parse;

/// The input is what a person types, and then what a server sends.
pub fn console(data: &[u8]) {
    for typed in lines(data) {
        if let Order::Send(line) = order(typed) {
            assert_eq!(line.trim_ascii(), line);
            finds_the_sender(line);
        }
    }
    for buffer in [1, 7, 8 * 1024] {
        arrives(data, buffer);
    }
}

/// Who speaks is whom the server would read.
fn finds_the_sender(line: &[u8]) {
    let found = address(line);
    // The name by which serde_json tells a number of any size from an object.
    if memchr::memmem::find(line, b"serde_json::private").is_some() {
        return;
    }
    let (id, join) = match parse(line).content {
        Err(_) => return,
        Ok(Incoming::Heartbeat | Incoming::RoomRequest { .. }) => (None, false),
        Ok(Incoming::Join(Join { user, .. })) => (Some(user), true),
        Ok(
            Incoming::Pass { you }
            | Incoming::Talking { you, .. }
            | Incoming::TalkEnd { you, .. }
            | Incoming::LastWord { you, .. }
            | Incoming::NextOne { you, .. }
            | Incoming::Leave { you },
        ) => (Some(you), false),
    };
    let id = id.map(|id| id.decoded().into_owned());
    let shown = String::from_utf8_lossy(line);
    assert_eq!(found, Address { id, join }, "{shown:?}");
}

/// The stream comes through a buffer of this size.
fn arrives(stream: &[u8], buffer: usize) {
    let mut reader = BufReader::with_capacity(buffer, stream);
    for line in stream.split_inclusive(|&byte| byte == b'\n') {
        let line = match line.strip_suffix(b"\n") {
            Some(whole) => whole.strip_suffix(b"\r").unwrap_or(whole),
            None => line,
        };
        assert_eq!(next_line(&mut reader).as_deref(), Some(line));
        shows(line);
    }
    assert_eq!(next_line(&mut reader), None);
}

/// On one line, and nothing in it does more than stand there.
fn shows(line: &[u8]) {
    let (mut heard, mut notes) = (Vec::new(), Vec::new());
    let mut screen = Screen::new(&mut heard, &mut notes, false);
    let id = String::from_utf8_lossy(line);
    screen.show(Some(&id), line).expect("a Vec takes it");
    screen.note_of(Some(&id), "(closed by the server)");
    for written in [heard, notes] {
        let written = String::from_utf8(written).expect("it is text");
        let shown = written.strip_suffix('\n').expect("a whole line");
        assert!(!shown.contains(|c: char| c.is_control() && c != '\t'));
        assert_eq!(printable(shown.as_bytes()), shown);
    }
}
