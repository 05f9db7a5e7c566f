//! JSON made to cost much: deep, wide, long, and with numbers past all bounds.
//! What is right and wrong of it is told in the frames' tests; here it comes in
//! the longest lines that there can be.

use std::fmt::Write as _;

use super::expect_alive;
use crate::rig::{self, Handset, Server, Setup};

/// The longest line; the default is far less.
const LINE: usize = 256 * 1024;
const JOIN: &str = r#""userId":"eve","gender":"F","findGender":"M""#;

/// As many of these as fit a line.
fn filled(piece: &str) -> String {
    piece.repeat((LINE - 200) / piece.len())
}

/// As many different keys as fit.
fn many_keys() -> String {
    let mut keys = String::new();
    let mut n = 0;
    while keys.len() < LINE - 200 {
        write!(keys, r#","k{n}":{n}"#).expect("a String takes it");
        n += 1;
    }
    keys
}

/// Bodies of a join, each with the error that it gets, or none.
fn bombs() -> Vec<(String, Option<&'static str>)> {
    let with = |more: &str| format!("{{{JOIN}{more}}}");
    let user = |value: &str| format!(r#"{{"userId":{value},"gender":"F","findGender":"M"}}"#);
    let half = "[".repeat(LINE / 2 - 200);
    vec![
        // Deep.
        (filled("["), Some("bad_json")),
        (filled(r#"{"a":"#), Some("bad_json")),
        (
            with(&format!(r#","x":{half}{}"#, half.replace('[', "]"))),
            Some("bad_json"),
        ),
        // Numbers.
        (with(&format!(r#","x":{}"#, filled("9"))), None),
        (with(&format!(r#","x":0.{}"#, filled("9"))), None),
        (
            with(r#","x":1e999999999999999999999,"y":-1E-999999999999"#),
            None,
        ),
        (user(&filled("9")), Some("bad_field")),
        (user("1e999999999"), Some("bad_field")),
        (with(&format!(r#","guys":{}"#, filled("9"))), None),
        (with(r#","guys":1e400"#), None),
        // Strings.
        (with(&format!(r#","x":"{}""#, filled("x"))), None),
        (with(&format!(r#","x":"{}""#, filled(r"\u0000"))), None),
        (
            with(&format!(r#","x":"{}""#, filled(r"\ud83d\ude00"))),
            None,
        ),
        (
            with(&format!(r#","x":"{}""#, filled(r"\ud83d"))),
            Some("bad_json"),
        ),
        (
            with(&format!(r#","x":"{}"#, filled(r"\\"))),
            Some("bad_json"),
        ),
        (
            user(&format!(r#""{}""#, filled(r"\u0000"))),
            Some("bad_field"),
        ),
        (
            with(&format!(r#","nickname":"{}""#, filled("x"))),
            Some("bad_field"),
        ),
        // Keys.
        (with(&many_keys()), None),
        (with(&filled(r#","x":0"#)), None),
        (with(&format!(r#","{}":0"#, filled("x"))), None),
        (with(&filled(r#","userId":"eve""#)), Some("bad_field")),
        (with(&filled(r#","us\u0065rId":"eve""#)), Some("bad_field")),
        (with(r#","youId":"eve""#), Some("bad_field")),
        // Nothing but room.
        (with(&filled(" ")), None),
        (with(&format!(r#","x":[{}0]"#, filled("0,"))), None),
        (with(&format!(r#","x":[{}0]"#, filled("{},"))), None),
    ]
}

#[test]
fn none_of_them_hurts() {
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("max_line", LINE)
            .set("max_outbox", 2 * LINE)
            .set("max_rate", 0)
            .set("test_mode", true)
            .set("test.ring_buffers", 512)
            .set("test.ring_buffer_size", "2KiB")
            .start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let before = server.resident();
        for (n, (body, error)) in bombs().into_iter().enumerate() {
            let named = format!("{{\"msgType\":\"join\",\"msg\":{body}}}");
            for (dialect, line) in [("numbered", format!("1#{body}")), ("named", named)] {
                assert!(line.len() <= LINE, "{} bytes", line.len());
                let mut eve = Handset::connect(&server);
                eve.send_line(&line);
                let said = eve.expect_line();
                let what = format!("{n}, {dialect}: {said}");
                match error {
                    Some(error) => assert!(said.contains(&format!("\"{error}\"")), "{what}"),
                    None => assert!(said.contains("youNum"), "{what}"),
                }
                expect_alive(&mut eve);
                ann.talk("bob", &what);
                assert_eq!(bob.expect(6)["msg"], what);
            }
        }
        let more = server.resident().saturating_sub(before);
        assert!(more < 32 * LINE as u64, "{more} bytes");
    });
}

#[test]
fn a_bomb_that_is_relayed_arrives_as_it_was() {
    let server = Server::start(1);
    let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
    let around = r#"{"yourId":"ann","toId":"bob","msg":"","x":}"#.len() + 100;
    for piece in ["9", r"\u0000", r#","x":1"#, "{},"] {
        let many = piece.repeat((8192 - around) / piece.len());
        let x = match piece {
            "9" => many,
            "{}," => format!("[{many}0]"),
            r"\u0000" => format!("\"{many}\""),
            _ => format!("0{many}"),
        };
        let line = format!(r#"6#{{"yourId":"ann","toId":"bob","msg":"","x":{x}}}"#);
        ann.send_line(&line);
        assert_eq!(bob.expect_line(), line);
    }
}
