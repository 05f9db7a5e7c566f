//! What must not stand in any log, whatever the log lets through.

use serde_json::json;

use crate::rig::Setup;
use crate::rig::http::Request;
use crate::rig::users::Town;

const TEL: &str = "+8618612344931";

#[test]
fn neither_tokens_nor_codes_nor_numbers_are_logged() {
    let town = Town::start(Setup::new(1).set("log", "trace"));
    let registration = town.registration(TEL);
    let ann = json!({"type": "user_register_info", "token": registration, "nickname": "ann", "gender": "F"});
    let token = crate::rig::users::text(&town.done(ann), "token");
    let profile = json!({"type": "profile_request"});
    for request in [
        Request::json(&json!({"type": "profile_request", "token": token})),
        Request::json(&profile).header("Authorization", &format!("Bearer {token}")),
        Request::json(&profile).header("Cookie", &format!("token={token}")),
        Request::new("POST", &format!("/?token={token}")).body("{}"),
        Request::new("GET", &format!("/v1/{token}")).body("{}"),
    ] {
        request.send(town.server.http);
    }
    let delete = town.code_for(TEL, "account_delete", &token);
    let wrong = if delete == "987654" {
        "987653"
    } else {
        "987654"
    };
    town.refused(
        1,
        json!({"type": "account_delete_request", "token": token, "code": wrong}),
    );
    town.webhook.answer(500);
    town.refused(5, json!({"type": "sms_validation_request", "tel": TEL}));
    town.webhook.answer(200);
    town.done(json!({"type": "account_delete_request", "token": token, "code": delete}));

    let log = town.server.log();
    assert!(
        log.contains("+86186****4931"),
        "the number is there, masked"
    );
    let codes = town.webhook.messages();
    let codes = codes
        .iter()
        .map(|message| message["code"].as_str().unwrap());
    let secrets = codes.chain([&*token, &*registration, wrong]);
    // Six digits may stand in a time or an address by chance, but not quoted
    // or after a sign of a field.
    for secret in secrets {
        for line in log.lines().filter(|line| line.contains(secret)) {
            let at = line.find(secret).unwrap();
            let around = line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
                || line[at + secret.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
            assert!(around && secret.len() == 6, "{secret} in {line}");
        }
    }
    for shown in [TEL, &TEL[1..], &TEL[3..]] {
        assert!(!log.contains(shown), "{shown} is logged");
    }
}

#[test]
fn only_the_console_gateway_prints_codes() {
    let server = Setup::new(1).start();
    let body = json!({"type": "sms_validation_request", "tel": TEL});
    let reply = crate::rig::http::done(&server, body);
    server.wait_log("+86186****4931");
    let log = server.log();
    let line = log.lines().find(|line| line.contains("\"code\"")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    crate::rig::http::done(
        &server,
        json!({
            "type": "sms_validation_code", "code": line["code"], "request_id": reply["request_id"],
        }),
    );
}
