//! Sessions on several cores, in the simulator's worlds.

use crate::sim;

/// People type whatever they like: see [`sim::typed`].
pub fn session(data: &[u8]) {
    sim::typed(data);
}

/// Handsets act as handsets do, in any order: see [`sim::live_by`].
pub fn world(data: &[u8]) {
    let sums = sim::live_by(data);
    assert!(sums.delivered <= sums.said, "{sums:?}");
}
