//! Redis pub/sub. In RESP3 a connection may publish and be subscribed at once:
//! messages come as pushes, and each publish is answered by a count.
//!
//! The server needs `protected-mode no`: it takes only 127.0.0.1 for local, and
//! connections come from all of 127.0.0.0/8.

use super::{Cut, Heard, Name, Template, counted, line_in};

pub(super) fn greet(me: Name, out: &mut Vec<u8>) {
    out.extend_from_slice(b"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*2\r\n$9\r\nSUBSCRIBE\r\n");
    out.extend_from_slice(counted(me).as_bytes());
}

pub(super) fn say(partner: Name, before: &[u8], after: &[u8], size: usize) -> Template {
    let head = format!("*3\r\n$7\r\nPUBLISH\r\n{}${size}\r\n", counted(partner));
    wrap(&head, before, after)
}

pub(super) fn hear(me: Name, before: &[u8], after: &[u8], size: usize) -> Template {
    let head = format!(">3\r\n$7\r\nmessage\r\n{}${size}\r\n", counted(me));
    wrap(&head, before, after)
}

fn wrap(head: &str, before: &[u8], after: &[u8]) -> Template {
    Template::new(
        &[head.as_bytes(), before].concat(),
        &[after, b"\r\n"].concat(),
    )
}

pub(super) fn cut(bytes: &[u8]) -> Cut {
    /// Replies are not nested deeper.
    const DEPTH: u32 = 4;
    value(bytes, DEPTH)
}

/// Where the value at the start of `bytes` ends.
fn value(bytes: &[u8], depth: u32) -> Cut {
    let Some(end) = memchr::memchr(b'\n', bytes) else {
        return Cut::Part;
    };
    let number = std::str::from_utf8(&bytes[1..end]).ok();
    let number = number.and_then(|text| text.trim_end().parse::<usize>().ok());
    let end = end + 1;
    match (bytes[0], number) {
        (b'+' | b'-' | b':' | b'_' | b'#' | b',' | b'(', _) => Cut::Whole(end),
        (b'$' | b'=', Some(size)) if size <= 1 << 20 => match end + size + 2 {
            whole if bytes.len() >= whole => Cut::Whole(whole),
            _ => Cut::Part,
        },
        (b'*' | b'>' | b'~', Some(count)) => values(bytes, end, count, depth),
        (b'%', Some(count)) => values(bytes, end, count.saturating_mul(2), depth),
        _ => Cut::Broken,
    }
}

fn values(bytes: &[u8], mut at: usize, count: usize, depth: u32) -> Cut {
    if depth == 0 {
        return Cut::Broken;
    }
    for _ in 0..count {
        match bytes.get(at..).map(|rest| value(rest, depth - 1)) {
            Some(Cut::Whole(length)) => at += length,
            Some(other) => return other,
            None => return Cut::Part,
        }
    }
    Cut::Whole(at)
}

pub(super) fn read(frame: &[u8]) -> Heard {
    match frame.first() {
        Some(b':' | b'%') => Heard::Nothing,
        Some(b'-') => Heard::Error(first_word(&frame[1..])),
        Some(b'>') if frame.starts_with(b">3\r\n$9\r\nsubscribe\r\n") => Heard::Ready,
        Some(b'>') if frame.starts_with(b">3\r\n$7\r\nmessage\r\n") => line_in(frame),
        _ => Heard::Strange,
    }
}

/// An error's own name; a text for people follows.
fn first_word(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.split_whitespace().next().unwrap_or_default().into()
}
