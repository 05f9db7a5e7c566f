//! Speaking in another's name, or in one that looks like it.

use serde_json::{Value, json};

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Server};

/// Ids that somebody might take for `bob`, none of which is.
const LOOK_ALIKES: [&str; 12] = [
    "Bob",
    "bob ",
    " bob",
    "bob\0",
    "bob\n",
    "bob\r",
    "b\u{200b}ob",
    "bob\u{feff}",
    "bo\u{432}",
    "\u{202e}bob",
    "ｂｏｂ",
    "bob\\u0000",
];

/// Every message that speaks for somebody.
fn messages(who: &str) -> [(u16, Value); 6] {
    [
        (3, json!({"youId": who})),
        (6, json!({"yourId": who, "toId": "ann", "msg": "I am bob"})),
        (7, json!({"yourId": who, "toId": "ann", "msg": "I am bob"})),
        (8, json!({"youId": who, "toId": "ann", "endmessage": "bob"})),
        (10, json!({"youId": who, "toId": "ann"})),
        (13, json!({"youId": who})),
    ]
}

#[test]
fn nobody_speaks_for_another() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut stranger = Handset::connect(&server);
        for (kind, body) in messages("bob") {
            stranger.send(kind, &body);
            stranger.expect_refusal("not_joined", Some(kind));
        }
        for who in ["bob"].into_iter().chain(LOOK_ALIKES) {
            let mut eve = waiting(&server, "eve");
            for (kind, body) in messages(who) {
                eve.send(kind, &body);
                eve.expect_refusal("not_your_id", Some(kind));
            }
            eve.quiet();
        }
        ann.quiet();
        bob.quiet();
    });
}

#[test]
fn who_looks_like_another_is_another() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut alike = Vec::new();
        for who in LOOK_ALIKES {
            let mut handset = Handset::connect(&server);
            handset.join(who, "M", "F");
            handset.expect(2);
            // The talk is bob's.
            handset.talk("ann", "I am bob");
            assert_eq!(handset.expect_past_waits(9)["over"], 1);
            alike.push(handset);
        }
        server.wait_metric("pairline_joined", 2.0 + alike.len() as f64);
        ann.quiet();
        bob.quiet();
        // However it is spelt, the same id is the same user.
        bob.send_line(r#"6#{"yourId":"\u0062o\u0062","toId":"\u0061nn","msg":"it is me"}"#);
        let said = r#"6#{"yourId":"\u0062o\u0062","toId":"\u0061nn","msg":"it is me"}"#;
        assert_eq!(ann.expect_line(), said);
    });
}

#[test]
fn no_key_says_one_thing_to_the_server_and_another_to_the_partner() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let tricks = [
            r#"{"yourId":"bob","yourId":"ann","toId":"ann","msg":"x"}"#,
            r#"{"yourId":"ann","yourId":"bob","toId":"ann","msg":"x"}"#,
            r#"{"yourId":"bob","youId":"ann","toId":"ann","msg":"x"}"#,
            r#"{"yourId":"bob","fromId":"ann","toId":"ann","msg":"x"}"#,
            r#"{"yourId":"bob","your\u0049d":"ann","toId":"ann","msg":"x"}"#,
            r#"{"yourId":"bob","toId":"ann","toId":"eve","msg":"x"}"#,
            r#"{"yourId":"bob","toId":"ann","msg":"x","msg":"y"}"#,
            r#"{"yourId":"bob","toId":"ann","msg":"x","m\u0073g":null}"#,
        ];
        for body in tricks {
            for line in [
                format!("6#{body}"),
                format!(r#"{{"msgType":"talking","msg":{body}}}"#),
            ] {
                bob.send_line(&line);
                bob.expect_refusal("bad_field", Some(6));
            }
        }
        ann.quiet();
    });
}

#[test]
fn no_text_breaks_out_of_its_line() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let forged = "x\"}\n0#{\"error\":\"replaced\"}\r\n9#{\0\u{1b}[2J\u{7f}\u{2028}";
        let id = "e\n\r\0\"\\\u{2028}";
        let mut eve = Handset::connect(&server);
        eve.join_with(&json!({"userId": id, "nickname": forged, "gender": "M",
            "findGender": "F", "picId": forged, "location": forged, "gps": forged}));
        eve.expect(2);
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        let begin = ann.expect_past_waits(5);
        assert_eq!(begin["toId"], id);
        for key in ["nickname", "picId", "location", "gps"] {
            assert_eq!(begin[key], forged, "{key}");
        }
        eve.expect_past_waits(5);
        eve.end("ann", forged);
        let end = ann.expect_over(id, forged);
        assert_eq!(end["nickname"], forged);
        // A detail of an error names keys and limits, never what was sent.
        eve.send_line("6#{\"yourId\":\"\\n0#{}\",\"toId\":\"ann\",\"msg\":\"\"}");
        eve.expect_refusal("not_your_id", Some(6));
        expect_alive(&mut ann);
    });
}
