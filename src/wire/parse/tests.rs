use super::*;
use crate::wire::frame::Framer;
use crate::wire::message::{Gender, Join};
use crate::wire::text::Text;
use proptest::prelude::*;

mod fields;

const NUMBERED: Option<Dialect> = Some(Dialect::Numbered);
const NAMED: Option<Dialect> = Some(Dialect::Named);

fn message(line: &str) -> Incoming<'_> {
    let parsed = parse(line.as_bytes());
    parsed
        .content
        .unwrap_or_else(|fault| panic!("{line}: {}", fault.detail))
}

/// Dialect, number, slug, and the key that the detail names.
type Refused = (Option<Dialect>, Option<u16>, Slug, &'static str);

fn refused(line: &[u8]) -> Refused {
    let shown = String::from_utf8_lossy(line);
    let parsed = parse(line);
    let fault = parsed.content.expect_err(&shown);
    let key = match fault.detail {
        Detail::Key(key, _) => key,
        Detail::Says(_) => "",
    };
    (parsed.dialect, parsed.msg_type, fault.error, key)
}

/// `N#body` and its long form.
fn both(number: u16, body: &str) -> [String; 2] {
    let name = Kind::from_number(number).expect("a known type").name();
    [
        format!("{number}#{body}"),
        format!(r#"{{"msgType":"{name}","msg":{body}}}"#),
    ]
}

/// A body with all that each client message must have, and what that says.
fn least() -> [(u16, &'static str, Incoming<'static>); 7] {
    let [you, to] = ["a", "b"].map(Text::plain);
    let (talk, text) = (None, Text::plain(""));
    [
        (
            1,
            r#"{"userId":"a","gender":"F","findGender":"M"}"#,
            Incoming::Join(Join {
                user: you,
                nickname: you,
                gender: Gender::Female,
                find: Gender::Male,
                pic: text,
                location: text,
                gps: text,
                guys: 1,
                token: None,
            }),
        ),
        (3, r#"{"youId":"a"}"#, Incoming::Pass { you }),
        (
            6,
            r#"{"yourId":"a","toId":"b","msg":"hi"}"#,
            Incoming::Talking {
                you,
                to,
                talk,
                text: Text::plain("hi"),
                body: br#"{"yourId":"a","toId":"b","msg":"hi"}"#,
            },
        ),
        (
            7,
            r#"{"yourId":"a","toId":"b"}"#,
            Incoming::TalkEnd {
                you,
                to,
                talk,
                text,
                nickname: None,
                refuse: false,
            },
        ),
        (
            8,
            r#"{"youId":"a","toId":"b"}"#,
            Incoming::LastWord {
                you,
                to,
                talk,
                text,
            },
        ),
        (
            10,
            r#"{"youId":"a"}"#,
            Incoming::NextOne {
                you,
                to: None,
                talk,
                text,
            },
        ),
        (13, r#"{"youId":"a"}"#, Incoming::Leave { you }),
    ]
}

/// The body of [`least`] with `member` put in front.
fn with(number: u16, member: &str) -> String {
    let [.., body] = least()
        .into_iter()
        .filter(|row| row.0 == number)
        .map(|row| row.1)
        .collect::<Vec<_>>()[..]
    else {
        panic!("{number} is no client message");
    };
    format!("{{{member},{}", &body[1..])
}

#[test]
fn the_least_of_each_message_in_both_dialects() {
    for (number, body, says) in least() {
        let [short, long] = both(number, body);
        let double = format!("{number}##{body}");
        for (line, dialect) in [(short, NUMBERED), (double, NUMBERED), (long, NAMED)] {
            let parsed = parse(line.as_bytes());
            assert_eq!(parsed.dialect, dialect, "{line}");
            assert_eq!(parsed.msg_type, Some(number), "{line}");
            assert_eq!(parsed.content, Ok(says), "{line}");
        }
    }
}

#[test]
fn everything_that_a_message_may_hold() {
    let all = r#"{"userId":"penny","nickname":"Penny","gender":"F","findGender":"M","picId":4,"location":"Beijing","gps":"116#39","guys":"3","token":"t0k","extra":{"a":[1]},"extra":2}"#;
    assert_eq!(
        message(&format!("1#{all}")),
        Incoming::Join(Join {
            user: Text::plain("penny"),
            nickname: Text::plain("Penny"),
            gender: Gender::Female,
            find: Gender::Male,
            pic: Text::plain("4"),
            location: Text::plain("Beijing"),
            gps: Text::plain("116#39"),
            guys: 3,
            token: Some(Text::plain("t0k")),
        })
    );
    let all = r#"{"yourId":"a","toId":"b","msg":"bye","nickname":"A","seeAgain":1,"talkId":"77"}"#;
    assert_eq!(
        message(&format!("7#{all}")),
        Incoming::TalkEnd {
            you: Text::plain("a"),
            to: Text::plain("b"),
            talk: Some(Text::plain("77")),
            text: Text::plain("bye"),
            nickname: Some(Text::plain("A")),
            refuse: true,
        }
    );
    let all = r#"{"youId":"a","toId":"b","endmessage":"bye","talkId":77}"#;
    let (you, to, text) = (Text::plain("a"), Text::plain("b"), Text::plain("bye"));
    let talk = Some(Text::plain("77"));
    assert_eq!(
        message(&format!("8#{all}")),
        Incoming::LastWord {
            you,
            to,
            talk,
            text
        }
    );
    let to = Some(to);
    assert_eq!(
        message(&format!("10#{all}")),
        Incoming::NextOne {
            you,
            to,
            talk,
            text
        }
    );
}

#[test]
fn lines_that_are_no_frames() {
    assert_eq!(parse(b"").content, Ok(Incoming::Heartbeat));
    let longest = "9".repeat(64);
    for mac in [
        "E8308298402399320",
        "a",
        "0",
        "6",
        "ZTg6MzA6ODI=",
        "e8:30-82_98/40+2=",
        &longest,
    ] {
        assert_eq!(message(mac), Incoming::RoomRequest { mac });
        assert_eq!(parse(mac.as_bytes()).dialect, None);
        assert_eq!(parse(mac.as_bytes()).msg_type, None);
    }
    let nothing = (None, None, Slug::BadFrame, "");
    for line in [
        &b" "[..],
        b"\r",
        b"#{}",
        b"##",
        b" 6#{}",
        b"-6#{}",
        b"+6#{}",
        b"6 #{}",
        b"x6#{}",
        b"6x#{}",
        b"[]",
        b" {}",
        b"hello world",
        b"hello!",
        b"mac.dot",
        b"\x00",
        b"\xff\xfe",
        "你好".as_bytes(),
        "６#{}".as_bytes(),
        "9".repeat(65).as_bytes(),
        "A".repeat(8192).as_bytes(),
    ] {
        assert_eq!(refused(line), nothing);
    }
}

#[test]
fn a_number_is_one_to_three_digits_without_a_leading_zero() {
    for header in ["01", "00", "000", "001", "06", "1234", "0006", "99999"] {
        let line = format!("{header}#{{}}");
        assert_eq!(refused(line.as_bytes()), (None, None, Slug::BadFrame, ""));
    }
    let line = format!("{}#{{}}", "1".repeat(64));
    assert_eq!(refused(line.as_bytes()), (None, None, Slug::BadFrame, ""));
    for number in (0..=999).filter(|number| ![1, 3, 6, 7, 8, 10, 13].contains(number)) {
        for (body, dialect) in [("{}", NUMBERED), ("#{\"a\":[]} ", NUMBERED), ("", None)] {
            let line = format!("{number}#{body}");
            let unknown = (dialect, Some(number), Slug::UnknownType, "");
            assert_eq!(refused(line.as_bytes()), unknown);
        }
    }
}

#[test]
fn type_comes_before_json_in_a_numbered_frame() {
    for body in ["", "{", "[]", "null", "{}{}", "##{}", "{\"a\":\"\\ud800\"}"] {
        let line = format!("6#{body}");
        let bad = (None, Some(6), Slug::BadJson, "");
        assert_eq!(refused(line.as_bytes()), bad, "{line}");
        let line = format!("2#{body}");
        assert_eq!(refused(line.as_bytes()).2, Slug::UnknownType, "{line}");
    }
    assert_eq!(refused(b"6#{\"a\":\"\xff\"}").2, Slug::BadJson);
}

#[test]
fn json_comes_before_type_in_a_named_frame() {
    let no_json = (None, None, Slug::BadJson, "");
    for line in [
        "{",
        "{}x",
        r#"{"msgType":"nonsense""#,
        r#"{"msgType":"join","msg":{"a":"\ud800"}}"#,
        r#"{"msgType":"join","msg":{}}#"#,
    ] {
        assert_eq!(refused(line.as_bytes()), no_json, "{line}");
    }
}

#[test]
fn what_can_be_wrong_with_the_wrapper() {
    let fault = |number, slug, key| (NAMED, number, slug, key);
    use Slug::{BadField, MissingField, UnknownType};
    for (line, expected) in [
        (r#"{}"#, fault(None, MissingField, "msgType")),
        (r#"{"msg":{}}"#, fault(None, MissingField, "msgType")),
        (
            r#"{"msgType":null,"msg":{}}"#,
            fault(None, MissingField, "msgType"),
        ),
        (
            r#"{"msgtype":"join","msg":{}}"#,
            fault(None, MissingField, "msgType"),
        ),
        (
            r#"{"msgType":6,"msg":{}}"#,
            fault(None, BadField, "msgType"),
        ),
        (
            r#"{"msgType":["join"],"msg":{}}"#,
            fault(None, BadField, "msgType"),
        ),
        (
            r#"{"msgType":"join","msgType":"join","msg":{}}"#,
            fault(None, BadField, "msgType"),
        ),
        (
            r#"{"msgType":null,"msgType":"join","msg":{}}"#,
            fault(None, BadField, "msgType"),
        ),
        (
            r#"{"msgType":"join","msg\u0054ype":"leave","msg":{}}"#,
            fault(None, BadField, "msgType"),
        ),
        (r#"{"msgType":"","msg":{}}"#, fault(None, UnknownType, "")),
        (
            r#"{"msgType":"Join","msg":1}"#,
            fault(None, UnknownType, ""),
        ),
        (
            r#"{"msgType":"wait","msg":1}"#,
            fault(Some(2), UnknownType, ""),
        ),
        (r#"{"msgType":"error"}"#, fault(Some(0), UnknownType, "")),
        (
            r#"{"msgType":"notice","msg":{}}"#,
            fault(Some(14), UnknownType, ""),
        ),
        (r#"{"msgType":"join"}"#, fault(Some(1), MissingField, "msg")),
        (
            r#"{"msgType":"join","msg":null}"#,
            fault(Some(1), MissingField, "msg"),
        ),
        (
            r#"{"msgType":"join","msg":"{}"}"#,
            fault(Some(1), BadField, "msg"),
        ),
        (
            r#"{"msgType":"join","msg":[{}]}"#,
            fault(Some(1), BadField, "msg"),
        ),
        (
            r#"{"msgType":"leave","msg":{"youId":"a"},"msg":{"youId":"a"}}"#,
            fault(Some(13), BadField, "msg"),
        ),
        (
            r#"{"msgType":"leave","msg":{"youId":"a"},"\u006dsg":null}"#,
            fault(Some(13), BadField, "msg"),
        ),
        (
            r#"{"msgType":"leave","msg":{}}"#,
            fault(Some(13), MissingField, "youId"),
        ),
    ] {
        assert_eq!(refused(line.as_bytes()), expected, "{line}");
    }
}

#[test]
fn a_wrapper_may_be_written_in_any_way() {
    let you = Text::plain("a");
    for line in [
        r#"{"msg":{"youId":"a"},"msgType":"leave"}"#,
        r#"{ "msgType" : "leave" , "msg" : { "youId" : "a" } } "#,
        r#"{"\u006dsgType":"l\u0065ave","ms\u0067":{"youId":"a"}}"#,
        r#"{"msgType":"leave","msg":{"youId":"a"},"more":[1],"more":2}"#,
    ] {
        assert_eq!(message(line), Incoming::Leave { you }, "{line}");
        assert_eq!(parse(line.as_bytes()).dialect, NAMED);
    }
}

#[test]
fn the_wrapper_does_not_count_as_a_level() {
    let deep = |levels: usize| {
        let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
        format!(r#"{{"youId":"a","deep":{open}{close}}}"#)
    };
    for line in both(13, &deep(32)) {
        assert!(parse(line.as_bytes()).content.is_ok());
    }
    for line in both(13, &deep(33)) {
        let (dialect, _, slug, _) = refused(line.as_bytes());
        assert_eq!((dialect, slug), (None, Slug::BadJson));
    }
}

#[test]
fn a_relayed_body_is_exactly_what_stands_behind_the_header() {
    let body = r##"  { "yourId" :"a", "toId":"b","msg":"#1 \u0041" , "x":[ 1e999 ]}	 "##;
    for (line, relayed) in [
        (format!("6#{body}"), body),
        (format!("6##{body}"), body),
        (
            format!(r#"{{"msgType":"talking","msg":{body}}}"#),
            body.trim(),
        ),
    ] {
        let Incoming::Talking { body, .. } = message(&line) else {
            panic!("no talking");
        };
        assert_eq!(body, relayed.as_bytes());
    }
}

#[test]
fn a_fault_reads_well() {
    let shown = |line: &[u8]| parse(line).content.unwrap_err().detail.to_string();
    assert_eq!(shown(b"3#{}"), "youId: missing");
    assert_eq!(shown(b"3#{\"youId\":\"\"}"), "youId: empty");
    assert_eq!(shown(b"3#{"), "the body is not JSON");
}

/// Every kind of line there is, right and wrong.
fn cases() -> Vec<Vec<u8>> {
    let mut cases: Vec<Vec<u8>> = [
        "E8308298402399320",
        "not a frame",
        "01#{}",
        "2#{}",
        "12#{",
        "6#",
        "6#{",
        "{}",
        r#"{"msgType":"wait","msg":{}}"#,
        r##"6#{"yourId":"你","toId":"\ud83d\ude00","msg":"#\\n"}"##,
    ]
    .map(|line| line.as_bytes().to_vec())
    .to_vec();
    cases.push(Vec::new());
    cases.push(b"6#{\"a\":\"\xe4\xbd\"}".to_vec());
    for (number, body, _) in least() {
        cases.extend(both(number, body).map(String::into_bytes));
        cases.push(format!("{number}##{}", with(number, "\"youId\":1")).into_bytes());
    }
    cases
}

#[test]
fn every_case_whole_and_byte_by_byte_and_with_a_second_line_behind_it() {
    for case in cases() {
        for end in ["\n", "\r\n"] {
            let mut stream = case.clone();
            stream.extend_from_slice(end.as_bytes());
            let first = stream.len();
            stream.extend_from_slice(b"3#{\"youId\":\"second\"}\n");
            for pieces in [
                vec![&stream[..first]],
                stream[..first].chunks(1).collect(),
                vec![&stream[..]],
                stream.chunks(1).collect(),
                vec![&stream[..first / 2], &stream[first / 2..]],
            ] {
                let whole: usize = pieces.iter().map(|piece| piece.len()).sum();
                let mut framer = Framer::default();
                let mut told = Vec::new();
                for mut piece in pieces {
                    while let Some(line) = framer.next(&mut piece, 8192) {
                        told.push(format!("{:?}", parse(line.unwrap())));
                    }
                }
                let mut expected = vec![format!("{:?}", parse(&case))];
                if whole > first {
                    let second = parse(b"3#{\"youId\":\"second\"}");
                    expected.push(format!("{second:?}"));
                }
                assert_eq!(told, expected, "{}", String::from_utf8_lossy(&case));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_bytes_panic(line in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = parse(&line);
    }

    #[test]
    fn no_broken_line_panics(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut line = which.get(&cases()).clone();
        if !line.is_empty() {
            let at = at.index(line.len());
            let _ = parse(&line[..at]);
            line[at] = byte;
        }
        let parsed = parse(&line);
        // A dialect means that there was JSON, and JSON means a dialect.
        let body = match (&line[..], header(&line)) {
            ([b'{', ..], _) => &line,
            (_, Some((digits, body))) if digits.len() <= 3 && (digits[0] != b'0' || digits.len() == 1) => body,
            _ => &b""[..],
        };
        prop_assert_eq!(parsed.dialect.is_some(), scan::object(body, 33, |_, _| ()).is_ok());
    }

    /// Whatever the server lets through, any other reader of the relayed body
    /// finds the ids that the server saw.
    #[test]
    fn no_reader_sees_another_id(you in "\\PC{1,16}", to in "\\PC{1,16}", said in "\\PC*") {
        let body = serde_json::json!({"yourId": you, "toId": to, "msg": said}).to_string();
        let line = format!("6#{body}");
        let Incoming::Talking { you: seen_you, to: seen_to, body: told, .. } = message(&line) else {
            panic!("no talking");
        };
        prop_assert!(seen_you.is(&you));
        prop_assert!(seen_to.is(&to));
        prop_assert_eq!(told, body.as_bytes());
    }
}
