//! Lanes and sleep, alone and between threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::parking::{Parking, published};
use super::*;
use crate::engine::ids::CoreId;

const FIRST: CoreId = CoreId(0);
const SECOND: CoreId = CoreId(1);

fn silent(cores: usize) -> Vec<Wake> {
    (0..cores).map(|_| Box::new(|| ()) as Wake).collect()
}

fn two(lane_notes: usize) -> (End<u32>, End<u32>) {
    let mut ends = connect(silent(2), lane_notes);
    let second = ends.pop().unwrap();
    (ends.pop().unwrap(), second)
}

fn nobody(core: CoreId) {
    panic!("{core:?} is awake");
}

fn drain(port: &mut Port<u32>) -> Vec<(Option<CoreId>, u32)> {
    std::iter::from_fn(|| port.receive()).collect()
}

#[test]
fn notes_arrive_only_after_the_flush_and_in_order() {
    let (mut a, mut b) = two(8);
    for note in 0..5 {
        a.port.send(SECOND, note);
    }
    assert!(b.port.receive().is_none());
    assert!(b.port.is_empty() && !a.port.is_empty());
    a.port.flush(nobody);
    assert!(!b.port.is_empty() && a.port.is_empty());
    let expected: Vec<_> = (0..5).map(|note| (Some(FIRST), note)).collect();
    assert_eq!(drain(&mut b.port), expected);
    assert!(a.port.receive().is_none());
}

#[test]
fn a_core_can_send_to_itself_without_waking_itself() {
    let (mut a, _b) = two(8);
    assert!(a.port.park());
    a.port.send(FIRST, 7);
    a.port.flush(nobody);
    assert_eq!(drain(&mut a.port), [(Some(FIRST), 7)]);
}

#[test]
fn a_full_lane_keeps_the_rest_in_order_and_lets_other_lanes_pass() {
    let mut ends = connect::<u32>(silent(3), 2);
    let mut third = ends.pop().unwrap().port;
    let mut second = ends.pop().unwrap().port;
    let mut first = ends.pop().unwrap().port;
    for note in 0..5 {
        first.send(SECOND, note);
    }
    first.send(CoreId(2), 100);
    first.flush(nobody);
    assert!(first.overflowing());
    assert_eq!(first.waiting(), 3);
    assert!(!first.park(), "what waits is work");
    assert_eq!(drain(&mut third), [(Some(FIRST), 100)]);
    // A later note does not pass those that wait, even if there is room now.
    assert_eq!(second.receive(), Some((Some(FIRST), 0)));
    first.send(SECOND, 5);
    let mut got = Vec::new();
    while first.waiting() > 0 || !second.is_empty() {
        first.flush(nobody);
        got.extend(drain(&mut second).into_iter().map(|(_, note)| note));
    }
    assert_eq!(got, [1, 2, 3, 4, 5]);
    assert!(!first.overflowing());
}

#[test]
fn nothing_waits_for_a_core_that_has_ended() {
    let (mut a, b) = two(1);
    for note in 0..3 {
        a.port.send(CoreId(1), note);
    }
    a.port.flush(nobody);
    assert!(a.port.overflowing());
    drop(b);
    a.port.flush(nobody);
    assert!(!a.port.overflowing() && a.port.is_empty());
    assert!(a.port.park(), "it may sleep, and end");
}

#[test]
fn a_flooded_lane_does_not_starve_the_others() {
    let mut ends = connect::<u32>(silent(3), 10_000);
    let mut third = ends.pop().unwrap();
    let mut second = ends.pop().unwrap().port;
    let mut first = ends.pop().unwrap().port;
    for note in 0..5_000 {
        first.send(CoreId(2), note);
    }
    second.send(CoreId(2), 1);
    first.flush(nobody);
    second.flush(nobody);
    third.inbox.send(2);
    let round = drain(&mut third.port);
    assert!(round.len() < 1_000, "a round is bounded");
    assert!(round.contains(&(Some(SECOND), 1)));
    assert!(round.contains(&(None, 2)));
    assert!(!third.port.park(), "the flood is not over");
    let mut rest = 0;
    while !third.port.is_empty() {
        rest += drain(&mut third.port).len();
    }
    assert_eq!(round.len() + rest, 5_002);
}

