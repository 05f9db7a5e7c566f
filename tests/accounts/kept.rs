//! What was answered is on disk; what could not be written is not half there.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::rig::http::Request;
use crate::rig::users::{Town, User, text};
use crate::rig::{PATIENCE, Server, Setup};

const TEL: &str = "+8618612344931";

fn town() -> Town {
    Town::start(Setup::new(1))
}

fn update(user: &User, words: &str) -> Value {
    json!({"type": "profile_update_request", "token": user.token, "words": words})
}

#[track_caller]
fn words(town: &Town, user: &User) -> String {
    let reply = town.done(json!({"type": "profile_request", "token": user.token}));
    text(&reply["profile"], "words")
}

#[test]
fn what_was_answered_survives_sigkill() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let bob = town.register("+8618612344932", "bob", "M");
    town.done(json!({"type": "block_request", "token": ann.token, "user_id": bob.id}));
    town.done(update(&ann, "before the fall"));
    let registration = town.registration("+8618612344933");
    let code = town.code(TEL);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let attempt = |code: &str| json!({"type": "sms_validation_code", "tel": TEL, "code": code});
    for _ in 0..4 {
        town.refused(1, attempt(wrong));
    }
    let town = town.again();
    assert_eq!(words(&town, &ann), "before the fall");
    town.refused(
        9,
        json!({"type": "profile_request", "token": ann.token, "user_id": bob.id}),
    );
    let eve = json!({"type": "user_register_info", "token": registration, "nickname": "eve", "gender": "F"});
    town.done(eve.clone());
    // Tries are counted over it, and codes are good.
    town.refused(1, attempt(wrong));
    town.refused(7, attempt(&code));
    let code = town.code(TEL);
    town.done(json!({"type": "logout_request", "token": bob.token}));
    let town = town.again();
    town.done(attempt(&code));
    town.refused(8, eve);
    assert!(!town.is_good(&bob.token));
}

#[test]
fn a_stop_answers_whoever_waits() {
    let mut town = town();
    let ann = town.register(TEL, "ann", "F");
    town.done(update(&ann, "last words"));
    town.server.term();
    assert_eq!(town.server.wait_exit().code(), Some(0));
    let town = town.again();
    assert_eq!(words(&town, &ann), "last words");
}

/// A change that the store does not take: 500, in the shape of all replies.
#[track_caller]
fn fails(server: &Server, body: &Value) {
    let reply = Request::json(body).send(server.http);
    assert_eq!(reply.status, 500);
    let reply = reply.json();
    assert_eq!(reply["error_no"], 500);
    assert_ne!(reply["type"], "");
}

#[track_caller]
fn until_done(town: &Town, body: &Value) {
    let until = Instant::now() + 4 * PATIENCE;
    while Request::json(body).send(town.server.http).status != 200 {
        assert!(Instant::now() < until, "it never writes again");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_locked_store_is_error_500_and_nothing_is_half_written() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let token = town.registration("+8618612344932");
    let eve =
        json!({"type": "user_register_info", "token": token, "nickname": "eve", "gender": "F"});
    let other = Connection::open(town.server.data().join("pairline.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    fails(&town.server, &update(&ann, "locked"));
    fails(&town.server, &eve);
    fails(
        &town.server,
        &json!({"type": "sms_validation_request", "tel": "+8618612344933"}),
    );
    assert_eq!(words(&town, &ann), "", "what is read is not held up");
    other.execute_batch("ROLLBACK").unwrap();
    until_done(&town, &update(&ann, "open"));
    assert_eq!(words(&town, &ann), "open");
    town.done(eve);
}

#[test]
fn a_full_disk_is_error_500_and_nothing_is_half_written() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let token = town.registration("+8618612344932");
    let eve =
        json!({"type": "user_register_info", "token": token, "nickname": "eve", "gender": "F"});
    town.server.limit_files("4096");
    fails(&town.server, &update(&ann, "full"));
    fails(&town.server, &eve);
    assert_eq!(words(&town, &ann), "");
    town.server.limit_files("unlimited");
    until_done(&town, &update(&ann, "room"));
    town.done(eve);
    let town = town.again();
    assert_eq!(words(&town, &ann), "room");
}
