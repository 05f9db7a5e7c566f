//! What the dispatcher makes of a request before any operation sees it.

use crate::rig::http::{Request, ask, done, refused};
use crate::rig::{Server, Setup};
use rusqlite::Connection;
use serde_json::json;
use sha2::{Digest, Sha256};

/// A user whose token is their name.
fn add_user(server: &Server, name: &str) {
    let store = Connection::open(server.data().join("pairline.db")).expect("the server lets us");
    let id = format!("u{:0>16}", name.replace(|c: char| !c.is_ascii_digit(), ""));
    store
        .execute(
            "INSERT INTO users (id, tel, nickname, gender, birthday, pic_id, location, words, registered)
             VALUES (?1, '+86' || ?2, ?3, 'F', '', '', '', '', 0)",
            (&id, &id[1..], name),
        )
        .expect("the server lets us");
    let hash: [u8; 32] = Sha256::digest(name).into();
    store
        .execute(
            "INSERT INTO sessions SELECT ?1, key, 9999999999 FROM users WHERE id = ?2",
            (hash, id),
        )
        .expect("the server lets us");
}

#[test]
fn a_request_is_the_same_on_every_path() {
    let server = Server::start(1);
    add_user(&server, "ann1");
    let plain = json!({"type": "profile_request", "token": "ann1"});
    let wanted = done(&server, plain.clone());
    assert_eq!(wanted["type"], "profile_response");
    assert_eq!(wanted["profile"]["nickname"], "ann1");
    for path in [
        "/",
        "/?a=b",
        "/index.php",
        "/index.php?r=picture/upload",
        "/v1/profile_request",
    ] {
        for kind in ["application/json", "text/plain", "nonsense"] {
            let request = Request::new("POST", path).header("Content-Type", kind);
            let reply = request.body(plain.to_string()).send(server.http);
            assert_eq!(reply.json(), wanted, "{path} {kind}");
        }
    }
    // On its own path the type may be left out, and the path wins.
    for body in [
        json!({"token": "ann1"}),
        json!({"token": "ann1", "type": "nonsense"}),
        json!({"token": "ann1", "type": 7}),
    ] {
        let request = Request::new("POST", "/v1/profile_request");
        let reply = request.body(body.to_string()).send(server.http);
        assert_eq!(reply.json(), wanted);
    }
}

#[test]
fn a_token_comes_in_the_body_the_header_or_the_cookie() {
    let server = Server::start(1);
    add_user(&server, "ann1");
    add_user(&server, "bob2");
    let plain = Request::json(&json!({"type": "profile_request"}));
    let name = |request: Request| request.send(server.http).json()["profile"]["nickname"].clone();
    let bearer = plain.clone().header("Authorization", "Bearer ann1");
    assert_eq!(name(bearer.clone()), "ann1");
    assert_eq!(
        name(plain.clone().header("Cookie", "x=y; token=bob2")),
        "bob2"
    );
    assert_eq!(name(bearer.clone().header("Cookie", "token=bob2")), "ann1");
    let body = json!({"type": "profile_request", "token": "bob2"}).to_string();
    assert_eq!(name(bearer.clone().body(body)), "bob2");
    // The body's word counts even where it is a wrong one.
    let body = json!({"type": "profile_request", "token": ""}).to_string();
    assert_eq!(bearer.body(body).send(server.http).json()["error_no"], 8);
    assert_eq!(plain.send(server.http).json()["error_no"], 8);
}

#[test]
fn what_is_no_object_is_error_2() {
    let server = Server::start(1);
    for body in [
        "",
        "{",
        "[]",
        "1",
        "\"x\"",
        "null",
        "{\"type\":\"profile_request\"} x",
        "\u{1}",
    ] {
        let reply = Request::new("POST", "/").body(body).send(server.http);
        assert_eq!(
            (reply.status, &reply.json()["error_no"]),
            (200, &json!(2)),
            "{body}"
        );
    }
    let reply = Request::new("POST", "/")
        .body(b"{\"a\":\"\xff\"}")
        .send(server.http);
    assert_eq!(reply.json()["error_no"], 2);
    let deep = format!("{{\"token\":{}", "[".repeat(60_000));
    let reply = Request::new("POST", "/").body(deep).send(server.http);
    assert_eq!(reply.json()["error_no"], 2);
}

#[test]
fn an_unknown_type_is_error_14() {
    let server = Server::start(1);
    for body in [
        json!({}),
        json!({"type": null}),
        json!({"type": ""}),
        json!({"type": "profile_response"}),
        json!({"type": "PROFILE_REQUEST"}),
        json!({"type": ["profile_request"]}),
        json!({"type": 1, "token": true}),
    ] {
        assert_eq!(refused(&server, 14, body)["type"], "");
    }
    for path in ["/v1/nonsense", "/v1/%FF", "/v1/a%2Fb"] {
        let reply = Request::new("POST", path).body("{}").send(server.http);
        let number = &reply.json()["error_no"];
        assert_eq!((reply.status, number), (200, &json!(14)), "{path}");
    }
}

