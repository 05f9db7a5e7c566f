//! Lucky draws, from the outside: operators make them, users join, and anybody
//! checks who has won.

pub mod rig;

#[path = "lucky/checking.rs"]
mod checking;
#[path = "lucky/crowd.rs"]
mod crowd;
#[path = "lucky/draws.rs"]
mod draws;
#[path = "lucky/joining.rs"]
mod joining;

use rig::Setup;
use rig::users::{Town, User};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn town() -> Town {
    Town::start(Setup::new(1).operated())
}

fn person(town: &Town, number: u32) -> User {
    let tel = format!("+8618612{number:06}");
    town.register(&tel, &format!("n{number}"), "F")
}

/// A draw as the documents have it, but for how many it waits for.
fn draw(id: &str, max_count: u32) -> Value {
    json!({
        "id": id, "name": "Sony MN2 SmartWatch", "image": "http://example.invalid/watch.jpg",
        "desc": "參加者需至少達到3000人。", "max_count": max_count,
    })
}

fn create(town: &Town, draw: Value) -> Value {
    let reply = town.server.operator().post("/admin/lucky", draw);
    assert_eq!(reply["type"], "admin_lucky");
    reply
}

fn join(user: &User, id: &str) -> Value {
    json!({"type": "lucky_join_request", "token": user.token, "id": id})
}

/// The draw of this id as somebody sees it, or nobody.
#[track_caller]
fn seen(town: &Town, id: &str, user: Option<&User>) -> Value {
    let mut body = json!({"type": "lucky_list_request"});
    if let Some(user) = user {
        body["token"] = json!(user.token);
    }
    let reply = town.done(body);
    assert_eq!(reply["type"], "lucky_list_response");
    let mut draws = reply["lucky"].as_array().expect("a list").iter();
    let found = draws.find(|draw| draw["id"] == id);
    found.expect("it is there").clone()
}

/// The published list, and its hash.
#[track_caller]
fn tickets(town: &Town, id: &str) -> (String, String) {
    let (status, list) = rig::http_get(town.server.http, &format!("/lucky/{id}/tickets"));
    assert_eq!(status, 200, "{list}");
    let hash = Sha256::digest(&list);
    let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    (list, hash)
}
