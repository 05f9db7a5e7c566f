//! What HTTP tells the chat, and asks it.

use tokio::sync::oneshot;

use super::notice::Notice;
use crate::filter::Filter;

/// The way to the chat. Nothing here waits or fails. It is told from one
/// thread, in the order in which things were written down.
pub trait Chat: Send + Sync {
    /// `by` wants nothing to do with `whom`.
    fn block(&self, by: &str, whom: &str);

    /// `by` has nothing against `whom` any more.
    fn unblock(&self, by: &str, whom: &str);

    /// A user has logged out everywhere.
    fn logged_out(&self, user_id: &str);

    /// A user is no more.
    fn deleted(&self, user_id: &str);

    /// An id is banned from now on, until then (Unix seconds).
    fn ban(&self, user_id: &str, until: i64);

    /// An id is not banned any more.
    fn unban(&self, user_id: &str);

    /// Whatever session an id has is to end.
    fn kick(&self, user_id: &str);

    /// News for a user, if they are online.
    fn notice(&self, user_id: &str, notice: &Notice);

    /// What texts are looked through for from now on.
    fn filter(&self, filter: Option<&Filter>);

    /// Asks what an id's user does, and about a talk of theirs; from any
    /// thread. There may be no answer, as when the server goes down.
    fn look(&self, user_id: &str, talk: Option<u64>) -> oneshot::Receiver<Sighting>;
}

/// What a user does. Times are Unix seconds here and below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// If it is online: what.
    pub live: Option<Live>,
    /// What is known of the talk.
    pub talk: Option<TalkSeen>,
}

/// What a user who is online does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// What the user is called in the chat.
    pub nickname: String,
    /// The user's own.
    pub gender: &'static str,
    /// The one looked for.
    pub find_gender: &'static str,
    /// Conversations wanted.
    pub guys: u32,
    /// Since when each slot that waits does so.
    pub waiting_since: Vec<i64>,
    /// The talks that are on.
    pub talks: Vec<TalkOn>,
}

/// A talk that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TalkOn {
    /// Its id.
    pub talk_id: String,
    /// With whom.
    pub user_id: String,
    /// What that one is called.
    pub nickname: String,
    /// When it began.
    pub began: i64,
}

/// A talk that is on, or was lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TalkSeen {
    /// With whom.
    pub partner: String,
    /// When it began.
    pub began: i64,
    /// When it ended, if it has.
    pub ended: Option<i64>,
    /// The last lines, oldest first, where they are kept.
    pub lines: Vec<SpokenLine>,
}

/// A line of a talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenLine {
    /// The one who was asked about said it.
    pub own: bool,
    /// When.
    pub at: i64,
    /// A JSON object with `msg` in it, perhaps cut.
    pub body: Vec<u8>,
}
