//! What outlives the process: the writes that the engine asks for, and what it
//! is given back at the next start.

use super::ids::Time;

/// A last word that waits for its absent receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Unique in this data directory; words are told in the order of it.
    pub id: u64,
    /// The receiver.
    pub to: Box<str>,
    /// The sender.
    pub from: Box<str>,
    /// The sender's nickname as it was then.
    pub nickname: Box<str>,
    /// What was said.
    pub text: Box<str>,
    /// The talk that it follows; 0 for none.
    pub talk: u64,
    /// When it was said.
    pub said: Time,
}

/// One change that must be on disk within a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// `by` never wants to meet `whom` again. Said twice, it stands once.
    Refuse {
        /// Who refuses.
        by: Box<str>,
        /// Who is refused.
        whom: Box<str>,
    },
    /// A word to keep. Kept twice (the same id), it stands once.
    Keep(Word),
    /// Words that were delivered or dropped, by id.
    Forget(Vec<u64>),
}

/// What was on disk at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// `(by, whom)`
    pub refusals: Vec<(Box<str>, Box<str>)>,
    /// `(by, whom)`
    pub blocks: Vec<(Box<str>, Box<str>)>,
    /// Ids that are banned, and until when.
    pub bans: Vec<(Box<str>, Time)>,
    /// By ascending id.
    pub words: Vec<Word>,
}
