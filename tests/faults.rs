//! Errors injected between the kernel and the cores, by `test.fail_…`: the
//! server lives on, nothing leaks, nobody hears a wrong line, and no connection
//! is closed but those of which an operation has failed.

pub mod rig;

#[path = "faults/crowd.rs"]
mod crowd;
#[path = "faults/kept.rs"]
mod kept;

use std::time::Instant;

use crowd::Crowd;
use rig::{Handset, PATIENCE, Server, Setup};

/// Rounds of talk: half of them to touch all memory that is needed anyway.
const ROUNDS: usize = 16;
/// What may be more of it after the other half; a lease or a session lost with
/// each fault would be more.
const SLACK: u64 = 1 << 20;

/// One in so many of these fails. A lost receive buffer is missed soon.
fn faulty(cores: usize, rates: &[(&str, u32)]) -> Server {
    let setup = Setup::new(cores)
        .set("max_rate", 0)
        .set("rematch_pause", "0s")
        .set("test_mode", true)
        .set("test.fault_seed", 11 * cores)
        .set("test.ring_buffers", 16);
    let set = |setup: Setup, (key, rate): &(&str, u32)| setup.set(&format!("test.{key}"), rate);
    rates.iter().fold(setup, set).start()
}

/// So many of these faults have been injected.
fn injected(server: &Server, faults: &[&str]) -> usize {
    let log = server.log();
    let count = |fault| log.matches(&format!("\"fault\":\"{fault}\"")).count();
    faults.iter().map(count).sum()
}

/// Everybody has gone, and so has all that they had.
#[track_caller]
fn expect_as_before(server: &Server, descriptors: usize) {
    for name in ["sessions", "joined", "waiting", "talks", "outbox_bytes"] {
        server.wait_metric(&format!("pairline_{name}"), 0.0);
    }
    let until = Instant::now() + PATIENCE;
    loop {
        let now = server.lasting_descriptors();
        if now == descriptors {
            return;
        }
        assert!(Instant::now() < until, "{now}, not {descriptors}");
    }
}

/// A crowd talks while this goes wrong. How many connections were closed, and
/// how many of these faults there were.
#[track_caller]
fn survive(cores: usize, rates: &[(&str, u32)], faults: &[&str]) -> (usize, usize) {
    let mut server = faulty(cores, rates);
    let before = server.lasting_descriptors();
    let mut crowd = Crowd::new(&server);
    (0..ROUNDS / 2).for_each(|_| crowd.round());
    let warm = server.resident();
    (0..ROUNDS / 2).for_each(|_| crowd.round());
    let grown = server.resident().saturating_sub(warm);
    assert!(grown < SLACK, "{grown} bytes more");
    let closed = crowd.closed();
    expect_as_before(&server, before);
    let injected = injected(&server, faults);
    assert!(injected > 0, "nothing went wrong");
    println!("{injected} of {faults:?}, which closed {closed}");
    server.term();
    assert_eq!(server.wait_exit().code(), Some(0));
    (closed, injected)
}

#[test]
fn an_accept_that_fails_costs_one_connection() {
    rig::both(|cores| {
        let (closed, injected) = survive(cores, &[("fail_accepts", 6)], &["accept"]);
        assert_eq!(closed, injected);
    });
}

#[test]
fn a_receive_that_fails_closes_its_connection() {
    rig::both(|cores| {
        let (closed, injected) = survive(cores, &[("fail_receives", 25)], &["receive"]);
        assert!((1..=injected).contains(&closed), "{closed} of {injected}");
    });
}

#[test]
fn a_receive_that_ends_early_is_started_again() {
    rig::both(|cores| {
        let (closed, injected) = survive(cores, &[("end_receives", 2)], &["receive end"]);
        assert_eq!(closed, 0, "of {injected}");
    });
}

#[test]
fn a_send_that_fails_closes_its_connection() {
    rig::both(|cores| {
        let (closed, injected) = survive(cores, &[("fail_sends", 25)], &["send"]);
        assert!((1..=injected).contains(&closed), "{closed} of {injected}");
    });
}

#[test]
fn a_close_that_fails_has_closed() {
    rig::both(|cores| {
        let (closed, injected) = survive(cores, &[("fail_closes", 2)], &["close"]);
        assert_eq!(closed, 0, "of {injected}");
    });
}

#[test]
fn a_doorbell_that_fails_is_rung_again() {
    let (closed, injected) = survive(2, &[("fail_doorbells", 2)], &["doorbell"]);
    assert_eq!(closed, 0, "of {injected}");
}

#[test]
fn a_wake_up_that_fails_wakes() {
    rig::both(|cores| {
        let mut server = faulty(cores, &[("fail_wakes", 1)]);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        server.term();
        ann.expect_refusal("draining", None);
        bob.expect_refusal("draining", None);
        drop((ann, bob));
        assert_eq!(server.wait_exit().code(), Some(0));
        // Who is awake already, since another core has rung, is not woken.
        let woken = injected(&server, &["wake"]);
        assert!((1..=cores).contains(&woken), "{woken} of {cores}");
    });
}

#[test]
fn everything_may_fail_at_once() {
    rig::both(|cores| {
        let rates = [
            ("fail_accepts", 20),
            ("fail_receives", 60),
            ("end_receives", 3),
            ("fail_sends", 60),
            ("fail_closes", 3),
            ("fail_wakes", 2),
            ("fail_doorbells", 3),
        ];
        let (closed, injected) = survive(cores, &rates, &["accept", "receive", "send"]);
        assert!((1..=injected).contains(&closed), "{closed} of {injected}");
    });
}

/// Whoever takes over gets the session or is closed.
#[test]
fn takeovers_may_fail_at_any_step() {
    rig::both(|cores| {
        let rates = [("fail_receives", 8), ("fail_sends", 8), ("end_receives", 3)];
        let server = faulty(cores, &rates);
        let before = server.lasting_descriptors();
        let (mut older, mut inside): (Vec<Handset>, usize) = (Vec::new(), 0);
        let last = loop {
            let mut handset = crowd::join(&server, "ann", "F", "M");
            // Nobody else is there, so there is one answer.
            if let Some(line) = handset.line_or_end() {
                assert_eq!(line, r#"2#{"youNum":"1"}"#);
                inside += 1;
                if inside == 60 {
                    break handset;
                }
            }
            older.push(handset);
        };
        let injected = injected(&server, &["receive", "send"]);
        assert!((1..=injected).contains(&(older.len() + 1 - inside)));
        for handset in &mut older {
            while let Some(line) = handset.line_or_end() {
                assert!(line.contains("\"replaced\""), "{line}");
            }
        }
        drop((older, last));
        expect_as_before(&server, before);
    });
}
