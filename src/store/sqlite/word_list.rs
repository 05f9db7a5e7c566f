//! The word list.

use super::statements::word_list as statements;
use super::tables::Tables;
use crate::filter::Action;
use crate::store::{ChangeWordList, ReadWordList, StoreError};

impl ReadWordList for Tables<'_> {
    fn word_list(&self) -> Result<Vec<(String, Action)>, StoreError> {
        Ok(statements::words(self.connection)?)
    }
}

impl ChangeWordList for Tables<'_> {
    fn list_word(&mut self, word: &str, action: Action, now: i64) -> Result<(), StoreError> {
        Ok(statements::list_word(self.connection, word, action, now)?)
    }

    fn drop_word(&mut self, word: &str) -> Result<bool, StoreError> {
        Ok(statements::drop_word(self.connection, word)?)
    }
}
