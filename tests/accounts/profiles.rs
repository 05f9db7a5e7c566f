//! What users see of each other.

use serde_json::{Value, json};

use crate::rig::Setup;
use crate::rig::users::Town;

fn town() -> Town {
    Town::start(Setup::new(1))
}

#[test]
fn ones_own_number_is_shown_to_nobody_else() {
    let town = town();
    let ann = town.register("+8618612344931", "ann", "F");
    let bob = town.register("+4412345678", "bob", "M");
    let own = town.done(json!({"type": "profile_request", "token": ann.token}));
    assert_eq!(
        own["profile"],
        json!({"user_id": ann.id, "nickname": "ann", "gender": "F", "birthday": "", "picId": "",
               "location": "", "words": "", "tel": "+8618612344931"})
    );
    let named = json!({"type": "profile_request", "token": ann.token, "user_id": ann.id});
    assert_eq!(town.done(named)["profile"], own["profile"]);
    let others = json!({"type": "profile_request", "token": ann.token, "user_id": bob.id});
    let others = town.done(others);
    assert_eq!(others["profile"]["nickname"], "bob");
    assert!(others["profile"].get("tel").is_none());
}

#[test]
fn nobody_by_that_id_is_error_9() {
    let town = town();
    let ann = town.register("+8618612344931", "ann", "F");
    for id in [
        "",
        "ann",
        "u0000000000000000",
        "1",
        "' OR '1'='1",
        "../ann",
        "%",
        "+8618612344931",
    ] {
        let body = json!({"type": "profile_request", "token": ann.token, "user_id": id});
        town.refused(9, body);
    }
}

#[test]
fn an_update_changes_what_it_names() {
    let town = town();
    let ann = town.register("+8618612344931", "ann", "F");
    let update = |keys: Value| {
        let mut body = keys;
        body["type"] = json!("profile_update_request");
        body["token"] = json!(ann.token);
        body
    };
    let reply = town.done(update(
        json!({"nickname": "安", "birthday": "1990-12-31", "words": "hi"}),
    ));
    assert_eq!(reply["type"], "profile_update_response");
    let reply = town.done(update(
        json!({"picId": "p", "location": "上海", "words": ""}),
    ));
    let wanted = json!({"user_id": ann.id, "nickname": "安", "gender": "F", "birthday": "1990-12-31",
        "picId": "p", "location": "上海", "words": "", "tel": "+8618612344931"});
    assert_eq!(reply["profile"], wanted);
    // The gender stays, whatever is said.
    let reply = town.done(update(
        json!({"gender": "M", "user_id": "x", "tel": "12345"}),
    ));
    assert_eq!(reply["profile"], wanted);
    for (key, value) in [
        ("nickname", json!("")),
        ("nickname", json!("x".repeat(65))),
        ("nickname", json!(1)),
        ("birthday", json!("1990-02-30")),
        ("picId", json!("x".repeat(129))),
        ("location", json!("x".repeat(129))),
        ("location", json!([])),
        ("words", json!("x".repeat(1025))),
        ("words", json!(true)),
    ] {
        // All of it or nothing.
        let mut body = update(json!({"nickname": "other", "birthday": "2000-01-01"}));
        body[key] = value;
        assert_eq!(town.refused(3, body)["key"], key);
    }
    let reply = town.done(json!({"type": "profile_request", "token": ann.token}));
    assert_eq!(reply["profile"], wanted);
}
