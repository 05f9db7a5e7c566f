//! Who is registered, and whose token is whose.

use sha2::{Digest, Sha256};

use super::StoreError;

/// A token that is used lives on for its whole time again, but this part of it
/// may pass unnoticed: not every use has to be written down.
const UNNOTICED: i64 = 32;

/// A user as the store counts them; never given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserKey(pub i64);

/// SHA-256 of a token; the token itself is nowhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// A token that is good at the moment, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user: UserKey,
    /// The same, as others know them.
    pub user_id: String,
    /// Unix seconds.
    pub expires: i64,
}

impl TokenHash {
    /// Of whatever a caller shows.
    #[must_use]
    pub fn of(shown: &str) -> Self {
        TokenHash(Sha256::digest(shown).into())
    }
}

impl Session {
    /// Must it be written down that its token was used at `now`? It is good
    /// for `ttl` seconds from its last use on.
    #[must_use]
    pub fn is_due(&self, ttl: i64, now: i64) -> bool {
        self.expires.saturating_sub(now) < ttl - ttl / UNNOTICED
    }
}

/// A registered user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: UserKey,
    /// The same, as others know them.
    pub user_id: String,
    /// E.164, with its `+`.
    pub tel: String,
    /// What the user says of themself.
    pub profile: Profile,
}

/// What a user says of themself; what was not said is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// What others call them.
    pub nickname: String,
    /// `M` or `F`.
    pub gender: String,
    /// `YYYY-MM-DD`
    pub birthday: String,
    /// A picture's id, or any text.
    pub pic_id: String,
    /// Where they are.
    pub location: String,
    /// A few words.
    pub words: String,
}

/// A user, as an operator finds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Who it is.
    pub account: Account,
    /// When they registered (Unix seconds).
    pub registered: i64,
}

/// What users are looked for by: how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning<'a> {
    /// Their id.
    Id(&'a str),
    /// Their number (E.164, with its `+`).
    Tel(&'a str),
    /// Their nickname; large and small letters of ASCII are the same.
    Nickname(&'a str),
}

/// What is read of accounts.
pub trait ReadAccounts {
    /// Whose session token this is, if it is good at `now` (Unix seconds).
    fn session(&self, token: &TokenHash, now: i64) -> Result<Option<Session>, StoreError>;

    /// A user.
    fn account(&self, user: UserKey) -> Result<Option<Account>, StoreError>;

    /// A user, by the id that others know.
    fn account_by_id(&self, user_id: &str) -> Result<Option<Account>, StoreError>;

    /// A user, by their number.
    fn account_by_tel(&self, tel: &str) -> Result<Option<Account>, StoreError>;

    /// Has a user any token that is good at `now`?
    fn is_logged_in(&self, user: UserKey, now: i64) -> Result<bool, StoreError>;

    /// Was this the id of a user who is no more?
    fn is_former_id(&self, user_id: &str) -> Result<bool, StoreError>;

    /// A user, by the id that others know, as an operator finds them.
    fn found(&self, user_id: &str) -> Result<Option<Found>, StoreError>;

    /// Users of whom something begins so, at most so many.
    fn find(&self, by: Beginning<'_>, limit: u32) -> Result<Vec<Found>, StoreError>;

    /// The users who registered last, at most so many.
    fn newest(&self, limit: u32) -> Result<Vec<Found>, StoreError>;
}

/// What is changed about accounts.
pub trait ChangeAccounts {
    /// A new user.
    fn add_account(
        &mut self,
        user_id: &str,
        tel: &str,
        profile: &Profile,
        now: i64,
    ) -> Result<UserKey, StoreError>;

    /// A new session token.
    fn add_session(
        &mut self,
        token: &TokenHash,
        user: UserKey,
        expires: i64,
    ) -> Result<(), StoreError>;

    /// A token lives longer than it would have. Nothing happens to one that is
    /// revoked.
    fn prolong_session(&mut self, token: &TokenHash, expires: i64) -> Result<(), StoreError>;

    /// A token is revoked.
    fn drop_session(&mut self, token: &TokenHash) -> Result<(), StoreError>;

    /// All tokens of a user are revoked, but for one. Says whether there were
    /// any.
    fn drop_other_sessions(
        &mut self,
        user: UserKey,
        kept: Option<&TokenHash>,
    ) -> Result<bool, StoreError>;

    /// A user says something else of themself; the gender stays.
    fn set_profile(&mut self, user: UserKey, profile: &Profile) -> Result<(), StoreError>;

    /// A user has another number, which must be nobody's.
    fn set_tel(&mut self, user: UserKey, tel: &str) -> Result<(), StoreError>;

    /// A user is no more, with all that is theirs. Only that their id was
    /// somebody's is known for ever.
    fn drop_account(&mut self, user: UserKey) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_prolonged_when_a_part_of_its_time_has_passed() {
        let is_due = |expires, ttl, now| {
            let session = Session {
                user: UserKey(1),
                user_id: String::new(),
                expires,
            };
            session.is_due(ttl, now)
        };
        let ttl = 32_000;
        assert!(!is_due(1_000 + ttl, ttl, 1_000));
        assert!(!is_due(1_000 + ttl - 1_000, ttl, 1_000));
        assert!(is_due(1_000 + ttl - 1_001, ttl, 1_000));
        assert!(is_due(1_002, 2, 1_001));
        assert!(!is_due(1_003, 2, 1_001));
    }
}
