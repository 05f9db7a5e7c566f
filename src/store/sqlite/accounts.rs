//! Accounts and tokens.

use super::statements::{accounts as statements, people};
use super::tables::Tables;
use crate::store::{
    Account, Beginning, ChangeAccounts, Found, Profile, ReadAccounts, Session, StoreError,
    TokenHash, UserKey,
};

impl ReadAccounts for Tables<'_> {
    fn session(&self, token: &TokenHash, now: i64) -> Result<Option<Session>, StoreError> {
        Ok(statements::session(self.connection, token, now)?)
    }

    fn account(&self, user: UserKey) -> Result<Option<Account>, StoreError> {
        Ok(statements::account(self.connection, user)?)
    }

    fn account_by_id(&self, user_id: &str) -> Result<Option<Account>, StoreError> {
        Ok(statements::account_by_id(self.connection, user_id)?)
    }

    fn account_by_tel(&self, tel: &str) -> Result<Option<Account>, StoreError> {
        Ok(statements::account_by_tel(self.connection, tel)?)
    }

    fn is_logged_in(&self, user: UserKey, now: i64) -> Result<bool, StoreError> {
        Ok(statements::is_logged_in(self.connection, user, now)?)
    }

    fn is_former_id(&self, user_id: &str) -> Result<bool, StoreError> {
        Ok(statements::is_former_id(self.connection, user_id)?)
    }

    fn found(&self, user_id: &str) -> Result<Option<Found>, StoreError> {
        Ok(people::one(self.connection, user_id)?)
    }

    fn find(&self, by: Beginning<'_>, limit: u32) -> Result<Vec<Found>, StoreError> {
        Ok(match by {
            Beginning::Id(id) => people::by_id(self.connection, id, limit)?,
            Beginning::Tel(tel) => people::by_tel(self.connection, tel, limit)?,
            Beginning::Nickname(name) => people::by_nickname(self.connection, name, limit)?,
        })
    }

    fn newest(&self, limit: u32) -> Result<Vec<Found>, StoreError> {
        Ok(people::newest(self.connection, limit)?)
    }
}

impl ChangeAccounts for Tables<'_> {
    fn add_account(
        &mut self,
        user_id: &str,
        tel: &str,
        profile: &Profile,
        now: i64,
    ) -> Result<UserKey, StoreError> {
        Ok(statements::add_account(
            self.connection,
            user_id,
            tel,
            profile,
            now,
        )?)
    }

    fn add_session(
        &mut self,
        token: &TokenHash,
        user: UserKey,
        expires: i64,
    ) -> Result<(), StoreError> {
        Ok(statements::add_session(
            self.connection,
            token,
            user,
            expires,
        )?)
    }

    fn prolong_session(&mut self, token: &TokenHash, expires: i64) -> Result<(), StoreError> {
        Ok(statements::prolong_session(
            self.connection,
            token,
            expires,
        )?)
    }

    fn drop_session(&mut self, token: &TokenHash) -> Result<(), StoreError> {
        Ok(statements::drop_session(self.connection, token)?)
    }

    fn drop_other_sessions(
        &mut self,
        user: UserKey,
        kept: Option<&TokenHash>,
    ) -> Result<bool, StoreError> {
        Ok(statements::drop_other_sessions(
            self.connection,
            user,
            kept,
        )?)
    }

    fn set_profile(&mut self, user: UserKey, profile: &Profile) -> Result<(), StoreError> {
        Ok(statements::set_profile(self.connection, user, profile)?)
    }

    fn set_tel(&mut self, user: UserKey, tel: &str) -> Result<(), StoreError> {
        Ok(statements::set_tel(self.connection, user, tel)?)
    }

    fn drop_account(&mut self, user: UserKey) -> Result<(), StoreError> {
        Ok(statements::drop_account(self.connection, user)?)
    }
}
