//! What counts as JSON, how deep, and keys given twice.

use serde_json::{Value, json};

use super::{after, join, joins, refused, start};
use crate::rig::{Handset, Server};

#[test]
fn what_is_not_standard_json_is_bad_json() {
    let server = start(1);
    let bodies: &[&[u8]] = &[
        b"",
        b" ",
        b"rubbish",
        b"[]",
        b"[{}]",
        b"\"x\"",
        b"1",
        b"null",
        b"true",
        b"{",
        b"}",
        b"{}}",
        b"{} {}",
        b"{},",
        b"{}#",
        b"{\"a\"}",
        b"{\"a\":}",
        b"{\"a\":1,}",
        b"{,}",
        b"{\"a\":1 \"b\":2}",
        b"{\"a\":[1,]}",
        b"{\"a\":[1}",
        b"{a:1}",
        b"{1:1}",
        b"{'a':'b'}",
        b"{\"a\":01}",
        b"{\"a\":+1}",
        b"{\"a\":.5}",
        b"{\"a\":1.}",
        b"{\"a\":1e}",
        b"{\"a\":-}",
        b"{\"a\":0x1}",
        b"{\"a\":NaN}",
        b"{\"a\":Infinity}",
        b"{\"a\":True}",
        b"{\"a\":nul}",
        b"{\"a\":nulll}",
        b"{\"a\":\"b}",
        b"{\"a\":\"\\x41\"}",
        b"{\"a\":\"\\u12\"}",
        b"{\"a\":\"\\u12g4\"}",
        b"{\"a\":\"\\\"}",
        b"{\"a\":\"\t\"}",
        b"{\"a\":\"\0\"}",
        b"{\"a\0\":1}",
        b"\0{}",
        b"{}\0",
        b"{\"a\":\"\x1f\"}",
        b"{/**/}",
        b"{}//",
        b"\xef\xbb\xbf{}",
        b"\x0b{}",
        b"\xc2\xa0{}",
    ];
    check_bad_json(&server, bodies);
}

#[test]
fn invalid_utf8_is_bad_json() {
    let server = start(1);
    let bodies: &[&[u8]] = &[
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\x80\"}",
        b"{\"a\":\"\xc3\"}",
        b"{\"a\":\"\xc0\xaf\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"a\":\"\xf4\x90\x80\x80\"}",
        b"{\"a\":\"\xe4\xbd\"}",
        b"{\"\xfe\":1}",
        b"{}\xff",
    ];
    check_bad_json(&server, bodies);
}

