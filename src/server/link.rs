//! What HTTP tells the chat, handed on to its cores.

use crate::engine::ids::Time;
use crate::http::{Chat, Notice};
use crate::net::chat_link::{ChatLink, Ending};

/// The way from HTTP to the cores.
pub(super) struct Link(pub(super) ChatLink);

impl Chat for Link {
    fn block(&self, by: &str, whom: &str) {
        self.0.block(by, whom);
    }

    fn unblock(&self, by: &str, whom: &str) {
        self.0.unblock(by, whom);
    }

    fn logged_out(&self, user_id: &str) {
        self.0.end(user_id, Ending::LoggedOut);
    }

    fn deleted(&self, user_id: &str) {
        self.0.end(user_id, Ending::AccountDeleted);
    }

    fn ban(&self, user_id: &str, until: i64) {
        let until = u64::try_from(until).unwrap_or(0);
        self.0
            .ban(user_id, Time(until.saturating_mul(1_000_000_000)));
    }

    fn unban(&self, user_id: &str) {
        self.0.unban(user_id);
    }

    fn kick(&self, user_id: &str) {
        self.0.end(user_id, Ending::Kicked);
    }

    fn notice(&self, user_id: &str, notice: &Notice) {
        let written = self.0.notice(user_id, notice);
        written.expect("a notice is plain texts and numbers");
    }
}
