//! What one core knows and decides: connections, sessions, queues, talks.
//!
//! Pure: [`Shard::handle`](shard::Shard::handle) takes an [`Event`] and the
//! time, and answers in [`Effects`]. No sockets, no clock, no randomness of its
//! own (a seed is passed in), no threads. Same events in, same effects out.
//!
//! Two tables hold the peers. A *link* is a connection: its half lines, its
//! dialect, its limits. A *session* is a joined user: profile, slots, talks. A
//! session outlives its link when another connection takes the user over.
//!
//! What concerns several cores travels as a [`Note`]; one for this
//! very core takes the same path through a queue inside the shard, so that one
//! core and eight run the same code.

pub mod deadlines;
pub mod directory;
pub mod durable;
pub mod ids;
pub mod link;
pub mod lives;
pub mod mailbox;
pub mod matchmaker;
pub mod note;
pub mod places;
pub mod profile;
pub mod question;
mod questions;
pub mod record;
pub mod rules;
pub mod session;
pub mod shard;
pub mod table;
pub mod tidings;

use std::time::Duration;

use crate::filter::Filter;
use crate::wire::message::{Kind, Slug};
use durable::Write;
use ids::{CoreId, LinkId, Socket, Time};
use matchmaker::Side;
use note::{Guest, Note};
use question::{Question, Verdict};
use tidings::Tidings;

/// What happens to a shard.
#[derive(Debug)]
pub enum Event<'a> {
    /// A connection was accepted.
    Opened {
        /// The name that the network layer gave it.
        link: LinkId,
        /// Is there room for it?
        room: Room,
    },
    /// Bytes arrived.
    Bytes {
        /// From whom.
        link: LinkId,
        /// As they came, cut anywhere.
        bytes: &'a [u8],
    },
    /// The peer has closed, or the connection broke.
    Ended {
        /// Whose.
        link: LinkId,
    },
    /// The system took bytes of what was to be sent.
    Sent {
        /// To whom.
        link: LinkId,
        /// How many.
        bytes: usize,
    },
    /// What was queued for a link when [`Effect::Close`] asked for its end has
    /// been sent, or never will be.
    Flushed {
        /// Whose; the shard has forgotten it.
        link: LinkId,
        /// Was all of it sent?
        whole: bool,
    },
    /// What [`Effect::Detach`] asked for is done: nothing of the link is left
    /// in the network layer.
    Detached {
        /// Which; the name is free again.
        link: LinkId,
        /// Its descriptor.
        socket: Socket,
    },
    /// What [`Effect::Adopt`] asked for is done.
    Adopted {
        /// The name that the socket has here.
        link: LinkId,
        /// What came with it.
        guest: Box<Guest>,
    },
    /// What [`Effect::Ask`] asked for is known.
    Answered {
        /// As the question has it.
        link: LinkId,
        /// As the question has it.
        number: u64,
        /// The answer.
        verdict: Verdict,
    },
    /// A note from a core (this one's own never come this way).
    Note {
        /// What it says.
        note: Note,
    },
    /// From now on texts are looked through for these words, or for none.
    Filter {
        /// The words.
        filter: Option<Filter>,
    },
    /// A turn of the loop is over: time-outs, places.
    Turn,
    /// The server goes down.
    Drain,
}

/// Is there room for another connection?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Yes.
    Free,
    /// `max_sessions` are here.
    Full,
    /// `max_per_address` are here from where it comes.
    Crowded,
}

