//! From a code to an account.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};

use crate::rig::Setup;
use crate::rig::http::{Request, ask};
use crate::rig::users::{Town, text};

const TEL: &str = "+8618612344931";

fn town() -> Town {
    Town::start(Setup::new(1))
}

fn register(token: &str) -> Value {
    json!({"type": "user_register_info", "token": token, "nickname": "ann", "gender": "F"})
}

#[test]
fn a_new_number_registers_and_is_known_from_then_on() {
    let town = town();
    let token = town.registration(TEL);
    let all = json!({
        "type": "user_register_info", "token": token, "nickname": "安妮", "gender": "F",
        "birthday": "1992-02-29", "picId": "7", "location": "北京", "words": "it's \"me\"; -- \u{0}",
    });
    let reply = town.done(all.clone());
    assert_eq!(reply["type"], "user_register_result");
    let (id, session) = (text(&reply, "user_id"), text(&reply, "token"));
    assert_ne!(session, token);
    assert!(id.starts_with('u') && id.len() == 17, "{id}");
    assert!(reply.get("registered").is_none());
    let left = reply["token_expire_at"].as_i64().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let left = left - now.unwrap().as_secs().cast_signed();
    assert!((2_591_000..=2_592_000).contains(&left), "{left}");

    let profile = town.done(json!({"type": "profile_request", "token": session}));
    let profile = &profile["profile"];
    for key in [
        "nickname", "gender", "birthday", "picId", "location", "words",
    ] {
        assert_eq!(profile[key], all[key], "{key}");
    }
    assert_eq!(
        (&profile["tel"], &profile["user_id"]),
        (&json!(TEL), &json!(id))
    );

    let reply = town.log_in(TEL);
    assert_eq!(
        (&reply["registered"], &reply["user_id"]),
        (&json!(true), &json!(id))
    );
    assert!(town.is_good(&text(&reply, "token")));
    assert!(town.is_good(&session), "one more does not end the first");
}

#[test]
fn a_registration_token_is_good_once() {
    let town = town();
    let token = town.registration(TEL);
    town.done(register(&token));
    town.refused(8, register(&token));
    // And for nothing else.
    let other = town.registration("+8618612344932");
    town.refused(8, json!({"type": "profile_request", "token": other}));
}

#[test]
fn a_number_registers_once() {
    let town = town();
    let (one, two) = (town.registration(TEL), town.registration(TEL));
    let session = text(&town.done(register(&one)), "token");
    town.refused(13, register(&two));
    town.refused(13, register(&session));
    town.refused(8, register("nobody's"));
    let nobodys = json!({"type": "user_register_info", "nickname": "ann", "gender": "F"});
    town.refused(8, nobodys.clone());
    // The header and the cookie name the token as well.
    let token = town.registration("+8618612344932");
    let request = Request::json(&nobodys).header("Authorization", &format!("Bearer {token}"));
    assert_eq!(request.send(town.server.http).json()["error_no"], 0);
}

#[test]
fn a_bad_key_does_not_spend_the_token() {
    let town = town();
    let token = town.registration(TEL);
    let long = |length| json!("x".repeat(length));
    for (key, value) in [
        ("nickname", json!(null)),
        ("nickname", json!("")),
        ("nickname", long(65)),
        ("nickname", json!(7)),
        ("gender", json!(null)),
        ("gender", json!("X")),
        ("gender", json!("f")),
        ("gender", json!(true)),
        ("birthday", json!("1990-02-30")),
        ("birthday", json!("90-1-1")),
        ("birthday", json!(19900101)),
        ("picId", long(129)),
        ("picId", json!(12)),
        ("location", long(129)),
        ("location", json!({"city": "北京"})),
        ("words", long(1025)),
        ("words", json!(["a"])),
    ] {
        let mut request = register(&token);
        request[key] = value;
        assert_eq!(town.refused(3, request.clone())["key"], key, "{request}");
    }
    town.done(register(&token));
}

#[test]
fn parallel_registrations_make_one_user() {
    let town = town();
    let tokens: Vec<String> = (0..3).map(|_| town.registration(TEL)).collect();
    let replies: Vec<Value> = thread::scope(|scope| {
        let tries: Vec<_> = (0..12)
            .map(|i| {
                let body = register(&tokens[i % tokens.len()]);
                scope.spawn(|| ask(&town.server, body))
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let made: Vec<&Value> = replies
        .iter()
        .filter(|reply| reply["error_no"] == 0)
        .collect();
    assert_eq!(made.len(), 1, "{replies:?}");
    let others = replies.iter().filter(|reply| reply["error_no"] != 0);
    let numbers: BTreeSet<u64> = others
        .map(|reply| reply["error_no"].as_u64().unwrap())
        .collect();
    assert!(numbers.is_subset(&BTreeSet::from([8, 13])), "{numbers:?}");
    assert_eq!(town.log_in(TEL)["user_id"], made[0]["user_id"]);
}

#[test]
fn a_registration_token_dies_with_its_time() {
    let town = Town::start(Setup::new(1).set("registration_ttl", "1s"));
    let token = town.registration(TEL);
    thread::sleep(std::time::Duration::from_millis(2100));
    town.refused(8, register(&token));
}
