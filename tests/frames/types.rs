//! Numbers and names.

use super::{after, expect_alive, join, joins, refused, start};
use crate::rig;

const NO_CLIENT_MESSAGE: [u16; 13] = [0, 2, 4, 5, 9, 11, 12, 14, 15, 16, 99, 100, 999];

#[test]
fn a_number_that_no_client_sends_is_an_unknown_type() {
    let server = start(1);
    for number in NO_CLIENT_MESSAGE {
        for body in ["{}", "", "rubbish", "#{}", r#"{"youId":"a"}"#] {
            refused(&server, format!("{number}#{body}"), "unknown_type", number);
        }
    }
}

#[test]
fn a_name_that_no_client_sends_is_an_unknown_type() {
    let server = start(1);
    let own = [
        ("error", 0),
        ("wait", 2),
        ("pass_res", 4),
        ("talk_begin", 5),
        ("receive_end_msg", 9),
        ("notice", 14),
    ];
    let own = own.map(|(name, number)| (name, Some(number)));
    let strange = ["", "Join", "join ", "heartbeat", "1", "msgType"].map(|name| (name, None));
    for (name, number) in own.into_iter().chain(strange) {
        for msg in [r#","msg":{}"#, r#","msg":[]"#, ""] {
            let line = format!(r#"{{"msgType":"{name}"{msg}}}"#);
            refused(&server, line, "unknown_type", number);
        }
    }
}

#[test]
fn a_named_frame_needs_its_type() {
    let server = start(1);
    for line in ["{}", r#"{"msg":{}}"#, r#"{"msgType":null,"msg":{}}"#] {
        let detail = refused(&server, line, "missing_field", None);
        assert!(detail.contains("msgType"), "{detail}");
    }
    let twice = r#"{"msgType":"join","msg":{},"msgType":"join"}"#;
    let detail = refused(&server, twice, "bad_field", None);
    assert!(detail.contains("msgType"), "{detail}");
}

#[test]
fn a_named_frame_needs_an_object() {
    let server = start(1);
    for msg in ["[]", "\"{}\"", "1", "true"] {
        let line = format!(r#"{{"msgType":"join","msg":{msg}}}"#);
        let detail = refused(&server, line, "bad_field", 1);
        assert!(detail.contains("msg"), "{detail}");
    }
    for line in [r#"{"msgType":"join"}"#, r#"{"msgType":"join","msg":null}"#] {
        let detail = refused(&server, line, "missing_field", 1);
        assert!(detail.contains("msg"), "{detail}");
    }
}

#[test]
fn every_named_client_message_is_known() {
    let server = start(1);
    for (name, number) in [
        ("pass_req", 3),
        ("talking", 6),
        ("talk_end", 7),
        ("send_end_msg", 8),
        ("next_one", 10),
        ("leave", 13),
    ] {
        let line = format!(r#"{{"msgType":"{name}","msg":{{}}}}"#);
        refused(&server, line, "not_joined", number);
    }
}

#[test]
fn the_header_may_hold_one_more_sign() {
    let server = start(1);
    joins(&server, join("ann", "").replacen('#', "##", 1));
    refused(
        &server,
        join("bea", "").replacen('#', "###", 1),
        "bad_json",
        1,
    );
    refused(&server, "1##", "bad_json", 1);
    refused(&server, "3##{}", "not_joined", 3);
}

#[test]
fn a_body_may_hold_any_number_of_signs() {
    rig::both(|cores| {
        let server = start(cores);
        let mut ann = joins(&server, join("ann", r##","gps":"1#2##3#","x#":"#""##));
        let mut bob = after(
            &server,
            r##"1##{"userId":"#bob#","gender":"M","findGender":"F"}"##,
        );
        assert_eq!(bob.expect(5)["gps"], "1#2##3#");
        assert_eq!(ann.expect_past_waits(5)["toId"], "#bob#");
        let body = r##" {"yourId" :"#bob#","toId":"ann","msg":"#6#{}##", "#":[1.0, 2e+3 ]}  "##;
        bob.send_line(&format!("6#{body}"));
        assert_eq!(ann.expect_line(), format!("6#{body}"));
        bob.send_line(&format!("6##{body}"));
        assert_eq!(ann.expect_line(), format!("6#{body}"));
        expect_alive(&mut bob);
    });
}
