//! Which session has a user id, and what is kept for the id while it has none.
//! Each id is looked after by one core, the one that its key picks.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::FxHashMap;

use super::durable::Word;
use super::ids::{SessionId, Time};
use super::mailbox::Mailbox;
use super::profile::UserKey;
use super::record::Record;
use crate::limits::WORDS_KEPT_FOR;

/// The ids that one core looks after.
#[derive(Debug)]
pub struct Directory {
    entries: FxHashMap<UserKey, Entry>,
    /// Absent users with a memory, the least recently used first.
    remembered: BTreeMap<u64, UserKey>,
    max_remembered: usize,
    uses: u64,
    /// When each word was said that was kept, and for whom.
    ages: VecDeque<(Time, UserKey)>,
}

#[derive(Debug, Default)]
struct Entry {
    session: Option<SessionId>,
    record: Option<Box<Record>>,
    mailbox: Option<Box<Mailbox>>,
    used: u64,
}

/// The answer to a claim.
#[derive(Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The id is the asker's; with it goes all that was kept.
    Granted {
        /// Refusals and memories.
        record: Option<Box<Record>>,
        /// Words to deliver, oldest first.
        words: Vec<Word>,
        /// Words that became too old.
        expired: Vec<Word>,
    },
    /// Another session has it.
    Taken(SessionId),
}

impl Directory {
    /// Remembers at most so many absent users.
    #[must_use]
    pub fn new(max_remembered: usize) -> Self {
        Directory {
            entries: FxHashMap::default(),
            remembered: BTreeMap::new(),
            max_remembered,
            uses: 0,
            ages: VecDeque::new(),
        }
    }

    /// A session wants an id.
    pub fn claim(&mut self, user: UserKey, session: SessionId, now: Time) -> Claimed {
        let entry = self.entries.entry(user).or_default();
        if let Some(holder) = entry.session {
            return Claimed::Taken(holder);
        }
        entry.session = Some(session);
        self.remembered.remove(&entry.used);
        let (words, expired) = entry
            .mailbox
            .take()
            .map(|mailbox| mailbox.empty(now))
            .unwrap_or_default();
        Claimed::Granted {
            record: entry.record.take(),
            words,
            expired,
        }
    }

    /// A session gives an id back, with its record and the words that it could
    /// not deliver. Nothing happens if the id is no longer its own. Gives the
    /// words that found no room.
    pub fn release(
        &mut self,
        user: UserKey,
        session: SessionId,
        record: Option<Box<Record>>,
        words: Vec<Word>,
    ) -> Vec<Word> {
        let Some(entry) = self
            .entries
            .get_mut(&user)
            .filter(|entry| entry.session == Some(session))
        else {
            return Vec::new();
        };
        entry.session = None;
        entry.record = record.filter(|record| !record.is_empty());
        let dropped = if words.is_empty() {
            Vec::new()
        } else {
            entry.mailbox.get_or_insert_default().put_back(words)
        };
        if entry
            .record
            .as_ref()
            .is_some_and(|record| record.has_memory())
        {
            self.uses += 1;
            entry.used = self.uses;
            self.remembered.insert(self.uses, user);
        }
        self.drop_if_empty(user);
        self.forget_beyond_limit();
        dropped
    }

    /// The session that has an id.
    #[must_use]
    pub fn holder(&self, user: UserKey) -> Option<SessionId> {
        self.entries.get(&user)?.session
    }

    /// Keeps a last word for an absent user. Gives those that had to go: the
    /// oldest of too many, and all that have become too old, whosever they are.
    pub fn keep(&mut self, user: UserKey, word: Word, now: Time) -> Vec<Word> {
        let mut gone = self.too_old(now);
        self.ages.push_back((word.said, user));
        let entry = self.entries.entry(user).or_default();
        gone.extend(entry.mailbox.get_or_insert_default().keep(word));
        gone
    }

    /// A word that was kept in vain.
    pub fn drop_word(&mut self, user: UserKey, word: u64) {
        if let Some(mailbox) = self
            .entries
            .get_mut(&user)
            .and_then(|entry| entry.mailbox.as_mut())
        {
            mailbox.remove(word);
            self.drop_if_empty(user);
        }
    }

    /// A refusal that was on disk at the start.
    pub fn load_refusal(&mut self, by: UserKey, whom: UserKey) {
        self.entries
            .entry(by)
            .or_default()
            .record
            .get_or_insert_default()
            .refuse(whom);
    }

    /// Users that have a session, memories or words here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn too_old(&mut self, now: Time) -> Vec<Word> {
        let mut gone = Vec::new();
        while let Some(&(said, user)) = self.ages.front()
            && now.since(said) > WORDS_KEPT_FOR
        {
            self.ages.pop_front();
            if let Some(mailbox) = self
                .entries
                .get_mut(&user)
                .and_then(|entry| entry.mailbox.as_mut())
            {
                gone.extend(mailbox.take_old(now));
                self.drop_if_empty(user);
            }
        }
        gone
    }

    fn forget_beyond_limit(&mut self) {
        while self.remembered.len() > self.max_remembered {
            let (_, user) = self.remembered.pop_first().expect("longer than the limit");
            let entry = self
                .entries
                .get_mut(&user)
                .expect("a remembered user has an entry");
            let record = entry
                .record
                .as_mut()
                .expect("a remembered user has a record");
            record.forget_memory();
            if record.is_empty() {
                entry.record = None;
            }
            self.drop_if_empty(user);
        }
    }

    fn drop_if_empty(&mut self, user: UserKey) {
        let empty = |entry: &Entry| {
            entry.session.is_none()
                && entry.record.is_none()
                && entry
                    .mailbox
                    .as_ref()
                    .is_none_or(|mailbox| mailbox.is_empty())
        };
        if self.entries.get(&user).is_some_and(empty) {
            self.entries.remove(&user);
        }
    }
}

#[cfg(test)]
mod tests;
