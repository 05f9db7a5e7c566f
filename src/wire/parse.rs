//! A line to [`Incoming`].
//!
//! Which of the five things a line can be is decided here; what the fields of
//! each message are stands in `parse/fields.rs`. Whether the sender may say
//! this now (joined, whose id, state) is the engine's to know.

mod fields;
mod keys;
mod number;
mod rules;

use super::message::{Dialect, Incoming, Kind, Slug, TABLE};
use super::scan::{self, Form, Invalid, Value};
use crate::limits::{JSON_DEPTH_LEVELS, MAC_BYTES, TYPE_DIGITS};
use fields::reader;

/// What a line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parsed<'a> {
    /// The dialect, when the line is a frame with valid JSON in it (whatever
    /// is wrong with it otherwise).
    pub dialect: Option<Dialect>,
    /// The number that was read, or that stands for the name.
    pub msg_type: Option<u16>,
    /// What it says, or why it is refused.
    pub content: Result<Incoming<'a>, Fault>,
}

/// Why a line is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// The slug. `MissingField` and `BadField` of a known client message come
    /// from the fields stage, which is after the joined check.
    pub error: Slug,
    /// For people: names the key, or says what was expected.
    pub detail: Detail,
}

/// A fault in words, without an allocation until it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Detail {
    /// A fixed sentence.
    Says(&'static str),
    /// A key and what is wrong with it: shown as `key: sentence`.
    Key(&'static str, &'static str),
}

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Detail::Says(what) => f.write_str(what),
            Detail::Key(key, what) => write!(f, "{key}: {what}"),
        }
    }
}

/// Reads one line. Never allocates.
#[must_use]
pub fn parse(line: &[u8]) -> Parsed<'_> {
    match line {
        [] => bare(Ok(Incoming::Heartbeat)),
        [b'{', ..] => named(line),
        _ => match header(line) {
            Some((digits, body)) => numbered(digits, body),
            None => bare(room_request(line)),
        },
    }
}

/// A line that is no frame.
fn bare(content: Result<Incoming<'_>, Fault>) -> Parsed<'_> {
    Parsed {
        dialect: None,
        msg_type: None,
        content,
    }
}

fn room_request(line: &[u8]) -> Result<Incoming<'_>, Fault> {
    let is_mac = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=:_-".contains(byte);
    std::str::from_utf8(line)
        .ok()
        .filter(|mac| mac.len() <= MAC_BYTES && mac.as_bytes().iter().all(is_mac))
        .map(|mac| Incoming::RoomRequest { mac })
        .ok_or(fault(Slug::BadFrame, "not a frame"))
}

/// The digits before the first `#`, and the body behind it.
fn header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = line.split_at(digits);
    let body = rest.strip_prefix(b"#")?;
    let body = body.strip_prefix(b"#").unwrap_or(body);
    (!digits.is_empty()).then_some((digits, body))
}

fn numbered<'a>(digits: &[u8], body: &'a [u8]) -> Parsed<'a> {
    if digits.len() > TYPE_DIGITS || (digits.len() > 1 && digits[0] == b'0') {
        let what = "a type is one to three digits without a leading zero";
        return bare(Err(fault(Slug::BadFrame, what)));
    }
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    match Kind::from_number(number).and_then(reader) {
        Some(read) => read(body, Dialect::Numbered),
        None => unknown_body(number, body),
    }
}

/// The body of no client message. It still says which dialect this is.
#[cold]
fn unknown_body(number: u16, body: &[u8]) -> Parsed<'_> {
    let scanned = scan::object(body, JSON_DEPTH_LEVELS, |_, _| ());
    Parsed {
        dialect: scanned.is_ok().then_some(Dialect::Numbered),
        msg_type: Some(number),
        content: Err(unknown_type()),
    }
}

fn named(line: &[u8]) -> Parsed<'_> {
    let mut msg_type = Member::new("msgType", line);
    let mut msg = Member::new("msg", line);
    // The wrapper does not count: the body is level 1.
    let scanned = scan::object(line, JSON_DEPTH_LEVELS + 1, |key, value| {
        msg_type.offer(key, value);
        msg.offer(key, value);
    });
    if let Err(invalid) = scanned {
        return bare(Err(bad_json(invalid)));
    }
    let refused = |kind: Option<Kind>, fault| Parsed {
        dialect: Some(Dialect::Named),
        msg_type: kind.map(Kind::number),
        content: Err(fault),
    };
    let kind = match kind_named(&msg_type) {
        Ok(kind) => kind,
        Err(fault) => return refused(None, fault),
    };
    match (reader(kind), msg.once()) {
        (None, _) => refused(Some(kind), unknown_type()),
        (_, Err(fault)) => refused(Some(kind), fault),
        (Some(read), Ok(body)) if body.form() == Form::Object => {
            read(body.raw(line), Dialect::Named)
        }
        _ => refused(Some(kind), msg.fault(Slug::BadField, "not an object")),
    }
}

fn kind_named(msg_type: &Member<'_>) -> Result<Kind, Fault> {
    let name = msg_type.once()?.text(msg_type.line);
    let name = name.ok_or(msg_type.fault(Slug::BadField, "not a string"))?;
    TABLE
        .iter()
        .find(|row| name.is(row.1))
        .map(|row| row.0)
        .ok_or(unknown_type())
}

/// A member of the wrapper.
struct Member<'a> {
    key: &'static str,
    line: &'a [u8],
    value: Value,
    times: usize,
}

impl<'a> Member<'a> {
    const fn new(key: &'static str, line: &'a [u8]) -> Self {
        Member {
            key,
            line,
            value: Value::NULL,
            times: 0,
        }
    }

    fn offer(&mut self, key: Value, value: Value) {
        if key.text(self.line).is_some_and(|key| key.is(self.key)) {
            self.value = value;
            self.times += 1;
        }
    }

    /// Its value, if it was given once.
    fn once(&self) -> Result<Value, Fault> {
        match (self.times, self.value.form()) {
            (2.., _) => Err(self.fault(Slug::BadField, "given twice")),
            (_, Form::Null) => Err(self.fault(Slug::MissingField, "missing")),
            _ => Ok(self.value),
        }
    }

    fn fault(&self, error: Slug, what: &'static str) -> Fault {
        Fault {
            error,
            detail: Detail::Key(self.key, what),
        }
    }
}

const fn fault(error: Slug, what: &'static str) -> Fault {
    Fault {
        error,
        detail: Detail::Says(what),
    }
}

const fn unknown_type() -> Fault {
    fault(Slug::UnknownType, "no message that a handset sends")
}

const fn bad_json(invalid: Invalid) -> Fault {
    let what = match invalid {
        Invalid::Utf8 => "the body is not UTF-8",
        Invalid::NotObject => "the body is not a JSON object",
        Invalid::Depth => "the body is nested too deep",
        Invalid::Syntax => "the body is not JSON",
    };
    fault(Slug::BadJson, what)
}

#[cfg(test)]
mod tests;
