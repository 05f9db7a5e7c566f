//! Which session has a user id, and what is kept for the id while it has none.
//! Each id is looked after by one core, the one that its key picks.

mod bans;
mod blocks;
mod ended;

use std::collections::{BTreeMap, VecDeque};
use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Place;
use rustc_hash::FxBuildHasher;

use super::durable::Word;
use super::ids::{SessionId, TalkId, Time};
use super::mailbox::Mailbox;
use super::profile::UserKey;
use super::record::Record;
use super::table::{Spot, Table};
use super::tidings::Past;
use crate::limits::{EVIDENCE_USERS, WORDS_KEPT_FOR};
use bans::Bans;
use blocks::Blocks;
use ended::Ended;

/// The ids that one core looks after.
#[derive(Debug)]
pub struct Directory {
    entries: Table<Entry>,
    /// Where each id's entry is.
    spots: HashTable<Spot>,
    /// Absent users with a memory, the least recently used first.
    remembered: BTreeMap<u64, UserKey>,
    max_remembered: usize,
    uses: u64,
    /// When each word was said that was kept, and for whom.
    ages: VecDeque<(Time, UserKey)>,
    blocks: Blocks,
    bans: Bans,
    ended: Ended,
    /// Absent users whose talks' lines are kept, the first who went first, by
    /// their number among the remembered.
    overheard: VecDeque<(u64, UserKey)>,
}

#[derive(Debug)]
struct Entry {
    user: UserKey,
    state: State,
}

#[derive(Debug)]
enum State {
    /// A session has the id, and all that belongs to it.
    Here(SessionId),
    Away(Box<Kept>),
}

