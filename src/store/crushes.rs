//! Who has a crush on whom, as far as anybody may know.
//!
//! Somebody names a number. That is about the user who has it, or else the first
//! to take it; it stays about them when they change their number. Before two
//! have named each other neither can tell what the other has done: so what is
//! looked up and written for a number is the same whether anybody has it, and
//! whether they have named anybody.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Author, StoreError, UserKey};

/// Bytes of a pseudonym.
const PSEUDONYM_BYTES: usize = 12;

/// The server's key, under which pseudonyms are made.
#[derive(Clone)]
pub struct PseudonymKey(pub [u8; 32]);

impl PseudonymKey {
    /// What `by` is called where `to` may not know who it is: always the same,
    /// until the two have seen through it, `rounds` times so far.
    #[must_use]
    pub fn pseudonym(&self, to: UserKey, by: UserKey, rounds: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length will do");
        for part in [to.0, by.0, rounds] {
            mac.update(&part.to_be_bytes());
        }
        let bytes = mac.finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&bytes[..PSEUDONYM_BYTES])
    }
}

/// Without the key.
impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey")
    }
}

/// Somebody names a number that is not their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// Who.
    pub by: UserKey,
    /// The number, in the spelling that each number has once.
    pub tel: String,
    /// The number as it was typed.
    pub given: String,
    /// What they say to whoever has it.
    pub words: String,
    /// The day that this counts for.
    pub day: String,
    /// How many new ones a day has room for.
    pub most: u32,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// As many new ones were named today as may be.
    TooMany,
    /// It stands.
    Done(Standing),
}

/// A crush that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// It did not stand before.
    pub is_new: bool,
    /// Each has named the other, and both know.
    pub is_mutual: bool,
    /// Somebody has the number. For nobody's ears.
    pub has_user: bool,
    /// Who is to be told that.
    pub revealed: Vec<Revealed>,
}

/// Somebody is to be told that their crush is mutual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revealed {
    /// Who is to be told, by the id that others know.
    pub to: String,
    /// Whose crush it is that they are told of.
    pub of: Author,
}

/// Somebody who was named and has named the one who looks, both of whom know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mutual {
    /// Who.
    pub other: Author,
    /// Their number, as whoever looks has typed it.
    pub given: String,
}

/// What is read of crushes.
pub trait ReadCrushes {
    /// The numbers that `by` has named, as they were typed, and with which
    /// words; at most so many.
    fn crushes_sent(
        &self,
        by: UserKey,
        most: u32,
        each: &mut dyn FnMut(&str, &str),
    ) -> Result<(), StoreError>;

    /// Pseudonyms of those who have named `to`, and with which words; at most so
    /// many. None of those whom `to` knows by now.
    fn crushes_received(
        &self,
        to: UserKey,
        most: u32,
        each: &mut dyn FnMut(&str, &str),
    ) -> Result<(), StoreError>;

    /// Those whom `user` has named and knows to have named them, but for those
    /// of whom one has blocked the other.
    fn crushes_mutual(&self, user: UserKey) -> Result<Vec<Mutual>, StoreError>;

    /// Does the user want to be shown who names them?
    fn receives_crushes(&self, user: UserKey) -> Result<bool, StoreError>;
}

/// What is changed about crushes.
pub trait ChangeCrushes {
    /// A number is named. Named again, it has other words, and is not new.
    fn name_number(&mut self, naming: &Naming, key: &PseudonymKey) -> Result<Named, StoreError>;

    /// It is taken back. Was there one?
    fn cancel_crush(&mut self, by: UserKey, tel: &str) -> Result<bool, StoreError>;

    /// Whether the user wants to be shown who names them.
    fn receive_crushes(&mut self, user: UserKey, receive: bool) -> Result<(), StoreError>;

    /// A number has become the user's: what was waiting for it is theirs, and a
    /// crush of their own on it is gone.
    fn take_number(
        &mut self,
        user: UserKey,
        tel: &str,
        key: &PseudonymKey,
    ) -> Result<Vec<Revealed>, StoreError>;

    /// Nothing stands between the two any more; they may have named each other.
    fn reveal_crushes(&mut self, one: UserKey, other: UserKey)
    -> Result<Vec<Revealed>, StoreError>;

    /// May an invitation go to this number for its having been named by `by` at
    /// `now` (Unix seconds)? It is counted whether the number has a user or not:
    /// else the next one that goes out, or does not, would tell.
    fn take_invite(&mut self, by: UserKey, tel: &str, now: i64) -> Result<bool, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_is_one_pairs_alone() {
        let key = PseudonymKey([7; 32]);
        let of = |to, by, rounds| key.pseudonym(UserKey(to), UserKey(by), rounds);
        assert_eq!(of(1, 2, 0), of(1, 2, 0));
        assert_eq!(of(1, 2, 0).len(), 16);
        let other_key = PseudonymKey([8; 32]);
        let mut all = vec![other_key.pseudonym(UserKey(1), UserKey(2), 0)];
        for (to, by, rounds) in [(1, 2, 0), (2, 1, 0), (1, 3, 0), (1, 2, 1), (3, 2, 0)] {
            all.push(of(to, by, rounds));
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
