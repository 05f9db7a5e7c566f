//! The queues of one gender pair: who waits, at which place, and who is to meet
//! whom. First come, first served among those who may meet.
//!
//! The matchmaker proposes; the homes of the two sessions decide, and say
//! [`settled`](Matchmaker::settled) or [`declined`](Matchmaker::declined). It
//! knows of refusals, pauses and talks only what it was told in declining, and
//! remembers that as long as both wait here.

mod apart;
mod crowd;
mod telling;

use std::collections::VecDeque;

use rustc_hash::FxHashSet;

use super::ids::{SessionId, Ticket, Time};
use super::places::Places;
use super::profile::UserKey;
use crate::limits::{NEAR_PLACES, PASS_PLACES};
use crate::wire::message::Gender;
use apart::Apart;
use crowd::{Crowd, Key};
use telling::Telling;

/// A queue: whose gender, and which one it looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Side {
    /// Women who look for men.
    FM,
    /// Men who look for women.
    MF,
    /// Men who look for men.
    MM,
    /// Women who look for women.
    FF,
}

impl Side {
    /// Every side, in the order of its number.
    pub const ALL: [Side; 4] = [Side::FM, Side::MF, Side::MM, Side::FF];
    /// How many matchmakers serve them.
    pub const PAIRS: usize = 3;

    /// The queue of somebody of `gender` who looks for `find`.
    #[must_use]
    pub const fn new(gender: Gender, find: Gender) -> Self {
        match (gender, find) {
            (Gender::Female, Gender::Male) => Side::FM,
            (Gender::Male, Gender::Female) => Side::MF,
            (Gender::Male, Gender::Male) => Side::MM,
            (Gender::Female, Gender::Female) => Side::FF,
        }
    }

    /// The queue that serves this one.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Side::FM => Side::MF,
            Side::MF => Side::FM,
            own => own,
        }
    }

    /// Which matchmaker holds this queue.
    #[must_use]
    pub const fn pair(self) -> usize {
        match self {
            Side::FM | Side::MF => 0,
            Side::MM => 1,
            Side::FF => 2,
        }
    }

    /// The name in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Side::FM => "F-M",
            Side::MF => "M-F",
            Side::MM => "M-M",
            Side::FF => "F-F",
        }
    }

    /// Which of the matchmaker's two queues.
    const fn queue(self) -> usize {
        match self {
            Side::MF => 1,
            _ => 0,
        }
    }
}

/// Two tickets that should become a talk. `a` is held first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The one whose turn it is to meet somebody.
    pub a: Ticket,
    /// The longest-waiting whom it may meet.
    pub b: Ticket,
    /// Whose ticket `a` is.
    pub a_user: UserKey,
    /// Whose ticket `b` is.
    pub b_user: UserKey,
}

/// Why an offer came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decline {
    /// The first ticket is no longer good.
    StaleA,
    /// The second ticket is no longer good.
    StaleB,
    /// The two may not meet before this; `NEVER` until told otherwise.
    NotBefore(Time),
}

/// A jump in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// The place before.
    pub from: u64,
    /// How many were overtaken.
    pub by: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Matchmaker {
    queues: [Places<Key>; 2],
    crowd: Crowd,
    apart: Apart,
    /// Tickets that may have somebody to meet.
    walkers: VecDeque<Key>,
    /// Sessions of which a walker has just found nobody: no other ticket of
    /// theirs will, until there is something new.
    vain: FxHashSet<SessionId>,
    /// Sessions that are owed an answer to their join or next, but for those
    /// that were found on offer.
    due: VecDeque<SessionId>,
    /// How many at the front of each queue are known to be on offer.
    taken: [u64; 2],
    telling: Telling,
}

/// The answer to a join or next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Nobody waits for one.
    Given,
    /// The session stands in `due`.
    Due,
    /// Not before the session's offers are decided.
    OnOffer,
}

