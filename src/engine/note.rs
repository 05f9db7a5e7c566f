//! What one core tells another.
//!
//! Each kind of note has one direction: to the core that looks after a user id
//! (its directory), to the core that owns a gender pair (its matchmaker), or to
//! the home of a session. All notes from one core to another arrive in the
//! order in which they were sent.

use super::durable::Word;
use super::ids::{SessionId, Socket, TalkId, Ticket, Time};
use super::link::Link;
use super::matchmaker::{Decline, Jump, Offer, Side};
use super::profile::{Profile, UserKey};
use super::record::Record;
use super::tidings::Inquiry;
use crate::wire::message::Slug;

/// See the module.
#[derive(Debug)]
pub enum Note {
    /// To the directory.
    Directory(ToDirectory),
    /// To the owner of a gender pair.
    Matchmaker(ToMatchmaker),
    /// To a session's home.
    Home(ToHome),
}

/// To the core that looks after a user id.
#[derive(Debug)]
pub enum ToDirectory {
    /// A session wants an id.
    Claim {
        /// The id.
        user: UserKey,
        /// Who asks.
        session: SessionId,
        /// When the store was asked about the id, if it was.
        asked: Option<Time>,
    },
    /// A session gives its id back.
    Release(Box<Release>),
    /// A last word for an id.
    Word {
        /// The receiver.
        user: UserKey,
        /// The word; one without an id is given one when it is kept.
        word: Box<Word>,
        /// Who waits for it to have taken effect.
        ack: Option<SessionId>,
    },
    /// A word that was put back has been sent after all.
    Heard {
        /// The receiver.
        user: UserKey,
        /// The word's id.
        word: u64,
    },
    /// From now on one user has, or has not, blocked another.
    Block {
        /// Who.
        by: UserKey,
        /// Whom.
        whom: UserKey,
        /// Has, or has not.
        on: bool,
    },
    /// Something to tell an id's user, if it is online.
    Notice {
        /// The receiver.
        user: UserKey,
        /// One JSON object, without a line's end in it.
        body: Box<[u8]>,
    },
    /// Whatever session has the id ends.
    Expel {
        /// The id.
        user: UserKey,
        /// What was asked about the id until then counts no more.
        at: Time,
        /// The last words to it.
        farewell: Farewell,
    },
    /// From now on an id is banned: whatever session has it ends, and none
    /// gets it.
    Ban {
        /// The id.
        user: UserKey,
        /// Until when.
        until: Time,
        /// What was asked about the id until then counts no more.
        at: Time,
    },
    /// An id is not banned any more.
    Unban {
        /// The id.
        user: UserKey,
    },
    /// Somebody outside wants to know of a user.
    Inquire(Inquiry),
}

/// The error that a session ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// For programs.
    pub error: Slug,
    /// For people.
    pub detail: &'static str,
}

/// An id given back, with what belongs to it.
#[derive(Debug)]
pub struct Release {
    /// The id.
    pub user: UserKey,
    /// Whose it was.
    pub session: SessionId,
    /// Its record.
    pub record: Option<Box<Record>>,
    /// Stored words that were not delivered.
    pub words: Vec<Word>,
}

/// To the core that owns a gender pair.
#[derive(Debug)]
pub enum ToMatchmaker {
    /// Queue `count` tickets, and answer with [`ToHome::Queued`].
    Enqueue {
        /// Whose they are.
        user: UserKey,
        /// The first of them.
        first: Ticket,
        /// How many, by ascending serial; none just asks for the place.
        count: u32,
        /// Which queue.
        side: Side,
    },
    /// Take a ticket out.
    Withdraw {
        /// Which.
        ticket: Ticket,
        /// Of which queue.
        side: Side,
    },
    /// Jump the queue, and answer with [`ToHome::Passed`].
    Pass {
        /// Who.
        session: SessionId,
        /// In which queue.
        side: Side,
        /// How far, at most.
        draw: u64,
    },
    /// An offer has become a talk.
    Settled {
        /// The first ticket.
        a: Ticket,
        /// The second ticket.
        b: Ticket,
        /// The queue of the first.
        side: Side,
    },
    /// An offer came to nothing.
    Declined {
        /// The first ticket.
        a: Ticket,
        /// The second ticket.
        b: Ticket,
        /// The queue of the first.
        side: Side,
        /// Why.
        why: Decline,
    },
    /// A talk has ended whose two may wait here.
    Parted {
        /// One of them.
        a: SessionId,
        /// The other.
        b: SessionId,
        /// In which queue the first waits.
        side: Side,
        /// When they may meet again.
        until: Time,
    },
    /// A user of whom a session wanted nothing to know may be met again.
    Lifted {
        /// The session.
        session: SessionId,
        /// The user.
        user: UserKey,
        /// In which queue the session waits.
        side: Side,
        /// From when on.
        at: Time,
    },
}