#[test]
fn half_surrogates_are_bad_json() {
    let server = start(1);
    for half in [
        r"\ud800",
        r"\udbff",
        r"\udc00",
        r"\uDFFF",
        r"\ud800x",
        r"\ud800\n",
        r"\ud800\u0041",
        r"\ud800\ud800",
        r"\udc00\ud800",
    ] {
        let (value, key) = (format!(r#"{{"a":"{half}"}}"#), format!(r#"{{"{half}":1}}"#));
        let deep = format!(r#"{{"a":[{{"b":"{half}"}}]}}"#);
        check_bad_json(
            &server,
            &[value.as_bytes(), key.as_bytes(), deep.as_bytes()],
        );
    }
    let mut ann = joins(&server, join("ann", r#","nickname":"\uD83D\ude00""#));
    assert_eq!(begin_with(&server, &mut ann)["nickname"], "😀");
}

#[test]
fn a_body_is_nested_at_most_32_deep() {
    let server = start(1);
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":"#, "}]")] {
        let each = open.matches(['[', '{']).count();
        for levels in [30, 31, 32, 33, 34, 1000] {
            let times = (levels - 1) / each;
            let levels = 1 + times * each;
            let deep = format!(r#","x":{}1{}"#, open.repeat(times), close.repeat(times));
            let line = join("ann", &deep);
            let named = format!(r#"{{"msgType":"join","msg":{}}}"#, &line[2..]);
            if levels <= 32 {
                joins(&server, &line);
                after(&server, &named).expect_named("wait");
            } else {
                refused(&server, &line, "bad_json", 1);
                refused(&server, &named, "bad_json", None);
            }
        }
    }
    // An innermost empty one is a level, too; brackets in strings are none.
    let around =
        |inner: &str, times| format!(r#","x":{}{inner}{}"#, "[".repeat(times), "]".repeat(times));
    joins(&server, join("ann", &around("[]", 30)));
    refused(&server, join("ann", &around("{}", 31)), "bad_json", 1);
    let brackets = "[{".repeat(100);
    joins(
        &server,
        join("ann", &around(&format!("\"{brackets}\""), 31)),
    );
}

#[test]
fn unknown_keys_are_kept_even_twice() {
    let server = start(1);
    let number = "9".repeat(64);
    let more = format!(
        r#","x":1,"x":{{"userId":"b","userId":"c"}},"":null,"":0,"n":{number},"f":-1.5E-400,"toId":"z","toId":[],"msg":1,"msg":2"#
    );
    let mut ann = joins(&server, join("ann", &more));
    let mut bob = Handset::connect(&server);
    bob.join("bob", "M", "F");
    bob.expect(5);
    ann.expect_past_waits(5);
    let body =
        format!(r#"{{"yourId":"bob","toId":"ann","msg":"x","endmessage":1,"endmessage":2{more}"#);
    let body = body.replace(r#","toId":"z","toId":[],"msg":1,"msg":2"#, "}");
    bob.send_line(&format!("6#{body}"));
    assert_eq!(ann.expect_line(), format!("6#{body}"));
}

#[test]
fn space_and_escapes_are_standard() {
    let server = start(1);
    let line = "1# \t\r{ \"userId\" : \"a\\u006en\" ,\t\"\\u0067ender\":\"\\u0046\",\"findGende\\u0072\":\"M\",\
                \"nickname\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}\u{2028}é\" } \r ";
    let mut ann = joins(&server, line);
    let begin = begin_with(&server, &mut ann);
    assert_eq!(begin["toId"], "ann");
    assert_eq!(
        begin["nickname"],
        "\"\\/\u{8}\u{c}\n\r\t\0\u{1f}\u{7f}\u{2028}é"
    );
}

#[test]
fn a_known_key_given_twice_is_a_bad_field() {
    let server = start(1);
    for (more, key) in [
        (r#","userId":"ann""#, "userId"),
        (r#","yourId":"ann""#, "userId"),
        (r#","youId":"ann""#, "userId"),
        (r#","fromId":"ann""#, "userId"),
        (r#","fromId":null"#, "userId"),
        (r#","\u0075serId":"ann""#, "userId"),
        (r#","fro\u006dId":"ann""#, "userId"),
        (r#","gender":"F""#, "gender"),
        (r#","\u0066indGender":"M""#, "findGender"),
        (r#","guys":1,"guys":1"#, "guys"),
        (r#","gps":null,"gps":null"#, "gps"),
        (r#","nickname":"a","nickname":"a""#, "nickname"),
        (r#","picId":"a","picId":"b""#, "picId"),
        (r#","location":"a","location":"b""#, "location"),
    ] {
        let detail = refused(&server, join("ann", more), "bad_field", 1);
        assert!(detail.contains(key), "{more}: {detail}");
    }
    for (line, number, key) in [
        (r#"3#{"youId":"ann","fromId":"ann"}"#, 3, "youId"),
        (
            r#"6#{"yourId":"ann","toId":"b","msg":"","toId":"b"}"#,
            6,
            "toId",
        ),
        (
            r#"6#{"yourId":"ann","toId":"b","msg":"","youId":"b"}"#,
            6,
            "yourId",
        ),
        (
            r#"6#{"yourId":"ann","toId":"b","msg":"","m\u0073g":""}"#,
            6,
            "msg",
        ),
        (
            r#"7#{"yourId":"ann","toId":"b","msg":"","endmessage":""}"#,
            7,
            "msg",
        ),
        (
            r#"7#{"yourId":"ann","toId":"b","seeAgain":0,"seeAgain":0}"#,
            7,
            "seeAgain",
        ),
        (
            r#"8#{"youId":"ann","toId":"b","msg":"","endmessage":""}"#,
            8,
            "endmessage",
        ),
        (
            r#"10#{"youId":"ann","msg":"","endmessage":""}"#,
            10,
            "endmessage",
        ),
        (r#"10#{"youId":"ann","toId":"b","toId":null}"#, 10, "toId"),
        (r#"13#{"youId":"ann","yourId":"ann"}"#, 13, "youId"),
    ] {
        let mut ann = joins(&server, join("ann", ""));
        ann.send_line(line);
        let detail = ann.expect_refusal("bad_field", Some(number));
        assert!(detail.contains(key), "{line}: {detail}");
        let body = line.split_once('#').expect("a header").1;
        let name = [
            "pass_req",
            "",
            "",
            "talking",
            "talk_end",
            "send_end_msg",
            "",
            "next_one",
        ];
        let name = name
            .get(usize::from(number) - 3)
            .copied()
            .unwrap_or("leave");
        ann.send_line(&format!(r#"{{"msgType":"{name}","msg":{body}}}"#));
        ann.expect_refusal("bad_field", Some(number));
    }
}

/// Each of the bodies is bad JSON, whether anybody has joined or not.
#[track_caller]
fn check_bad_json(server: &Server, bodies: &[&[u8]]) {
    for body in bodies {
        for number in [1, 6] {
            let line = [format!("{number}#").as_bytes(), body].concat();
            refused(server, line, "bad_json", number);
        }
        let mut named = br#"{"msgType":"join","msg":"#.to_vec();
        named.extend_from_slice(body);
        // What is another kind of JSON is a field of the wrapper here.
        if serde_json::from_slice::<Value>(&[&named[..], b"}"].concat()).is_err() {
            named.push(b'}');
            refused(server, named, "bad_json", None);
        }
    }
}

/// The 5 that somebody new gets about who waits.
#[track_caller]
fn begin_with(server: &Server, waits: &mut Handset) -> Value {
    let mut bob = Handset::connect(server);
    bob.join_with(&json!({"userId": "bob", "gender": "M", "findGender": "F"}));
    let begin = bob.expect(5);
    waits.expect_past_waits(5);
    begin
}
