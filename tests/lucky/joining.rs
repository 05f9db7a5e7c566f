//! Users and their tickets.

use serde_json::{Value, json};

use super::{create, draw, join, person, seen, tickets, town};
use crate::rig;

#[test]
fn each_user_has_one_ticket_and_numbers_run_on() {
    let town = town();
    create(&town, draw("lucky1", 3000));
    create(&town, draw("lucky2", 3000));
    let people = [1, 2, 3].map(|number| person(&town, number));
    for (user, number) in people.iter().zip(1..) {
        let reply = town.done(join(user, "lucky1"));
        assert_eq!(reply["type"], "lucky_join_response");
        assert_eq!(
            (&reply["number"], &reply["current_count"]),
            (&json!(number), &json!(number))
        );
    }
    let again = town.refused(13, join(&people[0], "lucky1"));
    assert_eq!(
        (&again["number"], &again["current_count"]),
        (&json!(1), &json!(3))
    );
    // Each draw counts for itself.
    assert_eq!(town.done(join(&people[2], "lucky2"))["number"], 1);

    let everybodys = seen(&town, "lucky1", None);
    let mut wanted = draw("lucky1", 3000);
    wanted["current_count"] = json!(3);
    wanted["rule"] = json!("concat");
    wanted["auto_close"] = json!(false);
    assert_eq!(everybodys, wanted);
    wanted["number"] = json!(2);
    assert_eq!(seen(&town, "lucky1", Some(&people[1])), wanted);

    // After a restart it goes on.
    let town = town.again();
    let late = person(&town, 4);
    assert_eq!(town.done(join(&late, "lucky1"))["number"], 4);
}

#[test]
fn a_join_needs_a_user_and_a_draw() {
    let town = town();
    create(&town, draw("lucky1", 1));
    let user = person(&town, 1);
    for id in ["", "lucky", "lucky1 ", "' OR 1=1 --", "../lucky1"] {
        town.refused(9, join(&user, id));
    }
    for id in [json!(null), json!(1), json!(["lucky1"]), json!({})] {
        let body = json!({"type": "lucky_join_request", "token": user.token, "id": id});
        assert_eq!(town.refused(3, body)["key"], "id");
    }
    town.refused(8, json!({"type": "lucky_join_request", "id": "lucky1"}));
    for token in ["", "guessed"] {
        let with = |kind: &str| json!({"type": kind, "token": token, "id": "lucky1"});
        town.refused(8, with("lucky_join_request"));
        // A list is everybody's, but a token that counts no more is told.
        town.refused(8, with("lucky_list_request"));
    }
    assert_eq!(seen(&town, "lucky1", None)["current_count"], 0);
}

#[test]
fn who_comes_too_late_gets_no_ticket() {
    let town = town();
    create(&town, draw("lucky1", 1));
    let [early, late] = [1, 2].map(|number| person(&town, number));
    town.done(join(&early, "lucky1"));
    let before = rig::http_get(town.server.http, "/lucky/lucky1/tickets");
    assert_eq!(before.0, 404);
    town.server
        .operator()
        .post("/admin/lucky/lucky1/close", json!({}));
    let refused = town.refused(10, join(&late, "lucky1"));
    assert!(refused.get("number").is_none());
    assert_eq!(town.refused(10, join(&early, "lucky1"))["number"], 1);
    assert_eq!(tickets(&town, "lucky1").0, format!("1 {}\n", early.id));
}

/// A ticket stays with the id that took it: the numbers have no gap, and a list
/// stays as it was published.
#[test]
fn a_ticket_outlives_its_user() {
    let town = town();
    create(&town, draw("lucky1", 3));
    let [ann, bob, cid] = [1, 2, 3].map(|number| person(&town, number));
    let gone = |user: &rig::users::User| {
        let code = town.code_for(&user.tel, "account_delete", &user.token);
        town.done(json!({"type": "account_delete_request", "token": user.token, "code": code}));
    };
    town.done(join(&ann, "lucky1"));
    town.done(join(&bob, "lucky1"));
    gone(&ann);
    assert_eq!(seen(&town, "lucky1", None)["current_count"], 2);
    assert_eq!(town.done(join(&cid, "lucky1"))["number"], 3);
    let reply = town
        .server
        .operator()
        .post("/admin/lucky/lucky1/close", Value::Null);
    let (list, hash) = tickets(&town, "lucky1");
    assert_eq!(list, format!("1 {}\n2 {}\n3 {}\n", ann.id, bob.id, cid.id));
    assert_eq!(reply["lucky"]["tickets_sha256"], json!(hash));
    gone(&bob);
    assert_eq!(tickets(&town, "lucky1"), (list, hash));
    // Whoever is gone can win; there is nobody to be told.
    let numbers = json!({"numbers": [1, 2, 3, 4, 6]});
    let reply = town
        .server
        .operator()
        .post("/admin/lucky/lucky1/draw", numbers);
    assert_eq!(reply["winner_number"], 102_030_406 % 3 + 1);
    assert_eq!(reply["winner"], json!(bob.id));
}
