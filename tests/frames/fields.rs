//! Aliases, defaults and what may stand under a key.

use serde_json::{Value, json};

use super::{expect_alive, join, joins, refused, start};
use crate::rig::{self, Handset, Server};

#[test]
fn a_user_may_be_named_by_any_alias() {
    let server = start(1);
    for alias in ["userId", "youId", "yourId", "fromId"] {
        let line = join("ann", "").replace("userId", alias);
        assert_eq!(met(&server, &line)["toId"], "ann", "{alias}");
    }
    for alias in ["youId", "yourId", "fromId"] {
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let say = |number, more: &str| format!(r#"{number}#{{"{alias}":"ann"{more}}}"#);
        ann.send_line(&say(3, ""));
        ann.expect_refusal("not_waiting", Some(3));
        let line = say(6, r#","toId":"bob","msg":"x""#);
        ann.send_line(&line);
        assert_eq!(bob.expect_line(), line, "relayed as typed");
        ann.send_line(&say(8, r#","toId":"bob","endmessage":"word""#));
        let word = bob.expect(9);
        assert_eq!(word["endmessage"], "word");
        let mut keys: Vec<_> = word.as_object().expect("an object").keys().collect();
        keys.sort();
        let written = ["endmessage", "nickname", "over", "talkId", "toId", "youId"];
        assert_eq!(keys, written, "never an alias");
        ann.send_line(&say(7, r#","toId":"bob","msg":"bye""#));
        assert_eq!(bob.expect(9)["endmessage"], "bye");
        ann.send_line(&say(10, r#","toId":"bob""#));
        ann.expect(2);
        ann.send_line(&say(13, ""));
        ann.send_line(&say(3, ""));
        ann.expect_refusal("not_waiting", Some(3));
    }
}

#[test]
fn userid_is_an_alias_in_a_join_only() {
    let server = start(1);
    let mut ann = joins(&server, join("ann", ""));
    ann.send_line(r#"3#{"userId":"ann"}"#);
    let detail = ann.expect_refusal("missing_field", Some(3));
    assert!(detail.contains("youId"), "{detail}");
}

#[test]
fn an_end_message_has_two_names() {
    let server = start(1);
    for (number, over) in [(7, 1), (8, 0), (10, 1)] {
        for key in ["msg", "endmessage"] {
            let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
            ann.send_line(&format!(
                r#"{number}#{{"yourId":"ann","toId":"bob","{key}":"bye"}}"#
            ));
            let word = bob.expect(9);
            assert_eq!(
                (&word["endmessage"], &word["over"]),
                (&json!("bye"), &json!(over))
            );
        }
    }
}

#[test]
fn what_may_be_missing_has_its_default() {
    let server = start(1);
    for more in [
        "",
        r#","nickname":null,"picId":null,"location":null,"gps":null,"guys":null,"token":null"#,
    ] {
        let mut begin = met(&server, &join("ann", more));
        begin["talkId"].take();
        let defaults = json!({
            "toId": "ann", "nickname": "ann", "gender": "F", "picId": "", "location": "",
            "gps": "", "talkId": null,
        });
        assert_eq!(begin, defaults);
    }
    for (number, more) in [
        (7, ""),
        (7, r#","msg":null,"nickname":null,"seeAgain":null"#),
        (10, ""),
        (10, r#","endmessage":null"#),
        (8, r#","endmessage":null"#),
    ] {
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.send_line(&format!(
            r#"{number}#{{"yourId":"ann","toId":"bob"{more}}}"#
        ));
        let word = bob.expect(9);
        assert_eq!(
            (&word["endmessage"], &word["nickname"]),
            (&json!(""), &json!("ann"))
        );
    }
    let mut ann = joins(&server, join("ann", ""));
    for line in [r#"10#{"youId":"ann"}"#, r#"10#{"youId":"ann","toId":null}"#] {
        ann.send_line(line);
        ann.expect(2);
    }
}

#[test]
fn what_must_be_there_is_named_when_it_is_missing() {
    let server = start(1);
    for key in ["userId", "gender", "findGender"] {
        for without in [None, Some("null")] {
            let line = join_without(key, without);
            let detail = refused(&server, line, "missing_field", 1);
            assert!(detail.contains(key), "{detail}");
        }
    }
    let mut ann = joins(&server, join("ann", ""));
    for (number, keys) in [
        (3, &["youId"] as &[_]),
        (6, &["yourId", "toId", "msg"]),
        (7, &["yourId", "toId"]),
        (8, &["youId", "toId"]),
        (10, &["youId"]),
        (13, &["youId"]),
    ] {
        for key in keys {
            for null in [false, true] {
                let mut body = json!({"toId": "bob", "msg": "x"});
                body[keys[0]] = json!("ann");
                match null {
                    true => body[*key] = Value::Null,
                    false => drop(body.as_object_mut().expect("it is").remove(*key)),
                }
                ann.send(number, &body);
                let detail = ann.expect_refusal("missing_field", Some(number));
                assert!(detail.contains(key), "{detail}");
                // Too many errors would close.
                ann = joins(&server, join("ann", ""));
            }
        }
    }
}

#[test]
fn integers_of_64_bits_stand_for_strings() {
    rig::both(|cores| {
        let server = start(cores);
        for id in [
            "0",
            "7",
            "-5",
            "18649314931",
            "18446744073709551615",
            "-9223372036854775808",
        ] {
            let line = join(
                "",
                &format!(r#","nickname":{id},"gps":{id},"picId":{id},"location":{id}"#),
            );
            let line = line.replace(r#""userId":"""#, &format!(r#""userId":{id}"#));
            let mut ann = joins(&server, line);
            // Not the one before, whom the server may not know to have gone.
            let bob_id = format!("bob of {id}");
            let mut bob = Handset::connect(&server);
            bob.join(&bob_id, "M", "F");
            let begin = bob.expect(5);
            for key in ["toId", "nickname", "gps", "picId", "location"] {
                assert_eq!(begin[key], id);
            }
            ann.expect_past_waits(5);
            let body = format!(r#"{{"yourId":{id},"toId":"{bob_id}","msg":"x"}}"#);
            ann.send_line(&format!("6#{body}"));
            assert_eq!(bob.expect_line(), format!("6#{body}"));
            let body = format!(r#"{{"yourId":"{bob_id}","toId":{id},"msg":"y"}}"#);
            bob.send_line(&format!("6#{body}"));
            assert_eq!(ann.expect_line(), format!("6#{body}"));
        }
    });
}

#[test]
fn other_values_are_bad_fields() {
    let server = start(1);
    let long = "1".repeat(64);
    let no_text = [
        "1.5",
        "1.0",
        "1e3",
        "18446744073709551616",
        "-9223372036854775809",
        &long,
        "true",
        "[]",
        "{}",
        r#"["a"]"#,
    ];
    for value in no_text {
        let line = join_without("userId", Some(value));
        let detail = refused(&server, line, "bad_field", 1);
        assert!(detail.contains("userId"), "{value}: {detail}");
        for key in ["nickname", "picId", "location", "gps"] {
            let line = join("ann", &format!(r#","{key}":{value}"#));
            let detail = refused(&server, line, "bad_field", 1);
            assert!(detail.contains(key), "{value}: {detail}");
        }
    }
    for key in ["gender", "findGender"] {
        for value in [
            r#""m""#, r#""X""#, r#""""#, r#""MF""#, r#""F ""#, "1", "true", "[]",
        ] {
            let detail = refused(&server, join_without(key, Some(value)), "bad_field", 1);
            assert!(detail.contains(key), "{value}: {detail}");
        }
    }
    for value in [r#""x""#, r#""""#, r#""1x""#, "true", "[]", "{}", r#""０""#] {
        let line = join("ann", &format!(r#","guys":{value}"#));
        let detail = refused(&server, line, "bad_field", 1);
        assert!(detail.contains("guys"), "{value}: {detail}");
    }
}

#[test]
fn values_in_a_talk_are_checked_too() {
    let server = start(1);
    let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
    let cases = [
        (6, "msg", r#"{"yourId":"ann","toId":"bob","msg":7}"#),
        (6, "msg", r#"{"yourId":"ann","toId":"bob","msg":["x"]}"#),
        (6, "toId", r#"{"yourId":"ann","toId":1.5,"msg":"x"}"#),
        (6, "toId", r#"{"yourId":"ann","toId":"","msg":"x"}"#),
        (6, "yourId", r#"{"yourId":{},"toId":"bob","msg":"x"}"#),
        (
            7,
            "seeAgain",
            r#"{"yourId":"ann","toId":"bob","seeAgain":2}"#,
        ),
        (
            7,
            "seeAgain",
            r#"{"yourId":"ann","toId":"bob","seeAgain":-1}"#,
        ),
        (
            7,
            "seeAgain",
            r#"{"yourId":"ann","toId":"bob","seeAgain":"2"}"#,
        ),
        (
            7,
            "seeAgain",
            r#"{"yourId":"ann","toId":"bob","seeAgain":"yes"}"#,
        ),
        (
            7,
            "seeAgain",
            r#"{"yourId":"ann","toId":"bob","seeAgain":true}"#,
        ),
        (
            7,
            "nickname",
            r#"{"yourId":"ann","toId":"bob","nickname":[]}"#,
        ),
        (
            8,
            "endmessage",
            r#"{"youId":"ann","toId":"bob","endmessage":{}}"#,
        ),
        (10, "toId", r#"{"youId":"ann","toId":""}"#),
    ];
    for (number, key, body) in cases {
        ann.send_line(&format!("{number}#{body}"));
        let detail = ann.expect_refusal("bad_field", Some(number));
        assert!(detail.contains(key), "{body}: {detail}");
    }
    ann.talk("bob", "still here");
    assert_eq!(bob.expect(6)["msg"], "still here");
}

#[test]
fn guys_and_seeagain_are_numbers_or_decimal_strings() {
    let server = start(1);
    for (guys, slots) in [
        ("2", 2.0),
        (r#""2""#, 2.0),
        ("0", 1.0),
        ("-7", 1.0),
        (r#""-7""#, 1.0),
        ("64", 3.0),
        ("99999999999999999999", 3.0),
    ] {
        let ann = joins(&server, join("ann", &format!(r#","guys":{guys}"#)));
        server.wait_metric("pairline_waiting", slots);
        drop(ann);
        server.wait_metric("pairline_waiting", 0.0);
    }
    for (see_again, meet) in [
        ("0", true),
        (r#""0""#, true),
        ("1", false),
        (r#""1""#, false),
    ] {
        let server = rig::Setup::new(1).set("rematch_pause", "0s").start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.send_line(&format!(
            r#"7#{{"yourId":"ann","toId":"bob","seeAgain":{see_again}}}"#
        ));
        bob.expect(9);
        ann.next_one("bob", "");
        ann.expect(2);
        bob.next_one("ann", "");
        bob.expect(if meet { 5 } else { 2 });
    }
}

#[test]
fn whatever_was_sent_is_escaped_in_what_is_written() {
    rig::both(|cores| {
        let server = start(cores);
        let odd = "\"}\\\n\r\t\0\u{1}\u{1f}\u{7f}\u{85}\u{2028}</é你😀#";
        let (mut ann, mut bob) = (Handset::connect(&server), Handset::connect(&server));
        ann.join_with(
            &json!({"userId": odd, "nickname": odd, "picId": odd, "location": odd,
            "gps": odd, "gender": "F", "findGender": "M"}),
        );
        ann.expect(2);
        bob.join("bob", "M", "F");
        let begin = bob.expect(5);
        for key in ["toId", "nickname", "picId", "location", "gps"] {
            assert_eq!(begin[key], odd, "{key}");
        }
        ann.expect_past_waits(5);
        ann.last_word("bob", odd);
        let word = bob.expect(9);
        for key in ["youId", "nickname", "endmessage"] {
            assert_eq!(word[key], odd, "{key}");
        }
        bob.talk(odd, odd);
        assert_eq!(ann.expect(6)["msg"], odd);
        let stranger = format!("{odd}?");
        ann.talk(&stranger, "x");
        let over = ann.expect(9);
        assert_eq!(
            (&over["youId"], &over["toId"]),
            (&json!(stranger), &json!(odd))
        );
        ann.end("bob", odd);
        assert_eq!(bob.expect(9)["endmessage"], odd);
        expect_alive(&mut bob);
    });
}

/// What somebody new is told about who has joined with this line.
#[track_caller]
fn met(server: &Server, line: &str) -> Value {
    let mut ann = joins(server, line);
    let mut bob = Handset::connect(server);
    bob.join("bob", "M", "F");
    let begin = bob.expect(5);
    ann.expect_past_waits(5);
    begin
}

/// A join without this key, or with something else under it.
fn join_without(key: &str, value: Option<&str>) -> String {
    let rest = ["userId", "gender", "findGender"]
        .into_iter()
        .zip(["\"ann\"", "\"F\"", "\"M\""]);
    let members = rest.filter_map(|(name, usual)| {
        let value = if name == key { value } else { Some(usual) };
        value.map(|value| format!(r#""{name}":{value}"#))
    });
    format!("1#{{{}}}", members.collect::<Vec<_>>().join(","))
}
