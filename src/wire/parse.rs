//! A line to [`Incoming`].

use super::message::{Dialect, Incoming, Slug};

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
    let _ = line;
    todo!()
}
