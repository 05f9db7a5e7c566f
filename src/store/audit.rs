//! What operators did: written with each action, in the same transaction, and
//! never changed.

use super::StoreError;

/// An action of an operator, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Unix seconds.
    pub at: i64,
    /// By which token or log-in.
    pub who: String,
    /// From where.
    pub address: String,
    /// What was done: a short name.
    pub action: String,
    /// To what: an id, or nothing.
    pub about: String,
    /// How, in words.
    pub detail: String,
    /// What came of it: `done`, or `error` and its number.
    pub result: String,
}

/// What is read of the audit.
pub trait ReadAudit {
    /// The newest actions with their numbers, newest first: at most so many,
    /// and only older ones than `before`.
    fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<(i64, Action)>, StoreError>;
}

/// What is changed about the audit: there is more of it.
pub trait ChangeAudit {
    /// An operator has done something.
    fn add_action(&mut self, action: &Action) -> Result<(), StoreError>;
}
