//! Section 2 of the protocol as plain lists, with no thought for speed, cores
//! or anything at the same time: what each handset must be told for one
//! message, while nothing else happens.

mod memory;
mod messages;
mod news;
mod pairing;
mod phones;
mod verdict;

use crate::engine::ids::Time;
use crate::engine::rules::Rules;
use crate::sim::told::Told;
use memory::Memory;
use news::{Accounts, Bans};
use phones::Phone;

/// See the module.
pub(super) struct Model {
    rules: Rules,
    now: Time,
    phones: Vec<Phone>,
    users: Vec<User>,
    /// Every talk that ever was.
    talks: Vec<Talk>,
    /// Who waits, first come first: by gender and the one looked for.
    queues: [[Vec<Waiting>; 2]; 2],
    next_ticket: u64,
    accounts: Accounts,
    bans: Bans,
    /// Somebody has just come as another user. Places are told in a hurry then:
    /// the new one's may count the old one's, which are being given up.
    hurried: bool,
    /// When a place last changed.
    changed: Time,
}

/// Its number in `users`.
type UserAt = usize;
/// Its number in `talks`.
type TalkAt = usize;

struct User {
    name: &'static str,
    phone: Option<usize>,
    nickname: String,
    gender: usize,
    find: usize,
    guys: usize,
    slots: Vec<Slot>,
    memory: Memory,
    /// Kept while it is away, with who said them.
    words: Vec<(UserAt, Told)>,
    told: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Idle { last: Option<UserAt> },
    Waiting(u64),
    Talking(TalkAt),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Waiting {
    user: UserAt,
    ticket: u64,
}

struct Talk {
    users: [UserAt; 2],
    /// As they were when it began.
    nicknames: [String; 2],
    /// As it was told; nobody knows it before.
    id: Option<u64>,
}

impl Model {
    pub(super) fn new(rules: Rules, now: Time) -> Self {
        Model {
            rules,
            now,
            phones: Vec::new(),
            users: Vec::new(),
            talks: Vec::new(),
            queues: Default::default(),
            next_ticket: 0,
            accounts: Accounts::new(),
            bans: Bans::default(),
            hurried: false,
            changed: now,
        }
    }

    fn find(&mut self, name: &str) -> Option<UserAt> {
        self.users.iter().position(|user| user.name == name)
    }

    fn find_or_add(&mut self, name: &'static str) -> UserAt {
        self.find(name).unwrap_or_else(|| {
            self.users.push(User::new(name));
            self.users.len() - 1
        })
    }

    /// Tells a user something, if it is here.
    fn tell(&mut self, user: UserAt, told: Told) {
        if let Some(phone) = self.users[user].phone {
            self.phones[phone].due.push(told);
        }
    }

    fn partner(&self, own: UserAt, talk: TalkAt) -> UserAt {
        let [a, b] = self.talks[talk].users;
        if a == own { b } else { a }
    }

    fn talks_of(&self, user: UserAt) -> Vec<TalkAt> {
        let slots = self.users[user].slots.iter();
        let talk = |slot: &Slot| match slot {
            Slot::Talking(talk) => Some(*talk),
            _ => None,
        };
        slots.filter_map(talk).collect()
    }

    fn talk_with(&self, user: UserAt, other: UserAt) -> Option<TalkAt> {
        let mut talks = self.talks_of(user).into_iter();
        talks.find(|&talk| self.partner(user, talk) == other)
    }

    fn waits(&self, user: UserAt) -> bool {
        let mut slots = self.users[user].slots.iter();
        slots.any(|slot| matches!(slot, Slot::Waiting(_)))
    }

    /// The place of a user's best slot.
    fn place(&self, user: UserAt) -> Option<u64> {
        let own = &self.users[user];
        let queue = &self.queues[own.gender][own.find];
        let at = queue.iter().position(|waiting| waiting.user == user)?;
        Some(at as u64 + 1)
    }

    fn id(&self, talk: TalkAt) -> Option<u64> {
        self.talks[talk].id
    }
}
