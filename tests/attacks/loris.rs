//! Lines that do not end.

use std::thread;
use std::time::Duration;

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Server, Setup};

const MANY: usize = 400;

/// Few receive buffers: else what counts is how many of them were ever used.
fn small(cores: usize) -> Setup {
    Setup::new(cores)
        .set("test_mode", true)
        .set("test.ring_buffers", 256)
        .set("test.ring_buffer_size", "2KiB")
        .set("max_rate", 0)
}

/// So many connections, and every receive buffer was used before.
fn connected(server: &Server) -> Vec<Handset> {
    let mut handsets: Vec<_> = (0..MANY).map(|_| Handset::connect(server)).collect();
    for _ in 0..4 {
        handsets.iter_mut().for_each(expect_alive);
    }
    handsets
}

/// Everything that was sent has been received: what comes behind it on another
/// connection has been answered, on every core.
fn settle(server: &Server) {
    for _ in 0..16 {
        expect_alive(&mut Handset::connect(server));
    }
    thread::sleep(Duration::from_millis(200));
}

/// What a connection costs more than before.
#[track_caller]
fn expect_each(server: &Server, before: u64, most: usize) {
    settle(server);
    let more = server.resident().saturating_sub(before);
    let each = usize::try_from(more).expect("a size") / MANY;
    assert!(each <= most, "{each} bytes a connection, at most {most}");
}

#[test]
fn half_a_line_costs_no_whole_buffer() {
    rig::both(|cores| {
        let server = small(cores).start();
        let mut handsets = connected(&server);
        let before = server.resident();
        let half = b"1#{\"userId\":\"half a line\",";
        for handset in &mut handsets {
            handset.send_bytes(&half[..1]);
        }
        expect_each(&server, before, 300);
        for handset in &mut handsets {
            handset.send_bytes(&half[1..]);
        }
        expect_each(&server, before, 400);
        // They are what they were: half lines of live connections.
        for handset in &mut handsets {
            handset.send_line("");
            handset.expect_error("bad_json");
        }
    });
}

#[test]
fn a_long_line_leaves_no_long_buffer_behind() {
    rig::both(|cores| {
        let server = small(cores).start();
        let mut handsets = connected(&server);
        let before = server.resident();
        // One after the other: the memory of one is there for the next.
        for handset in &mut handsets {
            handset.send_bytes(&[b'x'; 4000]);
            handset.send_bytes(&[b'x'; 4000]);
            handset.send_line("");
            handset.expect_error("bad_frame");
            handset.send_bytes(b"1");
        }
        expect_each(&server, before, 700);
    });
}

#[test]
fn one_byte_at_a_time_holds_nobody_up_and_ends_in_time() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("join_timeout", "800ms").start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut slow: Vec<_> = (0..50).map(|_| Handset::connect(&server)).collect();
        let line = b"1#{\"userId\":\"loris\",\"gender\":\"F\",\"findGender\":\"M\"";
        for (n, byte) in line.iter().cycle().take(60).enumerate() {
            for handset in &mut slow {
                // Closed on the way.
                let _ = handset.try_send(&[*byte]);
            }
            ann.talk("bob", &n.to_string());
            bob.expect_said("ann", &n.to_string());
            thread::sleep(Duration::from_millis(20));
        }
        slow.iter_mut().for_each(Handset::expect_closed);
        server.wait_metric("pairline_sessions", 2.0);
        waiting(&server, "eve");
    });
}
