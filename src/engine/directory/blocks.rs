//! Who has blocked whom, of the users whom one core looks after. It stays here
//! whether they are here or away; a session has a copy of its user's.

use rustc_hash::FxHashMap;

use crate::engine::profile::UserKey;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Ascending for each user; none is empty.
    by: FxHashMap<UserKey, Vec<UserKey>>,
}

impl Blocks {
    /// From now on `by` has, or has not, blocked `whom`.
    pub(super) fn set(&mut self, by: UserKey, whom: UserKey, on: bool) {
        if on {
            let list = self.by.entry(by).or_default();
            if let Err(at) = list.binary_search(&whom) {
                list.insert(at, whom);
            }
        } else if let Some(list) = self.by.get_mut(&by) {
            list.retain(|&other| other != whom);
            if list.is_empty() {
                self.by.remove(&by);
            }
        }
    }

    /// Whom this user has blocked.
    pub(super) fn of(&self, by: UserKey) -> &[UserKey] {
        self.by.get(&by).map_or(&[], Vec::as_slice)
    }
}
