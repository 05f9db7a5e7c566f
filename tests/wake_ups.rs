//! No wake-up is lost: in whatever order the threads of a small mesh act, and
//! however late one sees what another wrote, who sleeps is woken for its notes.
//!
//! These are the mesh's own files, built on the atomics of a model. It runs
//! each test again and again until every order has been tried in which threads
//! are interrupted up to [`INTERRUPTED`] times; if all sleep, it fails.

#[path = "../src/mesh/connect.rs"]
pub mod connect;
#[path = "../src/mesh/inbox.rs"]
pub mod inbox;
#[path = "../src/mesh/parking.rs"]
pub mod parking;
#[path = "../src/mesh/port.rs"]
pub mod port;
#[path = "wake_ups/sync.rs"]
pub mod sync;

// The mesh names it as its own crate's.
use pairline::engine;

use std::sync::Arc;

use loom::model::Builder;
use loom::sync::Notify;
use loom::thread;

use connect::{End, connect};
use engine::ids::CoreId;
use inbox::{Inbox, Wake};
use port::Port;

const INTERRUPTED: usize = 3;
const FIRST: CoreId = CoreId(0);
const SECOND: CoreId = CoreId(1);

/// A core, with doorbells in place of a ring's: what rings is remembered until
/// it is heard.
struct Core {
    port: Port<u32>,
    bells: Arc<[Notify]>,
}

impl Core {
    /// What a turn ends with.
    fn publish(&mut self) {
        let bells = &self.bells;
        self.port.flush(|to| bells[usize::from(to.0)].notify());
    }

    fn say(&mut self, to: CoreId, note: u32) {
        self.port.send(to, note);
        self.publish();
    }

    /// Takes notes, and sleeps between them, until it has so many.
    fn hear(&mut self, many: usize) -> Vec<u32> {
        let mut heard = Vec::new();
        loop {
            while let Some((_, note)) = self.port.receive() {
                heard.push(note);
            }
            if heard.len() >= many {
                return heard;
            }
            if self.port.park() {
                self.bells[usize::from(self.port.core().0)].wait();
            }
            self.port.unpark();
        }
    }
}

/// Two cores, and the way into the second one from outside.
fn two(lane_notes: usize) -> (Core, Core, Inbox<u32>) {
    let bells: Arc<[Notify]> = (0..2).map(|_| Notify::new()).collect();
    let wakes = (0..2).map(|core| {
        let bells = Arc::clone(&bells);
        Box::new(move || bells[core].notify()) as Wake
    });
    let mut ends = connect(wakes.collect(), lane_notes);
    let mut core = || {
        let End { port, inbox } = ends.pop().expect("two ends");
        let bells = Arc::clone(&bells);
        (Core { port, bells }, inbox)
    };
    let (second, inbox) = core();
    let (first, _) = core();
    (first, second, inbox)
}

fn in_any_order(check: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(INTERRUPTED);
    builder.check(check);
}

fn a_core_wakes_another() {
    in_any_order(|| {
        let (mut first, mut second, _) = two(4);
        let sender = thread::spawn(move || {
            first.say(SECOND, 1);
            first
        });
        assert_eq!(second.hear(1), [1]);
        sender.join().expect("it does not panic");
    });
}

#[test]
fn a_core_that_sleeps_is_woken_by_another() {
    a_core_wakes_another();
}

/// The model sees what it is there for.
#[test]
#[should_panic(expected = "deadlock")]
fn without_fences_it_would_sleep_for_ever() {
    sync::tear_fences_down();
    a_core_wakes_another();
}

#[test]
fn a_core_that_sleeps_is_woken_from_outside() {
    in_any_order(|| {
        let (_first, mut second, inbox) = two(4);
        let outsider = thread::spawn(move || inbox.send(1));
        assert_eq!(second.hear(1), [1]);
        outsider.join().unwrap();
    });
}

#[test]
fn two_who_only_wake_each_other_go_on() {
    in_any_order(|| {
        let (mut first, mut second, _) = two(4);
        let other = thread::spawn(move || {
            assert_eq!(first.hear(1), [1]);
            first.say(SECOND, 2);
            first
        });
        second.say(FIRST, 1);
        assert_eq!(second.hear(1), [2]);
        other.join().unwrap();
    });
}

#[test]
fn a_core_and_an_outsider_at_once_are_both_heard() {
    in_any_order(|| {
        let (mut first, mut second, inbox) = two(4);
        let sender = thread::spawn(move || {
            first.say(SECOND, 1);
            first
        });
        let outsider = thread::spawn(move || inbox.send(2));
        let mut heard = second.hear(2);
        heard.sort_unstable();
        assert_eq!(heard, [1, 2]);
        sender.join().unwrap();
        outsider.join().unwrap();
    });
}

#[test]
fn what_did_not_fit_comes_later_and_in_order() {
    in_any_order(|| {
        let (mut first, mut second, _) = two(1);
        let sender = thread::spawn(move || {
            first.port.send(SECOND, 1);
            first.say(SECOND, 2);
            // With more to say a core does not sleep.
            while first.port.waiting() > 0 {
                assert!(!first.port.park());
                thread::yield_now();
                first.publish();
            }
            first
        });
        assert_eq!(second.hear(2), [1, 2]);
        sender.join().unwrap();
    });
}
