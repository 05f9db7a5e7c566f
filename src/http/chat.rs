//! What HTTP tells the chat.

use serde::Serialize;

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
}

/// What message 14 brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Notice {
    /// Two have named each other.
    Crush {
        /// The other.
        user_id: String,
        /// What they are called.
        nickname: String,
        /// For people, in both languages: the chat knows nobody's.
        text: String,
    },
    /// A ticket has won.
    Lucky {
        /// The draw.
        id: String,
        /// What it is called.
        name: String,
        /// The ticket.
        number: u32,
        /// For people, in both languages.
        text: String,
    },
}
