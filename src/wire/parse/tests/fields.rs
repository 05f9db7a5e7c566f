//! What may stand under each key of each message.

use super::*;

/// The body of [`least`] with `key` left out and `instead` in its place.
fn without(number: u16, key: &str, instead: &str) -> String {
    let body = with(number, "\"x\":0");
    let mut members: Vec<&str> = body[1..body.len() - 1]
        .split(',')
        .filter(|member| !member.starts_with(&format!("\"{key}\"")))
        .collect();
    if !instead.is_empty() {
        members.push(instead);
    }
    format!("{{{}}}", members.join(","))
}

/// Number, the key that faults name, and the other names that it has.
const NAMES: [(u16, &str, &[&str]); 13] = [
    (1, "userId", &["youId", "yourId", "fromId"]),
    (3, "youId", &["yourId", "fromId"]),
    (6, "yourId", &["youId", "fromId"]),
    (7, "yourId", &["youId", "fromId"]),
    (8, "youId", &["yourId", "fromId"]),
    (10, "youId", &["yourId", "fromId"]),
    (13, "youId", &["yourId", "fromId"]),
    (6, "toId", &[]),
    (7, "toId", &[]),
    (8, "toId", &[]),
    (7, "msg", &["endmessage"]),
    (8, "endmessage", &["msg"]),
    (10, "endmessage", &["msg"]),
];

