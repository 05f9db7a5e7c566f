//! Lengths, in bytes of the decoded text.

use serde_json::json;

use super::{join, joins, refused, start};
use crate::rig;

/// Texts of exactly so many bytes, as they stand between quotes.
fn texts(bytes: usize) -> [String; 4] {
    let two = "é".repeat(bytes / 2) + &"x".repeat(bytes % 2);
    let four = "x".repeat(bytes % 4) + &"😀".repeat(bytes / 4);
    let escaped = r"\u00e9".repeat(bytes / 2) + &r"\n".repeat(bytes % 2);
    ["x".repeat(bytes), two, four, escaped]
}

#[test]
fn the_fields_of_a_join() {
    let server = start(1);
    for (key, most) in [
        ("nickname", 64),
        ("picId", 128),
        ("location", 128),
        ("gps", 128),
    ] {
        for text in texts(most) {
            joins(&server, join("ann", &format!(r#","{key}":"{text}""#)));
        }
        joins(&server, join("ann", &format!(r#","{key}":"""#)));
        for text in texts(most + 1) {
            let line = join("ann", &format!(r#","{key}":"{text}""#));
            let detail = refused(&server, line, "bad_field", 1);
            assert!(detail.contains(key), "{detail}");
        }
    }
}

#[test]
fn a_user_id() {
    let server = start(1);
    for text in texts(64).iter().chain(&texts(1)) {
        joins(&server, join(text, ""));
    }
    for text in texts(65).iter().chain([&String::new()]) {
        let detail = refused(&server, join(text, ""), "bad_field", 1);
        assert!(detail.contains("userId"), "{detail}");
    }
}

#[test]
fn the_ids_in_a_talk() {
    let server = start(1);
    let most = "é".repeat(32);
    let (mut ann, mut bob) = rig::pair(&server, "ann", &most);
    ann.talk(&most, "x");
    assert_eq!(bob.expect(6)["msg"], "x");
    for number in [6, 7, 8, 10] {
        for to in ["x".repeat(65), "é".repeat(33), String::new()] {
            ann.send(number, &json!({"yourId": "ann", "toId": to, "msg": "x"}));
            let detail = ann.expect_refusal("bad_field", Some(number));
            assert!(detail.contains("toId"), "{detail}");
        }
    }
    for number in [3, 6, 7, 13] {
        ann.send(
            number,
            &json!({"yourId": "x".repeat(65), "toId": most, "msg": "x"}),
        );
        let detail = ann.expect_refusal("bad_field", Some(number));
        assert!(detail.contains("Id"), "{detail}");
    }
    ann.talk(&most, "y");
    assert_eq!(bob.expect(6)["msg"], "y");
}

#[test]
fn an_end_message_and_its_nickname() {
    let server = start(1);
    for number in [7, 8, 10] {
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        for text in texts(1025) {
            ann.send_line(&format!(
                r#"{number}#{{"yourId":"ann","toId":"bob","msg":"{text}"}}"#
            ));
            let detail = ann.expect_refusal("bad_field", Some(number));
            let key = if number == 7 { "msg" } else { "endmessage" };
            assert!(detail.contains(key), "{detail}");
        }
        // A talk ends only once.
        let times = if number == 8 { 4 } else { 1 };
        for text in texts(1024).iter().rev().take(times) {
            ann.send_line(&format!(
                r#"{number}#{{"yourId":"ann","toId":"bob","msg":"{text}"}}"#
            ));
            let word = bob.expect(9);
            assert_eq!(word["endmessage"].as_str().map(str::len), Some(1024));
        }
    }
    let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
    let line =
        |nickname: &str| format!(r#"7#{{"yourId":"ann","toId":"bob","nickname":"{nickname}"}}"#);
    ann.send_line(&line(&"é".repeat(33)));
    let detail = ann.expect_refusal("bad_field", Some(7));
    assert!(detail.contains("nickname"), "{detail}");
    ann.send_line(&line(&"é".repeat(32)));
    assert_eq!(bob.expect(9)["nickname"], "é".repeat(32));
}

#[test]
fn what_is_said_in_a_talk_is_as_long_as_a_line() {
    rig::both(|cores| {
        let server = start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let around = r#"6#{"yourId":"ann","toId":"bob","msg":""}"#;
        let line = around.replace(
            r#""""#,
            &format!(r#""{}""#, "x".repeat(8192 - around.len())),
        );
        assert_eq!(line.len(), 8192);
        ann.send_line(&line);
        assert_eq!(bob.expect_line(), line);
    });
}
