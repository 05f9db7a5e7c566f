//! Another number, and the end of an account.

use std::thread;

use serde_json::{Value, json};

use crate::rig::Setup;
use crate::rig::http::ask;
use crate::rig::users::{Town, User};

const TEL: &str = "+8618612344931";
const NEW: &str = "+8618612344939";

fn town() -> Town {
    Town::start(Setup::new(1))
}

fn change(user: &User, tel: &str, code: &str) -> Value {
    json!({"type": "tel_change_request", "token": user.token, "tel": tel, "code": code})
}

fn delete(user: &User, code: &str) -> Value {
    json!({"type": "account_delete_request", "token": user.token, "code": code})
}

#[test]
fn a_number_changes_with_a_code_sent_to_the_new_one() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let other = town.session(&ann);
    town.refused(6, change(&ann, NEW, "123456"));
    let code = town.code_for(NEW, "tel_change", &ann.token);
    assert_eq!(town.webhook.last(NEW)["purpose"], "tel_change");
    // It is a code for that number and that user.
    town.refused(6, change(&ann, "+8618612344938", &code));
    let bob = town.register("+8618612344932", "bob", "M");
    town.refused(6, change(&bob, NEW, &code));
    let reply = town.done(change(&ann, NEW, &code));
    assert_eq!(reply["type"], "tel_change_response");
    assert!(town.is_good(&ann.token));
    assert!(!town.is_good(&other), "every other token is revoked");
    assert!(town.is_good(&bob.token));
    let own = town.done(json!({"type": "profile_request", "token": ann.token}));
    assert_eq!(own["profile"]["tel"], NEW);
    assert_eq!(town.log_in(NEW)["user_id"], ann.id.as_str());
    assert_eq!(town.log_in(TEL)["registered"], false);
}

#[test]
fn a_number_that_is_somebodys_is_error_13() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let bob = town.register(NEW, "bob", "M");
    // Asking tells nothing of it.
    let code = town.code_for(NEW, "tel_change", &ann.token);
    town.refused(13, change(&ann, NEW, &code));
    town.refused(6, change(&ann, NEW, &code));
    assert_eq!(town.log_in(NEW)["user_id"], bob.id.as_str());
    let code = town.code_for(TEL, "tel_change", &ann.token);
    town.refused(13, change(&ann, TEL, &code));
}

#[test]
fn wrong_codes_are_counted_here_too() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let code = town.code_for(NEW, "tel_change", &ann.token);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        town.refused(1, change(&ann, NEW, wrong));
    }
    town.refused(7, change(&ann, NEW, &code));
    for bad in [json!(123456), json!(true), json!("12345"), Value::Null] {
        let mut body = change(&ann, NEW, "");
        body["code"] = bad;
        assert_eq!(town.refused(3, body)["key"], "code");
    }
    for bad in [json!(18612344939_u64), json!("12"), Value::Null] {
        let mut body = change(&ann, NEW, "123456");
        body["tel"] = bad;
        assert_eq!(town.refused(3, body)["key"], "tel");
    }
}

#[test]
fn parallel_changes_to_one_number_have_one_winner() {
    let town = town();
    let users: Vec<User> = (0..4)
        .map(|i| town.register(&format!("+861861234490{i}"), "x", "F"))
        .collect();
    // The last code sent is the only one, and its user's.
    let codes: Vec<String> = users
        .iter()
        .map(|user| town.code_for(NEW, "tel_change", &user.token))
        .collect();
    let answers: Vec<Value> = thread::scope(|scope| {
        let tries: Vec<_> = users
            .iter()
            .zip(&codes)
            .map(|(user, code)| scope.spawn(|| ask(&town.server, change(user, NEW, code))))
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().unwrap()["error_no"].clone())
            .collect()
    });
    assert_eq!(answers, [json!(6), json!(6), json!(6), json!(0)]);
}

#[test]
fn an_account_ends_with_a_code_sent_to_its_own_number() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let bob = town.register(NEW, "bob", "M");
    let other = town.session(&ann);
    town.refused(6, delete(&ann, "123456"));
    let code = town.code_for(TEL, "account_delete", &ann.token);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    town.refused(1, delete(&ann, wrong));
    assert!(town.is_good(&ann.token));
    let reply = town.done(delete(&ann, &code));
    assert_eq!(reply["type"], "account_delete_response");
    assert!(!town.is_good(&ann.token) && !town.is_good(&other));
    let gone = json!({"type": "profile_request", "token": bob.token, "user_id": ann.id});
    town.refused(9, gone.clone());
    // The number is free, and whoever takes it is somebody new.
    let again = town.register(TEL, "ann", "F");
    assert_ne!(again.id, ann.id);
    town.refused(9, gone);
}

#[test]
fn parallel_deletions_have_one_effect() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let code = town.code_for(TEL, "account_delete", &ann.token);
    let answers: Vec<u64> = thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| ask(&town.server, delete(&ann, &code))))
            .collect();
        let all = tries.into_iter().map(|one| one.join().unwrap());
        all.map(|reply| reply["error_no"].as_u64().unwrap())
            .collect()
    });
    assert_eq!(answers.iter().filter(|number| **number == 0).count(), 1);
    assert_eq!(answers.iter().filter(|number| **number == 8).count(), 7);
}
