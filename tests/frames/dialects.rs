//! The dialect of the first line that passes as a frame with JSON.

use std::time::Duration;

use serde_json::json;

use super::{after, expect_alive, join, joins, start};
use crate::rig::{self, Handset, Server, Setup};

const NAMED: &str = r#"{"msgType":"leave","msg":{}}"#;
const NUMBERED: &str = "13#{}";

/// After these lines, and what they are answered with, the server answers
/// named or numbered, whatever it is asked in.
#[track_caller]
fn speaks(server: &Server, lines: &[&str], named: bool) {
    for probe in [NAMED, NUMBERED] {
        let mut handset = Handset::connect(server);
        for line in lines {
            handset.send_line(line);
            handset.expect_line();
        }
        handset.send_line(probe);
        let answer = handset.expect_line();
        assert_eq!(
            answer.starts_with('{'),
            named,
            "{lines:?} {probe}: {answer}"
        );
    }
}

/// These lines decide nothing: they are answered numbered, and the next line
/// decides.
#[track_caller]
fn undecided(server: &Server, lines: &[&str]) {
    for probe in [NAMED, NUMBERED] {
        let mut handset = Handset::connect(server);
        for line in lines {
            handset.send_line(line);
            let answer = handset.expect_line();
            assert!(!answer.starts_with('{'), "{line}: {answer}");
        }
        handset.send_line(probe);
        let answer = handset.expect_line();
        let named = probe == NAMED;
        assert_eq!(
            answer.starts_with('{'),
            named,
            "{lines:?} {probe}: {answer}"
        );
    }
}

#[test]
fn a_frame_with_json_decides_whatever_error_follows() {
    let server = start(1);
    for numbered in [
        "1#{}",
        "3#{}",
        "13##{}",
        "99#{}",
        "2#{\"x\":1}",
        "0#{}",
        "1#{\"userId\":7.5}",
    ] {
        speaks(&server, &[numbered], false);
    }
    for named in [
        "{}",
        r#"{"msgType":"join","msg":{}}"#,
        r#"{"msgType":"join","msg":[]}"#,
        r#"{"msgType":"join"}"#,
        r#"{"msgType":"dance","msg":{}}"#,
        r#"{"msgType":"wait"}"#,
        r#"{"msg":{"deep":[[]]}}"#,
        " {\"msgType\":\"leave\"}".trim_start(),
    ] {
        speaks(&server, &[named], true);
    }
}

#[test]
fn what_is_no_frame_with_json_does_not_count() {
    let server = start(1);
    let deep_body = format!("3#{{\"x\":{}1{}}}", "[".repeat(32), "]".repeat(32));
    let lines = [
        "",
        "cafe",
        "hello world",
        "01#{}",
        "1000#{}",
        "#{}",
        "1#{",
        "99#{",
        "99#",
        "2#[]",
        "1#[]",
        "1#{\"userId\":\"\\ud800\"}",
        &deep_body,
        "{",
        r#"{"msgType":"join","msg":{}"#,
        r#"{"msgType":"join","msg":{"x":01}}"#,
        "{]",
    ];
    for line in lines {
        undecided(&server, &[line]);
    }
    undecided(&server, &lines[..9]);
    undecided(&server, &lines[9..]);
}

#[test]
fn the_first_decides_for_good() {
    let server = start(1);
    speaks(
        &server,
        &["", "cafe", "no frame", "{", NAMED, NUMBERED, "1#{}"],
        true,
    );
    speaks(
        &server,
        &["", "cafe", "no frame", "{", NUMBERED, NAMED, "{}"],
        false,
    );
}

#[test]
fn each_hears_the_same_talk_in_its_own_dialect() {
    rig::both(|cores| {
        let server = start(cores);
        let mut ann = after(
            &server,
            r#"{"msgType":"join","msg":{"userId":"ann","gender":"F","findGender":"M"}}"#,
        );
        assert_eq!(ann.expect_named("wait"), json!({"youNum": "1"}));
        let mut bob = after(
            &server,
            r#"1#{"userId":"bob","gender":"M","findGender":"F"}"#,
        );
        let talk = bob.expect(5)["talkId"].clone();
        let mut begin = ann.expect_named("talk_begin");
        assert_eq!(begin["talkId"].take(), talk);
        assert_eq!(begin["toId"], "bob");

        let body = r#"{"yourId":"bob", "toId":"ann","msg":"a \u00e9","x":[1.50]}"#;
        bob.send_line(&format!("6#{body}"));
        let wrapped = ann.expect_line();
        assert!(wrapped.contains(body), "the very bytes: {wrapped}");
        let frame: serde_json::Value = serde_json::from_str(&wrapped).unwrap();
        assert_eq!(frame["msgType"], "talking");
        assert_eq!(frame["msg"]["msg"], "a é");

        let body = r##"{ "toId":"bob","msg":"{\"#\"}","fromId":"ann" }"##;
        ann.send_line(&format!(
            r#"{{"msg":{body},"x":{{"msg":1}},"msgType":"talking"}}"#
        ));
        assert_eq!(bob.expect_line(), format!("6#{body}"));
        ann.send_line(&format!("6#{body}"));
        assert_eq!(bob.expect_line(), format!("6#{body}"));

        bob.send_line(r#"7#{"yourId":"bob","toId":"ann","msg":"bye"}"#);
        assert_eq!(ann.expect_named("receive_end_msg")["endmessage"], "bye");
        expect_alive(&mut ann);
    });
}

#[test]
fn a_refused_rate_decides_nothing() {
    let server = Setup::new(1).set("max_rate", 1).start();
    let mut handset = Handset::connect(&server);
    // Two make the burst.
    handset.send_bytes(format!("\n\n{NAMED}\n").as_bytes());
    assert_eq!(handset.expect_line(), "");
    assert_eq!(handset.expect_line(), "");
    handset.expect_refusal("rate_limited", None);
    std::thread::sleep(Duration::from_millis(1100));
    handset.send_line("99#{}");
    handset.expect_error("unknown_type");
}

#[test]
fn a_closing_error_is_told_in_the_dialect() {
    let server = start(1);
    let mut named = after(&server, NAMED);
    named.expect_named("error");
    named.send_line(&"x".repeat(8193));
    assert_eq!(named.expect_named("error")["error"], "line_too_long");
    named.expect_end();

    let mut ann = after(
        &server,
        r#"{"msgType":"join","msg":{"userId":"ann","gender":"F","findGender":"M"}}"#,
    );
    ann.expect_named("wait");
    let _again = joins(&server, join("ann", ""));
    let replaced = ann.expect_named("error");
    assert_eq!(replaced["error"], "replaced");
    assert!(replaced["msgType"].is_null(), "{replaced}");
    ann.expect_end();
}
