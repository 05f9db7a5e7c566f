//! Users whose sessions were ended lately: what was asked about them before
//! that counts no more.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::engine::ids::Time;
use crate::engine::profile::UserKey;
use crate::limits::ENDS_KEPT_FOR;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ended {
    at: FxHashMap<UserKey, Time>,
    /// In the order in which they came.
    order: VecDeque<(Time, UserKey)>,
}

impl Ended {
    /// This user's were, at that moment.
    pub(super) fn add(&mut self, user: UserKey, at: Time, now: Time) {
        while let Some(&(came, other)) = self.order.front()
            && now.since(came) > ENDS_KEPT_FOR
        {
            self.order.pop_front();
            if self.order.iter().all(|later| later.1 != other) {
                self.at.remove(&other);
            }
        }
        self.order.push_back((now, user));
        let latest = self.at.entry(user).or_insert(at);
        *latest = at.max(*latest);
    }

    /// Were they after this moment, or at it?
    pub(super) fn since(&self, user: UserKey, moment: Time) -> bool {
        self.at.get(&user).is_some_and(|&at| at >= moment)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::profile::Keyring;

    #[test]
    fn an_end_outdates_what_was_asked_before_it_for_a_while() {
        let keyring = Keyring::new((1, 2));
        let [a, b] = ["a", "b"].map(|name| keyring.key(name));
        let mut ended = Ended::default();
        ended.add(a, Time(100), Time(110));
        assert!(ended.since(a, Time(100)) && ended.since(a, Time(99)));
        assert!(!ended.since(a, Time(101)) && !ended.since(b, Time(0)));
        ended.add(a, Time(90), Time(120));
        assert!(ended.since(a, Time(100)), "told late");
        let later = Time(121) + ENDS_KEPT_FOR;
        ended.add(b, later, later);
        assert!(!ended.since(a, Time(0)) && ended.since(b, Time(0)));
        ended.add(a, later, later + Duration::from_secs(1));
        assert_eq!((ended.at.len(), ended.order.len()), (2, 2));
    }
}
