//! The ring on the real kernel.

mod faults;
mod lifecycle;
mod starting;
mod traffic;
mod waking;

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::{Completion, Key, Lease, Outcome, Ring, Setup};

const A_WHILE: Duration = Duration::from_secs(5);

/// Small, so that tests run into its ends.
const SMALL: Setup = Setup {
    sq_entries: 8,
    cq_entries_max: 64,
    cq_entries_min: 64,
    buffers: 4,
    buffer_bytes: 64,
};

const ROOMY: Setup = Setup {
    sq_entries: 64,
    cq_entries_max: 1024,
    cq_entries_min: 1024,
    buffers: 64,
    buffer_bytes: 2048,
};

/// Turns until `look` is content.
fn run(ring: &mut Ring, mut look: impl FnMut(&mut Ring, Completion) -> bool) {
    let give_up = Instant::now() + A_WHILE;
    loop {
        assert!(Instant::now() < give_up, "nothing more came");
        ring.turn(Some(Duration::from_millis(100))).unwrap();
        while let Some(done) = ring.pop() {
            if look(ring, done) {
                return;
            }
        }
    }
}

/// Turns until nothing is in flight.
fn run_dry(ring: &mut Ring, mut look: impl FnMut(&mut Ring, Completion)) {
    run(ring, |ring, done| {
        look(ring, done);
        ring.in_flight() == 0
    });
}

/// Both ends of a connection.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

/// Bytes that tell of a wrong order.
fn pattern(len: usize) -> Vec<u8> {
    (0..len)
        .map(|at| u8::try_from((at ^ at >> 8 ^ at >> 16) & 0xff).unwrap())
        .collect()
}
