//! What the engine asks about a join, and what it is told: whether an id is a
//! registered user's, and a token that user's.

use std::fmt;

use super::ids::LinkId;

/// See the module.
#[derive(Debug)]
pub struct Question {
    /// On whose behalf; goes back with the answer.
    pub link: LinkId,
    /// Which question of this core; goes back with the answer.
    pub number: u64,
    /// The id, in the shape of a registered user's.
    pub user: Box<str>,
    /// The token that came with it.
    pub token: Option<Token>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The id is nobody's: free text.
    Unregistered,
    /// It is a user's, and the token a session token of that user that counts.
    Right,
    /// It is a user's; no token came, or another one.
    Wrong,
    /// The id is banned, whatever token came.
    Banned,
    /// Nobody could say.
    Failed,
}

/// A secret; it is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Box<str>);

impl Token {
    /// As it was sent.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Token(text.into())
    }

    /// As it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
