//! Codes: what is sent, and what a right or wrong one leads to.

use serde_json::{Value, json};

use crate::rig::Setup;
use crate::rig::http::Request;
use crate::rig::users::{Town, text};

const TEL: &str = "+8618612344931";

fn town() -> Town {
    Town::start(Setup::new(1))
}

fn ask_for(tel: &str) -> Value {
    json!({"type": "sms_validation_request", "tel": tel, "time": "2015-8-4 1:44"})
}

fn try_code(tel: &str, code: &str) -> Value {
    json!({"type": "sms_validation_code", "tel": tel, "code": code})
}

/// Another code than this one.
fn other(code: &str) -> String {
    let number: u32 = code.parse().expect("digits");
    format!("{:06}", (number + 1) % 1_000_000)
}

#[test]
fn a_code_goes_to_the_gateway_and_leads_to_a_token() {
    let town = town();
    let reply = town.done(ask_for("18612344931"));
    assert_eq!(reply["type"], "sms_validation_send");
    assert!(reply["request_id"].is_string());
    assert_eq!(reply["retry_after"], 0);
    let message = town.webhook.last(TEL);
    assert_eq!(message["ttl"], 300);
    assert_eq!(message["locale"], "zh");
    assert_eq!(message["purpose"], "login");
    let code = text(&message, "code");
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
    let reply = town.done(try_code(TEL, &code));
    assert_eq!(reply["type"], "sms_validation_result");
    assert_eq!(reply["registered"], false);
    assert!(reply.get("user_id").is_none());
    assert_eq!(text(&reply, "token").len(), 43);
    // Thirty minutes, and the same moment in both forms.
    let seconds = reply["token_expire_at"].as_i64().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let left = seconds - now.unwrap().as_secs().cast_signed();
    assert!((1700..=1800).contains(&left), "{left}");
    let written = text(&reply, "token_expire");
    let minute = jiff::Timestamp::from_second(seconds).unwrap();
    let minute = minute
        .in_tz("Asia/Shanghai")
        .unwrap()
        .strftime("%-Y-%-m-%-d %-H:%M");
    assert_eq!(written, minute.to_string());
}

#[test]
fn the_language_of_the_text_is_the_clients() {
    let town = town();
    let english = Request::json(&ask_for(TEL)).header("Accept-Language", "en");
    assert_eq!(english.send(town.server.http).json()["error_no"], 0);
    assert_eq!(town.webhook.last(TEL)["locale"], "en");
}

#[test]
fn a_code_is_tried_by_number_request_or_cookie() {
    let town = town();
    let reply = town.done(ask_for(TEL));
    let code = town.webhook.code(TEL);
    let request = text(&reply, "request_id");
    let by_request = json!({"type": "sms_validation_code", "request_id": request, "code": code});
    town.done(by_request.clone());
    town.refused(6, by_request);

    let reply = Request::json(&ask_for(TEL)).send(town.server.http);
    let cookie = format!("a=b; sms_request={}", reply.cookie("sms_request").unwrap());
    let set = reply.header("set-cookie").unwrap();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax"),
        "{set}"
    );
    let code = town.webhook.code(TEL);
    // As the document has it: nothing but the code.
    let bare = Request::json(&json!({"type": "sms_validation_code", "code": code}));
    let reply = bare
        .clone()
        .header("Cookie", &cookie)
        .send(town.server.http);
    assert_eq!(reply.json()["error_no"], 0);
    let set = reply
        .headers
        .iter()
        .find(|(_, value)| value.starts_with("token="));
    let set = &set.expect("a login sets a cookie").1;
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax"),
        "{set}"
    );
    assert_eq!(reply.cookie("token"), reply.json()["token"].as_str());
    let nobodys = bare.send(town.server.http).json();
    assert_eq!(
        (&nobodys["error_no"], &nobodys["key"]),
        (&json!(3), &json!("tel"))
    );
}

#[test]
fn a_code_is_good_once() {
    let town = town();
    let code = town.code(TEL);
    town.done(try_code(TEL, &code));
    town.refused(6, try_code(TEL, &code));
    town.refused(6, try_code("+8618612344932", &code));
}

#[test]
fn five_wrong_tries_make_a_code_void() {
    let town = town();
    let code = town.code(TEL);
    for _ in 0..5 {
        assert_eq!(
            town.refused(1, try_code(TEL, &other(&code)))["err_msg"],
            "验证码不符"
        );
    }
    town.refused(7, try_code(TEL, &other(&code)));
    town.refused(7, try_code(TEL, &code));
    // A new one is a new chance.
    let code = town.code(TEL);
    for _ in 0..4 {
        town.refused(1, try_code(TEL, &other(&code)));
    }
    town.done(try_code(TEL, &code));
}

#[test]
fn parallel_tries_are_counted_too() {
    let town = town();
    let code = town.code(TEL);
    let wrong = try_code(TEL, &other(&code));
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..20)
            .map(|_| scope.spawn(|| crate::rig::http::ask(&town.server, wrong.clone())))
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().unwrap()["error_no"].clone())
            .collect()
    });
    assert_eq!(answers.iter().filter(|number| **number == 1).count(), 5);
    assert_eq!(answers.iter().filter(|number| **number == 7).count(), 15);
    town.refused(7, try_code(TEL, &code));
}

#[test]
fn a_new_code_voids_the_old_one() {
    let town = town();
    let old = town.code(TEL);
    let mut new = town.code(TEL);
    while new == old {
        new = town.code(TEL);
    }
    town.refused(1, try_code(TEL, &old));
    town.done(try_code(TEL, &new));
}

