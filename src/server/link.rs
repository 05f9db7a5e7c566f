//! What HTTP tells the chat, handed on to its cores.

use crate::http::Chat;
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
}