/// What is kept for an absent user.
#[derive(Debug, Default)]
struct Kept {
    record: Option<Box<Record>>,
    mailbox: Option<Box<Mailbox>>,
    /// Its number among the remembered, if it is one of them.
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
            entries: Table::default(),
            spots: HashTable::new(),
            remembered: BTreeMap::new(),
            max_remembered,
            uses: 0,
            ages: VecDeque::new(),
            blocks: Blocks::default(),
            bans: Bans::default(),
            ended: Ended::default(),
            overheard: VecDeque::new(),
        }
    }

    /// A session wants an id.
    pub fn claim(&mut self, user: UserKey, session: SessionId, now: Time) -> Claimed {
        let state = &mut self.entry(user).state;
        let kept = match state {
            State::Here(holder) => return Claimed::Taken(*holder),
            State::Away(kept) => std::mem::take(&mut **kept),
        };
        *state = State::Here(session);
        self.remembered.remove(&kept.used);
        let mailbox = kept.mailbox.map(|mailbox| mailbox.empty(now));
        let (words, expired) = mailbox.unwrap_or_default();
        let mut record = kept.record;
        let blocked = self.blocks.of(user);
        if !blocked.is_empty() {
            let record = record.get_or_insert_default();
            record.set_blocked(blocked.to_vec());
        }
        Claimed::Granted {
            record,
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
        let own = |&spot: &Spot| matches!(self.entries[spot].state, State::Here(holder) if holder == session);
        let Some(spot) = self.spot(user).filter(own) else {
            return Vec::new();
        };
        let record = record.map(|mut record| {
            record.set_blocked(Vec::new());
            record
        });
        let mut kept = Kept {
            record: record.filter(|record| !record.is_empty()),
            ..Kept::default()
        };
        let mut dropped = Vec::new();
        if !words.is_empty() {
            dropped = kept.mailbox.get_or_insert_default().put_back(words);
        }
        if kept.record.as_deref().is_some_and(Record::has_memory) {
            self.uses += 1;
            kept.used = self.uses;
            self.remembered.insert(self.uses, user);
            if kept.record.as_deref().is_some_and(Record::has_lines) {
                self.overheard.push_back((self.uses, user));
            }
        }
        self.entries[spot].state = State::Away(Box::new(kept));
        self.drop_if_empty(user);
        self.forget_beyond_limit();
        self.forget_lines_beyond_limit();
        dropped
    }

    /// The session that has an id.
    #[must_use]
    pub fn holder(&self, user: UserKey) -> Option<SessionId> {
        match self.entries[self.spot(user)?].state {
            State::Here(session) => Some(session),
            State::Away(_) => None,
        }
    }

    /// Keeps a last word for an absent user. Gives those that had to go: the
    /// oldest of too many, and all that have become too old, whosever they are.
    ///
    /// # Panics
    ///
    /// If a session has the id.
    pub fn keep(&mut self, user: UserKey, word: Word, now: Time) -> Vec<Word> {
        let mut gone = self.too_old(now);
        self.ages.push_back((word.said, user));
        let mailbox = &mut self.absent(user).mailbox;
        gone.extend(mailbox.get_or_insert_default().keep(word));
        gone
    }

    /// A word that was kept in vain.
    pub fn drop_word(&mut self, user: UserKey, word: u64) {
        if let Some(mailbox) = self.mailbox(user) {
            mailbox.remove(word);
            self.drop_if_empty(user);
        }
    }

    /// From now on `by` has, or has not, blocked `whom`. Whoever has the id of
    /// `by` is to be told.
    pub fn block(&mut self, by: UserKey, whom: UserKey, on: bool) {
        self.blocks.set(by, whom, on);
    }

    /// Has `by` blocked `whom`?
    #[must_use]
    pub fn has_blocked(&self, by: UserKey, whom: UserKey) -> bool {
        self.blocks.of(by).binary_search(&whom).is_ok()
    }

    /// From now on a user is banned until then, or not any more. Whoever has
    /// the id is to be told.
    pub fn ban(&mut self, user: UserKey, until: Option<Time>) {
        self.bans.set(user, until);
    }

    /// Is a user banned?
    pub fn is_banned(&mut self, user: UserKey, now: Time) -> bool {
        self.bans.stands(user, now)
    }

    /// Every session that has the id was ended at that moment.
    pub fn end(&mut self, user: UserKey, at: Time, now: Time) {
        self.ended.add(user, at, now);
    }

    /// Does what was asked about a user at that moment count no more?
    #[must_use]
    pub fn is_outdated(&self, user: UserKey, asked: Time) -> bool {
        self.ended.since(user, asked)
    }

    /// A refusal that was on disk at the start.
    ///
    /// # Panics
    ///
    /// If a session has the id.
    pub fn load_refusal(&mut self, by: UserKey, whom: UserKey) {
        let record = &mut self.absent(by).record;
        record.get_or_insert_default().refuse(whom);
    }

    /// What is known of a talk of somebody who is away.
    #[must_use]
    pub fn talk(&self, user: UserKey, talk: TalkId) -> Option<Past> {
        match &self.entries[self.spot(user)?].state {
            State::Away(kept) => kept.record.as_deref()?.talk(talk),
            State::Here(_) => None,
        }
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
            if let Some(mailbox) = self.mailbox(user) {
                gone.extend(mailbox.take_old(now));
                self.drop_if_empty(user);
            }
        }
        gone
    }

    fn forget_beyond_limit(&mut self) {
        while self.remembered.len() > self.max_remembered {
            let (_, user) = self.remembered.pop_first().expect("longer than the limit");
            let record = &mut self.absent(user).record;
            let memory = record.as_mut().expect("a remembered user has a record");
            memory.forget_memory();
            record.take_if(|record| record.is_empty());
            self.drop_if_empty(user);
        }
    }

    fn forget_lines_beyond_limit(&mut self) {
        while self.overheard.len() > EVIDENCE_USERS {
            let (used, user) = self.overheard.pop_front().expect("longer than the limit");
            let Some(spot) = self.spot(user) else {
                continue;
            };
            if let State::Away(kept) = &mut self.entries[spot].state
                && kept.used == used
                && let Some(record) = &mut kept.record
            {
                record.forget_lines();
            }
        }
    }

    fn drop_if_empty(&mut self, user: UserKey) {
        let entries = &self.entries;
        let is = |&spot: &Spot| entries[spot].user == user;
        if let Ok(found) = self.spots.find_entry(hash(user), is)
            && entries[*found.get()].is_empty()
        {
            self.entries.remove(found.remove().0);
        }
    }

    /// The mailbox of an absent user.
    fn mailbox(&mut self, user: UserKey) -> Option<&mut Mailbox> {
        let spot = self.spot(user)?;
        match &mut self.entries[spot].state {
            State::Away(kept) => kept.mailbox.as_deref_mut(),
            State::Here(_) => None,
        }
    }

    /// What is kept for somebody whom no session has.
    fn absent(&mut self, user: UserKey) -> &mut Kept {
        match &mut self.entry(user).state {
            State::Away(kept) => kept,
            State::Here(_) => unreachable!("a session has all that belongs to its id"),
        }
    }

    fn spot(&self, user: UserKey) -> Option<Spot> {
        let is = |&spot: &Spot| self.entries[spot].user == user;
        self.spots.find(hash(user), is).copied()
    }

    /// The entry of an id, a new one if it has none.
    fn entry(&mut self, user: UserKey) -> &mut Entry {
        let entries = &self.entries;
        let is = |&spot: &Spot| entries[spot].user == user;
        let again = |&spot: &Spot| hash(entries[spot].user);
        let spot = match self.spots.entry(hash(user), is, again) {
            Place::Occupied(taken) => *taken.get(),
            Place::Vacant(free) => {
                let state = State::Away(Box::default());
                *free
                    .insert(self.entries.insert(Entry { user, state }))
                    .get()
            }
        };
        &mut self.entries[spot]
    }
}

impl Entry {
    fn is_empty(&self) -> bool {
        match &self.state {
            State::Here(_) => false,
            State::Away(kept) => {
                let words = |mailbox: &Mailbox| !mailbox.is_empty();
                kept.record.is_none() && !kept.mailbox.as_deref().is_some_and(words)
            }
        }
    }
}

fn hash(user: UserKey) -> u64 {
    FxBuildHasher.hash_one(user)
}

#[cfg(test)]
mod tests;