#[test]
fn a_code_dies_with_its_time() {
    let town = Town::start(Setup::new(1).set("sms_code_ttl", "1s"));
    let code = town.code(TEL);
    assert_eq!(town.webhook.last(TEL)["ttl"], 1);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    town.refused(6, try_code(TEL, &code));
}

#[test]
fn a_code_counts_for_its_purpose_alone() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let code = town.code_for(TEL, "account_delete", &ann.token);
    assert_eq!(town.webhook.last(TEL)["purpose"], "account_delete");
    town.refused(6, try_code(TEL, &code));
    let request = town.done(json!({
        "type": "sms_validation_request", "tel": TEL, "purpose": "tel_change", "token": ann.token,
    }));
    let code = town.webhook.code(TEL);
    town.refused(
        6,
        json!({
            "type": "sms_validation_code", "request_id": request["request_id"], "code": code,
        }),
    );
    let login = town.code(TEL);
    town.refused(
        6,
        json!({"type": "tel_change_request", "tel": "+8612345", "code": login, "token": ann.token}),
    );
}

#[test]
fn a_purpose_may_need_a_token_and_ones_own_number() {
    let town = town();
    let ann = town.register(TEL, "ann", "F");
    let ask = |purpose: &str, tel: &str, token: Value| json!({"type": "sms_validation_request", "tel": tel, "purpose": purpose, "token": token});
    for purpose in ["tel_change", "account_delete"] {
        town.refused(8, ask(purpose, TEL, Value::Null));
        town.refused(8, ask(purpose, TEL, json!("nobody's")));
    }
    town.refused(
        10,
        ask("account_delete", "+8618612344999", json!(ann.token)),
    );
    for purpose in ["", "Login", "other"] {
        assert_eq!(
            town.refused(3, ask(purpose, TEL, json!(ann.token)))["key"],
            "purpose"
        );
    }
    assert_eq!(town.webhook.messages().len(), 1, "only the login's");
}

#[test]
fn what_is_no_number_or_code_is_error_3() {
    let town = town();
    for tel in [
        json!(18612344931_u64),
        json!(true),
        json!({"a": 1}),
        json!(["12345"]),
        json!(null),
        json!(""),
        json!("1234"),
        json!("1234567890123456"),
        json!("+"),
        json!("186 1234"),
        json!("1' OR '1'='1"),
        json!("../../etc/passwd"),
        json!("12345\u{0}"),
    ] {
        let reply = town.refused(3, json!({"type": "sms_validation_request", "tel": tel}));
        assert_eq!(reply["key"], "tel");
        let body = json!({"type": "sms_validation_code", "tel": tel, "code": "123456"});
        assert_eq!(town.refused(3, body)["key"], "tel");
    }
    for code in [
        json!(123456),
        json!(true),
        json!({}),
        json!(["123456"]),
        json!(null),
        json!(""),
        json!("12345"),
        json!("1234567"),
        json!("12345a"),
        json!("%%%%%%"),
    ] {
        let body = json!({"type": "sms_validation_code", "tel": TEL, "code": code});
        assert_eq!(town.refused(3, body)["key"], "code");
    }
    let body = json!({"type": "sms_validation_code", "request_id": 7, "code": "123456"});
    assert_eq!(town.refused(3, body)["key"], "request_id");
    let body =
        json!({"type": "sms_validation_code", "request_id": "' OR 1=1 --", "code": "123456"});
    town.refused(6, body);
    assert!(town.webhook.messages().is_empty());
}

#[test]
fn a_failing_gateway_costs_nothing_and_leaves_the_old_code() {
    let setup = Setup::new(1)
        .set("sms_per_number_hour", 2)
        .set("http_rate", 0);
    let town = Town::limited(setup.set("sms_interval", 0));
    let code = town.code(TEL);
    town.webhook.answer(500);
    for _ in 0..3 {
        let reply = town.refused(5, ask_for(TEL));
        assert!(reply.get("request_id").is_none());
        assert_eq!(reply["retry_after"], 0);
    }
    town.webhook.answer(200);
    town.done(try_code(TEL, &code));
}

#[test]
fn a_gateway_that_does_not_answer_is_given_up() {
    let town = Town::limited(Setup::new(1));
    town.webhook.hang(true);
    let reply = town.refused(5, ask_for(TEL));
    assert_eq!(reply["retry_after"], 0);
    town.webhook.hang(false);
    // And the number may ask again at once.
    let code = town.code(TEL);
    town.done(try_code(TEL, &code));
}

#[test]
fn tests_have_numbers_of_their_own() {
    let setup = Setup::new(1)
        .set("test_mode", true)
        .set("test_numbers", "18600000001=123456");
    let town = Town::start(setup);
    town.server.wait_log("TEST MODE");
    town.done(ask_for("+8618600000001"));
    assert!(town.webhook.messages().is_empty());
    town.refused(1, try_code("18600000001", "000000"));
    town.done(try_code("18600000001", "123456"));
    town.refused(6, try_code("18600000001", "123456"));
    // There is no magic for others.
    let code = town.code(TEL);
    if code != "123456" {
        town.refused(1, try_code(TEL, "123456"));
    }
}

#[test]
fn without_test_mode_test_numbers_stop_the_start() {
    let setup = Setup::new(1).set("test_numbers", "18600000001=123456");
    let (code, said) = setup.refuse();
    assert_eq!(code, 78);
    assert!(said.contains("test_numbers"), "{said}");
}
