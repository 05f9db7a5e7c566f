//! The document's own samples, made valid JSON and else as they stand.

use serde_json::{Value, json};

use crate::rig::Setup;
use crate::rig::http::Request;
use crate::rig::users::{Town, text};

fn sample(town: &Town, body: &str) -> Value {
    let reply = Request::new("POST", "/").body(body).send(town.server.http);
    assert_eq!(reply.status, 200);
    reply.json()
}

#[test]
fn the_sms_and_its_code() {
    let town = Town::start(Setup::new(1));
    let reply = sample(
        &town,
        "{\n\t\"type\":\"sms_validation_request\",\n\t\"tel\":\"18615794931\",\n\t\"time\":\"2015-8-4 1:44\"\n}",
    );
    for (key, value) in [
        ("type", json!("sms_validation_send")),
        ("success", json!(true)),
        ("error_no", json!(0)),
        ("err_msg", json!("")),
    ] {
        assert_eq!(reply[key], value);
    }
    // The sample's code is not the one that was sent, unless by chance.
    let code = town.webhook.code("+8618615794931");
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let body = format!("{{\n\t\"type\":\"sms_validation_code\",\n\t\"code\":\"{wrong}\"\n}}");
    let request = Request::new("POST", "/").body(body);
    let cookie = format!("sms_request={}", text(&reply, "request_id"));
    let reply = request
        .header("Cookie", &cookie)
        .send(town.server.http)
        .json();
    for (key, value) in [
        ("type", json!("sms_validation_result")),
        ("success", json!(false)),
        ("error_no", json!(1)),
        ("err_msg", json!("验证码不符")),
    ] {
        assert_eq!(reply[key], value);
    }
}
