//! Codes sent to numbers, how often they were asked for, and the tokens that a
//! right one gives to a number without a user. Times are Unix milliseconds,
//! unless they are a token's.

use super::{StoreError, TokenHash, UserKey};

/// A code that was asked for and may be on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRequest {
    /// Names it, for whoever asked.
    pub id: String,
    /// Where it goes.
    pub tel: String,
    /// Where the request came from.
    pub address: String,
    /// When.
    pub at_ms: i64,
}

/// Whose requests are counted.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Those for a number.
    Tel(&'a str),
    /// Those from an address.
    Address(&'a str),
}

/// A code that was sent. Only its HMAC is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Where it was sent.
    pub tel: String,
    /// What it is good for.
    pub purpose: String,
    /// The request that it answers.
    pub request: String,
    /// Who asked, where only a user may.
    pub user: Option<UserKey>,
    /// HMAC-SHA256 under the server's key.
    pub hmac: [u8; 32],
    /// From then on it is good for nothing.
    pub expires_ms: i64,
    /// Tries that did not match it.
    pub wrong: u32,
}

/// What is read of codes.
pub trait ReadCodes {
    /// When the `nth` newest request of all since then was made, if there were
    /// that many. Counted from 1.
    fn nth_code_request(
        &self,
        whose: Whose<'_>,
        since_ms: i64,
        nth: u32,
    ) -> Result<Option<i64>, StoreError>;

    /// The last code of a number for a purpose.
    fn code(&self, tel: &str, purpose: &str) -> Result<Option<Code>, StoreError>;

    /// The code that answered a request, if it is still the last one.
    fn code_by_request(&self, request: &str) -> Result<Option<Code>, StoreError>;

    /// The number that a registration token is for, if it is good at `now`
    /// (Unix seconds).
    fn registration(&self, token: &TokenHash, now: i64) -> Result<Option<String>, StoreError>;
}

/// What is changed about codes.
pub trait ChangeCodes {
    /// A request counts from now on.
    fn add_code_request(&mut self, request: &CodeRequest) -> Result<(), StoreError>;

    /// A request counts no longer.
    fn drop_code_request(&mut self, id: &str) -> Result<(), StoreError>;

    /// A code was sent; an older one for the same is void.
    fn keep_code(&mut self, code: &Code) -> Result<(), StoreError>;

    /// Somebody tried another code than this request's.
    fn count_wrong_code(&mut self, request: &str) -> Result<(), StoreError>;

    /// The code of this request is good for nothing from now on.
    fn drop_code(&mut self, request: &str) -> Result<(), StoreError>;

    /// A token with which a number may register.
    fn add_registration(
        &mut self,
        token: &TokenHash,
        tel: &str,
        expires: i64,
    ) -> Result<(), StoreError>;

    /// The token is spent.
    fn drop_registration(&mut self, token: &TokenHash) -> Result<(), StoreError>;
}