#[test]
fn other_types_of_values_are_no_tokens() {
    let server = Server::start(1);
    add_user(&server, "1");
    for token in [
        json!(true),
        json!(1),
        json!(1.5),
        json!(["1"]),
        json!({"a": "1"}),
    ] {
        let reply = refused(
            &server,
            3,
            json!({"type": "profile_request", "token": token}),
        );
        assert_eq!(reply["key"], "token");
        assert_eq!(reply["type"], "profile_response");
    }
    let twice = r#"{"type":"profile_request","token":"1","token":"1"}"#;
    let reply = Request::new("POST", "/").body(twice).send(server.http);
    assert_eq!(reply.json()["error_no"], 3);
    assert_eq!(reply.json()["type"], "profile_response");
    let reply = refused(
        &server,
        3,
        json!({"type": "profile_request", "token": "1", "user_id": 7}),
    );
    assert_eq!(reply["key"], "user_id");
    refused(
        &server,
        8,
        json!({"type": "profile_request", "token": null}),
    );
    refused(
        &server,
        9,
        json!({"type": "profile_request", "token": "1", "user_id": "' OR 1=1 --"}),
    );
}

#[test]
fn other_paths_and_methods_have_their_statuses() {
    let server = Server::start(1);
    for path in ["/nothing", "/v1", "/v1/", "/v1/a/b", "/index.html", "//"] {
        let reply = Request::new("POST", path).body("{}").send(server.http);
        assert_eq!(
            (reply.status, &reply.json()["error_no"]),
            (404, &json!(9)),
            "{path}"
        );
    }
    for path in ["/", "/index.php", "/v1/profile_request"] {
        for method in ["GET", "PUT", "DELETE", "BREW"] {
            let reply = Request::new(method, path).body("{}").send(server.http);
            assert_eq!((reply.status, &reply.json()["error_no"]), (405, &json!(10)));
            assert_eq!(reply.header("allow"), Some("POST"));
        }
    }
}

#[test]
fn what_is_not_there_passes_the_entrance_too() {
    let wrong = [
        ("POST", "/nothing", 404),
        ("GET", "/uploads", 404),
        ("GET", "/", 405),
        ("PUT", "/v1/profile_request", 405),
        ("POST", "/uploads/1.jpeg", 405),
        ("POST", "/openapi.json", 405),
    ];
    let server = Server::start(1);
    for (method, path, status) in wrong {
        let reply = Request::new(method, path).send(server.http);
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(reply.header("x-request-id").is_some(), "{method} {path}");
        let named = Request::new(method, path).header("X-Request-Id", "mine");
        let reply = named.send(server.http);
        assert_eq!(reply.header("x-request-id"), Some("mine"));
    }
    let server = Setup::new(1).set("http_rate", 1).start();
    for (method, path, _) in wrong {
        let request = Request::new(method, path);
        let limited = (0..50).find_map(|_| {
            let reply = request.send(server.http);
            (reply.status == 429).then_some(reply)
        });
        let limited = limited.unwrap_or_else(|| panic!("{method} {path} has no limit"));
        assert!(limited.header("retry-after").is_some());
        assert!(limited.header("x-request-id").is_some());
    }
    // The operator's pages lie beside it.
    for (method, path, status) in [("GET", "/readyz", 200), ("POST", "/metrics", 405)] {
        let reply = Request::new(method, path).send(server.http);
        assert_eq!(reply.status, status, "{method} {path}");
    }
}

#[test]
fn errors_are_told_in_the_language_that_is_preferred() {
    let server = Server::start(1);
    let plain = Request::json(&json!({"type": "profile_request"}));
    assert_eq!(
        plain.send(server.http).json()["err_msg"],
        "登录已失效，请重新登录"
    );
    let english = plain
        .header("Accept-Language", "en-US,en;q=0.9")
        .send(server.http);
    assert_eq!(
        english.json()["err_msg"],
        "token unknown, revoked or expired"
    );
    assert!(english.header("x-request-id").is_some());
}

#[test]
fn requests_are_counted() {
    let server = Server::start(1);
    add_user(&server, "ann1");
    done(&server, json!({"type": "profile_request", "token": "ann1"}));
    ask(&server, json!({"type": "profile_request"}));
    ask(&server, json!({"type": "profile_request"}));
    ask(&server, json!({"type": "nonsense"}));
    let (_, text) = crate::rig::http_get(server.http, "/metrics");
    for row in [
        "pairline_http_requests_total{type=\"profile_request\",error_no=\"0\"} 1",
        "pairline_http_requests_total{type=\"profile_request\",error_no=\"8\"} 2",
        "pairline_http_requests_total{type=\"\",error_no=\"14\"} 1",
    ] {
        assert!(text.lines().any(|line| line == row), "{row}\n{text}");
    }
}
