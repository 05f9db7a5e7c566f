//! `max_rate`

use std::thread;
use std::time::{Duration, Instant};

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Server, Setup};

/// Of so many lines sent at once, how many were answered, how often the
/// others were told, and how long it all took.
#[track_caller]
fn burst(handset: &mut Handset, lines: usize) -> (usize, usize, Duration) {
    let begin = Instant::now();
    handset.send_bytes("\n".repeat(lines).as_bytes());
    let (mut kept, mut told) = (0, 0);
    while let Some(line) = handset.try_line(Duration::from_millis(300)) {
        if line.is_empty() {
            kept += 1;
        } else {
            assert!(
                line.starts_with("0#{\"error\":\"rate_limited\",\"msgType\":null,"),
                "{line}"
            );
            told += 1;
        }
    }
    (kept, told, begin.elapsed())
}

#[test]
fn a_hundred_at_once_and_fifty_a_second() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut handset = Handset::connect(&server);
        let (kept, told, took) = burst(&mut handset, 1000);
        let seconds = took.as_secs_f64();
        assert!(kept >= 100, "{kept}");
        assert!(kept as f64 <= 101.0 + 50.0 * seconds, "{kept} in {took:?}");
        assert!(
            told >= 1 && told as f64 <= 1.0 + seconds,
            "{told} in {took:?}"
        );
        // Two seconds fill the bucket again.
        thread::sleep(Duration::from_millis(2100).saturating_sub(Duration::from_millis(300)));
        let (kept, _, _) = burst(&mut handset, 100);
        assert_eq!(kept, 100);
        // The connection stays, and others have their own.
        expect_alive(&mut Handset::connect(&server));
    });
}

#[test]
fn what_is_refused_is_not_acted_on() {
    let server = Setup::new(1).set("max_rate", 1).start();
    let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
    // Her join was the first of the two that make the burst.
    ann.talk("bob", "one");
    ann.talk("bob", "two");
    ann.talk("bob", "three");
    ann.end("bob", "bye");
    assert_eq!(bob.expect(6)["msg"], "one");
    ann.expect_refusal("rate_limited", None);
    thread::sleep(Duration::from_millis(1100));
    ann.talk("bob", "four");
    assert_eq!(bob.expect(6)["msg"], "four");
    let _still_waits = waiting(&server, "eve");
}

#[test]
fn heartbeats_and_rooms_count() {
    let server = Setup::new(1).set("max_rate", 2).start();
    for line in ["", "cafe", "no frame", "3#{}"] {
        let mut handset = Handset::connect(&server);
        let begin = Instant::now();
        handset.send_bytes(format!("{line}\n").repeat(5).as_bytes());
        for _ in 0..4 {
            let answer = handset.expect_line();
            assert!(!answer.contains("rate_limited"), "{line}: {answer}");
        }
        // Half a second brings one more.
        if begin.elapsed() < Duration::from_millis(400) {
            handset.expect_refusal("rate_limited", None);
        }
    }
}

#[test]
fn zero_turns_it_off() {
    let server = Setup::new(1).set("max_rate", 0).start();
    let mut handset = Handset::connect(&server);
    let (kept, told, _) = burst(&mut handset, 5000);
    assert_eq!((kept, told), (5000, 0));
}

#[test]
fn it_is_told_once_a_second_and_never_closes() {
    let server = Setup::new(1).set("max_rate", 1).start();
    let mut handset = Handset::connect(&server);
    let begin = Instant::now();
    let mut told = 0;
    while begin.elapsed() < Duration::from_millis(2500) {
        handset.send_line("");
        while let Some(line) = handset.try_line(Duration::from_millis(10)) {
            told += usize::from(!line.is_empty());
        }
    }
    let most = 1.0 + begin.elapsed().as_secs_f64();
    assert!(told >= 2 && told as f64 <= most, "{told}");
    handset.expect_nothing(Duration::from_millis(10));
}
