//! [`Outgoing`] appended to a buffer: the only writer of the format.

use super::message::{Dialect, Kind, Outgoing};
use super::sweep::Sweep;
use super::text::Text;

/// Appends one whole line, its `\n` included. Made part of its caller, which
/// mostly knows the kind of message.
#[inline(always)]
pub fn write(out: &mut Vec<u8>, dialect: Dialect, message: &Outgoing<'_>) {
    match *message {
        Outgoing::Heartbeat => {}
        Outgoing::Room { mac, seconds } => {
            out.extend_from_slice(mac.as_bytes());
            push_decimal(out, seconds);
        }
        Outgoing::Error {
            error,
            msg_type,
            detail,
        } => object(out, dialect, Kind::Error, |body| {
            body.text("error", error.as_str());
            match msg_type {
                Some(number) => body.number("msgType", number.into()),
                None => body.null("msgType"),
            }
            body.text("detail", detail);
        }),
        Outgoing::Wait { place } => object(out, dialect, Kind::Wait, |body| {
            body.digits("youNum", place);
        }),
        Outgoing::Passed { from, by } => object(out, dialect, Kind::PassRes, |body| {
            body.digits("youNum", from.saturating_sub(by));
            body.number("passNum", from);
            body.number("passCount", by);
        }),
        Outgoing::TalkBegin {
            to,
            nickname,
            gender,
            pic,
            location,
            gps,
            talk,
        } => object(out, dialect, Kind::TalkBegin, |body| {
            body.text("toId", to);
            body.text("nickname", nickname);
            body.text("gender", gender.as_str());
            body.text("picId", pic);
            body.text("location", location);
            body.text("gps", gps);
            body.digits("talkId", talk);
        }),
        Outgoing::Talking { body } => frame(out, dialect, Kind::Talking, body.len(), |out| {
            out.extend_from_slice(body);
        }),
        Outgoing::EndMessage {
            you,
            to,
            nickname,
            text,
            over,
            talk,
        } => object(out, dialect, Kind::ReceiveEndMsg, |body| {
            body.text("youId", you);
            body.text("toId", to);
            body.text("nickname", nickname);
            body.text("endmessage", text);
            body.number("over", over.into());
            body.text("talkId", talk);
        }),
        Outgoing::Notice { body } => frame(out, dialect, Kind::Notice, body.len(), |out| {
            out.extend_from_slice(body);
        }),
    }
    out.push(b'\n');
}

/// The body of a message with other words in the place of one of its texts,
/// which must have been read from it; all else is as it was written.
#[must_use]
pub fn reword(body: &[u8], text: &Text<'_>, words: &str) -> Vec<u8> {
    let place = text.place_in(body);
    let place = place.expect("a text lies in the body that it was read from");
    let mut out = Vec::with_capacity(body.len() + words.len());
    out.extend_from_slice(&body[..place.start]);
    push_escaped(&mut out, words);
    out.extend_from_slice(&body[place.end..]);
    out
}

/// Room for the longest wrapping and the line's end.
const WRAPPING_BYTES: usize = 64;
/// Room for an object with short texts in it.
const OBJECT_BYTES: usize = 192;

/// What makes a body a frame, around whatever `body` appends.
fn frame(
    out: &mut Vec<u8>,
    dialect: Dialect,
    kind: Kind,
    body_bytes: usize,
    body: impl FnOnce(&mut Vec<u8>),
) {
    out.reserve(WRAPPING_BYTES + body_bytes);
    match dialect {
        Dialect::Numbered => {
            push_decimal(out, kind.number().into());
            out.push(b'#');
            body(out);
        }
        Dialect::Named => {
            out.extend_from_slice(b"{\"msgType\":\"");
            out.extend_from_slice(kind.name().as_bytes());
            out.extend_from_slice(b"\",\"msg\":");
            body(out);
            out.push(b'}');
        }
    }
}

fn object(out: &mut Vec<u8>, dialect: Dialect, kind: Kind, members: impl FnOnce(&mut Members<'_>)) {
    frame(out, dialect, kind, OBJECT_BYTES, |out| {
        let mut body = Members { out, before: b'{' };
        members(&mut body);
        out.push(b'}');
    });
}

/// The members of an object that has at least one.
struct Members<'o> {
    out: &'o mut Vec<u8>,
    before: u8,
}

impl Members<'_> {
    fn text(&mut self, key: &'static str, value: &str) {
        self.key(key);
        self.out.push(b'"');
        push_escaped(self.out, value);
        self.out.push(b'"');
    }

    /// A number that stands as a string.
    fn digits(&mut self, key: &'static str, value: u64) {
        self.key(key);
        self.out.push(b'"');
        push_decimal(self.out, value);
        self.out.push(b'"');
    }

    fn number(&mut self, key: &'static str, value: u64) {
        self.key(key);
        push_decimal(self.out, value);
    }

    fn null(&mut self, key: &'static str) {
        self.key(key);
        self.out.extend_from_slice(b"null");
    }

    fn key(&mut self, key: &'static str) {
        self.out.extend_from_slice(&[self.before, b'"']);
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.before = b',';
    }
}

fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut sweep = Sweep::new(bytes);
    let mut at = 0;
    loop {
        let end = sweep.plain_until(at);
        out.extend_from_slice(&bytes[at..end]);
        let Some(&special) = bytes.get(end) else {
            return;
        };
        push_escape(out, special);
        at = end + 1;
    }
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[inline]
fn push_decimal(out: &mut Vec<u8>, value: u64) {
    match u8::try_from(value) {
        Ok(digit @ 0..10) => out.push(b'0' + digit),
        _ => push_digits(out, value),
    }
}

fn push_digits(out: &mut Vec<u8>, mut value: u64) {
    const DIGITS: usize = u64::MAX.ilog10() as usize + 1;
    let mut digits = [b'0'; DIGITS];
    let mut start = DIGITS;
    loop {
        start -= 1;
        digits[start] += u8::try_from(value % 10).expect("a digit is below 10");
        value /= 10;
        if value == 0 {
            return out.extend_from_slice(&digits[start..]);
        }
    }
}

#[cfg(test)]
mod tests;
