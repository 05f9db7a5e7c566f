//! Errors that close: the error, then the end in good order, whatever the
//! client does meanwhile.

use std::thread;
use std::time::{Duration, Instant};

use super::{expect_alive, fresh, waiting};
use crate::rig::{self, Handset, Server, Setup};

#[test]
fn the_newer_connection_replaces_the_older() {
    rig::both(|cores| {
        let server = Server::start(cores);
        // Enough of them that some come by another core.
        let mut ann = waiting(&server, "ann");
        for _ in 0..8 {
            let again = waiting(&server, "ann");
            ann.expect_refusal("replaced", None);
            ann.expect_end();
            ann = again;
        }
        expect_alive(&mut ann);
        server.wait_metric("pairline_joined", 1.0);
    });
}

#[test]
fn the_32nd_error_closes() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let mut handset = fresh(&server);
        for _ in 0..31 {
            handset.send_line("no frame");
            handset.expect_refusal("bad_frame", None);
        }
        expect_alive(&mut handset);
        // What stands behind the 32nd is not acted on.
        handset.send_bytes(b"3#{}\n\ncafe\nno frame\n");
        handset.expect_refusal("not_joined", Some(3));
        handset.expect_refusal("too_many_errors", None);
        handset.expect_end();
    });
}

#[test]
fn every_kind_of_error_counts_and_a_partner_is_told() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let lines = [
            "no frame",
            "99#{}",
            "1#{",
            "3#{}",
            r#"3#{"youId":[]}"#,
            r#"3#{"youId":"eve"}"#,
            r#"3#{"youId":"ann"}"#,
            r#"8#{"youId":"ann","toId":"eve"}"#,
        ];
        for line in lines.iter().cycle().take(32) {
            ann.send_line(line);
            ann.expect(0);
        }
        ann.expect_refusal("too_many_errors", None);
        ann.expect_end();
        let gone = bob.expect(9);
        assert_eq!((&gone["youId"], &gone["over"]), (&"ann".into(), &1.into()));
    });
}

#[test]
fn errors_are_forgotten_after_ten_seconds() {
    let server = Server::start(1);
    let mut handset = fresh(&server);
    let mut err = |times| {
        for _ in 0..times {
            handset.send_line("no frame");
            handset.expect_refusal("bad_frame", None);
        }
    };
    err(31);
    thread::sleep(Duration::from_millis(10_100));
    err(31);
    expect_alive(&mut handset);
}

#[test]
fn refused_passes_do_not_count_but_are_told() {
    let server = Setup::new(1).set("max_rate", 0).start();
    let _first = waiting(&server, "first");
    let mut ann = waiting(&server, "ann");
    ann.pass();
    ann.expect_past_waits(4);
    for _ in 0..40 {
        ann.pass();
        let refused = ann.expect_past_waits(0);
        assert_eq!(
            (&refused["error"], &refused["msgType"]),
            (&"rate_limited".into(), &3.into())
        );
    }
    ann.send_line("no frame");
    ann.expect_error("bad_frame");
    expect_alive(&mut ann);
}

#[test]
fn a_full_server_says_so() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_sessions", 4).start();
        let mut inside: Vec<Handset> = (0..4)
            .map(|n| waiting(&server, &format!("user{n}")))
            .collect();
        for _ in 0..3 {
            let mut outside = fresh(&server);
            // Whatever it says is too late.
            let _ = outside.try_send(b"\ncafe\n");
            outside.expect_refusal("server_full", None);
            outside.expect_end();
        }
        inside.iter_mut().for_each(expect_alive);
        // Who was turned away may linger for a moment, but takes no place.
        let mut lingers = fresh(&server);
        lingers.expect_refusal("server_full", None);
        drop(inside.pop());
        server.wait_metric("pairline_sessions", 3.0);
        inside.push(waiting(&server, "next"));
        let mut outside = fresh(&server);
        outside.expect_refusal("server_full", None);
    });
}

#[test]
fn who_still_sends_hears_the_error_and_the_end() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let mut noisy = fresh(&server);
        for _ in 0..40 {
            noisy.send_line("no frame");
        }
        keep_sending(&mut noisy);
        (0..32).for_each(|_| drop(noisy.expect_error("bad_frame")));
        noisy.expect_refusal("too_many_errors", None);
        noisy.expect_end();

        let mut older = waiting(&server, "ann");
        let _newer = waiting(&server, "ann");
        keep_sending(&mut older);
        older.expect_refusal("replaced", None);
        older.expect_end();

        let full = Setup::new(cores).set("max_sessions", 1).start();
        let _one = waiting(&full, "one");
        let mut other = fresh(&full);
        keep_sending(&mut other);
        other.expect_refusal("server_full", None);
        other.expect_end();
    });
}

#[test]
fn who_never_closes_is_closed() {
    let server = Setup::new(1).set("max_line", 1024).start();
    let mut stubborn = fresh(&server);
    stubborn.send_bytes(&[b'a'; 1025]);
    stubborn.expect_refusal("line_too_long", None);
    stubborn.expect_end();
    // It does not close its own half; nor is it waited for.
    server.wait_metric("pairline_sessions", 0.0);
    let begin = Instant::now();
    while stubborn.try_send(b"\n").is_ok() {
        assert!(begin.elapsed() < rig::PATIENCE, "it is still listened to");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Sends for a while without listening.
#[track_caller]
fn keep_sending(handset: &mut Handset) {
    for _ in 0..30 {
        handset.send_line("no frame");
        thread::sleep(Duration::from_millis(10));
    }
}
