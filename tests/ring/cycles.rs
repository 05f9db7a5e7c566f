//! Connections that come, say something and are killed, over and over, while
//! two go on talking: nobody is told what was another's.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::{env, hint};

use fastrand::Rng;

use crate::rig::{self, Handset, Server, Setup};

const THREADS: usize = 4;
/// Unless this says how many.
const CYCLES: usize = 20_000;
const HOW_MANY: &str = "PAIRLINE_TEST_CYCLES";
/// Bytes that a cycle may leave behind: less than whatever has an address of its
/// own.
const KEPT: u64 = 8;
/// The allocator's own, which grows for the first hundreds of thousands of them.
const SETTLING: u64 = 4_000_000;

#[test]
fn connections_that_come_and_go() {
    let cycles = env::var(HOW_MANY).map_or(CYCLES, |text| text.parse().expect("a number"));
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("max_rate", 0)
            .set("max_per_address", 0)
            .start();
        let before = server.lasting_descriptors();
        let (first, rest) = (cycles / 10, cycles / 2 - cycles / 10);
        come_and_go_beside_a_talk(&server, first);
        let at_rest = server.resident();
        come_and_go_beside_a_talk(&server, rest);
        let grown = server.resident().saturating_sub(at_rest);
        println!(
            "{cores} cores: {} cycles; at rest {at_rest} bytes after {first} of them, then {grown} more",
            first + rest
        );
        assert!(grown <= SETTLING + KEPT * rest as u64, "{grown} bytes more");
        assert_eq!(server.lasting_descriptors(), before);
    });
}

/// So many cycles; then all have gone, and nothing of them is left.
fn come_and_go_beside_a_talk(server: &Server, cycles: usize) {
    let (mut ann, mut bob) = rig::pair(server, "ann", "bob");
    let left = AtomicUsize::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let left = &left;
            scope.spawn(move || {
                come_and_go(server, thread, cycles / THREADS);
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        let mut said = 0;
        while left.load(Ordering::Relaxed) > 0 {
            let text = said.to_string();
            ann.talk("bob", &text);
            bob.expect_said("ann", &text);
            said += 1;
        }
    });
    drop((ann, bob));
    for name in ["sessions", "joined", "waiting", "talks", "outbox_bytes"] {
        server.wait_metric(&format!("pairline_{name}"), 0.0);
    }
}

/// The answer to a RequestRoom begins with what was asked, so each connection
/// knows its own.
fn come_and_go(server: &Server, thread: usize, cycles: usize) {
    let mut random = Rng::with_seed(thread as u64);
    for cycle in 0..cycles {
        let own = format!("{thread}x{cycle}x");
        let mut handset = Handset::connect(server);
        let lines = match random.u8(..4) {
            0 => String::new(),
            1 => format!("{own}\n{own}"),
            2 => format!("1#{{\"userId\":\"{own}\",\"gender\":\"F\",\"findGender\":\"M\"}}\n"),
            _ => format!("{own}\n{own}\n{own}\n"),
        };
        handset.send_bytes(lines.as_bytes());
        if lines.starts_with(&own) && random.bool() {
            let line = handset.expect_line();
            assert!(line.starts_with(&own), "{own} was told {line}");
        } else {
            (0..random.u16(..2_000)).for_each(|_| hint::spin_loop());
        }
        match random.u8(..8) {
            0 => drop(handset),
            _ => handset.vanish(),
        }
    }
}
