//! The HTTP port's shape, from the outside: paths, methods, bodies, limits, and
//! the errors that belong to no operation.

pub mod rig;

use std::thread;
use std::time::{Duration, Instant};

#[path = "http/bodies.rs"]
mod bodies;
#[path = "http/connections.rs"]
mod connections;
#[path = "http/shape.rs"]
mod shape;

/// Waits until it is so.
#[track_caller]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + rig::PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "it never is");
        thread::sleep(Duration::from_millis(20));
    }
}
