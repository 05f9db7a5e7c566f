//! What HTTP tells the chat, handed on to its cores.

use tokio::sync::oneshot;

use super::lookout::Lookout;
use crate::engine::ids::Time;
use crate::filter::Filter;
use crate::http::{Chat, Notice, Sighting};
use crate::net::chat_link::{ChatLink, Ending};

/// The way from HTTP to the cores, and back.
pub(super) struct Link {
    pub(super) chat: ChatLink,
    pub(super) lookout: Lookout,
    /// What users say is looked through for the word list.
    pub(super) filters: bool,
}

impl Chat for Link {
    fn block(&self, by: &str, whom: &str) {
        self.chat.block(by, whom);
    }

    fn unblock(&self, by: &str, whom: &str) {
        self.chat.unblock(by, whom);
    }

    fn logged_out(&self, user_id: &str) {
        self.chat.end(user_id, Ending::LoggedOut);
    }

    fn deleted(&self, user_id: &str) {
        self.chat.end(user_id, Ending::AccountDeleted);
    }

    fn ban(&self, user_id: &str, until: i64) {
        let until = u64::try_from(until).unwrap_or(0);
        self.chat
            .ban(user_id, Time(until.saturating_mul(1_000_000_000)));
    }

    fn unban(&self, user_id: &str) {
        self.chat.unban(user_id);
    }

    fn kick(&self, user_id: &str) {
        self.chat.end(user_id, Ending::Kicked);
    }

    fn look(&self, user_id: &str, talk: Option<u64>) -> oneshot::Receiver<Sighting> {
        let (number, answer) = self.lookout.wait();
        self.chat.inquire(user_id, talk, number);
        answer
    }

    fn filter(&self, filter: Option<&Filter>) {
        if self.filters {
            self.chat.filter(filter);
        }
    }

    fn notice(&self, user_id: &str, notice: &Notice) {
        let written = self.chat.notice(user_id, notice);
        written.expect("a notice is plain texts and numbers");
    }
}
