//! The word list: over HTTP in any case, in the chat where that is switched on.

use serde_json::json;

use crate::rig::operator::Operator;
use crate::rig::users::{Town, text};
use crate::rig::{Setup, pair};
use crate::{ann, bob, town};

/// One word for each action.
fn list(operator: Operator) {
    for (word, action) in [
        ("Fool", "mask"),
        ("笨蛋", "mask"),
        ("cash", "flag"),
        ("bomb", "refuse"),
    ] {
        operator.post("/admin/words", json!({"word": word, "action": action}));
    }
}

#[test]
fn the_list_is_kept_in_small_letters() {
    let server = Setup::new(1).operated().start();
    let operator = server.operator();
    assert_eq!(operator.get("/admin/words")["words"], json!([]));
    list(operator);
    operator.post("/admin/words", json!({"word": " BOMB ", "action": "flag"}));
    let words = json!([
        {"word": "bomb", "action": "flag"},
        {"word": "cash", "action": "flag"},
        {"word": "fool", "action": "mask"},
        {"word": "笨蛋", "action": "mask"},
    ]);
    let server = server.again();
    let operator = server.operator();
    let page = operator.get("/admin/words");
    assert_eq!(
        (&page["words"], &page["filter_talk"]),
        (&words, &json!(false))
    );
    operator.ask("DELETE", "/admin/words", &json!({"word": "Bomb"}));
    operator.delete("/admin/words?word=%E7%AC%A8%E8%9B%8B");
    assert_eq!(
        operator.get("/admin/words")["words"]
            .as_array()
            .expect("a list")
            .len(),
        2
    );
    let deed = operator.last_deed();
    assert_eq!(
        (&deed["action"], &deed["about"]),
        (&json!("drop_word"), &json!("笨蛋"))
    );
    operator.refused(9, "DELETE", "/admin/words", json!({"word": "bomb"}));
    for (method, body, key) in [
        ("POST", json!({"word": "x"}), "action"),
        ("POST", json!({"word": "x", "action": "Mask"}), "action"),
        ("POST", json!({"word": "", "action": "mask"}), "word"),
        ("POST", json!({"word": "  ", "action": "mask"}), "word"),
        (
            "POST",
            json!({"word": "x".repeat(129), "action": "mask"}),
            "word",
        ),
        ("DELETE", json!({}), "word"),
    ] {
        let refused = operator.refused(3, method, "/admin/words", body.clone());
        assert_eq!(refused["key"], key, "{body}");
    }
}

#[test]
fn what_users_write_over_http_is_looked_through() {
    let town = town(1);
    let (ann, bob) = (ann(&town), bob(&town));
    let operator = town.server.operator();
    list(operator);
    let update = |key: &str, text: &str| {
        let mut body = json!({"type": "profile_update_request", "token": ann.token});
        body[key] = json!(text);
        crate::rig::http::ask(&town.server, body)
    };
    for key in ["nickname", "words"] {
        let refused = update(key, "the BOMB");
        assert_eq!(
            (&refused["error_no"], &refused["key"]),
            (&json!(3), &json!(key))
        );
        assert_eq!(update(key, "a fool, 笨蛋")["profile"][key], "a ****, **");
        assert_eq!(update(key, "cash fool")["profile"][key], "cash ****");
    }
    let flagged = operator.get("/admin/reports");
    assert_eq!(flagged["open"], 1, "the same about the same stands once");
    let report = &flagged["reports"][0];
    assert_eq!(
        (&report["by"], &report["kind"]),
        (&json!(""), &json!("user"))
    );
    assert_eq!(
        (&report["whom"], &report["reason"]),
        (&json!(ann.id), &json!("word list: cash"))
    );
    let evidence = json!({"key": "nickname", "word": "cash", "text": "cash fool"});
    assert_eq!(report["evidence"], evidence);

    let picture = town.publish(&bob);
    let comment = |text: &str| {
        crate::rig::http::ask(
            &town.server,
            json!({
                "type": "picture_comment_request", "token": ann.token, "picture_id": picture,
                "comment_msg": text,
            }),
        )
    };
    assert_eq!(comment("bomb")["key"], "comment_msg");
    let flagged = text(&comment("cash or 笨蛋"), "comment_id");
    let report = operator.get("/admin/reports")["reports"][0].clone();
    assert_eq!(
        (&report["kind"], &report["about"]),
        (&json!("comment"), &json!(flagged))
    );
    let feed = town.done(json!({"type": "picture_info_request", "token": bob.token}));
    let said = &feed["information"][0]["picture_comment"];
    assert_eq!(said[0]["comment_msg"], "cash or **");
    assert_eq!(said.as_array().expect("a list").len(), 1);

    // New users as well, and what stands already is left as it is.
    let registration = town.registration("+8618612344933");
    let body = |nickname: &str| {
        json!({
            "type": "user_register_info", "token": registration, "nickname": nickname, "gender": "F",
        })
    };
    assert_eq!(town.refused(3, body("Bomb"))["key"], "nickname");
    let id = text(&town.done(body("foolish cash")), "user_id");
    let found = operator.get(&format!("/admin/users/{id}"));
    assert_eq!(found["user"]["nickname"], "****ish cash");
    assert_eq!(found["reports"][0]["reason"], "word list: cash");
    operator.delete("/admin/words?word=bomb");
    assert_eq!(update("words", "the BOMB")["error_no"], 0);
}

#[test]
fn talks_are_looked_through_where_that_is_switched_on() {
    crate::rig::both(|cores| {
        for on in [true, false] {
            let setup = Setup::new(cores).operated().set("filter_talk", on);
            let town = Town::start(setup);
            let operator = town.server.operator();
            assert_eq!(operator.get("/admin/words")["filter_talk"], on);
            let (mut ann, mut bob) = pair(&town.server, "ann", "bob");
            ann.talk("bob", "fool");
            assert_eq!(bob.expect_past_waits(6)["msg"], "fool");
            list(operator);
            // It counts for those who talk already, and soon.
            for at in 0.. {
                ann.talk("bob", &format!("{at} fool"));
                let heard = bob.expect_past_waits(6)["msg"].clone();
                if heard == format!("{at} ****") || (!on && at == 20) {
                    break;
                }
                assert!(at < 1000, "it is never covered up");
                std::thread::sleep(std::time::Duration::from_millis(25));
            }
            ann.talk("bob", "a bomb for cash");
            if !on {
                assert_eq!(bob.expect_past_waits(6)["msg"], "a bomb for cash");
                assert_eq!(operator.get("/admin/reports")["open"], 0);
                continue;
            }
            let told = ann.expect_past_waits(0);
            assert_eq!(told["error"], "bad_field");
            assert!(
                told["detail"]
                    .as_str()
                    .expect("a text")
                    .starts_with("msg: ")
            );
            ann.talk("bob", "cash, 笨蛋");
            assert_eq!(bob.expect_past_waits(6)["msg"], "cash, **");
            let flagged = loop {
                let page = operator.get("/admin/reports");
                if page["open"] == 1 {
                    break page["reports"][0].clone();
                }
            };
            assert_eq!(
                (&flagged["kind"], &flagged["whom"]),
                (&json!("talk"), &json!("ann"))
            );
            assert_eq!(flagged["evidence"]["text"], "cash, 笨蛋");
            assert_eq!(flagged["evidence"]["to"], "bob");
            // From the start of the next one as well.
            let server = town.again().server;
            let (mut ann, mut bob) = pair(&server, "ann", "bob");
            ann.talk("bob", "fool");
            assert_eq!(bob.expect_past_waits(6)["msg"], "****");
        }
    });
}
