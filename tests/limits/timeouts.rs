//! `idle_timeout` and `join_timeout`

use std::thread;
use std::time::{Duration, Instant};

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Setup};

const SHORT: Duration = Duration::from_millis(800);
const PIECE: Duration = Duration::from_millis(100);

#[test]
fn who_says_nothing_is_closed() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("idle_timeout", "800ms").start();
        let begin = Instant::now();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut eve = waiting(&server, "eve");
        let mut stranger = Handset::connect(&server);
        stranger.send_bytes(b"1#{\"half a line");
        while begin.elapsed() < SHORT * 2 {
            // What he says is no life of hers.
            bob.talk("ann", "?");
            thread::sleep(PIECE);
        }
        while ann.try_line(PIECE).is_some() {}
        ann.expect_end();
        eve.expect_end();
        stranger.expect_end();
        let gone = bob.expect(9);
        assert_eq!((&gone["youId"], &gone["over"]), (&"ann".into(), &1.into()));
        assert!(begin.elapsed() >= SHORT);
        server.wait_metric("pairline_sessions", 1.0);
    });
}

#[test]
fn not_before_the_time_is_over() {
    let server = Setup::new(1).set("idle_timeout", "800ms").start();
    let mut ann = waiting(&server, "ann");
    let begin = Instant::now();
    ann.expect_end();
    assert!(
        begin.elapsed() >= SHORT - Duration::from_millis(50),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn every_byte_is_a_sign_of_life() {
    let server = Setup::new(1).set("idle_timeout", "1500ms").start();
    let mut ann = waiting(&server, "ann");
    let mut beats = waiting(&server, "bea");
    let begin = Instant::now();
    let mut line = b"no frame, a byte at a time\n".iter().cycle();
    while begin.elapsed() < Duration::from_secs(3) {
        ann.send_bytes(&[*line.next().unwrap()]);
        expect_alive(&mut beats);
        thread::sleep(PIECE);
    }
    ann.send_line("");
    ann.expect_refusal("bad_frame", None);
}

#[test]
fn who_does_not_join_is_closed() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("join_timeout", "800ms").start();
        let begin = Instant::now();
        let mut silent = Handset::connect(&server);
        let mut half = Handset::connect(&server);
        let mut busy = Handset::connect(&server);
        let mut ann = waiting(&server, "ann");
        let (mut one, mut two) = two_women(&server);
        one.leave();
        two.expect(9);
        while begin.elapsed() < SHORT * 2 {
            let _ = half.try_send(b"1");
            let _ = busy.try_send(b"\ncafe\n3#{}\n1#{}\n");
            thread::sleep(SHORT / 4);
        }
        silent.expect_end();
        half.expect_closed();
        while busy.try_line(PIECE).is_some() {}
        busy.expect_closed();
        assert!(begin.elapsed() >= SHORT);
        // Who has joined may stay, leave everything and all.
        expect_alive(&mut ann);
        expect_alive(&mut one);
        expect_alive(&mut two);
    });
}

#[test]
fn zero_turns_both_off() {
    let server = Setup::new(1)
        .set("join_timeout", 0)
        .set("idle_timeout", 0)
        .start();
    let mut handset = Handset::connect(&server);
    handset.expect_nothing(Duration::from_millis(300));
    expect_alive(&mut handset);
}

#[track_caller]
fn two_women(server: &rig::Server) -> (Handset, Handset) {
    let (mut one, mut two) = (Handset::connect(server), Handset::connect(server));
    one.join("one", "F", "F");
    one.expect(2);
    two.join("two", "F", "F");
    two.expect_past_waits(5);
    one.expect_past_waits(5);
    (one, two)
}
