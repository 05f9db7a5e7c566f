//! The operator's token: where it comes from, and what wrong ones lead to.

use std::net::SocketAddr;

use serde_json::Value;

use crate::rig::http::{Reply, Request};
use crate::rig::operator::TOKEN;
use crate::rig::{Server, Setup};

fn show(at: SocketAddr, token: &str) -> Reply {
    Request::new("GET", "/admin/session")
        .header("Authorization", &format!("Bearer {token}"))
        .send(at)
}

/// The token that a server has made and shown.
#[track_caller]
fn shown(server: &Server) -> Option<String> {
    server.log().lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON lines alone");
        Some(line["operator_token"].as_str()?.to_owned())
    })
}

#[test]
fn one_is_made_at_the_first_start_and_shown_once() {
    // Whatever the log lets through.
    let server = Setup::new(1).set("log", "off").start();
    let token = shown(&server).expect("it is shown");
    assert_eq!(token.len(), 43, "256 bits");
    assert_eq!(show(server.http, &token).status, 200);
    let server = server.again();
    assert_eq!(shown(&server), None);
    assert_eq!(show(server.http, &token).status, 200);
    assert_eq!(show(server.http, &token[1..]).status, 401);
    // What is kept does not give it away.
    for file in std::fs::read_dir(server.data()).expect("it is there") {
        let path = file.expect("it is there").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes
            .windows(token.len())
            .any(|part| part == token.as_bytes());
        assert!(!found, "{path:?}");
    }
}

#[test]
fn the_environments_is_the_only_one_that_counts() {
    let setup = Setup::new(1);
    let server = setup.clone().start();
    let made = shown(&server).expect("it is shown");
    drop(server);
    let server = setup.operated().start();
    assert_eq!(shown(&server), None);
    assert_eq!(show(server.http, TOKEN).status, 200);
    assert_eq!(show(server.http, &made).status, 401);
}

#[test]
fn wrong_ones_are_slowed_and_counted() {
    let server = Setup::new(1).operated().set("http_rate", 0).start();
    let mut wrong = 0;
    let slowed = loop {
        let reply = show(server.http, "wrong");
        if reply.status != 401 {
            break reply;
        }
        wrong += 1;
        // On a slow machine a first wait may have passed; they double.
        assert!(wrong < 20);
    };
    assert!(wrong >= 5);
    assert_eq!(slowed.status, 429);
    assert_eq!(slowed.json()["error_no"], 4);
    let wait = slowed.header("retry-after");
    let wait = wait.and_then(|wait| wait.parse().ok());
    assert!(wait.is_some_and(|wait: u64| (1..=60).contains(&wait)));
    let (_, text) = crate::rig::http_get(server.http, "/metrics");
    for (result, count) in [("wrong", wrong), ("slowed", 1)] {
        let line = format!("pairline_admin_tries_total{{result=\"{result}\"}} {count}\n");
        assert!(text.contains(&line), "{line}");
    }
}

#[test]
fn a_slowed_address_may_try_again_after_its_time() {
    let server = Setup::new(1).operated().set("http_rate", 0).start();
    for _ in 0..5 {
        show(server.http, "wrong");
    }
    // At most a second more is waited for after the fifth.
    let patience = std::time::Instant::now() + crate::rig::PATIENCE;
    while show(server.http, TOKEN).status != 200 {
        assert!(std::time::Instant::now() < patience);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(
        show(server.http, "wrong").status,
        401,
        "as if nothing had been"
    );
}