/// To the home of a session.
#[derive(Debug)]
pub enum ToHome {
    /// The id is the session's.
    Granted(Box<Granted>),
    /// The id is another session's.
    Taken {
        /// Who asked.
        session: SessionId,
        /// Who has it.
        holder: SessionId,
        /// When the store was asked about the id, if it was.
        asked: Option<Time>,
    },
    /// What was asked about the id counts no more.
    Outdated {
        /// Who wanted it.
        session: SessionId,
    },
    /// The id is banned.
    Barred {
        /// Who wanted it.
        session: SessionId,
    },
    /// From now on the session's user has, or has not, blocked another.
    Block {
        /// Which session.
        to: SessionId,
        /// Whom.
        whom: UserKey,
        /// Has, or has not.
        on: bool,
    },
    /// Something to tell a user.
    Notice {
        /// To whom.
        to: SessionId,
        /// One JSON object, without a line's end in it.
        body: Box<[u8]>,
    },
    /// The session ends.
    Expel {
        /// Which.
        session: SessionId,
        /// The last words to it.
        farewell: Farewell,
    },
    /// Somebody outside wants to know of the session's user.
    Inquire {
        /// Which.
        session: SessionId,
        /// What.
        inquiry: Inquiry,
    },
    /// A connection takes a session over.
    Takeover {
        /// Its descriptor.
        socket: Socket,
        /// What comes with it.
        guest: Box<Guest>,
    },
    /// To the home of `a`: hold it and ask `b`.
    Offer {
        /// The two.
        offer: Offer,
        /// The queue of `a`.
        side: Side,
    },
    /// To the home of `b`: `a` is held and willing.
    Propose(Box<Proposal>),
    /// To the home of `a`: the talk is on.
    Begin(Box<Begin>),
    /// To the home of `a`: `b` is not willing.
    Declined {
        /// The first ticket.
        a: Ticket,
        /// The second ticket.
        b: Ticket,
        /// The queue of `a`.
        side: Side,
        /// Why.
        why: Decline,
    },
    /// Everything queued was offered what there is.
    Queued {
        /// Whose.
        session: SessionId,
        /// The best place, if it still waits.
        place: Option<u64>,
    },
    /// A place has changed.
    Placed {
        /// The session's best ticket.
        ticket: Ticket,
        /// Its place.
        place: u64,
    },
    /// The answer to a jump; `None` if nothing waits any more.
    Passed {
        /// Whose.
        session: SessionId,
        /// How far.
        jump: Option<Jump>,
    },
    /// A line of a talk.
    Line {
        /// To whom.
        to: SessionId,
        /// Of which talk.
        talk: TalkId,
        /// When it was received.
        heard: Time,
        /// The sender's own bytes.
        body: Box<[u8]>,
    },
    /// The partner has ended the talk.
    End(Box<End>),
    /// A last word for somebody who is online.
    Word {
        /// To whom.
        to: SessionId,
        /// The word.
        word: Box<Word>,
        /// Who waits for it to have taken effect.
        ack: Option<SessionId>,
    },
    /// A step that the session waited for has taken effect.
    Done {
        /// Which session.
        session: SessionId,
    },
}

/// An id, and all that was kept for it.
#[derive(Debug)]
pub struct Granted {
    /// The id.
    pub user: UserKey,
    /// Whose it is now.
    pub session: SessionId,
    /// Refusals and memories.
    pub record: Option<Box<Record>>,
    /// Words to deliver, oldest first.
    pub words: Vec<Word>,
}

/// A connection on its way to the session that it takes over.
#[derive(Debug)]
pub struct Guest {
    /// The session that has the id, if it is still there.
    pub holder: SessionId,
    /// Its join.
    pub arrival: Arrival,
    /// The connection itself: dialect, limits, unread bytes.
    pub link: Link,
}

/// A join that was found good.
#[derive(Debug)]
pub struct Arrival {
    /// The key of the id.
    pub user: UserKey,
    /// Who it is.
    pub profile: Profile,
    /// Conversations wanted, cut to what is allowed.
    pub guys: u32,
    /// When the store was asked about the id, if it was.
    pub asked: Option<Time>,
}

/// An offer on its way to the second of the two.
#[derive(Debug)]
pub struct Proposal {
    /// The two.
    pub offer: Offer,
    /// The queue of `a`.
    pub side: Side,
    /// Who `a` is.
    pub profile: Profile,
}

/// A talk as the home of `b` began it.
#[derive(Debug)]
pub struct Begin {
    /// The held ticket.
    pub a: Ticket,
    /// The other ticket.
    pub b: Ticket,
    /// The key of `b`'s id.
    pub user: UserKey,
    /// The queue of `a`.
    pub side: Side,
    /// The talk.
    pub talk: TalkId,
    /// Who `b` is.
    pub profile: Profile,
}

/// The end of a talk.
#[derive(Debug)]
pub struct End {
    /// Who is told.
    pub to: SessionId,
    /// The key of its id.
    pub user: UserKey,
    /// The talk.
    pub talk: TalkId,
    /// What is told (its id is not used); `None` from a session that had gone
    /// before it knew of the talk.
    pub word: Option<Word>,
    /// Who waits for it to have taken effect.
    pub ack: Option<SessionId>,
}