impl Matchmaker {
    /// Adds `count` tickets at `now` to the end of a queue, numbered from
    /// `first.serial`, and owes their session an answer (also for none). It
    /// must not be owed one already.
    pub fn enqueue(&mut self, user: UserKey, first: Ticket, count: u32, side: Side, now: Time) {
        for serial in first.serial..first.serial + count {
            let ticket = Ticket {
                session: first.session,
                serial,
            };
            let key = self.crowd.add(user, ticket, side, now);
            let crowd = &mut self.crowd;
            let cell = self.queues[side.queue()].push(key, |key, cell| crowd.moved(key, cell));
            crowd.moved(key, cell);
            self.walkers.push_back(key);
        }
        self.vain.clear();
        self.due.push_back(first.session);
        if let Some(waiter) = self.crowd.waiter_mut(first.session) {
            waiter.answer = Answer::Due;
        }
        self.telling.changed();
    }

    /// Takes a ticket out. One that is not here has been dropped before.
    pub fn withdraw(&mut self, ticket: Ticket) {
        if let Some(key) = self.crowd.key(ticket) {
            self.drop_entry(key, false);
        }
    }

    /// The next two who are to meet, and in which queue the first stands. Ask until there is none: then no two wait
    /// here who are known to be allowed to.
    pub fn next_offer(&mut self) -> Option<(Offer, Side)> {
        while let Some(walker) = self.walkers.pop_front() {
            let entry = self.crowd.entry(walker);
            if entry.on_offer {
                continue;
            }
            let (a, side) = (self.crowd.ticket(walker), entry.side);
            if self.vain.contains(&a.session) {
                continue;
            }
            let Some(partner) = self.first_match(a, side) else {
                self.vain.insert(a.session);
                continue;
            };
            return Some((self.offer(walker, partner), side));
        }
        self.vain.clear();
        None
    }

    /// The two of an offer talk: both tickets leave their queues.
    pub fn settled(&mut self, a: Ticket, b: Ticket) {
        for ticket in [a, b] {
            if let Some(key) = self.crowd.key(ticket) {
                self.drop_entry(key, true);
            }
        }
        self.keep_apart(a.session, b.session, Time::NEVER);
    }

    /// An offer came to nothing.
    pub fn declined(&mut self, a: Ticket, b: Ticket, why: Decline) {
        match why {
            Decline::StaleA => self.withdraw(a),
            Decline::StaleB => self.withdraw(b),
            Decline::NotBefore(until) => self.keep_apart(a.session, b.session, until),
        }
        let (mut freed, mut others) = (Vec::new(), Vec::new());
        for ticket in [a, b] {
            if let Some(key) = self.crowd.key(ticket) {
                self.crowd.take_back(key);
                let side = self.crowd.entry(key).side.queue();
                self.taken[side] = self.taken[side].min(self.place_of(key) - 1);
                self.decided(ticket.session);
                freed.extend(self.crowd.of(ticket.session));
            } else {
                others.extend(self.crowd.of(ticket.session));
            }
        }
        self.telling.changed();
        // The others of the two may have stepped over each other meanwhile.
        self.look_again(freed);
        self.look_again(others);
    }

    /// The talk of these two has ended; they may meet from `until` on.
    pub fn parted(&mut self, a: SessionId, b: SessionId, until: Time) {
        if self.apart.contains(a, b) {
            self.keep_apart(a, b, until);
        }
    }

    /// This session may meet this user from then on, as far as a block goes.
    pub fn lifted(&mut self, session: SessionId, user: UserKey, at: Time) {
        let others = self.apart.others(session).iter().copied();
        let is = |other: &SessionId| {
            self.crowd
                .waiter(*other)
                .is_some_and(|own| own.user == user)
        };
        let others: Vec<SessionId> = others.filter(is).collect();
        for other in others {
            self.keep_apart(session, other, at);
        }
    }

