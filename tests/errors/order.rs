//! Rate, frame, type, JSON, joined, fields, whose id, state: what violates
//! two is answered by the earlier.

use super::{expect_alive, fresh, waiting};
use crate::rig::{self, Handset, Server, Setup};

#[track_caller]
fn check(handset: &mut Handset, cases: &[(&str, &str, Option<u16>)]) {
    for (line, slug, number) in cases {
        handset.send_line(line);
        handset.expect_refusal(slug, *number);
    }
    expect_alive(handset);
}

#[test]
fn of_a_stranger() {
    let server = Server::start(1);
    check(
        &mut fresh(&server),
        &[
            // Frame before type, JSON and the rest.
            ("02#rubbish", "bad_frame", None),
            ("06#{}", "bad_frame", None),
            ("1002#{}", "bad_frame", None),
            // Type before JSON.
            ("2#rubbish", "unknown_type", Some(2)),
            ("12#{\"a\":1,}", "unknown_type", Some(12)),
            // JSON before joined and fields.
            ("3#rubbish", "bad_json", Some(3)),
            ("6#{\"yourId\":7.5", "bad_json", Some(6)),
            ("1#{\"gender\":\"X\",}", "bad_json", Some(1)),
            // Joined before fields, whose id and state.
            ("3#{}", "not_joined", Some(3)),
            ("6#{\"toId\":[]}", "not_joined", Some(6)),
            ("7#{\"toId\":\"a\",\"toId\":\"b\"}", "not_joined", Some(7)),
            ("8#{\"youId\":\"\"}", "not_joined", Some(8)),
            ("10#{\"youId\":true}", "not_joined", Some(10)),
            ("13#{\"youId\":null}", "not_joined", Some(13)),
        ],
    );
    check(
        &mut fresh(&server),
        &[
            // Named frames: JSON before type.
            (r#"{"msgType":"dance","msg":{]}"#, "bad_json", None),
            (r#"{"msgType":"wait","msg":"\ud800"}"#, "bad_json", None),
            (r#"{"msgType":"dance","msg":[]}"#, "unknown_type", None),
            (r#"{"msgType":"wait","msg":{}}"#, "unknown_type", Some(2)),
            (
                r#"{"msgType":"leave","msg":{"youId":5.5}}"#,
                "not_joined",
                Some(13),
            ),
        ],
    );
}

#[test]
fn of_somebody_in_a_talk() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        check(
            &mut ann,
            &[
                // Fields before whose id and state.
                ("3#{}", "missing_field", Some(3)),
                ("3#{\"youId\":2.5}", "bad_field", Some(3)),
                (
                    "6#{\"yourId\":\"eve\",\"toId\":\"bob\"}",
                    "missing_field",
                    Some(6),
                ),
                (
                    "7#{\"yourId\":\"eve\",\"toId\":\"nobody\",\"seeAgain\":2}",
                    "bad_field",
                    Some(7),
                ),
                (
                    "10#{\"youId\":\"eve\",\"toId\":\"\"}",
                    "bad_field",
                    Some(10),
                ),
                // Whose id before state.
                ("3#{\"youId\":\"eve\"}", "not_your_id", Some(3)),
                (
                    "7#{\"yourId\":\"eve\",\"toId\":\"nobody\"}",
                    "not_your_id",
                    Some(7),
                ),
                (
                    "8#{\"yourId\":\"eve\",\"toId\":\"nobody\"}",
                    "not_your_id",
                    Some(8),
                ),
                (
                    "10#{\"yourId\":\"eve\",\"toId\":\"nobody\"}",
                    "not_your_id",
                    Some(10),
                ),
                // State.
                ("3#{\"youId\":\"ann\"}", "not_waiting", Some(3)),
                (
                    "7#{\"yourId\":\"ann\",\"toId\":\"nobody\"}",
                    "not_partner",
                    Some(7),
                ),
            ],
        );
        ann.talk("bob", "still here");
        assert_eq!(bob.expect(6)["msg"], "still here");
    });
}

#[test]
fn the_rate_comes_first() {
    let server = Setup::new(1).set("max_rate", 1).start();
    let mut handset = fresh(&server);
    handset.send_bytes(b"\n\nrubbish!\n2#rubbish\n3#{}\n");
    assert_eq!(handset.expect_line(), "");
    assert_eq!(handset.expect_line(), "");
    handset.expect_refusal("rate_limited", None);
}

#[test]
fn waiting_comes_before_the_pass_cooldown() {
    let server = Server::start(1);
    let _first = waiting(&server, "first");
    let mut ann = waiting(&server, "ann");
    ann.pass();
    assert_eq!(ann.expect_past_waits(4)["passCount"], 1);
    ann.pass();
    // The one in front may be told her new place at any time.
    ann.expect_past_waits(0);
    let mut bob = fresh(&server);
    bob.join("bob", "M", "F");
    assert_eq!(bob.expect(5)["toId"], "ann");
    ann.expect_past_waits(5);
    ann.pass();
    ann.expect_refusal("not_waiting", Some(3));
}
