//! Who waits, and with which tickets. Most have one.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Place;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::{Answer, Side};
use crate::engine::ids::{SessionId, Ticket, Time};
use crate::engine::profile::UserKey;
use crate::engine::table::{Spot, Table};

/// The spot of a ticket.
pub(super) type Key = Spot;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    tickets: Table<Entry>,
    waiters: Table<Waiter>,
    /// Where each session's waiter is.
    spots: HashTable<Spot>,
    /// With whom each ticket that is on offer is.
    offered: FxHashMap<Key, SessionId>,
}

/// A ticket.
#[derive(Debug)]
pub(super) struct Entry {
    waiter: Spot,
    serial: u32,
    /// Where it stands in its queue.
    pub(super) cell: u32,
    /// The next one of the same session.
    next: Option<Key>,
    /// When it came, in whole seconds.
    pub(super) since: u32,
    pub(super) side: Side,
    pub(super) on_offer: bool,
}

/// A session with tickets.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) user: UserKey,
    pub(super) session: SessionId,
    /// Its best-placed ticket, from which the others hang in order: a later
    /// one never overtakes an earlier one of the same session.
    pub(super) first: Option<Key>,
    pub(super) told: u32,
    pub(super) told_at: Time,
    /// The better-placed slot was matched since.
    pub(super) lost_better: bool,
    pub(super) answer: Answer,
}

impl Crowd {
    /// How many tickets there are.
    pub(super) fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Adds a ticket behind all others of its session.
    pub(super) fn add(&mut self, user: UserKey, ticket: Ticket, side: Side, now: Time) -> Key {
        let Ticket { session, serial } = ticket;
        let waiter = self.enter(session, user);
        let last = self.tickets_of(waiter).last();
        let key = self.tickets.insert(Entry {
            waiter,
            serial,
            cell: 0,
            next: None,
            since: u32::try_from(now.seconds()).unwrap_or(u32::MAX),
            side,
            on_offer: false,
        });
        match last {
            Some(last) => self.tickets[last].next = Some(key),
            None => self.waiters[waiter].first = Some(key),
        }
        key
    }

    /// Takes a ticket out; a session without any stays until it is
    /// [let go](Self::let_go).
    pub(super) fn remove(&mut self, key: Key) {
        self.take_back(key);
        let before = self
            .tickets_of(self.tickets[key].waiter)
            .take_while(|&other| other != key)
            .last();
        let gone = self.tickets.remove(key);
        match before {
            Some(before) => self.tickets[before].next = gone.next,
            None => self.waiters[gone.waiter].first = gone.next,
        }
    }

    /// Forgets a session that has no ticket any more.
    pub(super) fn let_go(&mut self, session: SessionId) {
        let waiters = &self.waiters;
        let is = |&spot: &Spot| waiters[spot].session == session;
        if let Ok(found) = self.spots.find_entry(hash(session), is) {
            let gone = self.waiters.remove(found.remove().0);
            assert!(gone.first.is_none(), "who has a ticket stays");
        }
    }

    pub(super) fn entry(&self, key: Key) -> &Entry {
        &self.tickets[key]
    }

    /// A ticket has moved in its queue.
    pub(super) fn moved(&mut self, key: Key, cell: u32) {
        self.tickets[key].cell = cell;
    }

    pub(super) fn ticket(&self, key: Key) -> Ticket {
        let Entry { waiter, serial, .. } = self.tickets[key];
        let session = self.waiters[waiter].session;
        Ticket { session, serial }
    }

    /// Whose ticket that is.
    pub(super) fn owner(&mut self, key: Key) -> &mut Waiter {
        &mut self.waiters[self.tickets[key].waiter]
    }

    pub(super) fn key(&self, ticket: Ticket) -> Option<Key> {
        self.of(ticket.session)
            .find(|&key| self.tickets[key].serial == ticket.serial)
    }

    /// The tickets of a session, best place first.
    pub(super) fn of(&self, session: SessionId) -> impl Iterator<Item = Key> {
        let waiter = self.spot(session).into_iter();
        waiter.flat_map(|waiter| self.tickets_of(waiter))
    }

    pub(super) fn waiter(&self, session: SessionId) -> Option<&Waiter> {
        self.spot(session).map(|spot| &self.waiters[spot])
    }

    pub(super) fn waiter_mut(&mut self, session: SessionId) -> Option<&mut Waiter> {
        self.spot(session).map(|spot| &mut self.waiters[spot])
    }

    /// Puts a ticket on offer to one of another session.
    pub(super) fn offer(&mut self, key: Key, to: SessionId) {
        self.tickets[key].on_offer = true;
        self.offered.insert(key, to);
    }

    /// A ticket is on offer no more.
    pub(super) fn take_back(&mut self, key: Key) {
        if std::mem::take(&mut self.tickets[key].on_offer) {
            self.offered.remove(&key);
        }
    }

    /// With whom the tickets of a session are on offer: until that is decided,
    /// no other ticket of the same two may be.
    pub(super) fn offered_to(&self, session: SessionId) -> impl Iterator<Item = SessionId> {
        let on_offer = self.of(session).filter(|&key| self.tickets[key].on_offer);
        on_offer.map(|key| self.offered[&key])
    }

    pub(super) fn is_on_offer(&self, session: SessionId) -> bool {
        self.offered_to(session).next().is_some()
    }

    /// Checks what must hold between the tables.
    pub(super) fn invariants(&self) {
        assert_eq!(self.spots.len(), self.waiters.len(), "each has one spot");
        let (mut tickets, mut offers) = (0, 0);
        for (spot, waiter) in self.waiters.iter() {
            assert_eq!(self.spot(waiter.session), Some(spot));
            assert!(waiter.first.is_some(), "who waits has a ticket");
            for key in self.tickets_of(spot) {
                assert_eq!(self.tickets[key].waiter, spot);
                let on_offer = self.offered.contains_key(&key);
                assert_eq!(self.tickets[key].on_offer, on_offer);
                tickets += 1;
                offers += usize::from(on_offer);
            }
        }
        assert_eq!((tickets, offers), (self.tickets.len(), self.offered.len()));
    }

    fn tickets_of(&self, waiter: Spot) -> impl Iterator<Item = Key> {
        let first = self.waiters[waiter].first;
        std::iter::successors(first, |&key| self.tickets[key].next)
    }

    fn spot(&self, session: SessionId) -> Option<Spot> {
        let is = |&spot: &Spot| self.waiters[spot].session == session;
        self.spots.find(hash(session), is).copied()
    }

    /// The waiter of a session, a new one if it has none.
    fn enter(&mut self, session: SessionId, user: UserKey) -> Spot {
        let waiters = &self.waiters;
        let is = |&spot: &Spot| waiters[spot].session == session;
        let again = |&spot: &Spot| hash(waiters[spot].session);
        match self.spots.entry(hash(session), is, again) {
            Place::Occupied(taken) => *taken.get(),
            Place::Vacant(free) => {
                let waiter = Waiter::new(user, session);
                *free.insert(self.waiters.insert(waiter)).get()
            }
        }
    }
}

impl Waiter {
    fn new(user: UserKey, session: SessionId) -> Self {
        Waiter {
            user,
            session,
            first: None,
            told: 0,
            told_at: Time(0),
            lost_better: false,
            answer: Answer::Given,
        }
    }
}

fn hash(session: SessionId) -> u64 {
    FxBuildHasher.hash_one(session)
}
