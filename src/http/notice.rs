//! News that HTTP has for users who are in the chat: message 14.

use serde::Serialize;

/// What it brings.
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
