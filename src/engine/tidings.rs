//! What the engine tells the world beside the chat: what it was asked about a
//! user, and what somebody should look at.

use super::ids::{TalkId, Time};
use super::profile::UserKey;
use super::record::Spoken;
use crate::wire::message::Gender;

/// See the module.
#[derive(Debug)]
pub enum Tidings {
    /// The answer to an [`Inquiry`].
    Sighting(Sighting),
    /// A text with a listed word in it; of a talk, the first of each side.
    Flagged(Flagged),
}

/// What somebody outside wants to know of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inquiry {
    /// Goes back with the answer.
    pub number: u64,
    /// About whom.
    pub user: UserKey,
    /// Also about this talk of theirs.
    pub talk: Option<TalkId>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// As the inquiry has it.
    pub number: u64,
    /// What the user does, if it is online.
    pub live: Option<Live>,
    /// What is known of the talk.
    pub talk: Option<Past>,
}

/// What a user who is online does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// What the user is called.
    pub nickname: Box<str>,
    /// The user's own.
    pub gender: Gender,
    /// The one looked for.
    pub find: Gender,
    /// Conversations wanted.
    pub guys: u32,
    /// Since when each slot that waits does so.
    pub waiting: Vec<Time>,
    /// The talks that are on.
    pub talks: Vec<With>,
}

/// A talk that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct With {
    /// Which.
    pub talk: TalkId,
    /// With whom.
    pub user: Box<str>,
    /// What that one is called.
    pub nickname: Box<str>,
    /// When it began.
    pub began: Time,
}

/// A talk that is on or was lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// With whom.
    pub partner: Box<str>,
    /// When it began.
    pub began: Time,
    /// When it ended, if it has.
    pub ended: Option<Time>,
    /// The last lines, oldest first, where they are kept.
    pub lines: Vec<Spoken>,
}

/// A text with a listed word in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flagged {
    /// Of which talk; a nickname is of none.
    pub talk: Option<TalkId>,
    /// Who says it.
    pub user: Box<str>,
    /// To whom, in a talk.
    pub to: Box<str>,
    /// The word.
    pub word: Box<str>,
    /// What was said.
    pub text: Box<str>,
    /// When.
    pub said: Time,
}
