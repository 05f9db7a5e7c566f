//! Blocks and reports, as far as HTTP goes.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::rig::Setup;
use crate::rig::users::{Town, User};

fn people() -> (Town, User, User) {
    let town = Town::start(Setup::new(1));
    let ann = town.register("+8618612344931", "ann", "F");
    let bob = town.register("+8618612344932", "bob", "M");
    (town, ann, bob)
}

fn bond(kind: &str, by: &User, whom: &str) -> Value {
    json!({"type": kind, "token": by.token, "user_id": whom})
}

#[test]
fn the_blocked_see_nothing_of_each_other() {
    let (town, ann, bob) = people();
    let sees = |one: &User, other: &User| {
        let body = json!({"type": "profile_request", "token": one.token, "user_id": other.id});
        crate::rig::http::ask(&town.server, body)["error_no"].clone()
    };
    for _ in 0..2 {
        let reply = town.done(bond("block_request", &ann, &bob.id));
        assert_eq!(reply["type"], "block_response");
        assert_eq!((sees(&ann, &bob), sees(&bob, &ann)), (json!(9), json!(9)));
    }
    // The other cannot lift it, and may have one of his own.
    town.done(bond("unblock_request", &bob, &ann.id));
    assert_eq!(sees(&bob, &ann), 9);
    town.done(bond("block_request", &bob, &ann.id));
    let reply = town.done(bond("unblock_request", &ann, &bob.id));
    assert_eq!(reply["type"], "unblock_response");
    assert_eq!(sees(&ann, &bob), 9);
    town.done(bond("unblock_request", &bob, &ann.id));
    assert_eq!((sees(&ann, &bob), sees(&bob, &ann)), (json!(0), json!(0)));
    town.done(bond("unblock_request", &bob, &ann.id));
    assert_eq!(sees(&ann, &ann), 0);
}

#[test]
fn a_block_needs_somebody_else() {
    let (town, ann, _) = people();
    for kind in ["block_request", "unblock_request"] {
        assert_eq!(town.refused(3, bond(kind, &ann, &ann.id))["key"], "user_id");
        for nobody in ["", "bob", "u0000000000000000", "' OR 1=1 --"] {
            town.refused(9, bond(kind, &ann, nobody));
        }
        for bad in [json!(7), json!(null), json!([]), json!({})] {
            let body = json!({"type": kind, "token": ann.token, "user_id": bad});
            assert_eq!(town.refused(3, body)["key"], "user_id");
        }
    }
}

#[test]
fn a_block_ends_with_either_account() {
    let (town, ann, bob) = people();
    town.done(bond("block_request", &ann, &bob.id));
    let code = town.code_for(&bob.tel, "account_delete", &bob.token);
    town.done(json!({"type": "account_delete_request", "token": bob.token, "code": code}));
    town.refused(9, bond("unblock_request", &ann, &bob.id));
    assert!(town.is_good(&ann.token));
}

#[test]
fn a_report_is_kept_for_the_operator() {
    let (town, ann, bob) = people();
    let report = |keys: Value| {
        let mut body = keys;
        body["type"] = json!("report_request");
        body["token"] = json!(ann.token);
        body
    };
    for _ in 0..2 {
        let reply = town.done(report(json!({"user_id": bob.id, "reason": "粗鲁"})));
        assert_eq!(reply["type"], "report_response");
    }
    town.done(report(json!({"user_id": bob.id, "reason": "again"})));
    town.done(report(
        json!({"talkId": "12345", "reason": "'; DROP TABLE reports; --"}),
    ));
    // Blocked is not out of reach.
    town.done(bond("block_request", &bob, &ann.id));
    town.done(report(json!({"user_id": bob.id, "reason": "and now this"})));

    for (keys, key) in [
        (json!({"reason": "x"}), "user_id"),
        (
            json!({"user_id": bob.id, "talkId": "1", "reason": "x"}),
            "user_id",
        ),
        (
            json!({"user_id": bob.id, "picture_id": "1", "reason": "x"}),
            "user_id",
        ),
        (json!({"user_id": ann.id, "reason": "x"}), "user_id"),
        (json!({"user_id": true, "reason": "x"}), "user_id"),
        (json!({"talkId": "", "reason": "x"}), "talkId"),
        (json!({"talkId": "1; 2", "reason": "x"}), "talkId"),
        (json!({"talkId": 12, "reason": "x"}), "talkId"),
        (json!({"user_id": bob.id}), "reason"),
        (json!({"user_id": bob.id, "reason": ""}), "reason"),
        (
            json!({"user_id": bob.id, "reason": "x".repeat(1025)}),
            "reason",
        ),
        (json!({"user_id": bob.id, "reason": {}}), "reason"),
    ] {
        assert_eq!(town.refused(3, report(keys))["key"], key);
    }
    town.refused(9, report(json!({"user_id": "nobody", "reason": "x"})));
    town.refused(9, report(json!({"picture_id": "12", "reason": "x"})));
    town.refused(9, report(json!({"picture_id": "1 OR 1=1", "reason": "x"})));

    let store = Connection::open(town.server.data().join("pairline.db")).unwrap();
    let mut rows = store
        .prepare("SELECT kind || ' ' || about || ' ' || reason FROM reports WHERE by_id = ?1 ORDER BY key")
        .unwrap();
    let kept: Vec<String> = rows
        .query_map([&ann.id], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        kept,
        [
            format!("user {} 粗鲁", bob.id),
            format!("user {} again", bob.id),
            "talk 12345 '; DROP TABLE reports; --".to_owned(),
            format!("user {} and now this", bob.id),
        ]
    );
}