    /// Moves the best-placed ticket of a session forward by at most `draw`
    /// places, not beyond `floor`. `None` if it has none.
    pub fn pass(&mut self, session: SessionId, draw: u64, floor: u64) -> Option<Jump> {
        debug_assert!(draw <= PASS_PLACES);
        let best = self.best(session)?;
        let side = self.crowd.entry(best).side.queue();
        let from = self.place_of(best);
        let by = draw.min(from.saturating_sub(floor.max(1)));
        let crowd = &mut self.crowd;
        self.queues[side].jump(from, by, |key, cell| crowd.moved(key, cell));
        let taken = &mut self.taken[side];
        *taken = (*taken).min(from - by - 1);
        crowd.owner(best).know(from - by);
        self.telling.changed();
        Some(Jump { from, by })
    }

    /// The best place of a session.
    #[must_use]
    pub fn place(&self, session: SessionId) -> Option<u64> {
        Some(self.place_of(self.best(session)?))
    }

    /// The next answer that a join or next is owed, once nothing of its
    /// session is on offer any more: its best place, if it still waits.
    pub fn next_answer(&mut self, now: Time) -> Option<(SessionId, Option<u64>)> {
        if !self.walkers.is_empty() {
            return None;
        }
        while let Some(session) = self.due.pop_front() {
            let (place, on_offer) = (self.place(session), self.crowd.is_on_offer(session));
            if let (Some(waiter), Some(place)) = (self.crowd.waiter_mut(session), place) {
                if on_offer {
                    waiter.answer = Answer::OnOffer;
                    continue;
                }
                waiter.answer = Answer::Given;
                waiter.tell(place, now);
            }
            return Some((session, place));
        }
        None
    }

    /// Slots that wait in a queue.
    #[must_use]
    pub fn waiting(&self, side: Side) -> usize {
        self.queues[side.queue()].len()
    }

    /// Since when the longest-waiting of those at the front of a queue has
    /// waited, in whole seconds. Farther back nobody has waited for much longer:
    /// a jump is short.
    #[must_use]
    pub fn oldest(&self, side: Side) -> Option<u32> {
        let mut oldest: Option<u32> = None;
        self.queues[side.queue()].walk(1, NEAR_PLACES, |_, key| {
            let since = self.crowd.entry(key).since;
            oldest = Some(oldest.map_or(since, |oldest| oldest.min(since)));
        });
        oldest
    }

    /// When [`expire`](Self::expire) or [`tell`](Self::tell) has something to
    /// do.
    #[must_use]
    pub fn deadline(&self) -> Time {
        let waiting = self.queues.iter().map(Places::len).max().unwrap_or(0);
        self.apart.deadline().min(self.telling.deadline(waiting))
    }

    /// Pairs whose time apart is over may meet again.
    pub fn expire(&mut self, now: Time) {
        let mut tickets = Vec::new();
        while let Some((a, b)) = self.apart.expired(now) {
            tickets.extend(self.crowd.of(a).chain(self.crowd.of(b)));
        }
        self.look_again(tickets);
    }

    /// Whom to tell a new place, as the contract's `wait` has it.
    pub fn tell(&mut self, now: Time, mut told: impl FnMut(Ticket, u64)) {
        let Matchmaker {
            queues,
            crowd,
            telling,
            ..
        } = self;
        telling.turn(now, queues, |place, key: Key, near| {
            // A ticket on offer may be no slot's any more: its home would not
            // tell. It is looked at again when the offer is decided.
            let on_offer = crowd.entry(key).on_offer;
            let waiter = crowd.owner(key);
            if waiter.first != Some(key) || on_offer || waiter.answer != Answer::Given {
                return None;
            }
            let again = waiter.look(place, now, near);
            if again == Some(now) {
                told(crowd.ticket(key), place);
            }
            again
        });
    }