/// What a shard asks for, in order.
#[derive(Debug)]
pub enum Effect {
    /// Send a range of [`Effects::bytes`].
    Send {
        /// To whom.
        link: LinkId,
        /// Where it begins.
        start: usize,
        /// Where it ends.
        end: usize,
    },
    /// The shard has forgotten this link: flush what is queued, half-close,
    /// drain, close.
    Close {
        /// Which.
        link: LinkId,
    },
    /// Stop receiving: what the shard keeps aside is at its limit.
    Hush {
        /// Which.
        link: LinkId,
    },
    /// Receive again.
    Listen {
        /// Which.
        link: LinkId,
    },
    /// Let go of the socket without closing it, once everything queued has
    /// been sent; then say [`Event::Detached`]. What arrives until then still
    /// comes as [`Event::Bytes`].
    Detach {
        /// Which.
        link: LinkId,
    },
    /// Take up a socket that came from another core; then say
    /// [`Event::Adopted`].
    Adopt {
        /// The descriptor.
        socket: Socket,
        /// To be handed back with the new link's name.
        guest: Box<Guest>,
    },
    /// Carry a note to another core, in order.
    Note {
        /// Whereto.
        to: CoreId,
        /// What it says.
        note: Note,
    },
    /// Write this down within a second.
    Store(Write),
    /// Ask the store, and wait for nothing; then say [`Event::Answered`].
    Ask(Question),
    /// Tell whoever is concerned beside the chat.
    Tell(Box<Tidings>),
}

/// Everything that one or more events led to. Kept and reused by the caller.
#[derive(Debug, Default)]
pub struct Effects {
    /// What [`Effect::Send`] refers to.
    pub bytes: Vec<u8>,
    /// In the order in which they must be carried out.
    pub list: Vec<Effect>,
    /// What happened, in numbers; to be [cleared](Counts::clear) when told.
    pub counts: Counts,
}

impl Effects {
    /// Empties all but the counts and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.list.clear();
    }

    /// Lines to `link` that follow on each other go as one piece.
    pub(crate) fn send(&mut self, link: LinkId, start: usize) {
        let end = self.bytes.len();
        if let Some(Effect::Send {
            link: last,
            end: open,
            ..
        }) = self.list.last_mut()
            && *last == link
            && *open == start
        {
            *open = end;
            return;
        }
        self.list.push(Effect::Send { link, start, end });
    }
}

/// How a line is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// A message of the table.
    Message(Kind),
    /// An empty line.
    Heartbeat,
    /// A RequestRoom.
    Room,
    /// Something that is no known message.
    Invalid,
}

impl Line {
    /// How many different ones there are: the numbers 0 to 14, then the three
    /// others.
    pub const COUNT: usize = 18;

    /// The name in the metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Line::Message(kind) => kind.name(),
            Line::Heartbeat => "heartbeat",
            Line::Room => "room",
            Line::Invalid => "invalid",
        }
    }

    /// A place in a table of [`Self::COUNT`].
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Line::Message(kind) => kind.number() as usize,
            Line::Heartbeat => 15,
            Line::Room => 16,
            Line::Invalid => 17,
        }
    }
}

/// What happened, in numbers.
#[derive(Debug, Default)]
pub struct Counts {
    /// Lines received, by [`Line::index`].
    pub lines_in: [u32; Line::COUNT],
    /// Lines sent, by [`Line::index`].
    pub lines_out: [u32; Line::COUNT],
    /// Errors told, by slug.
    pub errors: [u32; Slug::ALL.len()],
    /// How long a slot waited until it was matched.
    pub waits: Vec<(Side, Duration)>,
    /// Matches, by the side that was asked first (the talk is counted once).
    pub matches: Vec<Side>,
    /// When a line that is relayed in this turn was received; a sample.
    pub relayed: Option<Time>,
    touched: bool,
}

impl Counts {
    pub(crate) fn line_in(&mut self, line: Line) {
        self.lines_in[line.index()] += 1;
        self.touched = true;
    }

    pub(crate) fn line_out(&mut self, line: Line) {
        self.lines_out[line.index()] += 1;
        self.touched = true;
    }

    pub(crate) fn error(&mut self, slug: Slug) {
        self.errors[slug as usize] += 1;
        self.touched = true;
    }

    /// Is any of the tables not zero?
    #[must_use]
    pub fn touched(&self) -> bool {
        self.touched
    }

    /// Back to zero.
    pub fn clear(&mut self) {
        if self.touched {
            self.lines_in = [0; Line::COUNT];
            self.lines_out = [0; Line::COUNT];
            self.errors = [0; Slug::ALL.len()];
            self.touched = false;
        }
        self.waits.clear();
        self.matches.clear();
        self.relayed = None;
    }
}
