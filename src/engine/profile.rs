//! Who a user says it is.

use siphasher::sip128::SipHasher13;

use crate::wire::message::{Gender, Join};
use crate::wire::text::Text;

/// A user id under the server's own keyed hash. 128 bits, so that two ids
/// never share one; keyed, so that nobody can aim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserKey([u64; 2]);

/// Turns user ids into keys; the same on every core.
#[derive(Clone, Copy, Debug)]
pub struct Keyring {
    seed: (u64, u64),
}

impl Keyring {
    /// All cores must be given the same seed.
    #[must_use]
    pub const fn new(seed: (u64, u64)) -> Self {
        Keyring { seed }
    }

    /// The key of a user id.
    #[must_use]
    pub fn key(&self, user: &str) -> UserKey {
        let hash = SipHasher13::new_with_keys(self.seed.0, self.seed.1);
        let hash = hash.hash(user.as_bytes());
        UserKey([hash.h1, hash.h2])
    }
}

impl UserKey {
    /// One of `n`, evenly.
    #[must_use]
    pub fn pick(self, n: u16) -> u16 {
        u16::try_from(self.0[0] % u64::from(n)).expect("less than a u16")
    }
}

/// The profile of a join, in one piece of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    text: Box<str>,
    lengths: [u8; 5],
    /// The user's own.
    pub gender: Gender,
    /// The one looked for.
    pub find: Gender,
}

impl Profile {
    /// What a join says of its user.
    #[must_use]
    pub fn new(join: &Join<'_>) -> Self {
        Self::pack(
            [join.user, join.nickname, join.pic, join.location, join.gps],
            join.gender,
            join.find,
        )
    }

    fn pack(fields: [Text<'_>; 5], gender: Gender, find: Gender) -> Self {
        let lengths = fields.each_ref().map(Text::len);
        let mut text = String::with_capacity(lengths.iter().sum());
        for field in fields {
            field.push_to(&mut text);
        }
        let byte = |length| u8::try_from(length).expect("the limits of the fields are less");
        Profile {
            text: text.into_boxed_str(),
            lengths: lengths.map(byte),
            gender,
            find,
        }
    }

    /// `userId`
    #[must_use]
    pub fn user(&self) -> &str {
        self.field(0)
    }

    /// `nickname`
    #[must_use]
    pub fn nickname(&self) -> &str {
        self.field(1)
    }

    /// `picId`
    #[must_use]
    pub fn pic(&self) -> &str {
        self.field(2)
    }

    /// `location`
    #[must_use]
    pub fn location(&self) -> &str {
        self.field(3)
    }

    /// `gps`
    #[must_use]
    pub fn gps(&self) -> &str {
        self.field(4)
    }

    fn field(&self, index: usize) -> &str {
        let before = self.lengths[..index].iter();
        let start = before.map(|&length| usize::from(length)).sum::<usize>();
        &self.text[start..start + usize::from(self.lengths[index])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of what a table or a choice of core sees, this many bits.
    const SEEN: u16 = 1 << 8;

    /// Ids that somebody who knows the seed has aimed at one place.
    fn aimed(keyring: &Keyring, many: usize) -> Vec<String> {
        let ids = (0..).map(|n: u32| format!("id{n}"));
        let hit = ids.filter(|id| keyring.key(id).pick(SEEN) == 7);
        hit.take(many).collect()
    }

    #[test]
    fn ids_aimed_under_one_seed_are_spread_under_another() {
        const MANY: usize = 64;
        let ids = aimed(&Keyring::new((1, 2)), MANY);
        for seed in [(1, 3), (2, 2), (2, 1), (0, 0), (u64::MAX, 2)] {
            let keyring = Keyring::new(seed);
            let mut places: Vec<_> = ids.iter().map(|id| keyring.key(id).pick(SEEN)).collect();
            places.sort_unstable();
            places.dedup();
            // 57 are to be expected.
            assert!(places.len() > MANY / 2, "{} places", places.len());
        }
    }

    #[test]
    fn a_seed_is_all_that_a_key_depends_on() {
        let key = |seed, user| Keyring::new(seed).key(user);
        assert_eq!(key((1, 2), "ann"), key((1, 2), "ann"));
        assert_ne!(key((1, 2), "ann"), key((1, 2), "anm"));
        assert_ne!(key((1, 2), "ann"), key((2, 1), "ann"));
    }
}
