//! Bans: of users and of free ids and numbers, for a time and for good.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::rig::users::{Town, User};
use crate::rig::{Handset, PATIENCE, Server, Setup};
use crate::{ann, bob, town};

#[track_caller]
fn expect_ended(handset: &mut Handset) {
    let told = handset.expect_past_waits(0);
    assert_eq!(told["error"], "banned");
    assert_eq!(told["msgType"], Value::Null);
    handset.expect_closed();
}

/// A join is answered with `banned` and the connection closed.
#[track_caller]
fn expect_shut_out(mut handset: Handset) {
    handset.expect_refusal("banned", Some(1));
    handset.expect_closed();
}

fn join_free(server: &Server, id: &str) -> Handset {
    let mut handset = Handset::connect(server);
    handset.join(id, "F", "M");
    handset
}

/// What a join is answered with.
fn answer(handset: &mut Handset) -> &'static str {
    let line = handset.expect_line();
    match line {
        line if line.starts_with("2#") => "joined",
        line if line.contains(r#""error":"banned""#) => "banned",
        line => panic!("{line}"),
    }
}

/// A right code, and what it is answered with.
fn tries_to_log_in(town: &Town, user: &User) -> Value {
    let code = town.code(&user.tel);
    let body = json!({"type": "sms_validation_code", "tel": user.tel, "code": code});
    crate::rig::http::ask(&town.server, body)
}

#[test]
fn a_banned_user_is_out_at_once_and_stays_out() {
    crate::rig::both(|cores| {
        let town = town(cores);
        let (ann, bob) = (ann(&town), bob(&town));
        let mut woman = town.join(&ann, "F", &ann.token);
        woman.expect(2);
        let mut man = town.join(&bob, "M", &bob.token);
        man.expect_past_waits(5);
        woman.expect_past_waits(5);
        let operator = town.server.operator();
        let ban = operator.post("/admin/bans", json!({"user_id": ann.id, "reason": "粗鲁"}));
        assert_eq!(ban["type"], "admin_ban");
        assert_eq!(ban["user_id"], ann.id.as_str());
        expect_ended(&mut woman);
        let over = man.expect_past_waits(9);
        assert_eq!(
            (&over["over"], &over["endmessage"]),
            (&json!(1), &json!(""))
        );
        // With her token, with none, and with a new connection each time.
        expect_shut_out(town.join(&ann, "F", &ann.token));
        expect_shut_out(join_free(&town.server, &ann.id));
        assert!(!town.is_good(&ann.token), "it is revoked");
        let refused = tries_to_log_in(&town, &ann);
        assert_eq!(refused["error_no"], 10);
        assert_eq!(
            (&refused["banned_until"], &refused["banned_until_at"]),
            (&json!(""), &Value::Null)
        );
        assert!(refused["token"].is_null());
        // Others are not meant.
        assert!(town.is_good(&bob.token));

        let id = ban["ban"]["id"].as_i64().expect("a number");
        operator.delete(&format!("/admin/bans/{id}"));
        let back = town.log_in(&ann.tel);
        assert_eq!(back["user_id"], ann.id.as_str());
        let token = back["token"].as_str().expect("a token").to_owned();
        town.join(&ann, "F", &token).expect(2);
    });
}

#[test]
fn a_free_id_is_banned_for_a_time() {
    crate::rig::both(|cores| {
        let server = Setup::new(cores).operated().start();
        let mut mary = join_free(&server, "mary");
        mary.expect(2);
        let begun = Instant::now();
        let ban = server
            .operator()
            .post("/admin/bans", json!({"user_id": "mary", "seconds": 3}));
        assert_eq!(ban["user_id"], Value::Null, "nobody is registered so");
        let until = ban["ban"]["banned_until_at"].as_i64().expect("a time");
        assert_eq!(until, ban["ban"]["since_at"].as_i64().expect("a time") + 3);
        expect_ended(&mut mary);
        let mut barred = join_free(&server, "mary");
        let told = answer(&mut barred);
        // On a slow machine the time may be over already.
        assert!(
            told == "banned" || begun.elapsed() >= Duration::from_secs(2),
            "{told}"
        );
        loop {
            let mut again = join_free(&server, "mary");
            if answer(&mut again) == "joined" {
                break;
            }
            assert!(begun.elapsed() < PATIENCE);
            sleep(Duration::from_millis(100));
        }
        assert!(begun.elapsed() >= Duration::from_secs(2));
        let bans = server.operator().get("/admin/bans")["bans"].clone();
        assert_eq!(bans, json!([]), "it does not stand any more");
        let all = server.operator().get("/admin/bans?all=1")["bans"].clone();
        assert_eq!(all[0]["user_id"], "mary");
    });
}