    /// Checks what must hold between the tables.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn invariants(&self) {
        for queue in &self.queues {
            queue.invariants();
        }
        self.crowd.invariants();
        let queued: usize = self.queues.iter().map(Places::len).sum();
        assert_eq!(queued, self.crowd.len(), "each ticket stands in one queue");
        for (index, queue) in self.queues.iter().enumerate() {
            assert!(self.taken[index] <= queue.len() as u64);
            queue.walk(1, u64::MAX, |place, key| {
                let entry = self.crowd.entry(key);
                assert_eq!(
                    (entry.side.queue(), queue.place(entry.cell)),
                    (index, place)
                );
                assert!(entry.on_offer || place > self.taken[index]);
                let session = self.crowd.ticket(key).session;
                let waiter = self.crowd.waiter(session).expect("it has a ticket");
                assert!(match waiter.answer {
                    Answer::Given => !self.due.contains(&session),
                    Answer::Due => self.due.contains(&session),
                    Answer::OnOffer => self.crowd.is_on_offer(session),
                });
            });
        }
    }

    /// The tickets of a queue, by place.
    #[cfg(any(test, feature = "sim"))]
    pub(crate) fn queue(&self, side: Side) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        self.queues[side.queue()].walk(1, u64::MAX, |_, key| {
            tickets.push(self.crowd.ticket(key));
        });
        tickets
    }

    fn first_match(&mut self, a: Ticket, side: Side) -> Option<Key> {
        let opposite = side.opposite().queue();
        let asked: Vec<SessionId> = self.crowd.offered_to(a.session).collect();
        for place in self.taken[opposite] + 1..=self.queues[opposite].len() as u64 {
            let key = self.queues[opposite]
                .get(place)
                .expect("every place up to the length is taken");
            let other = self.crowd.ticket(key).session;
            if self.crowd.entry(key).on_offer {
                self.taken[opposite] += u64::from(self.taken[opposite] + 1 == place);
            } else if other != a.session
                && !asked.contains(&other)
                && !self.apart.contains(a.session, other)
            {
                return Some(key);
            }
        }
        None
    }

    fn offer(&mut self, a: Key, b: Key) -> Offer {
        let tickets = [a, b].map(|key| self.crowd.ticket(key));
        let [a_user, b_user] = [a, b].map(|key| self.crowd.owner(key).user);
        self.crowd.offer(a, tickets[1].session);
        self.crowd.offer(b, tickets[0].session);
        let [a, b] = tickets;
        Offer {
            a,
            b,
            a_user,
            b_user,
        }
    }

    /// These may have somebody to meet that they had not; the longest-waiting
    /// look first.
    fn look_again(&mut self, mut tickets: Vec<Key>) {
        tickets.sort_by_cached_key(|&key| {
            let side = self.crowd.entry(key).side.queue();
            (side, self.place_of(key))
        });
        tickets.dedup();
        self.walkers.extend(tickets);
        self.vain.clear();
    }

    fn keep_apart(&mut self, a: SessionId, b: SessionId, until: Time) {
        if self.crowd.waiter(a).is_some() && self.crowd.waiter(b).is_some() {
            self.apart.keep(a, b, until);
        }
    }

    fn drop_entry(&mut self, key: Key, matched: bool) {
        let entry = self.crowd.entry(key);
        let (side, cell) = (entry.side.queue(), entry.cell);
        let taken = &mut self.taken[side];
        if *taken > 0 && *taken >= self.queues[side].place(cell) {
            *taken -= 1;
        }
        self.queues[side].remove(cell);
        self.walkers.retain(|&walker| walker != key);
        let waiter = self.crowd.owner(key);
        let session = waiter.session;
        waiter.lost_better |= matched && waiter.first == Some(key);
        self.crowd.remove(key);
        self.decided(session);
        if self.best(session).is_none() {
            self.crowd.let_go(session);
            self.apart.gone(session);
        }
        self.telling.changed();
    }

    /// One offer less for a session: it may be due an answer.
    fn decided(&mut self, session: SessionId) {
        if let Some(waiter) = self.crowd.waiter_mut(session)
            && waiter.answer == Answer::OnOffer
        {
            waiter.answer = Answer::Due;
            self.due.push_back(session);
        }
    }

    fn best(&self, session: SessionId) -> Option<Key> {
        self.crowd.waiter(session)?.first
    }

    fn place_of(&self, key: Key) -> u64 {
        let entry = self.crowd.entry(key);
        self.queues[entry.side.queue()].place(entry.cell)
    }
}

#[cfg(test)]
mod tests;
