//! Slow readers: `max_outbox` and `outbox_timeout`.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use socket2::SockRef;

use super::expect_alive;
use crate::rig::{self, Handset, Server, Setup};

const KIB: usize = 1024;
/// More than what the buffers of two sockets and the server hold in any of
/// these tests.
const FLOOD: usize = 64 << 20;

/// Small socket buffers on the server's side, no limit on the rate.
fn small(cores: usize) -> Setup {
    Setup::new(cores)
        .set("max_rate", 0)
        .set("test_mode", true)
        .set("test.send_buffer", 8 * KIB)
}

/// A talk whose second side has a small receive buffer.
#[track_caller]
fn talk(server: &Server) -> (Handset, Handset) {
    let (ann, bob) = rig::pair(server, "ann", "bob");
    let set = SockRef::from(bob.stream()).set_recv_buffer_size(8 * KIB);
    set.expect("it is TCP");
    (ann, bob)
}

/// Ann talks and talks, until she is told something.
#[track_caller]
fn flood(ann: &mut Handset) -> Value {
    let text = "x".repeat(4 * KIB);
    for _ in 0..FLOOD / text.len() {
        ann.talk("bob", &text);
        if let Some(line) = ann.try_line(Duration::from_millis(1)) {
            let body = line.strip_prefix("9#").expect("it is over");
            return serde_json::from_str(body).expect("JSON");
        }
    }
    ann.expect(9)
}

#[test]
fn who_does_not_read_is_closed_and_nobody_else_waits() {
    rig::both(|cores| {
        let server = small(cores).set("max_outbox", 64 * KIB).start();
        let (mut ann, mut bob) = talk(&server);
        let (mut cat, mut dan) = rig::pair(&server, "cat", "dan");
        let gone = thread::scope(|scope| {
            let flood = scope.spawn(|| flood(&mut ann));
            let mut n = 0;
            while !flood.is_finished() || n < 10 {
                n += 1;
                cat.talk("dan", &n.to_string());
                assert_eq!(dan.expect(6)["msg"], n.to_string());
            }
            flood.join().expect("the flood ends")
        });
        assert_eq!(gone["youId"], "bob");
        assert_eq!(gone["toId"], "ann");
        assert_eq!(gone["endmessage"], "");
        assert_eq!(gone["over"], 1);
        expect_alive(&mut ann);
        assert!(server.metric("pairline_slow_consumers_total") >= 1.0);
        server.wait_metric("pairline_joined", 3.0);
        // What he reads at last is what was sent, in whole lines and in order,
        // and perhaps why it ended.
        let mut said = 0;
        while let Some(line) = bob.try_line(rig::PATIENCE) {
            match line.strip_prefix("6#") {
                Some(_) => said += 1,
                None => assert!(line.contains("\"slow_consumer\""), "{line}"),
            }
        }
        assert!(said > 0);
        bob.expect_closed();
        ann.send_line(r#"10#{"youId":"ann"}"#);
        ann.expect(2);
    });
}

#[test]
fn who_takes_nothing_for_long_is_closed() {
    rig::both(|cores| {
        let server = small(cores)
            .set("max_outbox", 0)
            .set("outbox_timeout", "700ms")
            .start();
        let (mut ann, mut bob) = talk(&server);
        for _ in 0..8 * KIB / 4 {
            ann.talk("bob", &"x".repeat(4 * KIB));
        }
        let gone = ann.expect(9);
        assert_eq!((&gone["youId"], &gone["over"]), (&"bob".into(), &1.into()));
        // What she said since then is answered with a 9 each.
        ann.send_line("");
        while ann.expect_line() != "" {}
        while bob.try_line(rig::PATIENCE).is_some() {}
        bob.expect_closed();
        expect_alive(&mut ann);
    });
}

/// The longest that he waits between two lines where this machine does not
/// stand still; far less than `outbox_timeout`.
const STEADY: Duration = Duration::from_millis(400);

#[test]
fn who_reads_slowly_but_steadily_stays() {
    let steady = (0..20).any(|_| reads_slowly());
    assert!(steady, "this machine stands still all the time");
}

/// Whether he was as steady as he meant to be. If so, he has read it all.
fn reads_slowly() -> bool {
    let server = small(1)
        .set("max_outbox", 0)
        .set("outbox_timeout", "1s")
        .start();
    let (mut ann, mut bob) = talk(&server);
    let lines: usize = 150;
    for n in 0..lines {
        ann.talk("bob", &format!("{n:04}{}", "x".repeat(4 * KIB)));
    }
    let begin = Instant::now();
    let (mut last, mut longest) = (begin, Duration::ZERO);
    for n in 0..lines {
        let line = bob.line_or_end().unwrap_or_default();
        longest = longest.max(last.elapsed());
        let said = format!(r#""msg":"{n:04}{}""#, "x".repeat(4 * KIB));
        if !line.contains(&said) {
            assert!(longest > STEADY, "{line:.80} after {longest:?} at most");
            return false;
        }
        last = Instant::now();
        if begin.elapsed() < Duration::from_millis(2500) {
            thread::sleep(Duration::from_millis(20));
        }
    }
    assert!(begin.elapsed() > Duration::from_secs(2));
    expect_alive(&mut bob);
    expect_alive(&mut ann);
    longest <= STEADY
}

#[test]
fn a_burst_to_who_reads_is_no_reason_to_close() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        // As much as the rate lets through at once, far over max_outbox.
        let around = r#"6#{"yourId":"ann","toId":"bob","msg":""}"#.len();
        let lines: String = (0..95)
            .map(|n| {
                let text = format!("{n:02}{}", "x".repeat(8190 - around));
                format!("6#{{\"yourId\":\"ann\",\"toId\":\"bob\",\"msg\":\"{text}\"}}\n")
            })
            .collect();
        let listen = thread::spawn(move || {
            for n in 0..95 {
                let said = bob.expect(6);
                assert_eq!(&said["msg"].as_str().unwrap()[..2], format!("{n:02}"));
            }
            bob
        });
        ann.send_bytes(lines.as_bytes());
        let mut bob = listen.join().expect("all of it arrives");
        expect_alive(&mut bob);
    });
}

#[test]
fn a_hundred_long_words_can_be_delivered() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let (mut ann, bob) = rig::pair(&server, "ann", "bob");
        bob.vanish();
        ann.expect(9);
        // Each character takes six bytes when it is written.
        let word = "\u{1}".repeat(1024);
        (0..100).for_each(|_| ann.last_word("bob", &word));
        expect_alive(&mut ann);
        let mut bob = Handset::connect(&server);
        bob.join("bob", "M", "F");
        for _ in 0..100 {
            assert_eq!(bob.expect(9)["endmessage"], word);
        }
        bob.expect(2);
        expect_alive(&mut bob);
    });
}
