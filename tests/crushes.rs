//! Crushes, from the outside: what those who have them see, and that nobody sees
//! more.

pub mod rig;

#[path = "crushes/asking.rs"]
mod asking;
#[path = "crushes/invites.rs"]
mod invites;
#[path = "crushes/notices.rs"]
mod notices;
#[path = "crushes/numbers.rs"]
mod numbers;
#[path = "crushes/secrets.rs"]
mod secrets;

use rig::Setup;
use rig::users::{Town, User};
use rusqlite::Connection;
use serde_json::{Value, json};

const ANN: &str = "+8618612344931";
const BOB: &str = "+8618612344932";
const CID: &str = "+8618612344933";
/// Nobody's.
const NOBODY: &str = "+8618612344999";

fn people() -> (Town, User, User) {
    let town = Town::start(Setup::new(1));
    let ann = town.register(ANN, "ann", "F");
    let bob = town.register(BOB, "bob", "M");
    (town, ann, bob)
}

fn crush(by: &User, tel: &str, words: &str) -> Value {
    json!({"type": "crush_request", "token": by.token, "tel": tel, "words": words})
}

fn cancel(by: &User, tel: &str) -> Value {
    json!({"type": "crush_cancel_request", "token": by.token, "tel": tel})
}

/// The three lists, without what all replies have.
#[track_caller]
fn list(town: &Town, user: &User) -> Value {
    let reply = town.done(json!({"type": "crush_list_request", "token": user.token}));
    assert_eq!(reply["type"], "crush_list_response");
    json!({"sent": reply["sent"], "received": reply["received"], "mutual": reply["mutual"]})
}

/// The words that somebody unknown has said.
#[track_caller]
fn heard(town: &Town, user: &User) -> Vec<String> {
    let received = &list(town, user)["received"];
    let mut words: Vec<_> = received
        .as_array()
        .expect("a list")
        .iter()
        .map(|entry| entry["words"].as_str().expect("words").to_owned())
        .collect();
    words.sort();
    words
}

fn no_list() -> Value {
    json!({"sent": [], "received": [], "mutual": []})
}

/// From now on it is another day for the limits of everybody.
fn let_a_day_pass(town: &Town) {
    let store = Connection::open(town.server.data().join("pairline.db")).expect("the store");
    store
        .execute_batch(
            "UPDATE crush_users SET day = '2015-08-04', invited = 0; DELETE FROM crush_invites;",
        )
        .expect("it takes a change");
}
