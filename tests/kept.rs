//! What is kept of a user: over connections, restarts and SIGKILL, over
//! loopback.

pub mod rig;

use rig::{Handset, Server, Setup};
use serde_json::json;

#[test]
fn a_word_for_the_absent_is_delivered_once() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        let mut bob = Handset::connect(&server);
        bob.join_with(&json!({
            "userId": "bob", "nickname": "Bob \"#\"", "gender": "M", "findGender": "F"
        }));
        let talk = bob.expect_talk("ann");
        ann.expect_talk("bob");
        drop(ann);
        bob.expect_over("ann", "");
        bob.last_word("ann", "one #1 \"하나\"");
        bob.next_one("ann", "two");
        bob.expect_place(1);
        bob.end("ann", "three");
        bob.last_word("ann", "");
        bob.leave();
        bob.quiet();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        for text in ["one #1 \"하나\"", "two", "three", ""] {
            let expected = json!({
                "youId": "bob", "toId": "ann", "nickname": "Bob \"#\"", "endmessage": text,
                "over": 0, "talkId": talk
            });
            assert_eq!(ann.expect(9), expected);
        }
        ann.expect_place(1);
        ann.quiet();
        // It has been delivered: to this connection, to this server.
        ann.join("ann", "F", "M");
        ann.expect_place(1);
        drop(ann);
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        ann.quiet();
        server.write_down();
        let server = server.again();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        ann.quiet();
    });
}

#[test]
fn of_more_than_a_hundred_words_the_oldest_are_dropped() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let (ann, mut bob) = rig::pair(&server, "ann", "bob");
        let (eve, mut dan) = rig::pair(&server, "eve", "dan");
        drop((ann, eve));
        bob.expect_over("ann", "");
        dan.expect_over("eve", "");
        for n in 0..107 {
            bob.last_word("ann", &n.to_string());
        }
        dan.last_word("eve", "mine");
        bob.quiet();
        dan.quiet();
        // What is on disk is the same hundred.
        server.write_down();
        let server = server.again();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        for n in 7..107 {
            ann.expect_word("bob", &n.to_string());
        }
        ann.expect_place(1);
        ann.quiet();
        let mut eve = Handset::joined(&server, "eve", "F", "F");
        eve.expect_word("dan", "mine");
        eve.expect_place(1);
    });
}

#[test]
fn refusals_and_words_outlive_a_kill_a_second_later() {
    rig::both(|cores| {
        let server = Server::start(cores);
        refuse_and_leave_words(&server, "");
        server.write_down();
        let server = server.again();
        check_refusals_and_words(&server, "");
    });
}

#[test]
fn everything_is_written_down_when_the_server_is_asked_to_go() {
    rig::both(|cores| {
        let mut server = Server::start(cores);
        refuse_and_leave_words(&server, "");
        server.term();
        assert!(server.wait_exit().success());
        let server = server.again();
        check_refusals_and_words(&server, "");
    });
}

#[test]
fn what_one_number_of_cores_wrote_another_reads() {
    let setup = Setup::new(1);
    let mut before: Option<String> = None;
    for (run, cores) in [1, 2, 1].into_iter().enumerate() {
        let server = setup.clone().on(cores).start();
        if let Some(before) = before {
            check_refusals_and_words(&server, &before);
        }
        let suffix = format!(" of run {run}");
        refuse_and_leave_words(&server, &suffix);
        server.write_down();
        before = Some(suffix);
    }
}

#[test]
fn partners_and_pauses_do_not_outlive_a_restart() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "60s").start();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        let talk = bob.expect_talk("ann");
        ann.expect_talk("bob");
        ann.end("bob", "");
        bob.expect_over("ann", "");
        let server = server.again();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        ann.last_word("bob", "hello?");
        ann.expect_error("not_partner");
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        // A talk's id is never given twice.
        assert_ne!(bob.expect_talk("ann"), talk);
        ann.expect_talk("bob");
    });
}

