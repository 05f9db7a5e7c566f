//! Gateways for codes as a server uses them: in order, within limits, and over
//! encrypted connections.

pub mod rig;

#[path = "gateways/tls.rs"]
mod tls;

use std::net::{SocketAddr, TcpListener};

use serde_json::{Value, json};

use rig::http::{done, refused};
use rig::webhook::Webhook;
use rig::{Server, Setup};
use tls::Tls;

const NUMBER: &str = "+8618612344931";
const OTHER: &str = "+8618612354931";

fn asked_by(number: &str) -> Value {
    json!({"type": "sms_validation_request", "tel": number})
}

/// Where nobody listens.
fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound")
}

/// A code that the console printed.
fn is_printed(server: &Server) -> bool {
    let line = |line: &&str| line.contains("+86186****4931") && line.contains("\"code\":\"");
    server.log().lines().filter(line).count() == 1
}

/// A webhook over TLS, then the console, believing this authority alone.
fn encrypted(tls: &Tls, believed: &Tls) -> Server {
    let url = format!("https://{}/codes", tls.address);
    Setup::new(1)
        .set("sms_gateway", "webhook,console")
        .set("sms.webhook.url", url)
        .set("sms.webhook.secret", "s")
        .env("SSL_CERT_FILE", &believed.authority().to_string_lossy())
        .start()
}

#[test]
fn a_webhook_is_believed_if_the_systems_authorities_vouch_for_it() {
    let tls = Tls::start();
    let server = encrypted(&tls, &tls);
    done(&server, asked_by(NUMBER));
    let heard = tls.heard();
    assert_eq!(heard.len(), 1, "{}", server.log());
    assert!(
        heard[0].starts_with("POST /codes HTTP/1.1\r\n"),
        "{heard:?}"
    );
    assert!(heard[0].contains(NUMBER));
    assert!(!is_printed(&server));
}

#[test]
fn one_that_nobody_vouches_for_hears_no_code() {
    let (tls, other) = (Tls::start(), Tls::start());
    let server = encrypted(&tls, &other);
    done(&server, asked_by(NUMBER));
    assert!(tls.heard().is_empty());
    assert!(is_printed(&server), "{}", server.log());
}

#[test]
fn without_authorities_only_encrypted_gateways_keep_it_from_starting() {
    let webhook = |url: &str| {
        Setup::new(1)
            .set("sms_gateway", "webhook")
            .set("sms.webhook.url", url)
            .set("sms.webhook.secret", "s")
            .env("SSL_CERT_FILE", "/nowhere")
            .env("SSL_CERT_DIR", "/nowhere")
    };
    let (code, said) = webhook("https://127.0.0.1:1/").refuse();
    assert_eq!(code, 71, "{said}");
    assert!(said.contains("sms_gateway webhook") && said.contains("ca-certificates"));
    webhook("http://127.0.0.1:1/").start();
}

#[test]
fn what_a_gateway_lacks_keeps_it_from_starting() {
    for (gateway, key) in [
        ("webhook", "sms.webhook.secret"),
        ("twilio", "sms.twilio.auth_token"),
        ("aliyun", "sms.aliyun.sign_name"),
        ("console,tencent", "sms.tencent.template_id"),
    ] {
        let (code, said) = Setup::new(1).set("sms_gateway", gateway).refuse();
        assert_eq!(code, 78, "{said}");
        assert!(said.contains(key), "{said}");
    }
}

#[test]
fn the_second_takes_over_when_nobody_answers_at_the_firsts() {
    let webhook = Webhook::start();
    let server = webhook
        .setup(Setup::new(1))
        .set("sms_gateway", "twilio,webhook")
        .set("sms.twilio.url", format!("http://{}", nobody()))
        .set("sms.twilio.account_sid", "AC1")
        .set("sms.twilio.auth_token", "t")
        .set("sms.twilio.from", "+15005550006")
        .start();
    done(&server, asked_by(NUMBER));
    let code = webhook.code(NUMBER);
    let login = json!({"type": "sms_validation_code", "tel": NUMBER, "code": code});
    done(&server, login);
    let (_, metrics) = rig::http_get(server.http, "/metrics");
    for series in [
        "pairline_sms_total{gateway=\"twilio\",result=\"unreachable\"} 1\n",
        "pairline_sms_total{gateway=\"webhook\",result=\"sent\"} 1\n",
    ] {
        assert!(metrics.contains(series), "{series}");
    }
}

#[test]
fn a_gateway_that_fails_costs_the_user_nothing() {
    let webhook = Webhook::start();
    let server = webhook
        .setup(Setup::new(1))
        .set("sms_gateway", "webhook,console")
        .set("sms_per_number_hour", 1)
        .start();
    for status in [500, 404, 302] {
        webhook.answer(status);
        refused(&server, 5, asked_by(NUMBER));
    }
    assert!(
        !server.log().contains("\"code\":\""),
        "the first was reached"
    );
    webhook.answer(200);
    done(&server, asked_by(NUMBER));
    refused(&server, 4, asked_by(NUMBER));
}

#[test]
fn a_gateway_that_is_silent_is_given_up() {
    let webhook = Webhook::start();
    let server = webhook.setup(Setup::new(1)).start();
    webhook.hang(true);
    refused(&server, 5, asked_by(NUMBER));
    webhook.hang(false);
    done(&server, asked_by(NUMBER));
}

#[test]
fn a_gateway_that_fails_again_and_again_is_left_alone() {
    let webhook = Webhook::start();
    let server = webhook.setup(Setup::new(1)).start();
    webhook.answer(500);
    for n in 0..8 {
        refused(&server, 5, asked_by(&format!("+86186123449{n:02}")));
    }
    assert_eq!(webhook.messages().len(), 5);
    server.wait_log("left alone");
}

#[test]
fn a_day_has_so_many_codes() {
    let webhook = Webhook::start();
    let server = webhook
        .setup(Setup::new(1))
        .set("sms_budget_day", 1)
        .start();
    done(&server, asked_by(NUMBER));
    refused(&server, 15, asked_by(OTHER));
    assert_eq!(webhook.messages().len(), 1);
}

#[test]
fn a_block_of_numbers_has_so_many_codes() {
    let webhook = Webhook::start();
    let server = webhook
        .setup(Setup::new(1))
        .set("sms_per_prefix_day", 1)
        .start();
    done(&server, asked_by(NUMBER));
    refused(&server, 15, asked_by("+8618612340000"));
    done(&server, asked_by(OTHER));
}

#[test]
fn only_listed_countries_get_codes() {
    let webhook = Webhook::start();
    let server = webhook
        .setup(Setup::new(1))
        .set("sms_countries", "+86,+852")
        .start();
    done(&server, asked_by("18612344931"));
    done(&server, asked_by("+85261234567"));
    refused(&server, 10, asked_by("+15005550006"));
    let numbers: Vec<_> = webhook
        .messages()
        .iter()
        .map(|message| message["number"].clone())
        .collect();
    assert_eq!(numbers, [json!(NUMBER), json!("+85261234567")]);
}
