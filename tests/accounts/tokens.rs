//! Session tokens: what ends them, and what keeps them alive.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::rig::Setup;
use crate::rig::http::Request;
use crate::rig::users::{Town, text};

const TEL: &str = "+8618612344931";

fn town() -> Town {
    Town::start(Setup::new(1))
}

#[test]
fn a_logout_ends_this_token_or_all() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let bob = town.register("+8618612344932", "bob", "M");
    let (second, third) = (town.session(&ann), town.session(&ann));
    let reply = town.done(json!({"type": "logout_request", "token": ann.token}));
    assert_eq!(reply["type"], "logout_response");
    assert!(!town.is_good(&ann.token));
    assert!(town.is_good(&second) && town.is_good(&third));
    town.refused(8, json!({"type": "logout_request", "token": ann.token}));
    town.refused(8, json!({"type": "logout_request"}));
    let body = json!({"type": "logout_request", "token": second, "all": "yes"});
    assert_eq!(town.refused(3, body)["key"], "all");
    town.done(json!({"type": "logout_request", "token": second, "all": true}));
    assert!(!town.is_good(&second) && !town.is_good(&third));
    assert!(town.is_good(&bob.token));
    assert!(town.is_good(&town.session(&ann)), "and one may come back");
}

#[test]
fn a_logout_takes_the_cookie_back() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let request = Request::json(&json!({"type": "logout_request"}));
    let reply = request
        .header("Cookie", &format!("token={}", ann.token))
        .send(town.server.http);
    assert_eq!(reply.json()["error_no"], 0);
    assert_eq!(reply.cookie("token"), Some(""));
    let set = reply.header("set-cookie").unwrap();
    assert!(set.contains("Max-Age=0"), "{set}");
    assert!(!town.is_good(&ann.token));
}

#[test]
fn a_token_lives_as_long_as_it_is_used() {
    let town = Town::start(Setup::new(1).set("token_ttl", "4s"));
    let ann = town.register(TEL, "ann", "F");
    let idle = town.session(&ann);
    // Each use by reading or by writing is a new start.
    for used in 0..6 {
        thread::sleep(Duration::from_secs(1));
        let kind = ["profile_request", "profile_update_request"][used % 2];
        town.done(json!({"type": kind, "token": ann.token}));
    }
    assert!(!town.is_good(&idle), "six seconds without a use");
    thread::sleep(Duration::from_secs(5));
    town.refused(8, json!({"type": "profile_request", "token": ann.token}));
}

/// A browser forgets a cookie when its time is over, whatever the server thinks.
#[test]
fn a_cookie_lives_as_long_as_its_token() {
    let town = Town::start(Setup::new(1).set("token_ttl", "32s"));
    let ann = town.register(TEL, "ann", "F");
    let ask = |kind: &str, header: (&str, String)| {
        let request = Request::json(&json!({ "type": kind }));
        let reply = request.header(header.0, &header.1).send(town.server.http);
        assert_eq!(reply.json()["error_no"], 0);
        reply
    };
    let cookie = || ("Cookie", format!("token={}", ann.token));
    for kind in ["profile_request", "profile_update_request"] {
        // A new start is due when more than a thirty-second part has passed.
        thread::sleep(Duration::from_millis(2_100));
        let reply = ask(kind, cookie());
        assert_eq!(reply.cookie("token"), Some(ann.token.as_str()), "{kind}");
        let set = reply.header("set-cookie").unwrap();
        assert!(set.contains("Max-Age=32"), "{set}");
    }
    thread::sleep(Duration::from_millis(2_100));
    let bearer = ("Authorization", format!("Bearer {}", ann.token));
    let reply = ask("profile_request", bearer);
    assert_eq!(reply.header("set-cookie"), None, "no cookie brought it");
    thread::sleep(Duration::from_millis(2_100));
    let reply = ask("logout_request", cookie());
    assert_eq!(reply.cookie("token"), Some(""), "and it ends with it");
}

#[test]
fn nobody_guesses_a_token() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let mut tries: Vec<Value> = vec![
        json!(""),
        json!("user1"),
        json!(ann.id),
        json!(TEL),
        json!("%"),
        json!("*"),
    ];
    tries.push(json!(ann.token[..42]));
    tries.push(json!(format!("{}=", ann.token)));
    tries.push(json!(format!("{} ", ann.token)));
    tries.push(json!(ann.token.to_uppercase()));
    tries.push(json!("x".repeat(60_000)));
    for token in tries {
        town.refused(8, json!({"type": "profile_request", "token": token}));
    }
    assert!(town.is_good(&ann.token));
}

/// Every operation that needs a token says so in the same way.
#[test]
fn whoever_is_nobody_gets_error_8() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    for body in [
        json!({"type": "logout_request"}),
        json!({"type": "profile_request"}),
        json!({"type": "profile_request", "user_id": ann.id}),
        json!({"type": "profile_update_request", "words": "hi"}),
        json!({"type": "tel_change_request", "tel": "12345", "code": "123456"}),
        json!({"type": "account_delete_request", "code": "123456"}),
        json!({"type": "block_request", "user_id": ann.id}),
        json!({"type": "unblock_request", "user_id": ann.id}),
        json!({"type": "report_request", "user_id": ann.id, "reason": "rude"}),
    ] {
        town.refused(8, body.clone());
        let mut with = body.clone();
        with["token"] = json!("nobody's");
        town.refused(8, with.clone());
        for bad in [
            json!(true),
            json!(1),
            json!([ann.token]),
            json!({"a": ann.token}),
        ] {
            with["token"] = bad;
            assert_eq!(town.refused(3, with.clone())["key"], "token");
        }
    }
}

#[test]
fn the_header_or_the_cookie_stands_for_the_body() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let request = Request::json(&json!({"type": "profile_request"}));
    for (name, value) in [
        ("Authorization", format!("Bearer {}", ann.token)),
        ("Cookie", format!("token={}", ann.token)),
    ] {
        let reply = request
            .clone()
            .header(name, &value)
            .send(town.server.http)
            .json();
        assert_eq!(text(&reply["profile"], "user_id"), ann.id);
    }
}
