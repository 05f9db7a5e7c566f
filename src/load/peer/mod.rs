//! What is at the other end, and how it is spoken to.
//!
//! Each dialect frames the same lines in its own way. What it sends and hears
//! for a line is fixed but for the stamp, so the hot path knows only templates;
//! a dialect is asked when bytes are no expected line.

mod bare;
mod mqtt;
mod nats;
mod ours;
mod redis;

use clap::ValueEnum;

pub(super) use ours::{begin_next, end_talk};

use super::line::Template;
use super::name::{self, Name};

/// What is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Peer {
    /// This server.
    Pairline,
    /// A relay without joins: the first connection is the second's partner.
    Bare,
    /// nats-server: a subject each way.
    Nats,
    /// Redis pub/sub (RESP3): a channel each way.
    Redis,
    /// An MQTT 3.1.1 broker: a topic each way, at most once.
    Mqtt,
}

/// Where the first frame in some bytes ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// After so many bytes.
    Whole(usize),
    /// Not yet.
    Part,
    /// Nowhere: this is no frame.
    Broken,
}

/// What a frame says that is not the expected line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A line, whoever's: the names in it, where they can be read.
    Line {
        from: Option<Name>,
        to: Option<Name>,
    },
    /// A foreign peer is ready for this connection.
    Ready,
    /// A place in the queue.
    Waiting,
    /// A partner was found.
    Begin { partner: String, talk: String },
    /// A talk is over, or somebody had a last word.
    End {
        from: String,
        to: String,
        text: String,
    },
    /// The server refuses something; by its slug.
    Error(String),
    /// The answer to a heartbeat.
    Pulse,
    /// Asks for an answer: these bytes.
    Ping(&'static [u8]),
    /// Of no interest.
    Nothing,
    /// Nothing that may come.
    Strange,
}

impl Peer {
    /// What a new connection says first; `alone`, it waits for whom nobody is.
    pub(super) fn greet(self, me: Name, alone: bool, out: &mut Vec<u8>) {
        match self {
            Peer::Pairline => ours::join(me, alone, out),
            Peer::Bare => {}
            Peer::Nats => nats::greet(me, out),
            Peer::Redis => redis::greet(me, out),
            Peer::Mqtt => mqtt::greet(me, out),
        }
    }

    /// Whether a connection is ready, and has its partner, as soon as it is
    /// there.
    pub(super) fn is_ready_at_once(self) -> bool {
        self == Peer::Bare
    }

    /// The line from `me` to `partner`, as it is sent.
    pub(super) fn say(self, me: Name, partner: Name, size: usize) -> Template {
        let (before, after) = line(me, partner, size);
        match self {
            Peer::Pairline | Peer::Bare => Template::new(&before, &[&after[..], b"\n"].concat()),
            Peer::Nats => nats::say(partner, &before, &after, size),
            Peer::Redis => redis::say(partner, &before, &after, size),
            Peer::Mqtt => mqtt::publish(partner, &before, &after, size),
        }
    }

    /// The line from `partner` to `me`, as it arrives.
    pub(super) fn hear(self, me: Name, partner: Name, size: usize) -> Template {
        let (before, after) = line(partner, me, size);
        match self {
            Peer::Pairline | Peer::Bare => Template::new(&before, &[&after[..], b"\n"].concat()),
            Peer::Nats => nats::hear(me, &before, &after, size),
            Peer::Redis => redis::hear(me, &before, &after, size),
            Peer::Mqtt => mqtt::publish(me, &before, &after, size),
        }
    }

    /// Where the first frame ends.
    pub(super) fn cut(self, bytes: &[u8]) -> Cut {
        match self {
            Peer::Pairline | Peer::Bare => cut_line(bytes),
            Peer::Nats => nats::cut(bytes),
            Peer::Redis => redis::cut(bytes),
            Peer::Mqtt => mqtt::cut(bytes),
        }
    }

    /// What a frame says.
    pub(super) fn read(self, frame: &[u8]) -> Heard {
        match self {
            Peer::Pairline => ours::read(frame),
            Peer::Bare => bare::read(frame),
            Peer::Nats => nats::read(frame),
            Peer::Redis => redis::read(frame),
            Peer::Mqtt => mqtt::read(frame),
        }
    }
}

/// Bytes of the shortest line that holds what must be in it.
pub(super) fn shortest_line() -> usize {
    let anybody = Name { seed: 0, number: 0 };
    let (before, after) = line(anybody, anybody, 0);
    Template::new(&before, &after).len()
}

/// A line of `size` bytes without its end, but for the stamp: what stands
/// before that and what after.
fn line(from: Name, to: Name, size: usize) -> (Vec<u8>, Vec<u8>) {
    const STAMP: usize = 40;
    const AFTER: &[u8] = b"\"}";
    let before = format!("6#{{\"yourId\":\"{from}\",\"toId\":\"{to}\",\"msg\":\"");
    let padding = size.saturating_sub(before.len() + STAMP + AFTER.len());
    let letters = (b'a'..=b'z').cycle().take(padding);
    (
        before.into(),
        letters.chain(AFTER.iter().copied()).collect(),
    )
}

fn cut_line(bytes: &[u8]) -> Cut {
    match memchr::memchr(b'\n', bytes) {
        Some(end) => Cut::Whole(end + 1),
        None if bytes.len() > 2 * crate::limits::LINE_BYTES => Cut::Broken,
        None => Cut::Part,
    }
}

/// The line somewhere in `frame`, whatever is around it.
fn line_in(frame: &[u8]) -> Heard {
    let start = memchr::memmem::find(frame, b"6#{");
    match start.map(|start| ours::read_line(&frame[start..])) {
        Some(heard @ Heard::Line { .. }) => heard,
        _ => Heard::Line {
            from: None,
            to: None,
        },
    }
}

/// A name with its length in decimal, and `\r\n` behind both.
fn counted(name: Name) -> String {
    format!("${}\r\n{name}\r\n", name::BYTES)
}

#[cfg(test)]
mod tests;
