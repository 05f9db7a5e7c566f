use super::*;
use crate::wire::message::{Gender, Incoming, Slug, TABLE};
use crate::wire::parse::parse;
use proptest::prelude::*;
use serde_json::{Value, json};

fn written(dialect: Dialect, message: &Outgoing<'_>) -> String {
    let mut out = b"before\n".to_vec();
    write(&mut out, dialect, message);
    let out = String::from_utf8(out).unwrap();
    let line = out.strip_prefix("before\n").unwrap();
    assert_eq!(line.find('\n'), Some(line.len() - 1), "one line");
    line.trim_end_matches('\n').to_owned()
}

/// The number and body of a line, the same in both dialects.
fn read_back(message: &Outgoing<'_>) -> (u16, Value) {
    let numbered = written(Dialect::Numbered, message);
    let (number, body) = numbered.split_once('#').unwrap();
    let number: u16 = number.parse().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let named: Value = serde_json::from_str(&written(Dialect::Named, message)).unwrap();
    let name = TABLE.iter().find(|row| row.0.number() == number).unwrap().1;
    assert_eq!(named, json!({"msgType": name, "msg": body}));
    (number, body)
}

#[test]
fn every_message_to_the_letter() {
    let heartbeat = Outgoing::Heartbeat;
    let room = Outgoing::Room {
        mac: "E8308298402399320",
        seconds: 1_374_590_192,
    };
    for dialect in [Dialect::Numbered, Dialect::Named] {
        assert_eq!(written(dialect, &heartbeat), "");
        assert_eq!(written(dialect, &room), "E83082984023993201374590192");
    }
    for (message, line) in [
        (
            Outgoing::Error {
                error: Slug::MissingField,
                msg_type: Some(1),
                detail: "gender: missing",
            },
            r#"0#{"error":"missing_field","msgType":1,"detail":"gender: missing"}"#,
        ),
        (
            Outgoing::Error {
                error: Slug::BadFrame,
                msg_type: None,
                detail: "",
            },
            r#"0#{"error":"bad_frame","msgType":null,"detail":""}"#,
        ),
        (Outgoing::Wait { place: 12 }, r#"2#{"youNum":"12"}"#),
        (
            Outgoing::Passed { from: 3, by: 1 },
            r#"4#{"youNum":"2","passNum":3,"passCount":1}"#,
        ),
        (
            Outgoing::TalkBegin {
                to: "tom",
                nickname: "T\"om",
                gender: Gender::Male,
                pic: "4",
                location: "北京",
                gps: "116#39",
                talk: u64::MAX,
            },
            r#"5#{"toId":"tom","nickname":"T\"om","gender":"M","picId":"4","location":"北京","gps":"116#39","talkId":"18446744073709551615"}"#,
        ),
        (
            Outgoing::Talking {
                body: br#" {"yourId":"a" } "#,
            },
            r#"6# {"yourId":"a" } "#,
        ),
        (
            Outgoing::EndMessage {
                you: "a",
                to: "b",
                nickname: "A",
                text: "so\nlong\\",
                over: true,
                talk: "7",
            },
            r#"9#{"youId":"a","toId":"b","nickname":"A","endmessage":"so\nlong\\","over":1,"talkId":"7"}"#,
        ),
        (
            Outgoing::EndMessage {
                you: "a",
                to: "b",
                nickname: "",
                text: "",
                over: false,
                talk: "",
            },
            r#"9#{"youId":"a","toId":"b","nickname":"","endmessage":"","over":0,"talkId":""}"#,
        ),
    ] {
        assert_eq!(written(Dialect::Numbered, &message), line);
        read_back(&message);
    }
    let named = written(Dialect::Named, &Outgoing::Wait { place: 12 });
    assert_eq!(named, r#"{"msgType":"wait","msg":{"youNum":"12"}}"#);
    let named = written(Dialect::Named, &Outgoing::Talking { body: b"{\"a\":1}" });
    assert_eq!(named, r#"{"msgType":"talking","msg":{"a":1}}"#);
}

#[test]
fn every_character_is_escaped_as_it_must_be() {
    for character in (0..=0x2100)
        .filter_map(char::from_u32)
        .chain(['😀', '\u{10ffff}'])
    {
        for text in [
            format!("{character}"),
            format!("some text in front of it {character} and behind"),
        ] {
            let mut out = Vec::new();
            push_escaped(&mut out, &text);
            let escaped = String::from_utf8(out).unwrap();
            assert!(!escaped.chars().any(|c| c < ' '), "{character:?}");
            let back: String = serde_json::from_str(&format!("\"{escaped}\"")).unwrap();
            assert_eq!(back, text);
            // Nothing is escaped that need not be.
            assert_eq!(
                format!("\"{escaped}\""),
                serde_json::to_string(&text).unwrap()
            );
        }
    }
}

#[test]
fn numbers_are_decimal() {
    for number in [0, 1, 9, 10, 99, 100, 12_345, u64::MAX - 1, u64::MAX] {
        let mut out = Vec::new();
        push_decimal(&mut out, number);
        assert_eq!(out, number.to_string().as_bytes());
    }
}

proptest! {
    #[test]
    fn serde_reads_back_what_was_written(
        texts in prop::array::uniform5(any::<String>()),
        talk in any::<u64>(),
        from in 1u64..,
        over in any::<bool>(),
        slug in prop::sample::select(Slug::ALL.to_vec()),
        msg_type in any::<Option<u16>>(),
    ) {
        let [a, b, c, d, e] = &texts;
        let begin = Outgoing::TalkBegin {
            to: a, nickname: b, gender: Gender::Female, pic: c, location: d, gps: e, talk,
        };
        let body = json!({
            "toId": a, "nickname": b, "gender": "F", "picId": c, "location": d, "gps": e,
            "talkId": talk.to_string(),
        });
        prop_assert_eq!(read_back(&begin), (5, body));

        let digits = talk.to_string();
        let end = Outgoing::EndMessage { you: a, to: b, nickname: c, text: d, over, talk: &digits };
        let body = json!({
            "youId": a, "toId": b, "nickname": c, "endmessage": d, "over": u8::from(over),
            "talkId": digits,
        });
        prop_assert_eq!(read_back(&end), (9, body));

        let error = Outgoing::Error { error: slug, msg_type, detail: e };
        let body = json!({"error": slug.as_str(), "msgType": msg_type, "detail": e});
        prop_assert_eq!(read_back(&error), (0, body));

        let by = talk % from;
        let passed = Outgoing::Passed { from, by };
        let body = json!({"youNum": (from - by).to_string(), "passNum": from, "passCount": by});
        prop_assert_eq!(read_back(&passed), (4, body));

        prop_assert_eq!(read_back(&Outgoing::Wait { place: from }), (2, json!({"youNum": from.to_string()})));
    }

    #[test]
    fn a_relayed_line_is_the_same_to_the_next_reader(you in "\\PC{1,16}", said in any::<String>()) {
        let body = json!({"yourId": you, "toId": "b", "msg": said}).to_string();
        for dialect in [Dialect::Numbered, Dialect::Named] {
            let line = written(dialect, &Outgoing::Talking { body: body.as_bytes() });
            let parsed = parse(line.as_bytes());
            prop_assert_eq!(parsed.dialect, Some(dialect));
            let Ok(Incoming::Talking { body: told, .. }) = parsed.content else {
                panic!("{line}");
            };
            prop_assert_eq!(told, body.as_bytes());
        }
    }
}