#[test]
fn a_ban_outlives_a_restart() {
    let server = Setup::new(2).operated().start();
    let operator = server.operator();
    operator.post("/admin/bans", json!({"user_id": "mary"}));
    operator.post("/admin/bans", json!({"user_id": "john", "seconds": 1}));
    sleep(Duration::from_millis(2_100));
    let server = server.again();
    expect_shut_out(join_free(&server, "mary"));
    join_free(&server, "john").expect(2);
    join_free(&server, "eve").expect(2);
}

#[test]
fn a_number_is_banned_with_whoever_has_it() {
    let town = town(2);
    let ann = ann(&town);
    let operator = town.server.operator();
    let mut woman = town.join(&ann, "F", &ann.token);
    woman.expect(2);
    // As it may be typed.
    let ban = operator.post(
        "/admin/bans",
        json!({"tel": &ann.tel[3..], "seconds": 86_400}),
    );
    assert_eq!(ban["user_id"], ann.id.as_str());
    assert_eq!(ban["ban"]["tel"], ann.tel.as_str());
    expect_ended(&mut woman);
    expect_shut_out(town.join(&ann, "F", &ann.token));
    let refused = tries_to_log_in(&town, &ann);
    assert_eq!(refused["banned_until_at"], ban["ban"]["banned_until_at"]);
    assert!(!refused["banned_until"].as_str().expect("a text").is_empty());
    let other = town
        .server
        .operator()
        .post("/admin/bans", json!({"user_id": ann.id}));
    operator.delete(&format!("/admin/bans/{}", ban["ban"]["id"]));
    expect_shut_out(town.join(&ann, "F", &ann.token));
    assert_eq!(tries_to_log_in(&town, &ann)["error_no"], 10, "by her id");
    operator.delete(&format!("/admin/bans/{}", other["ban"]["id"]));
    assert_eq!(tries_to_log_in(&town, &ann)["error_no"], 0);
}

#[test]
fn nobody_registers_or_moves_to_a_banned_number() {
    let town = town(1);
    let bob = bob(&town);
    let tel = "+8618612344999";
    let registration = town.registration(tel);
    town.server
        .operator()
        .post("/admin/bans", json!({"tel": tel}));
    let body = json!({
        "type": "user_register_info", "token": registration, "nickname": "eve", "gender": "F",
    });
    town.refused(10, body.clone());
    let code = town.code(tel);
    let login = json!({"type": "sms_validation_code", "tel": tel, "code": code});
    assert_eq!(town.refused(10, login)["token"], Value::Null);
    let code = town.code_for(tel, "tel_change", &bob.token);
    town.refused(
        10,
        json!({
            "type": "tel_change_request", "token": bob.token, "tel": tel, "code": code,
        }),
    );
    town.server.operator().delete("/admin/bans/1");
    // What was refused has not been spent.
    town.done(body);
}

#[test]
fn a_ban_gives_way_to_the_next_of_the_same() {
    let server = Setup::new(1).operated().start();
    let operator = server.operator();
    let first = operator.post("/admin/bans", json!({"user_id": "mary", "reason": "one"}));
    let second = operator.post("/admin/bans", json!({"user_id": "mary", "seconds": 1000}));
    let standing = operator.get("/admin/bans")["bans"].clone();
    assert_eq!(standing.as_array().expect("a list").len(), 1);
    assert_eq!(standing[0]["id"], second["ban"]["id"]);
    let all = operator.get("/admin/bans?all=1")["bans"].clone();
    assert_eq!(all[1]["id"], first["ban"]["id"]);
    assert_eq!(all[1]["reason"], "one");
    assert!(all[1]["lifted_at"].is_i64() && all[0]["lifted_at"].is_null());
    let page = operator.get(&format!("/admin/bans?all=1&before={}", all[0]["id"]));
    assert_eq!(page["bans"].as_array().expect("a list").len(), 1);
    operator.refused(
        9,
        "DELETE",
        &format!("/admin/bans/{}", all[1]["id"]),
        Value::Null,
    );
}

