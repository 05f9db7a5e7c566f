//! Where a stream is cut: `max_line`, split and joined frames, its end.

use std::time::{Duration, Instant};

use super::{after, expect_alive, join, start};
use crate::rig::{self, Handset, Setup};

/// Nothing in it depends on what else goes on at the server.
const SCRIPT: &[u8] =
    b"\n\r\n3#{\"youId\":\"a\"}\nhello world\r\n13##{ \"x\" : \"\xc3\xa9\xf0\x9f\x98\x80\" }\n\
99#\n{\"msgType\":\"leave\",\"msg\":{}}\n7#{\"yourId\":\"\\u00e9#\"}\r\n0000\n1#{}\n";

#[test]
fn frames_may_be_split_at_any_byte() {
    let server = start(1);
    let whole = answers(&mut sent(&server, &[SCRIPT]));
    assert_eq!(whole.len(), 10);
    for at in 1..SCRIPT.len() {
        let (head, tail) = SCRIPT.split_at(at);
        let split = answers(&mut sent(&server, &[head, tail]));
        assert_eq!(split, whole, "split at {at}");
    }
    let bytes: Vec<&[u8]> = SCRIPT.chunks(1).collect();
    assert_eq!(answers(&mut sent(&server, &bytes)), whole, "byte by byte");
}

