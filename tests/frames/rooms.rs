//! Heartbeats and RequestRoom, and what is neither nor a frame.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{expect_alive, refused, start};
use crate::rig::{self, Handset};

#[test]
fn an_empty_line_is_answered_with_one() {
    rig::both(|cores| {
        let server = start(cores);
        let mut handset = Handset::connect(&server);
        for beat in ["\n", "\r\n", "\n\r\n\n"] {
            handset.send_bytes(beat.as_bytes());
            for _ in beat.matches('\n') {
                assert_eq!(handset.expect_line(), "");
            }
        }
        handset.send_line(r#"{"msgType":"leave","msg":{}}"#);
        handset.expect_named("error");
        expect_alive(&mut handset);
    });
}

#[test]
fn a_mac_is_answered_with_it_and_the_time() {
    let server = start(1);
    let longest = "Az09+/=:_-".repeat(6) + "1234";
    assert_eq!(longest.len(), 64);
    let macs = [
        "E8308298402399320",
        "a",
        "7",
        "6",
        "123456",
        "-1",
        "=",
        "e8:30:82:98:40:23",
        "6DCCmEAjmTI=",
        &longest,
    ];
    let mut handset = Handset::connect(&server);
    for mac in macs {
        for end in ["\n", "\r\n"] {
            let before = now();
            handset.send_bytes(format!("{mac}{end}").as_bytes());
            let room = handset.expect_line();
            let seconds = room.strip_prefix(mac).expect(mac);
            let seconds: u64 = seconds.parse().expect(&room);
            // The server's clock and ours may be read a little apart.
            assert!((before - 1..=now() + 1).contains(&seconds), "{room}");
        }
    }
    handset.send_line(r#"{"msgType":"leave","msg":{}}"#);
    handset.expect_named("error");
    handset.send_line("cafe");
    assert!(handset.expect_line().starts_with("cafe1"), "a bare line");
}

#[test]
fn asked_twice_within_a_second_the_room_is_the_same() {
    rig::both(|cores| {
        let server = start(cores);
        // The second may end between the two, but not every time.
        let same = (0..5).any(|_| {
            let mut handset = Handset::connect(&server);
            handset.send_bytes(b"cafe\ncafe\n");
            handset.expect_line() == handset.expect_line()
        });
        assert!(same);
    });
}

#[test]
fn anything_else_is_a_bad_frame() {
    let server = start(1);
    let long = "a".repeat(65);
    let digits = "1".repeat(64) + "#{}";
    let lines: &[&[u8]] = &[
        long.as_bytes(),
        digits.as_bytes(),
        b"hello world",
        b" ",
        b"\r\r",
        b"#",
        b"#{}",
        b"##{}",
        b" 1#{}",
        b"\t6#{}",
        b"1 #{}",
        b"1.0#{}",
        b"+1#{}",
        b"-1#{}",
        b"a#{}",
        b"1a#{}",
        b"01#{}",
        b"001#{}",
        b"00#{}",
        b"000#{}",
        b"0000#{}",
        b"1000#{}",
        b"0x1#{}",
        b"[]",
        b"\"cafe\"",
        b"cafe ",
        b"ca\rfe",
        b"cafe,babe",
        b"\0",
        b"cafe\0",
        b"\xff\xfe",
        "１#{}".as_bytes(),
        "\u{feff}1#{}".as_bytes(),
        "你好".as_bytes(),
    ];
    for line in lines {
        refused(&server, line, "bad_frame", None);
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("it is past 1970").as_secs()
}