#[test]
fn a_sleeper_is_named_once_and_to_one_sender() {
    let mut ends = connect::<u32>(silent(3), 8);
    let mut third = ends.pop().unwrap().port;
    let mut second = ends.pop().unwrap().port;
    let first = ends.pop().unwrap().port;
    let mut woken = Vec::new();
    assert!(first.park());
    second.send(FIRST, 1);
    second.flush(|core| woken.push(core));
    third.send(FIRST, 2);
    third.flush(|core| woken.push(core));
    assert_eq!(woken, [FIRST]);
    assert!(!first.park(), "there is work");
    third.send(FIRST, 3);
    third.flush(nobody);
}

#[test]
fn an_unparked_core_is_not_woken() {
    let (mut a, b) = two(8);
    assert!(b.port.park());
    b.port.unpark();
    a.port.send(SECOND, 1);
    a.port.flush(nobody);
}

#[test]
fn an_inbox_wakes_a_sleeper_and_only_a_sleeper() {
    let count = Arc::new(AtomicUsize::new(0));
    let wakes = Arc::clone(&count);
    let wake: Wake = Box::new(move || {
        wakes.fetch_add(1, Ordering::Relaxed);
    });
    let mut end = connect::<u32>(vec![wake], 8).pop().unwrap();
    end.inbox.send(1);
    assert_eq!(count.load(Ordering::Relaxed), 0);
    assert!(!end.port.park());
    assert_eq!(drain(&mut end.port), [(None, 1)]);
    assert!(end.port.park());
    end.inbox.clone().send(2);
    end.inbox.send(3);
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert_eq!(drain(&mut end.port), [(None, 2), (None, 3)]);
}

/// A note of the races below: how many of its sender's went before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbered(u32);

/// What the threads of a race know of each other.
struct Race {
    threads: Vec<OnceLock<Thread>>,
    rung: Vec<AtomicBool>,
    sleeps: AtomicUsize,
}

impl Race {
    fn new(cores: usize) -> Arc<Race> {
        Arc::new(Race {
            threads: (0..cores).map(|_| OnceLock::new()).collect(),
            rung: (0..cores).map(|_| AtomicBool::new(false)).collect(),
            sleeps: AtomicUsize::new(0),
        })
    }

    /// In place of a ring's doorbell: remembered until heard.
    fn ring(&self, core: usize) {
        self.rung[core].store(true, Ordering::Release);
        if let Some(thread) = self.threads[core].get() {
            thread.unpark();
        }
    }

    /// Sleeps until rung; a wake-up that was lost ends the test.
    fn sleep(&self, core: usize) {
        let give_up = Instant::now() + Duration::from_secs(10);
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        while !self.rung[core].swap(false, Ordering::Acquire) {
            assert!(Instant::now() < give_up, "core {core} was never woken");
            thread::park_timeout(Duration::from_secs(1));
        }
    }

    fn connect(self: &Arc<Self>, cores: usize, lane_notes: usize) -> Vec<End<Numbered>> {
        let wakes = (0..cores)
            .map(|core| {
                let race = Arc::clone(self);
                Box::new(move || race.ring(core)) as Wake
            })
            .collect();
        connect(wakes, lane_notes)
    }
}

/// Each core sends `notes` to each other one, `burst` a turn, and takes as many
/// from each and from one thread outside, asleep whenever it may be.
fn race(cores: usize, lane_notes: usize, notes: u32, burst: u32) -> usize {
    let race = Race::new(cores);
    let ends = race.connect(cores, lane_notes);
    thread::scope(|scope| {
        for (core, end) in ends.into_iter().enumerate() {
            let (race, inbox) = (&*race, end.inbox);
            scope.spawn(move || run_core(race, core, end.port, notes, burst));
            scope.spawn(move || (0..notes).for_each(|note| inbox.send(Numbered(note))));
        }
    });
    race.sleeps.load(Ordering::Relaxed)
}

