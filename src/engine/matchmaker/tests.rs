//! Sentences of the contract about queues, one at a time.

mod model;
mod telling;

use super::*;
use crate::engine::ids::CoreId;
use crate::engine::profile::Keyring;

const SECOND: u64 = 1_000_000_000;

fn session(n: u32) -> SessionId {
    SessionId {
        core: CoreId(0),
        slot: n,
        generation: 1,
    }
}

fn ticket(n: u32, serial: u32) -> Ticket {
    Ticket {
        session: session(n),
        serial,
    }
}

fn at(seconds: u64) -> Time {
    Time(seconds * SECOND)
}

/// A matchmaker that is told what a test has to say, briefly.
#[derive(Default)]
struct Desk(Matchmaker, Time);

impl Desk {
    /// A session's tickets, from `serial` on, and the offers that follow.
    fn enqueue(&mut self, n: u32, serial: u32, count: u32, side: Side) -> Vec<(Ticket, Ticket)> {
        self.queue_up(n, serial, count, side);
        self.offers()
    }

    fn queue_up(&mut self, n: u32, serial: u32, count: u32, side: Side) {
        let user = Keyring::new((1, 2)).key(&n.to_string());
        self.0.enqueue(user, ticket(n, serial), count, side, self.1);
    }

    /// Every offer that can be made now.
    fn offers(&mut self) -> Vec<(Ticket, Ticket)> {
        let offers = std::iter::from_fn(|| self.0.next_offer());
        let offers = offers.map(|(offer, _)| (offer.a, offer.b)).collect();
        self.0.invariants();
        offers
    }

    fn answers(&mut self, now: Time) -> Vec<(SessionId, Option<u64>)> {
        std::iter::from_fn(|| self.0.next_answer(now)).collect()
    }

    fn told(&mut self, now: Time) -> Vec<(Ticket, u64)> {
        let mut told = Vec::new();
        self.0.tell(now, |ticket, place| told.push((ticket, place)));
        told
    }
}

#[test]
fn the_longest_waiting_meet_first() {
    let mut desk = Desk::default();
    for n in 1..=3 {
        assert_eq!(desk.enqueue(n, 0, 1, Side::FM), []);
    }
    assert_eq!(
        desk.enqueue(8, 0, 2, Side::MF),
        [(ticket(8, 0), ticket(1, 0)), (ticket(8, 1), ticket(2, 0))]
    );
    let place = desk.0.place(session(3));
    assert_eq!(place, Some(3), "places are kept until settled");
    desk.0.settled(ticket(8, 0), ticket(1, 0));
    assert_eq!(desk.0.place(session(3)), Some(2));
}

#[test]
fn one_of_a_kind_meets_its_own_kind_but_not_itself() {
    let mut desk = Desk::default();
    assert_eq!(desk.enqueue(1, 0, 3, Side::MM), []);
    assert_eq!(
        desk.enqueue(2, 0, 1, Side::MM),
        [(ticket(2, 0), ticket(1, 0))]
    );
}

#[test]
fn two_are_never_on_offer_to_each_other_twice() {
    let mut desk = Desk::default();
    desk.enqueue(1, 0, 2, Side::FM);
    let first = desk.enqueue(2, 0, 1, Side::MF);
    assert_eq!(first, [(ticket(2, 0), ticket(1, 0))]);
    let second = desk.enqueue(2, 1, 1, Side::MF);
    assert_eq!(second, [], "their first talk is being made");
    desk.0.settled(ticket(2, 0), ticket(1, 0));
    assert_eq!(desk.offers(), [], "they talk");
    desk.0.parted(session(1), session(2), at(10));
    desk.0.expire(at(10));
    assert_eq!(desk.offers().len(), 1, "their time apart is over");
}

#[test]
fn who_stepped_over_an_offer_looks_again_when_it_fails() {
    let mut desk = Desk::default();
    desk.enqueue(1, 0, 1, Side::FM);
    desk.enqueue(2, 0, 1, Side::MF);
    assert_eq!(desk.enqueue(1, 1, 1, Side::FM), []);
    assert_eq!(desk.enqueue(2, 1, 1, Side::MF), []);
    desk.0.withdraw(ticket(2, 0));
    desk.0.declined(ticket(2, 0), ticket(1, 0), Decline::StaleA);
    assert_eq!(desk.offers(), [(ticket(1, 0), ticket(2, 1))]);
}

#[test]
fn slots_that_looked_in_vain_find_who_comes() {
    let mut desk = Desk::default();
    desk.enqueue(1, 0, 3, Side::FM);
    let offers = desk.enqueue(2, 0, 3, Side::MF);
    assert_eq!(offers, [(ticket(2, 0), ticket(1, 0))]);
    let why = Decline::NotBefore(at(10));
    desk.0.declined(ticket(2, 0), ticket(1, 0), why);
    assert_eq!(desk.0.next_offer(), None);
    assert_eq!(
        desk.enqueue(3, 0, 1, Side::FM),
        [(ticket(3, 0), ticket(2, 0))]
    );
    desk.0.expire(at(10));
    assert_eq!(desk.offers(), [(ticket(1, 0), ticket(2, 1))]);
}

#[test]
fn those_whose_time_apart_ends_together_meet_in_their_order() {
    let mut desk = Desk::default();
    for n in [5, 4, 3] {
        desk.enqueue(n, 0, 1, Side::FM);
    }
    for _ in 0..3 {
        let offers = match desk.0.waiting(Side::MF) {
            0 => desk.enqueue(9, 0, 1, Side::MF),
            _ => desk.offers(),
        };
        let [(a, b)] = offers[..] else {
            panic!("one offer: {offers:?}");
        };
        desk.0.declined(a, b, Decline::NotBefore(at(10)));
    }
    assert_eq!(desk.offers(), []);
    assert_eq!(desk.0.deadline(), Time(0), "places are to be told");
    desk.told(at(1));
    assert_eq!(desk.0.deadline(), at(10));
    desk.0.expire(at(10));
    assert_eq!(desk.offers(), [(ticket(5, 0), ticket(9, 0))]);
}

#[test]
fn the_oldest_wait_is_told_whoever_jumps() {
    let mut desk = Desk::default();
    assert_eq!(desk.0.oldest(Side::MM), None);
    for n in 0..30 {
        desk.1 = at(100 + u64::from(n));
        // All of them want somebody who never comes.
        desk.queue_up(n, 0, 1, Side::FM);
    }
    assert_eq!(desk.0.oldest(Side::FM), Some(100));
    desk.0.pass(session(5), 10, 1);
    assert_eq!(desk.0.oldest(Side::FM), Some(100), "it is overtaken");
    desk.0.withdraw(ticket(0, 0));
    assert_eq!(desk.0.oldest(Side::FM), Some(101));
    assert_eq!(desk.0.oldest(Side::MF), None);
    desk.1 = at(500);
    desk.enqueue(99, 0, 1, Side::MF);
    assert_eq!(desk.0.oldest(Side::MF), Some(500));
}
