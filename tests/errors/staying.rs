//! Errors after which the connection stays open and nothing has changed.

use serde_json::json;

use super::{expect_alive, fresh, waiting};
use crate::rig::{self, Server, Setup};

const NEED_A_JOIN: [(u16, &str); 6] = [
    (3, "pass_req"),
    (6, "talking"),
    (7, "talk_end"),
    (8, "send_end_msg"),
    (10, "next_one"),
    (13, "leave"),
];

#[test]
fn before_a_join_nothing_else_is_possible() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let whole = json!({"youId": "ann", "toId": "bob", "msg": "x"});
        let (mut numbered, mut named) = (fresh(&server), fresh(&server));
        for (number, name) in NEED_A_JOIN {
            for body in [&whole, &json!({}), &json!({"youId": [], "toId": 1.5})] {
                numbered.send(number, body);
                numbered.expect_refusal("not_joined", Some(number));
            }
            named.send_line(&json!({"msgType": name, "msg": whole}).to_string());
            named.expect_refusal("not_joined", Some(number));
            expect_alive(&mut named);
        }
        // Still as free as before.
        numbered.join("ann", "F", "M");
        numbered.expect(2);
    });
}

#[test]
fn nobody_speaks_in_anothers_name() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut eve = waiting(&server, "eve");
        for (number, _) in NEED_A_JOIN {
            for other in ["ann", "nobody", "Eve", "eve ", "bob"] {
                eve.send(number, &json!({"youId": other, "toId": "bob", "msg": "x"}));
                eve.expect_refusal("not_your_id", Some(number));
            }
        }
        expect_alive(&mut eve);
        // Nothing of it was done.
        ann.talk("bob", "one");
        assert_eq!(bob.expect(6)["msg"], "one");
        bob.talk("ann", "two");
        assert_eq!(ann.expect(6)["msg"], "two");
        assert!((server.metric("pairline_waiting") - 1.0).abs() < 0.1);
    });
}

#[test]
fn only_who_waits_may_pass() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        for _ in 0..2 {
            ann.pass();
            ann.expect_refusal("not_waiting", Some(3));
        }
        ann.leave();
        ann.pass();
        ann.expect_refusal("not_waiting", Some(3));
        bob.expect(9);
        bob.pass();
        bob.expect_refusal("not_waiting", Some(3));
        expect_alive(&mut bob);
    });
}

#[test]
fn whom_one_never_met_one_cannot_leave() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut eve = waiting(&server, "eve");
        for stranger in ["eve", "nobody", "ann"] {
            for number in [7, 8, 10] {
                ann.send(
                    number,
                    &json!({"youId": "ann", "toId": stranger, "msg": "x"}),
                );
                ann.expect_refusal("not_partner", Some(number));
            }
        }
        for number in [7, 8, 10] {
            eve.send(
                number,
                &json!({"youId": "eve", "toId": "bob", "seeAgain": 1}),
            );
            eve.expect_refusal("not_partner", Some(number));
        }
        expect_alive(&mut eve);
        ann.talk("bob", "still here");
        assert_eq!(bob.expect(6)["msg"], "still here");
        ann.end("bob", "");
        bob.expect(9);
        bob.next_one("", "");
        bob.expect_refusal("bad_field", Some(10));
        // The refusal of a stranger was not noted.
        bob.send(10, &json!({"youId": "bob"}));
        assert_eq!(bob.expect(5)["toId"], "eve");
    });
}

#[test]
fn a_server_may_ask_everybody_for_a_token() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("require_token", true).start();
        let mut ann = fresh(&server);
        let join =
            |token| json!({"userId": "ann", "gender": "F", "findGender": "M", "token": token});
        ann.join_with(&join(json!(null)));
        ann.expect_refusal("token_required", Some(1));
        ann.join("ann", "F", "M");
        ann.expect_refusal("token_required", Some(1));
        for token in ["x", &"A".repeat(43)] {
            ann.join_with(&join(json!(token)));
            ann.expect_refusal("token_invalid", Some(1));
        }
        ann.pass();
        ann.expect_refusal("not_joined", Some(3));
        expect_alive(&mut ann);
    });
    let server = Server::start(1);
    let mut ann = fresh(&server);
    ann.join_with(&json!({"userId": "ann", "gender": "F", "findGender": "M", "token": "x"}));
    ann.expect(2);
}

#[test]
fn the_number_that_was_read_is_told() {
    let server = Server::start(1);
    let mut handset = fresh(&server);
    for (line, slug, number) in [
        ("rubbish!", "bad_frame", None),
        ("0999#{}", "bad_frame", None),
        ("1000#{}", "bad_frame", None),
        ("0#{}", "unknown_type", Some(0)),
        ("12#{}", "unknown_type", Some(12)),
        ("999#{}", "unknown_type", Some(999)),
        ("1#{", "bad_json", Some(1)),
        ("6##nothing", "bad_json", Some(6)),
        ("1#{}", "missing_field", Some(1)),
        ("13#{}", "not_joined", Some(13)),
        ("{", "bad_json", None),
        ("{}", "missing_field", None),
        (r#"{"msgType":"dance"}"#, "unknown_type", None),
        (r#"{"msgType":"notice"}"#, "unknown_type", Some(14)),
        (r#"{"msgType":"join","msg":{}}"#, "missing_field", Some(1)),
        (r#"{"msgType":"leave","msg":{}}"#, "not_joined", Some(13)),
    ] {
        handset.send_line(line);
        handset.expect_refusal(slug, number);
    }
    expect_alive(&mut handset);
}
