//! What handsets say must not be able to forge what the server says of itself.

use serde_json::{Value, json};

use super::expect_alive;
use crate::rig::{self, Handset, Setup};

/// Would be a line of its own, and another with a colour.
const FORGED: &str =
    "x\n{\"level\":\"ERROR\",\"message\":\"FORGED\"}\r\n\u{1b}[31mFORGED\u{9b}2J\u{2028}";

/// Says it wherever a text can be said.
fn say_it_all(eve: &mut Handset, n: usize) {
    let user = format!("{n}{FORGED}");
    eve.join_with(&json!({"userId": user, "nickname": FORGED, "gender": "M",
        "findGender": "F", "picId": FORGED, "location": FORGED, "gps": FORGED}));
    eve.send(6, &json!({"yourId": user, "toId": FORGED, "msg": FORGED}));
    eve.send(
        7,
        &json!({"yourId": user, "toId": "ann", "msg": FORGED, "seeAgain": 1}),
    );
    eve.send(
        8,
        &json!({"youId": user, "toId": "ann", "endmessage": FORGED}),
    );
    eve.send(
        8,
        &json!({"youId": FORGED, "toId": FORGED, "endmessage": FORGED}),
    );
    eve.send_line("\u{1b}[31mFORGED\u{7}");
    eve.send_line("6#{\"\u{1b}\":\"FORGED\"}");
    eve.send_line(&format!("{{\"msgType\":{},\"msg\":{{}}}}", json!(FORGED)));
    eve.send_bytes(b"\xff\xfe\x00FORGED\r\n");
}

#[test]
fn no_line_of_the_log_is_a_handsets() {
    rig::both(|cores| {
        for proxy in [false, true] {
            let setup = Setup::new(cores).set("proxy_protocol", proxy);
            let server = setup.set("max_per_address", 2).set("log", "trace").start();
            let begin = |handset: &mut Handset| {
                if proxy {
                    handset.send_bytes(b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");
                }
            };
            let inside = || {
                let mut handset = Handset::connect(&server);
                begin(&mut handset);
                expect_alive(&mut handset);
                handset
            };
            let (mut ann, mut eve) = (inside(), inside());
            ann.join("ann", "F", "M");
            say_it_all(&mut eve, cores);
            // One too many, and no header at all.
            let mut late = Handset::connect(&server);
            begin(&mut late);
            late.expect_refusal("server_full", None);
            let mut rude = Handset::connect_from(2, &server);
            rude.send_bytes(format!("{FORGED}\n").as_bytes());
            rude.try_line(rig::PATIENCE);
            expect_past_answers(&mut eve);
            drop((eve, late, rude));
            server.wait_log("too many connections from one address");
            server.wait_metric("pairline_joined", 1.0);
            let log = server.log();
            expect_clean(&log);
            assert!(!log.contains("FORGED"), "nor does it quote one: {log}");
        }
    });
}

/// The end of a stream follows everything that was said before it.
fn expect_past_answers(eve: &mut Handset) {
    eve.shutdown_write();
    while eve.try_line(rig::PATIENCE).is_some() {}
    eve.expect_closed();
}

/// Every line is one of the server's own.
#[track_caller]
fn expect_clean(log: &str) {
    for line in log.lines() {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        assert_ne!(told["message"], "FORGED", "{line}");
        assert!(told["timestamp"].is_string(), "{line}");
    }
    let control = |letter: char| letter.is_control() && letter != '\n';
    assert!(!log.contains(control), "{log:?}");
    assert!(!log.is_empty());
}

#[test]
fn what_is_looked_for_would_be_found() {
    let forged = format!("{{\"timestamp\":\"\",\"message\":\"{FORGED}\"}}\n");
    let found = std::panic::catch_unwind(|| expect_clean(&forged));
    assert!(found.is_err());
    expect_clean(
        &format!("{}\n", json!({"timestamp": "", "message": FORGED})).replace('\u{9b}', ""),
    );
}
