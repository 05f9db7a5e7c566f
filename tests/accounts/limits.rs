//! How often a code may be asked for, by the server's clock.

use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::rig::http::{Request, ask};
use crate::rig::users::Town;
use crate::rig::{Server, Setup};

fn ask_for(tel: &str) -> Value {
    json!({"type": "sms_validation_request", "tel": tel})
}

/// As if everything had been asked for so much earlier.
fn age(server: &Server, seconds: i64) {
    let store = Connection::open(server.data().join("pairline.db")).expect("it is there");
    store
        .busy_timeout(Duration::from_secs(10))
        .expect("it is long");
    store
        .execute(
            "UPDATE code_requests SET at_ms = at_ms - ?1 * 1000",
            [seconds],
        )
        .expect("the server lets us");
}

#[track_caller]
fn wait_told(reply: &Value, least: u64, most: u64) {
    let wait = reply["retry_after"].as_u64().expect("whole seconds");
    assert!((least..=most).contains(&wait), "{reply}");
}

#[test]
fn a_number_waits_a_minute_between_two_codes() {
    let town = Town::limited(Setup::new(1));
    let reply = town.done(ask_for("18612344931"));
    assert_eq!(reply["retry_after"], 60);
    for tel in ["18612344931", "+8618612344931"] {
        wait_told(&town.refused(4, ask_for(tel)), 30, 60);
    }
    // What the handset's clock says does not matter.
    let mut later = ask_for("18612344931");
    later["time"] = json!("2099-1-1 0:00");
    town.refused(4, later);
    town.done(ask_for("18612344932"));
    age(&town.server, 59);
    wait_told(&town.refused(4, ask_for("18612344931")), 1, 1);
    age(&town.server, 1);
    town.done(ask_for("18612344931"));
}

#[test]
fn a_wait_is_told_in_whole_seconds_rounded_up() {
    let town = Town::limited(Setup::new(1).set("sms_interval", "1500ms"));
    assert_eq!(town.done(ask_for("18612344931"))["retry_after"], 2);
    let told = town.refused(4, ask_for("18612344931"))["retry_after"]
        .as_u64()
        .unwrap();
    assert!((1..=2).contains(&told));
    // Who waits for as long as told does not come too soon.
    thread::sleep(Duration::from_secs(told));
    town.done(ask_for("18612344931"));
}

#[test]
fn a_number_has_an_hours_and_a_days_limit() {
    let setup = Setup::new(1)
        .set("sms_interval", 0)
        .set("sms_per_address_hour", 0);
    let town = Town::limited(setup);
    let tel = "18612344931";
    for _ in 0..5 {
        town.done(ask_for(tel));
    }
    wait_told(&town.refused(15, ask_for(tel)), 3000, 3600);
    town.done(ask_for("18612344932"));
    age(&town.server, 3600);
    for _ in 0..5 {
        town.done(ask_for(tel));
    }
    age(&town.server, 3600);
    wait_told(&town.refused(15, ask_for(tel)), 78_000, 79_200);
    age(&town.server, 86_400);
    town.done(ask_for(tel));
}

#[test]
fn an_address_has_an_hours_and_a_days_limit() {
    let setup = Setup::new(1)
        .set("sms_interval", 0)
        .set("http_rate", 0)
        .set("sms_per_address_day", 12)
        .set("trusted_proxies", "127.0.0.1");
    let town = Town::limited(setup);
    let from = |address: &str, last: u32| {
        let request = Request::json(&ask_for(&format!("18612344{last:03}")));
        let reply = request
            .header("X-Forwarded-For", address)
            .send(town.server.http);
        reply.json()
    };
    for last in 0..10 {
        assert_eq!(from("192.0.2.1", last)["error_no"], 0);
    }
    let reply = from("192.0.2.1", 10);
    assert_eq!(reply["error_no"], 15);
    wait_told(&reply, 3000, 3600);
    assert_eq!(from("192.0.2.2", 10)["error_no"], 0);
    age(&town.server, 3600);
    assert_eq!(from("192.0.2.1", 11)["error_no"], 0);
    assert_eq!(from("192.0.2.1", 12)["error_no"], 0);
    let reply = from("192.0.2.1", 13);
    assert_eq!(reply["error_no"], 15);
    wait_told(&reply, 78_000, 86_400);
    // An IPv6 customer has a whole /64.
    for last in 0..10 {
        assert_eq!(
            from(&format!("2001:db8::{last}"), 100 + last)["error_no"],
            0
        );
    }
    assert_eq!(from("2001:db8::ffff", 110)["error_no"], 15);
    assert_eq!(from("2001:db8:0:1::1", 110)["error_no"], 0);
}

#[test]
fn parallel_requests_get_one_code() {
    let town = Town::limited(Setup::new(1).set("http_rate", 0));
    let answers: Vec<Value> = thread::scope(|scope| {
        let tries: Vec<_> = (0..10)
            .map(|_| scope.spawn(|| ask(&town.server, ask_for("18612344931"))))
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().unwrap()["error_no"].clone())
            .collect()
    });
    assert_eq!(answers.iter().filter(|number| **number == 0).count(), 1);
    assert_eq!(answers.iter().filter(|number| **number == 4).count(), 9);
    assert_eq!(town.webhook.messages().len(), 1);
}

#[test]
fn limits_survive_a_restart() {
    let town = Town::limited(Setup::new(1));
    town.done(ask_for("18612344931"));
    let town = town.again();
    town.refused(4, ask_for("18612344931"));
}

#[test]
fn a_day_without_codes_left_says_when_the_next_one_begins() {
    let setup = Setup::new(1).set("sms_budget_day", 1);
    let town = Town::limited(setup);
    town.done(ask_for("18612344931"));
    let refused = town.refused(15, ask_for("18612344932"));
    // As the default time zone has it, which knows no summer time.
    let beijing = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("the clock is right")
        .as_secs()
        + 8 * 3600;
    let midnight = 86_400 - beijing % 86_400;
    let told = refused["retry_after"].as_u64().expect("whole seconds");
    assert!(
        midnight.abs_diff(told) <= 60 || midnight > 86_340,
        "{refused}"
    );
    assert!(told > 0);
}

#[test]
fn a_country_without_codes_is_not_told_to_wait() {
    let town = Town::limited(Setup::new(1).set("sms_countries", "+44"));
    let refused = town.refused(10, ask_for("18612344931"));
    assert_eq!(refused.get("retry_after"), None, "{refused}");
}

#[test]
fn the_handsets_clock_may_be_written_anyhow() {
    let town = Town::limited(Setup::new(1));
    let times = [json!("2015-8-4 1:44"), json!(1_438_623_840), json!([null])];
    for (time, tel) in times.into_iter().zip(["12345", "12346", "12347"]) {
        let mut body = ask_for(tel);
        body["time"] = time;
        town.done(body);
    }
}
