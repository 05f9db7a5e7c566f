//! How often an address has shown a wrong token, and for how long it may show
//! none after that.
//!
//! While it may not, what it shows is not looked at: else a right guess would
//! be told from a wrong one at full speed. Log-ins that stand already are not
//! touched by it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::address::Origin;
use crate::limits::{
    OPERATOR_ADDRESSES, OPERATOR_TRIES, OPERATOR_TRIES_KEPT_FOR, OPERATOR_WAIT_MOST,
};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tries {
    wrong: Mutex<HashMap<Origin, Wrong>>,
}

/// What an address has got wrong.
#[derive(Clone, Copy, Debug)]
struct Wrong {
    times: u32,
    last: Instant,
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    Right,
    Wrong,
    /// It was not looked at, and will not be for so long.
    Slowed(Duration),
}

impl Tries {
    /// An address shows something at `now`; `fits` says whether it is right.
    pub(super) fn try_at(
        &self,
        origin: Origin,
        now: Instant,
        fits: impl FnOnce() -> bool,
    ) -> Tried {
        let mut wrong = self.lock();
        let before = wrong.get(&origin).copied();
        let before = before.filter(|before| !before.is_forgotten(now));
        if let Some(wait) = before.and_then(|before| before.wait(now)) {
            return Tried::Slowed(wait);
        }
        if fits() {
            wrong.remove(&origin);
            return Tried::Right;
        }
        if wrong.len() >= OPERATOR_ADDRESSES {
            make_room(&mut wrong, now);
        }
        let times = before.map_or(0, |before| before.times).saturating_add(1);
        wrong.insert(origin, Wrong { times, last: now });
        Tried::Wrong
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Origin, Wrong>> {
        // Each entry is whole at any time.
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wrong {
    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= OPERATOR_TRIES_KEPT_FOR
    }

    /// How long it still has to wait, if it has to: a second after the last of
    /// the free tries, and twice as long after each one more.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let over = self.times.checked_sub(OPERATOR_TRIES)?;
        let whole = Duration::from_secs(1 << over.min(16)).min(OPERATOR_WAIT_MOST);
        let left = (self.last + whole).saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }
}

/// Whatever is forgotten goes, and if nothing is, the one that was last seen
/// the longest ago.
fn make_room(wrong: &mut HashMap<Origin, Wrong>, now: Instant) {
    wrong.retain(|_, entry| !entry.is_forgotten(now));
    if wrong.len() >= OPERATOR_ADDRESSES {
        let oldest = wrong.iter().min_by_key(|(_, entry)| entry.last);
        if let Some(oldest) = oldest.map(|(&origin, _)| origin) {
            wrong.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::of(text.parse().unwrap())
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn after_a_few_wrong_tries_each_one_more_waits_twice_as_long() {
        let (tries, mut now) = (Tries::default(), Instant::now());
        let one = origin("192.0.2.1");
        for _ in 0..OPERATOR_TRIES {
            assert_eq!(tries.try_at(one, now, || false), Tried::Wrong);
        }
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let wait = SECOND * seconds;
            let peek = || -> bool { panic!("it is not looked at") };
            assert_eq!(tries.try_at(one, now, peek), Tried::Slowed(wait));
            now += wait - SECOND / 2;
            assert_eq!(tries.try_at(one, now, peek), Tried::Slowed(SECOND / 2));
            now += SECOND / 2;
            assert_eq!(tries.try_at(one, now, || false), Tried::Wrong);
        }
        let other = origin("192.0.2.2");
        assert_eq!(tries.try_at(other, now, || true), Tried::Right);
    }

    #[test]
    fn a_right_one_or_a_long_time_makes_it_forgotten() {
        let (tries, mut now) = (Tries::default(), Instant::now());
        let one = origin("2001:db8::1");
        for _ in 0..OPERATOR_TRIES - 1 {
            tries.try_at(one, now, || false);
        }
        assert_eq!(tries.try_at(one, now, || true), Tried::Right);
        for _ in 0..OPERATOR_TRIES {
            assert_eq!(tries.try_at(one, now, || false), Tried::Wrong);
        }
        let same = origin("2001:db8::2");
        let slowed = tries.try_at(same, now, || true);
        assert!(matches!(slowed, Tried::Slowed(_)), "one /64");
        now += OPERATOR_TRIES_KEPT_FOR;
        for _ in 0..OPERATOR_TRIES {
            assert_eq!(tries.try_at(one, now, || false), Tried::Wrong);
        }
    }

    #[test]
    fn only_so_many_addresses_are_remembered() {
        let (tries, now) = (Tries::default(), Instant::now());
        let wrong = |n: usize| {
            let address = std::net::Ipv4Addr::from_bits(u32::try_from(n).unwrap());
            let later = now + Duration::from_millis(n as u64);
            tries.try_at(Origin::of(address.into()), later, || false)
        };
        for n in 0..OPERATOR_ADDRESSES + 10 {
            wrong(n);
        }
        let known = tries.lock();
        assert_eq!(known.len(), OPERATOR_ADDRESSES);
        assert!(!known.contains_key(&origin("0.0.0.9")));
        assert!(known.contains_key(&origin("0.0.0.10")));
    }
}
