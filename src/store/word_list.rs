//! The words that texts are looked through for, and what is done about them.

use super::StoreError;
use crate::filter::Action;

/// What is read of the word list.
pub trait ReadWordList {
    /// All of it, by word.
    fn word_list(&self) -> Result<Vec<(String, Action)>, StoreError>;
}

/// What is changed about the word list.
pub trait ChangeWordList {
    /// A word is listed from `now` on, or something else is done about it.
    fn list_word(&mut self, word: &str, action: Action, now: i64) -> Result<(), StoreError>;

    /// A word is listed no more. Was it?
    fn drop_word(&mut self, word: &str) -> Result<bool, StoreError>;
}
