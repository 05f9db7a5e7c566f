//! What operators do at the page, and what comes of it elsewhere.

use serde_json::{Value, json};

use super::{Desk, found, town};

const SCRIPT: &str = "<img src=x onerror=own=1>";

/// Looks a user up, as whatever is typed finds them.
fn look_up(desk: &mut Desk, q: &str, id: &str) {
    desk.go("users");
    desk.fill("#user-q", q);
    desk.click("#users form .main");
    let link = format!(
        "[...document.querySelectorAll('#users button.link')].find((one) => one.textContent === {})",
        json!(id)
    );
    desk.wait(&link);
    // What is shown after that is the answer.
    let hidden = "document.getElementById('user').hidden";
    desk.browser
        .evaluate(&format!("{hidden} = true, {link}.click()"));
    desk.wait(&format!("!{hidden}"));
    desk.wait_text("#user dl", id);
}

#[test]
fn who_is_banned_at_the_page_is_out() {
    let town = town();
    let ann = town.register("+8618612344931", "ann", "F");
    let mut woman = town.join(&ann, "F", &ann.token);
    woman.expect(2);
    let mut desk = Desk::logged_in(&town);
    for q in ["18612344931", "ann", &ann.id] {
        look_up(&mut desk, q, &ann.id);
    }
    desk.fill("#ban-for", "86400");
    desk.fill("#ban-reason", "rude");
    desk.click("#ban .danger");
    let told = woman.expect_past_waits(0);
    assert_eq!(told["error"], "banned");
    woman.expect_closed();
    let bans = town.server.operator().get("/admin/bans")["bans"].clone();
    assert_eq!(bans[0]["user_id"], ann.id.as_str());
    assert_eq!(bans[0]["reason"], "rude");
    desk.go("bans");
    desk.wait_text("#bans table", "rude");
    desk.click("#bans td button:not(.link)");
    desk.wait_text("#bans", "Nothing.");
    assert_eq!(town.server.operator().last_deed()["action"], "unban");
    desk.is_calm(&town);
}

#[test]
fn who_is_kicked_at_the_page_may_come_again() {
    let town = town();
    let ann = town.register("+8618612344931", "ann", "F");
    let mut woman = town.join(&ann, "F", &ann.token);
    woman.expect(2);
    let mut desk = Desk::logged_in(&town);
    look_up(&mut desk, "ann", &ann.id);
    desk.click("#kick");
    desk.agree();
    assert_eq!(woman.expect_past_waits(0)["error"], "kicked");
    town.join(&ann, "F", &ann.token).expect(2);
}

#[test]
fn script_in_what_users_write_stays_text() {
    let town = town();
    let ann = town.register("+8618612344931", SCRIPT, "F");
    let bob = town.register("+8618612344932", "bob", "M");
    town.done(json!({
        "type": "report_request", "token": bob.token, "user_id": ann.id, "reason": SCRIPT,
    }));
    let mut desk = Desk::logged_in(&town);
    desk.wait_text("#open-reports", "1");
    look_up(&mut desk, &ann.id, &ann.id);
    desk.wait_text("#user", SCRIPT);
    desk.wait_text("#users table", SCRIPT);
    desk.go("reports");
    desk.wait_text("#report-list", SCRIPT);
    assert_eq!(desk.browser.evaluate("typeof own"), "undefined");
    assert_eq!(
        desk.browser
            .evaluate("document.querySelector('main img') === null"),
        true
    );
    desk.fill("#report-list input", "warned");
    desk.click("#report-list .main");
    desk.wait("document.getElementById('open-reports').hidden");
    let resolved = town.server.operator().get("/admin/reports?state=resolved");
    assert_eq!(resolved["reports"][0]["outcome"], "warned");
    desk.is_calm(&town);
}

#[test]
fn a_draw_is_made_filled_closed_and_decided() {
    let town = town();
    let users: Vec<_> = (1..=3)
        .map(|n| town.register(&format!("+861861234493{n}"), &format!("n{n}"), "F"))
        .collect();
    let mut desk = Desk::logged_in(&town);
    desk.go("draws");
    for (field, text) in [("id", "watch"), ("name", "A watch"), ("max_count", "3")] {
        desk.fill(&format!("#draw-{field}"), text);
    }
    desk.click("#new-draw .main");
    desk.wait_text("[data-draw=watch]", "0 / 3");
    for user in &users {
        let body = json!({"type": "lucky_join_request", "token": user.token, "id": "watch"});
        town.done(body);
    }
    desk.go("live");
    desk.go("draws");
    desk.wait_text("[data-draw=watch]", "3 / 3");
    desk.click("[data-draw=watch] .row .main");
    desk.agree();
    desk.fill("[data-draw=watch] [name=numbers]", "9 3 17, 24 38");
    desk.click("[data-draw=watch] form .main");
    desk.agree();
    desk.wait_text("[data-draw=watch]", "winner");
    let draw = town.server.operator().get("/admin/lucky")["lucky"][0].clone();
    let winner = draw["winner"].as_str().expect("a winner");
    assert!(users.iter().any(|user| user.id == winner));
    desk.wait_text("[data-draw=watch]", winner);
    desk.is_calm(&town);
}

#[test]
fn words_are_listed_and_the_audit_tells() {
    let town = town();
    let mut desk = Desk::logged_in(&town);
    desk.go("words");
    desk.fill("#word", "笨蛋");
    desk.click("#words form .main");
    desk.wait_text("#words table", "笨蛋");
    desk.go("audit");
    desk.wait_text("#audit table", "list_word");
    desk.is_calm(&town);
}

#[test]
fn the_server_goes_down_when_the_operator_is_sure() {
    let mut town = town();
    let mut desk = Desk::logged_in(&town);
    desk.go("server");
    desk.click("#drain");
    desk.wait("document.getElementById('sure').open");
    desk.click("#sure [value=no]");
    desk.wait("!document.getElementById('sure').open");
    let deed = town.server.operator().last_deed();
    assert_eq!(deed["action"], Value::from("login"), "nothing was done");
    desk.click("#drain");
    desk.agree();
    assert!(town.server.wait_exit().success());
    desk.wait_text("#phase", "no connection");
    assert_ne!(desk.browser.evaluate(&found("#desk")), Value::Null);
}
