//! Who is banned, of the users whom one core looks after, and until when.

use rustc_hash::FxHashMap;

use crate::engine::ids::Time;
use crate::engine::profile::UserKey;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Bans {
    until: FxHashMap<UserKey, Time>,
}

impl Bans {
    /// From now on the user is banned until then, or not any more.
    pub(super) fn set(&mut self, user: UserKey, until: Option<Time>) {
        match until {
            Some(until) => self.until.insert(user, until),
            None => self.until.remove(&user),
        };
    }

    /// Is the user banned? A ban that is over is forgotten.
    pub(super) fn stands(&mut self, user: UserKey, now: Time) -> bool {
        let Some(&until) = self.until.get(&user) else {
            return false;
        };
        if until <= now {
            self.until.remove(&user);
        }
        until > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::profile::Keyring;

    #[test]
    fn a_ban_stands_until_its_time_or_until_it_is_lifted() {
        let keyring = Keyring::new((1, 2));
        let [a, b] = ["a", "b"].map(|name| keyring.key(name));
        let mut bans = Bans::default();
        assert!(!bans.stands(a, Time(0)));
        bans.set(a, Some(Time(10)));
        bans.set(b, Some(Time::NEVER));
        assert!(bans.stands(a, Time(9)) && bans.stands(b, Time(9)));
        assert!(!bans.stands(a, Time(10)) && bans.stands(b, Time(10)));
        assert_eq!(bans.until.len(), 1, "what is over is forgotten");
        bans.set(a, Some(Time(30)));
        bans.set(a, Some(Time(20)));
        assert!(!bans.stands(a, Time(20)), "the last word counts");
        bans.set(b, None);
        assert!(!bans.stands(b, Time(9)));
    }
}
