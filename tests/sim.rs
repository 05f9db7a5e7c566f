//! Many long worlds: each seed lives through 20,000 steps, whatever the order
//! in which its shards, lanes and handsets have their turn.
//!
//! `PAIRLINE_WORLDS=17` replays a seed, `PAIRLINE_WORLDS=0..5000` lives
//! through more of them; `tools/soak sim` goes on for as long as it is asked.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use pairline::sim::live;

const WORLDS: Range<u64> = 0..200;
const STEPS: u64 = 20_000;

#[test]
fn every_world_keeps_every_promise() {
    let worlds = worlds();
    let next = AtomicU64::new(worlds.start);
    let live_on = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= worlds.end {
                return;
            }
            if let Err(failure) = live(seed, STEPS) {
                next.store(worlds.end, Ordering::Relaxed);
                panic!("{failure}");
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(live_on);
        }
    });
}

/// What is said is mostly heard: the worlds are no empty ones.
#[test]
fn a_world_is_busy_and_lives_the_same_life_again() {
    let [first, again] = [4, 4].map(|seed| live(seed, 5_000).expect("a good world"));
    assert_eq!(first, again);
    assert!(first.said > 200, "{first:?}");
    assert!(first.delivered * 2 > first.said, "{first:?}");
    assert_ne!(first, live(3, 5_000).expect("a good world"));
}

fn worlds() -> Range<u64> {
    let Ok(worlds) = std::env::var("PAIRLINE_WORLDS") else {
        return WORLDS;
    };
    let number = |text: &str| text.parse::<u64>().expect("a seed");
    match worlds.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => number(&worlds)..number(&worlds) + 1,
    }
}
