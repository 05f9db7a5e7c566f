//! What operators did.

use super::statements::audit as statements;
use super::tables::Tables;
use crate::store::{Action, ChangeAudit, ReadAudit, StoreError};

impl ReadAudit for Tables<'_> {
    fn audit(&self, before: Option<i64>, limit: u32) -> Result<Vec<(i64, Action)>, StoreError> {
        let before = before.unwrap_or(i64::MAX);
        Ok(statements::actions(self.connection, before, limit)?)
    }
}

impl ChangeAudit for Tables<'_> {
    fn add_action(&mut self, action: &Action) -> Result<(), StoreError> {
        Ok(statements::add_action(self.connection, action)?)
    }
}