#[test]
fn every_other_name_of_a_key_is_that_key() {
    for (number, key, others) in NAMES {
        for name in others.iter().chain([&key]) {
            let named = format!(r#""{name}":"zz""#);
            let [first, ..] = both(number, &without(number, key, &named));
            let [canonical, ..] = both(number, &without(number, key, &format!(r#""{key}":"zz""#)));
            let (one, other) = (message(&first), message(&canonical));
            if number == 6 {
                let ids = |message| match message {
                    Incoming::Talking { you, to, .. } => [you, to],
                    _ => panic!("no talking"),
                };
                assert_eq!(ids(one), ids(other), "{first}");
            } else {
                assert_eq!(one, other, "{first}");
            }
        }
    }
}

#[test]
fn a_name_of_another_message_is_an_unknown_key() {
    for (number, unknown) in [
        (3, "userId"),
        (3, "toId"),
        (6, "endmessage"),
        (6, "userId"),
        (6, "nickname"),
        (7, "userId"),
        (8, "nickname"),
        (8, "seeAgain"),
        (10, "userId"),
        (10, "nickname"),
        (13, "userId"),
        (13, "talkId"),
        (1, "toId"),
        (1, "msg"),
        (1, "talkId"),
        (1, "UserId"),
    ] {
        let twice = with(number, &format!(r#""{unknown}":[],"{unknown}":null"#));
        for line in both(number, &twice) {
            assert!(parse(line.as_bytes()).content.is_ok(), "{line}");
        }
    }
}

#[test]
fn a_known_key_given_twice_is_refused_under_any_name() {
    for (number, key, others) in NAMES {
        for name in others.iter().chain([&key]) {
            let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
            for second in [*name, &escaped] {
                for value in [r#""a""#, "null", "{}"] {
                    let member = format!(r#""{second}":{value},"{key}":"a""#);
                    for line in both(number, &without(number, key, &member)) {
                        let dialect = parse(line.as_bytes()).dialect;
                        assert!(dialect.is_some(), "{line}");
                        let bad = (dialect, Some(number), Slug::BadField, key);
                        assert_eq!(refused(line.as_bytes()), bad, "{line}");
                    }
                }
            }
        }
    }
    for (number, key) in [
        (1, "nickname"),
        (1, "gender"),
        (1, "findGender"),
        (1, "picId"),
        (1, "location"),
        (1, "gps"),
        (1, "guys"),
        (1, "token"),
        (6, "msg"),
        (6, "talkId"),
        (7, "nickname"),
        (7, "seeAgain"),
        (7, "talkId"),
        (8, "talkId"),
        (10, "toId"),
        (10, "talkId"),
    ] {
        let body = without(number, key, &format!(r#""{key}":null,"{key}":null"#));
        let line = format!("{number}#{body}");
        let bad = (NUMBERED, Some(number), Slug::BadField, key);
        assert_eq!(refused(line.as_bytes()), bad, "{line}");
    }
}

#[test]
fn a_required_key_that_is_missing_or_null() {
    for (number, key) in [
        (1, "userId"),
        (1, "gender"),
        (1, "findGender"),
        (3, "youId"),
        (6, "yourId"),
        (6, "toId"),
        (6, "msg"),
        (7, "yourId"),
        (7, "toId"),
        (8, "youId"),
        (8, "toId"),
        (10, "youId"),
        (13, "youId"),
    ] {
        for instead in [String::new(), format!(r#""{key}":null"#)] {
            for (line, dialect) in both(number, &without(number, key, &instead))
                .iter()
                .zip([NUMBERED, NAMED])
            {
                let missing = (dialect, Some(number), Slug::MissingField, key);
                assert_eq!(refused(line.as_bytes()), missing, "{line}");
            }
        }
    }
}

#[test]
fn an_optional_key_that_is_null_is_as_if_missing() {
    for (number, keys) in [
        (
            1,
            &["nickname", "picId", "location", "gps", "guys", "token"][..],
        ),
        (6, &["talkId"]),
        (7, &["msg", "nickname", "seeAgain", "talkId"]),
        (8, &["endmessage", "talkId"]),
        (10, &["toId", "endmessage", "talkId"]),
    ] {
        for key in keys {
            let (_, body, says) = least().into_iter().find(|row| row.0 == number).unwrap();
            let null = with(number, &format!(r#""{key}":null"#));
            let line = format!("{number}#{null}");
            match message(&line) {
                Incoming::Talking { talk, .. } => assert_eq!(talk, None),
                told => assert_eq!(told, says, "{line} and {body}"),
            }
        }
    }
}

/// Number, key, the most bytes it may have, and whether it may be empty.
const TEXTS: [(u16, &str, usize, bool); 22] = [
    (1, "userId", 64, false),
    (1, "nickname", 64, true),
    (1, "picId", 128, true),
    (1, "location", 128, true),
    (1, "gps", 128, true),
    (3, "youId", 64, false),
    (6, "yourId", 64, false),
    (6, "toId", 64, false),
    (6, "talkId", 20, true),
    (7, "yourId", 64, false),
    (7, "toId", 64, false),
    (7, "msg", 1024, true),
    (7, "nickname", 64, true),
    (7, "talkId", 20, true),
    (8, "youId", 64, false),
    (8, "toId", 64, false),
    (8, "endmessage", 1024, true),
    (8, "talkId", 20, true),
    (10, "youId", 64, false),
    (10, "toId", 64, false),
    (10, "endmessage", 1024, true),
    (13, "youId", 64, false),
];

fn is_bad(number: u16, key: &'static str, value: &str) -> bool {
    let line = format!(
        "{number}#{}",
        without(number, key, &format!(r#""{key}":{value}"#))
    );
    let parsed = parse(line.as_bytes());
    if let Ok(message) = parsed.content {
        assert_eq!(parsed.dialect, NUMBERED, "{message:?}");
        return false;
    }
    let bad = (NUMBERED, Some(number), Slug::BadField, key);
    assert_eq!(refused(line.as_bytes()), bad, "{line}");
    true
}

#[test]
fn texts_are_strings_or_integers_within_their_limit() {
    for (number, key, most, may_be_empty) in TEXTS {
        let string = |unit: &str, times: usize| format!("\"{}\"", unit.repeat(times));
        assert_eq!(!is_bad(number, key, "\"\""), may_be_empty, "{number} {key}");
        assert!(!is_bad(number, key, &string("x", most)), "{number} {key}");
        assert!(
            is_bad(number, key, &string("x", most + 1)),
            "{number} {key}"
        );
        // The limit is on the decoded bytes.
        assert!(!is_bad(number, key, &string("\\u0041", most)));
        assert!(is_bad(number, key, &string("\\u0041", most + 1)));
        assert!(!is_bad(number, key, &string("\\u00e9", most / 2)));
        assert!(is_bad(number, key, &string("é", most / 2 + 1)));
        assert!(!is_bad(number, key, &string("\\ud83d\\ude00", most / 4)));
        assert!(is_bad(number, key, &string("😀", most / 4 + 1)));
        for good in [
            "0",
            "-0",
            "18649314931",
            "18446744073709551615",
            "-9223372036854775808",
        ] {
            assert!(!is_bad(number, key, good), "{number} {key} {good}");
        }
        for bad in [
            "18446744073709551616",
            "-9223372036854775809",
            "1.0",
            "1e2",
            "1e999",
            "true",
            "false",
            "[]",
            "{}",
            "[\"a\"]",
        ] {
            assert!(is_bad(number, key, bad), "{number} {key} {bad}");
        }
    }
}

#[test]
fn an_integer_is_taken_as_its_decimal_text() {
    for (value, text) in [
        ("42", "42"),
        ("-0", "0"),
        ("-7", "-7"),
        ("18446744073709551615", "18446744073709551615"),
    ] {
        let line = format!(r#"13#{{"youId":{value}}}"#);
        let you = Text::plain(text);
        assert_eq!(message(&line), Incoming::Leave { you });
    }
}

#[test]
fn what_is_said_is_a_string_of_any_length() {
    assert!(!is_bad(6, "msg", "\"\""));
    assert!(!is_bad(6, "msg", &format!("\"{}\"", "x".repeat(7000))));
    for bad in ["1", "-1.5", "true", "[]", "{}"] {
        assert!(is_bad(6, "msg", bad), "{bad}");
    }
}

#[test]
fn a_token_is_a_string() {
    assert!(!is_bad(1, "token", "\"\""));
    assert!(!is_bad(1, "token", &format!("\"{}\"", "t".repeat(128))));
    assert!(is_bad(1, "token", &format!("\"{}\"", "t".repeat(129))));
    for bad in ["1", "true", "[]", "{}"] {
        assert!(is_bad(1, "token", bad), "{bad}");
    }
}

#[test]
fn genders_are_one_of_two_letters() {
    for key in ["gender", "findGender"] {
        for good in ["\"M\"", "\"F\"", "\"\\u004d\""] {
            assert!(!is_bad(1, key, good), "{good}");
        }
        for bad in [
            "\"m\"", "\"f\"", "\"\"", "\"MF\"", "\"male\"", "\"M \"", "1", "0", "true", "[\"M\"]",
        ] {
            assert!(is_bad(1, key, bad), "{bad}");
        }
    }
    for (gender, find) in [("M", "F"), ("F", "M"), ("M", "M"), ("F", "F")] {
        let line = format!(r#"1#{{"userId":"a","gender":"{gender}","findGender":"{find}"}}"#);
        let Incoming::Join(join) = message(&line) else {
            panic!("no join");
        };
        assert_eq!((join.gender.as_str(), join.find.as_str()), (gender, find));
    }
}

#[test]
fn guys_is_a_whole_number_of_at_least_one() {
    let guys = |value: &str| {
        let line = format!("1#{}", with(1, &format!(r#""guys":{value}"#)));
        match message(&line) {
            Incoming::Join(join) => join.guys,
            _ => panic!("no join"),
        }
    };
    for (value, count) in [
        ("null", 1),
        ("1", 1),
        ("3", 3),
        ("\"3\"", 3),
        ("\"\\u0033\"", 3),
        ("\"03\"", 3),
        ("3.0", 3),
        ("30e-1", 3),
        ("0", 1),
        ("-0", 1),
        ("-5", 1),
        ("\"0\"", 1),
        ("\"-5\"", 1),
        ("-1e999", 1),
        ("4294967295", u32::MAX),
        ("4294967296", u32::MAX),
        ("1e999", u32::MAX),
        ("\"99999999999999999999999\"", u32::MAX),
    ] {
        assert_eq!(guys(value), count, "{value}");
    }
    for bad in [
        "2.5", "-2.5", "1e-1", "\"2.5\"", "\"\"", "\"two\"", "\" 2\"", "\"-\"", "true", "[]", "{}",
    ] {
        assert!(is_bad(1, "guys", bad), "{bad}");
    }
}

#[test]
fn see_again_is_zero_or_one() {
    let refuse = |value: &str| {
        let line = format!("7#{}", with(7, &format!(r#""seeAgain":{value}"#)));
        match message(&line) {
            Incoming::TalkEnd { refuse, .. } => refuse,
            _ => panic!("no talk_end"),
        }
    };
    for (value, refused) in [
        ("null", false),
        ("0", false),
        ("-0", false),
        ("\"0\"", false),
        ("1", true),
        ("1.0", true),
        ("\"1\"", true),
    ] {
        assert_eq!(refuse(value), refused, "{value}");
    }
    for bad in [
        "2", "-1", "0.5", "1e999", "\"2\"", "\"\"", "\"yes\"", "true", "false", "[]", "{}",
    ] {
        assert!(is_bad(7, "seeAgain", bad), "{bad}");
    }
}

#[test]
fn the_first_faulty_field_is_named() {
    let line = br#"1#{"gender":"x","guys":[],"userId":""}"#;
    assert_eq!(refused(line).3, "userId");
    let line = br#"1#{"gender":"x","guys":[],"userId":"a"}"#;
    assert_eq!(refused(line).3, "gender");
}
