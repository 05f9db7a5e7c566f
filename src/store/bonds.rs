//! What users want of each other: nothing to do with somebody.

use super::{StoreError, UserKey};

/// What is read of bonds.
pub trait ReadBonds {
    /// Does either of them want nothing to do with the other?
    fn are_apart(&self, one: UserKey, other: UserKey) -> Result<bool, StoreError>;
}

/// What is changed about bonds.
pub trait ChangeBonds {
    /// From `now` on (Unix seconds) `by` wants nothing to do with `whom`. Said
    /// twice, it stands once.
    fn block(&mut self, by: UserKey, whom: UserKey, now: i64) -> Result<(), StoreError>;

    /// `by` has nothing against `whom`, or no longer.
    fn unblock(&mut self, by: UserKey, whom: UserKey) -> Result<(), StoreError>;
}
