//! Blocks.

use super::statements::bonds as statements;
use super::tables::Tables;
use crate::store::{ChangeBonds, ReadBonds, StoreError, UserKey};

impl ReadBonds for Tables<'_> {
    fn are_apart(&self, one: UserKey, other: UserKey) -> Result<bool, StoreError> {
        Ok(statements::are_apart(self.connection, one, other)?)
    }
}

impl ChangeBonds for Tables<'_> {
    fn block(&mut self, by: UserKey, whom: UserKey, now: i64) -> Result<(), StoreError> {
        Ok(statements::block(self.connection, by, whom, now)?)
    }

    fn unblock(&mut self, by: UserKey, whom: UserKey) -> Result<(), StoreError> {
        Ok(statements::unblock(self.connection, by, whom)?)
    }
}