#[test]
fn joins_and_talks_may_be_split_and_joined_too() {
    rig::both(|cores| {
        let server = start(cores);
        for size in [1, 2, 7, 1000] {
            let mut ann = Handset::connect(&server);
            let script = format!("{}\n\n{}\n", join("ann", ""), join("ann", r#","guys":1"#));
            for piece in script.as_bytes().chunks(size) {
                ann.send_bytes(piece);
            }
            ann.expect(2);
            assert_eq!(ann.expect_line(), "");
            ann.expect(2);
            let mut bob = Handset::connect(&server);
            let talk = |n| format!("6#{{\"yourId\":\"bob\",\"toId\":\"ann\",\"msg\":\"{n}\"}}\n");
            let mut script = join("bob", "").replace("\"F\"", "\"X\"");
            script = script.replace("\"M\"", "\"F\"").replace("\"X\"", "\"M\"") + "\n";
            (0..20).for_each(|n| script += &talk(n));
            script += "10#{\"youId\":\"bob\",\"toId\":\"ann\",\"endmessage\":\"bye\"}\n13#{\"youId\":\"bob\"}\n\n";
            for piece in script.as_bytes().chunks(size) {
                bob.send_bytes(piece);
            }
            bob.expect(5);
            bob.expect(2);
            assert_eq!(bob.expect_line(), "");
            ann.expect_past_waits(5);
            for n in 0..20 {
                assert_eq!(ann.expect(6)["msg"], n.to_string());
            }
            assert_eq!(ann.expect(9)["endmessage"], "bye");
        }
    });
}

#[test]
fn a_line_holds_as_much_as_allowed_and_not_a_byte_more() {
    for (setup, max_line) in [
        (Setup::new(1), 8192),
        (Setup::new(1).set("max_line", 1024), 1024),
    ] {
        let server = setup.start();
        for end in ["\n", "\r\n"] {
            let mut ann = Handset::connect(&server);
            let longest = padded(max_line) + end;
            ann.send_bytes(longest.as_bytes());
            ann.expect(2);
            // A second one right behind, in pieces that cut its end off.
            ann.send_bytes(&longest.as_bytes()[..max_line]);
            ann.send_bytes(&longest.as_bytes()[max_line..]);
            ann.expect(2);
            expect_alive(&mut ann);

            let mut bea = Handset::connect(&server);
            bea.send_bytes((padded(max_line + 1) + end + "\ncafe\n").as_bytes());
            let detail = bea.expect_refusal("line_too_long", None);
            assert!(detail.contains(&max_line.to_string()), "{detail}");
            bea.expect_end();
        }
    }
}

#[test]
fn a_line_too_long_is_refused_before_it_ends() {
    let server = start(1);
    let long = "a".repeat(8192);
    for unended in ["a", "aa", "\r\r", "\ra", "#"] {
        let mut handset = Handset::connect(&server);
        handset.send_bytes(b"\n");
        handset.send_bytes(long.as_bytes());
        handset.send_bytes(unended.as_bytes());
        assert_eq!(handset.expect_line(), "");
        handset.expect_refusal("line_too_long", None);
        handset.expect_end();
    }
    let mut handset = Handset::connect(&server);
    handset.send_bytes(format!("{long}\r").as_bytes());
    handset.expect_nothing(Duration::from_millis(100));
    handset.send_bytes(b"\n\n");
    handset.expect_refusal("bad_frame", None);
    assert_eq!(handset.expect_line(), "");
}

#[test]
fn a_flood_without_an_end_is_not_buffered() {
    // Else what counts is how many of the receive buffers were ever used.
    let few = Setup::new(1).set("test_mode", true);
    let server = few.set("test.ring_buffers", 256).start();
    let before = server.resident();
    let piece = vec![b'a'; 64 * 1024];
    let mut flooder = Handset::connect(&server);
    // It may be cut off in the middle of it.
    let sent = (0..1024).find(|_| flooder.try_send(&piece).is_err());
    let grown = server.resident().saturating_sub(before);
    assert!(grown < 4 << 20, "{grown} bytes more after {sent:?} pieces");
    flooder.expect_refusal("line_too_long", None);
    flooder.expect_closed();
}

#[test]
fn who_still_sends_hears_why_it_was_closed() {
    rig::both(|cores| {
        let server = start(cores);
        let mut handset = Handset::connect(&server);
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(300) {
            handset.send_bytes(&[b'a'; 4096]);
            std::thread::sleep(Duration::from_millis(5));
        }
        handset.expect_refusal("line_too_long", None);
        handset.expect_end();
    });
}

#[test]
fn the_last_line_needs_its_end() {
    rig::both(|cores| {
        let server = start(cores);
        for unended in [
            join("ann", ""),
            "cafe".into(),
            "hello world".into(),
            "\r".into(),
        ] {
            let mut handset = after(&server, "");
            handset.send_bytes(unended.as_bytes());
            handset.shutdown_write();
            assert_eq!(handset.expect_line(), "");
            handset.expect_end();
        }
        let mut bob = Handset::connect(&server);
        bob.join("bob", "M", "F");
        bob.expect(2);
    });
}

#[test]
fn the_answers_to_whole_lines_come_before_the_end() {
    rig::both(|cores| {
        let server = start(cores);
        for n in 0..10 {
            let mut ann = Handset::connect(&server);
            ann.send_bytes(
                format!("cafe\n{}\n\n3#{{}}\n", join(&format!("ann{n}"), "")).as_bytes(),
            );
            ann.shutdown_write();
            assert!(ann.expect_line().starts_with("cafe1"));
            ann.expect(2);
            assert_eq!(ann.expect_line(), "");
            ann.expect_error("missing_field");
            ann.expect_end();
        }
        server.wait_metric("pairline_waiting", 0.0);
        server.wait_metric("pairline_sessions", 0.0);
    });
}

#[test]
fn the_end_is_acted_on_after_the_last_line() {
    rig::both(|cores| {
        let server = start(cores);
        for n in 0..10 {
            let (a, b) = (format!("ann{n}"), format!("bob{n}"));
            let mut ann = Handset::connect(&server);
            ann.join(&a, "F", "M");
            ann.expect(2);
            let mut bob = Handset::connect(&server);
            bob.send_bytes(
                format!(
                    "1#{{\"userId\":\"{b}\",\"gender\":\"M\",\"findGender\":\"F\"}}\n\
                     6#{{\"yourId\":\"{b}\",\"toId\":\"{a}\",\"msg\":\"one\"}}\n\
                     6#{{\"yourId\":\"{b}\",\"toId\":\"{a}\",\"msg\":\"two\"}}\n\
                     8#{{\"youId\":\"{b}\",\"toId\":\"{a}\",\"endmessage\":\"last\"}}\n"
                )
                .as_bytes(),
            );
            bob.shutdown_write();
            assert_eq!(bob.expect(5)["toId"], a.as_str());
            bob.expect_end();
            assert_eq!(ann.expect_past_waits(5)["toId"], b.as_str());
            assert_eq!(ann.expect(6)["msg"], "one");
            assert_eq!(ann.expect(6)["msg"], "two");
            let word = ann.expect(9);
            assert_eq!(
                (&word["endmessage"], &word["over"]),
                (&"last".into(), &0.into())
            );
            let gone = ann.expect(9);
            assert_eq!(
                (&gone["endmessage"], &gone["over"]),
                (&"".into(), &1.into())
            );
        }
    });
}

/// A join of exactly this many bytes.
fn padded(bytes: usize) -> String {
    let room = bytes - join("ann", r#","x":"""#).len();
    join("ann", &format!(r#","x":"{}""#, "x".repeat(room)))
}

/// A handset that has sent these pieces, each on its own.
#[track_caller]
fn sent(server: &rig::Server, pieces: &[&[u8]]) -> Handset {
    let mut handset = Handset::connect(server);
    for (n, piece) in pieces.iter().enumerate() {
        if n > 0 {
            // Not to be received together, if the machine is quick enough.
            std::thread::sleep(Duration::from_micros(300));
        }
        handset.send_bytes(piece);
    }
    handset.shutdown_write();
    handset
}

/// Every line up to the end, the time of the RequestRoom cut off.
#[track_caller]
fn answers(handset: &mut Handset) -> Vec<String> {
    let mut answers = Vec::new();
    while let Some(mut line) = handset.try_line(rig::PATIENCE) {
        if line.starts_with("00001") {
            line.truncate(4);
        }
        answers.push(line);
    }
    handset.expect_end();
    answers
}
