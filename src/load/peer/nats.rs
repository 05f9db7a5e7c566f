//! nats-server: each user subscribes to its own name and publishes to its
//! partner's.

use super::{Cut, Heard, Name, Template, cut_line, line_in};
use crate::load::name;

pub(super) fn greet(me: Name, out: &mut Vec<u8>) {
    let text =
        format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {me} 1\r\nPING\r\n");
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn say(partner: Name, before: &[u8], after: &[u8], size: usize) -> Template {
    wrap(format!("PUB {partner} {size}\r\n"), before, after)
}

pub(super) fn hear(me: Name, before: &[u8], after: &[u8], size: usize) -> Template {
    wrap(format!("MSG {me} 1 {size}\r\n"), before, after)
}

fn wrap(head: String, before: &[u8], after: &[u8]) -> Template {
    Template::new(
        &[head.as_bytes(), before].concat(),
        &[after, b"\r\n"].concat(),
    )
}

pub(super) fn cut(bytes: &[u8]) -> Cut {
    let Cut::Whole(end) = cut_line(bytes) else {
        return cut_line(bytes);
    };
    if !bytes.starts_with(b"MSG ") {
        return Cut::Whole(end);
    }
    let head = String::from_utf8_lossy(&bytes[..end]);
    let payload = head.trim_end().rsplit(' ').next().map(str::parse::<usize>);
    match payload {
        Some(Ok(size)) if bytes.len() >= end + size + 2 => Cut::Whole(end + size + 2),
        Some(Ok(size)) if size <= 1 << 20 => Cut::Part,
        _ => Cut::Broken,
    }
}

pub(super) fn read(frame: &[u8]) -> Heard {
    const OWN: usize = name::BYTES;
    match frame {
        b"PONG\r\n" => Heard::Ready,
        b"PING\r\n" => Heard::Ping(b"PONG\r\n"),
        b"+OK\r\n" => Heard::Nothing,
        _ if frame.starts_with(b"INFO ") => Heard::Nothing,
        _ if frame.starts_with(b"MSG ") && frame.len() > OWN => line_in(frame),
        _ if frame.starts_with(b"-ERR") => {
            Heard::Error(String::from_utf8_lossy(frame).trim_end().into())
        }
        _ => Heard::Strange,
    }
}
