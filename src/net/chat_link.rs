//! What the world beside the chat says to it: one handle, for any thread.
//!
//! Nothing here waits or fails. Blocks and ends must be told in the order in
//! which they were committed, and by one thread at a time, since the last one
//! that arrives stands.

use std::sync::Arc;

use serde::Serialize;

use super::{Clock, Message};
use crate::engine::ids::{TalkId, Time};
use crate::engine::note::{Farewell, ToDirectory};
use crate::engine::profile::{Keyring, UserKey};
use crate::engine::tidings::Inquiry;
use crate::filter::Filter;
use crate::mesh::Inbox;
use crate::wire::message::Slug;

/// See the module. Clones are the same one.
#[derive(Clone)]
pub struct ChatLink {
    inboxes: Arc<[Inbox<Message>]>,
    keyring: Keyring,
    clock: Clock,
}

/// Why every chat session of a user ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The account is no more.
    AccountDeleted,
    /// Tokens that it may have been joined with were revoked.
    LoggedOut,
    /// An operator has ended it.
    Kicked,
}

impl ChatLink {
    /// To these cores, in the order of their numbers; the keyring and the clock
    /// are theirs.
    ///
    /// # Panics
    ///
    /// If there is no core, or more than their numbers have room for.
    #[must_use]
    pub fn new(inboxes: Vec<Inbox<Message>>, keyring: Keyring, clock: Clock) -> Self {
        assert!(u16::try_from(inboxes.len()).is_ok_and(|cores| cores > 0));
        ChatLink {
            inboxes: inboxes.into(),
            keyring,
            clock,
        }
    }

    /// `by` wants nothing to do with `whom`: their talk ends, and they are not
    /// matched any more.
    pub fn block(&self, by: &str, whom: &str) {
        self.set_block(by, whom, true);
    }

    /// `by` has nothing against `whom` any more.
    pub fn unblock(&self, by: &str, whom: &str) {
        self.set_block(by, whom, false);
    }

    /// Message 14 for a user, if it is online; `body` must be a JSON object.
    ///
    /// # Errors
    ///
    /// If it cannot be written as JSON.
    pub fn notice(&self, user: &str, body: &impl Serialize) -> serde_json::Result<()> {
        // Line ends are escaped in what serde_json writes.
        let body = serde_json::to_vec(body)?.into_boxed_slice();
        let user = self.keyring.key(user);
        self.tell(user, ToDirectory::Notice { user, body });
        Ok(())
    }

    /// Ends whatever chat session the user has. To be called when the tokens
    /// that are to count no more have been revoked: no join that was let in by
    /// one of them outlives this.
    pub fn end(&self, user: &str, why: Ending) {
        let user = self.keyring.key(user);
        let at = match why {
            Ending::AccountDeleted | Ending::LoggedOut => self.clock.now(),
            // No token was revoked.
            Ending::Kicked => Time(0),
        };
        let farewell = why.farewell();
        let expel = ToDirectory::Expel { user, at, farewell };
        self.tell(user, expel);
    }

    /// Ends whatever chat session the user has, and lets none begin until then.
    /// To be called when the user's tokens have been revoked, as
    /// [`end`](Self::end) is.
    pub fn ban(&self, user: &str, until: Time) {
        let (user, at) = (self.keyring.key(user), self.clock.now());
        self.tell(user, ToDirectory::Ban { user, until, at });
    }

    /// The user is not banned any more.
    pub fn unban(&self, user: &str) {
        let user = self.keyring.key(user);
        self.tell(user, ToDirectory::Unban { user });
    }

    /// Asks what the user does, and about a talk of theirs. The answer, with
    /// this number, is among the [`Tidings`](crate::engine::tidings::Tidings)
    /// of some core, unless the server goes down.
    pub fn inquire(&self, user: &str, talk: Option<u64>, number: u64) {
        let user = self.keyring.key(user);
        let talk = talk.map(TalkId);
        let inquiry = Inquiry { number, user, talk };
        self.tell(user, ToDirectory::Inquire(inquiry));
    }

    /// From now on what users say is looked through for these words.
    pub fn filter(&self, filter: Option<&Filter>) {
        for inbox in &*self.inboxes {
            inbox.send(Message::Filter(filter.cloned()));
        }
    }

    fn set_block(&self, by: &str, whom: &str, on: bool) {
        let [by, whom] = [by, whom].map(|user| self.keyring.key(user));
        self.tell(by, ToDirectory::Block { by, whom, on });
    }

    fn tell(&self, user: UserKey, note: ToDirectory) {
        let cores = u16::try_from(self.inboxes.len()).expect("it was counted");
        self.inboxes[usize::from(user.pick(cores))].send(Message::Outside(note));
    }
}

impl Ending {
    fn farewell(self) -> Farewell {
        let (error, detail) = match self {
            Ending::AccountDeleted => (Slug::TokenInvalid, "this account was deleted"),
            Ending::LoggedOut => (
                Slug::TokenInvalid,
                "this user has logged out, or out elsewhere: join again with a token that is good",
            ),
            Ending::Kicked => (Slug::Kicked, "an operator has ended this session"),
        };
        Farewell { error, detail }
    }
}

/// Any thread of the HTTP side may have one.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<ChatLink>();
};