#[test]
fn what_is_no_ban_is_refused_and_named() {
    let server = Setup::new(1).operated().start();
    let operator = server.operator();
    for (body, key) in [
        (json!({}), "user_id"),
        (json!({"user_id": ""}), "user_id"),
        (json!({"user_id": "x".repeat(65)}), "user_id"),
        (json!({"user_id": 7}), "user_id"),
        (json!({"user_id": "a", "tel": "18612344931"}), "user_id"),
        (json!({"tel": "nobody"}), "tel"),
        (json!({"user_id": "a", "seconds": 0}), "seconds"),
        (json!({"user_id": "a", "seconds": -1}), "seconds"),
        (json!({"user_id": "a", "seconds": "1"}), "seconds"),
        (
            json!({"user_id": "a", "reason": "x".repeat(1025)}),
            "reason",
        ),
    ] {
        let refused = operator.refused(3, "POST", "/admin/bans", body.clone());
        assert_eq!(refused["key"], key, "{body}");
    }
    operator.refused(2, "POST", "/admin/bans", json!([]));
    for id in ["1", "0", "-1", "x", "9999999999999999999999"] {
        operator.refused(9, "DELETE", &format!("/admin/bans/{id}"), Value::Null);
    }
    assert_eq!(operator.get("/admin/bans?all=1")["bans"], json!([]));
    let forever = operator.post("/admin/bans", json!({"user_id": "a", "seconds": u64::MAX}));
    assert_eq!(forever["ban"]["banned_until_at"], Value::Null);
}

#[test]
fn what_cannot_be_written_down_is_not_done() {
    let server = Setup::new(1).operated().start();
    let operator = server.operator();
    let mut mary = join_free(&server, "mary");
    mary.expect(2);
    let store = Connection::open(server.data().join("pairline.db")).expect("the server lets us");
    store
        .execute_batch("BEGIN IMMEDIATE")
        .expect("nobody else writes");
    let body = json!({"user_id": "mary"}).to_string();
    let reply = operator.send("POST", "/admin/bans", &body);
    assert_eq!(
        (reply.status, &reply.json()["error_no"]),
        (500, &json!(500))
    );
    store.execute_batch("ROLLBACK").expect("it is begun");
    crate::rig::expect_alive(&mut mary);
    assert_eq!(operator.get("/admin/bans?all=1")["bans"], json!([]));
    assert_eq!(operator.get("/admin/audit")["audit"], json!([]));
    // Nor is anything done that cannot be written into the audit.
    store
        .execute_batch("ALTER TABLE audit RENAME TO gone")
        .expect("a table");
    assert_eq!(operator.send("POST", "/admin/bans", &body).status, 500);
    store
        .execute_batch("ALTER TABLE gone RENAME TO audit")
        .expect("a table");
    assert_eq!(operator.get("/admin/bans?all=1")["bans"], json!([]));
    crate::rig::expect_alive(&mut mary);
}

#[test]
fn each_ban_is_in_the_audit() {
    let server = Setup::new(1).operated().start();
    let operator = server.operator();
    let body = json!({"user_id": "mary", "seconds": 60, "reason": "why"});
    let ban = operator.post("/admin/bans", body);
    let deed = operator.last_deed();
    assert_eq!(
        (
            &deed["action"],
            &deed["about"],
            &deed["result"],
            &deed["who"]
        ),
        (
            &json!("ban"),
            &json!("mary"),
            &json!("done"),
            &json!("token")
        )
    );
    assert_eq!(deed["detail"], "for 60 s: why");
    let path = format!("/admin/bans/{}", ban["ban"]["id"]);
    operator.delete(&path);
    assert_eq!(operator.last_deed()["action"], "unban");
    operator.refused(9, "DELETE", &path, Value::Null);
    assert_eq!(operator.last_deed()["result"], "error 9");
}
