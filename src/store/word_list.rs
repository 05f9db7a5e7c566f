//! The words that texts are looked through for, and what is done about them.

use super::StoreError;

/// What is done about a text with such a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordAction {
    /// The text goes on; an operator is told.
    Flag,
    /// The word is covered up.
    Mask,
    /// The text is not taken.
    Refuse,
}

impl WordAction {
    /// Every action.
    pub const ALL: [WordAction; 3] = [WordAction::Flag, WordAction::Mask, WordAction::Refuse];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            WordAction::Flag => "flag",
            WordAction::Mask => "mask",
            WordAction::Refuse => "refuse",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<WordAction> {
        let mut all = WordAction::ALL.into_iter();
        all.find(|action| action.as_str() == name)
    }
}

/// What is read of the word list.
pub trait ReadWordList {
    /// All of it, by word.
    fn word_list(&self) -> Result<Vec<(String, WordAction)>, StoreError>;
}

/// What is changed about the word list.
pub trait ChangeWordList {
    /// A word is listed from `now` on, or something else is done about it.
    fn list_word(&mut self, word: &str, action: WordAction, now: i64) -> Result<(), StoreError>;

    /// A word is listed no more. Was it?
    fn drop_word(&mut self, word: &str) -> Result<bool, StoreError>;
}