fn run_core(race: &Race, core: usize, mut port: Port<Numbered>, notes: u32, burst: u32) {
    race.threads[core].set(thread::current()).unwrap();
    let cores = port.cores();
    let mut next = vec![0; cores + 1];
    next[core] = notes;
    let mut sent = 0;
    loop {
        while let Some((from, Numbered(note))) = port.receive() {
            let from = from.map_or(cores, |from| usize::from(from.0));
            assert_eq!(note, next[from], "core {core} from {from}");
            next[from] += 1;
        }
        let until = notes.min(sent + burst);
        for note in sent..until {
            for to in (0..cores).filter(|to| *to != core) {
                port.send(CoreId(u16::try_from(to).unwrap()), Numbered(note));
            }
        }
        sent = until;
        port.flush(|to| race.ring(usize::from(to.0)));
        let all_sent = sent == notes;
        if all_sent && port.is_empty() && next.iter().all(|next| *next == notes) {
            return;
        }
        if all_sent && port.park() {
            race.sleep(core);
        }
        port.unpark();
    }
}

#[test]
fn millions_of_notes_keep_their_order() {
    race(4, 256, 100_000, 64);
    race(2, 1024, 300_000, 256);
}

#[test]
fn tiny_lanes_overflow_and_keep_their_order() {
    race(3, 2, 5_000, 50);
}

/// Two cores that only ever act when the other wakes them.
#[test]
fn ping_pong_loses_no_wake_up() {
    const ROUNDS: u32 = 20_000;
    let race = Race::new(2);
    let mut ends = race.connect(2, 2);
    ends[0].inbox.send(Numbered(0));
    thread::scope(|scope| {
        for (core, end) in ends.drain(..).enumerate() {
            let race = &*race;
            scope.spawn(move || {
                let mut port = end.port;
                race.threads[core].set(thread::current()).unwrap();
                let other = CoreId(u16::try_from(1 - core).unwrap());
                let mut last = 0;
                while last < ROUNDS {
                    while let Some((_, Numbered(note))) = port.receive() {
                        last = note + 1;
                        port.send(other, Numbered(last));
                    }
                    port.flush(|to| race.ring(usize::from(to.0)));
                    if last < ROUNDS && port.park() {
                        race.sleep(core);
                    }
                    port.unpark();
                }
            });
        }
    });
    assert!(race.sleeps.load(Ordering::Relaxed) > 0, "nobody ever slept");
}

/// Starts both threads of each round together, as closely as can be.
fn meet(arrived: &AtomicUsize, round: usize) {
    arrived.fetch_add(1, Ordering::AcqRel);
    let mut spins = 0_u32;
    while arrived.load(Ordering::Acquire) < 2 * round {
        spins += 1;
        if spins.is_multiple_of(1000) {
            thread::yield_now();
        }
        std::hint::spin_loop();
    }
}

#[test]
fn a_sleeper_sees_the_work_or_is_seen() {
    const ROUNDS: usize = 20_000;
    let arrived = AtomicUsize::new(0);
    let parking: Vec<_> = (0..ROUNDS).map(|_| Parking::default()).collect();
    let work: Vec<_> = (0..ROUNDS).map(|_| AtomicBool::new(false)).collect();
    let (slept, woken) = thread::scope(|scope| {
        let sleeper = scope.spawn(|| {
            let rounds = (1..).zip(parking.iter().zip(&work));
            rounds
                .map(|(round, (parking, work))| {
                    meet(&arrived, round);
                    parking.park(|| work.load(Ordering::Relaxed))
                })
                .collect::<Vec<_>>()
        });
        let sender = scope.spawn(|| {
            let rounds = (1..).zip(parking.iter().zip(&work));
            rounds
                .map(|(round, (parking, work))| {
                    meet(&arrived, round);
                    work.store(true, Ordering::Relaxed);
                    published();
                    parking.take()
                })
                .collect::<Vec<_>>()
        });
        (sleeper.join().unwrap(), sender.join().unwrap())
    });
    for (round, (slept, woken)) in slept.into_iter().zip(woken).enumerate() {
        assert!(!slept || woken, "round {round} sleeps for ever");
    }
}