#[test]
fn partners_and_pauses_outlive_the_connection() {
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("rematch_pause", "60s")
            .set("max_rate", 0)
            .start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.end("bob", "");
        bob.expect_over("ann", "");
        // Each connection may come to either core.
        for round in 0..8 {
            let text = format!("round {round}");
            drop(bob);
            bob = Handset::joined(&server, "bob", "M", "F");
            bob.await_place(1);
            bob.last_word("ann", &text);
            ann.expect_word("bob", &text);
            drop(ann);
            ann = Handset::joined(&server, "ann", "F", "M");
            ann.await_place(1);
            ann.last_word("bob", &text);
            bob.expect_word("ann", &text);
            ann.quiet();
            bob.quiet();
        }
    });
}

#[test]
fn only_so_many_absent_users_are_remembered() {
    let server = Setup::new(1).set("max_remembered", 1).start();
    let (mut ann, bob) = rig::pair(&server, "ann", "bob");
    drop(bob);
    ann.expect_over("bob", "");
    drop(ann);
    // Whoever went last is remembered.
    let mut probe = Handset::joined(&server, "probe", "F", "M");
    probe.await_place(1);
    let mut bob = Handset::joined(&server, "bob", "M", "M");
    bob.expect_place(1);
    bob.last_word("ann", "hello?");
    bob.expect_error("not_partner");
    let mut ann = Handset::joined(&server, "ann", "M", "M");
    ann.last_word("bob", "hello?");
    bob.expect_word("ann", "hello?");
}

/// Three pairs of whom one refuses the other in another way each, and a fourth
/// that does not; a word for every woman. The suffix tells runs apart.
fn refuse_and_leave_words(server: &Server, suffix: &str) {
    for pair in 0..4 {
        let [a, b] = names(pair, suffix);
        let (mut ann, mut bob) = rig::pair(server, &a, &b);
        match pair {
            0 => {
                ann.refuse(&b, "bye");
                bob.expect_over(&a, "bye");
            }
            1 => {
                bob.refuse(&a, "bye");
                ann.expect_over(&b, "bye");
            }
            // As it is when two ends cross.
            2 => {
                ann.end(&b, "bye");
                bob.expect_over(&a, "bye");
                bob.refuse(&a, "");
            }
            _ => {
                ann.end(&b, "bye");
                bob.expect_over(&a, "bye");
            }
        }
        bob.quiet();
        // As another she is away for sure.
        ann.join(&format!("not {a}"), "F", "F");
        ann.expect(2);
        ann.leave();
        ann.quiet_past_waits();
        bob.last_word(&a, &format!("dear {a}"));
        bob.quiet();
    }
}

fn check_refusals_and_words(server: &Server, suffix: &str) {
    for pair in 0..4 {
        let [a, b] = names(pair, suffix);
        let (mut ann, mut bob) = (Handset::connect(server), Handset::connect(server));
        // Whoever comes first.
        if pair % 2 == 0 {
            ann.join(&a, "F", "M");
            ann.expect_word(&b, &format!("dear {a}"));
            ann.await_place(1);
            bob.join(&b, "M", "F");
        } else {
            bob.join(&b, "M", "F");
            bob.await_place(1);
            ann.join(&a, "F", "M");
            ann.expect_word(&b, &format!("dear {a}"));
        }
        if pair == 3 {
            ann.expect_talk(&b);
            bob.expect_talk(&a);
        } else {
            let second = if pair % 2 == 0 { &mut bob } else { &mut ann };
            second.await_place(1);
        }
        ann.quiet();
        bob.quiet();
        // Nobody waits for the next pair.
        ann.leave();
        ann.quiet();
        if pair == 3 {
            bob.expect_over(&a, "");
        }
        bob.leave();
        bob.quiet();
    }
}

fn names(pair: usize, suffix: &str) -> [String; 2] {
    ["ann", "bob"].map(|name| format!("{name}{pair}{suffix}"))
}
