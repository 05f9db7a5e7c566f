//! A few short worlds; tests/sim.rs lives through many long ones.

use crate::sim::live;

#[test]
fn short_worlds_keep_every_promise() {
    for seed in 0..40 {
        if let Err(failure) = live(seed, 1_000) {
            panic!("{failure}");
        }
    }
}
