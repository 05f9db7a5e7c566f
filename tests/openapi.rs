//! The document for machines, from the outside. Whether it is true is tried by
//! `tests/schemathesis.rs`.

pub mod rig;

use std::collections::BTreeSet;

use rig::http::Request;
use rig::{Server, Setup};
use serde_json::{Value, json};

#[track_caller]
fn document(server: &Server) -> Value {
    let reply = Request::new("GET", "/openapi.json").send(server.http);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    serde_json::from_slice(&reply.body).expect("JSON")
}

#[test]
fn every_request_has_its_keys_and_its_reply() {
    let document = document(&Server::start(1));
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let paths = document["paths"].as_object().unwrap();
    let operations: BTreeSet<_> = paths
        .keys()
        .filter_map(|path| path.strip_prefix("/v1/"))
        .collect();
    assert_eq!(
        operations,
        pairline::http::REQUESTS.iter().copied().collect()
    );
    for request in operations {
        let operation = &paths[&format!("/v1/{request}")]["post"];
        let keys = &document["components"]["schemas"][request];
        assert!(keys["allOf"].is_array(), "{request}: {keys}");
        assert!(operation["description"].is_string(), "{request}");
        for status in ["200", "413", "429", "500"] {
            let content = &operation["responses"][status]["content"];
            let schema = &content["application/json"]["schema"];
            assert!(schema.is_object(), "{request} {status}");
        }
    }
    let shown = &document["components"]["schemas"]["Profile"]["properties"];
    assert_eq!(shown["picId"]["type"], "string");
    let asked = &document["components"]["schemas"]["profile_request"];
    let user = &asked["allOf"][1]["properties"]["user_id"]["type"];
    assert_eq!(user, &json!(["string", "null"]));
}

#[test]
fn other_paths_are_told_where_they_are() {
    let here = document(&Server::start(1));
    let moved = Setup::new(1).set("admin_listen", "127.0.0.1:0").start();
    let moved = document(&moved);
    for path in [
        "/",
        "/index.php",
        "/openapi.json",
        "/uploads/{name}",
        "/lucky/{id}/tickets",
    ] {
        assert!(here["paths"][path].is_object(), "{path}");
        assert!(moved["paths"][path].is_object(), "{path}");
    }
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert!(here["paths"][path].is_object(), "{path}");
        assert!(moved["paths"].get(path).is_none(), "{path}");
    }
}
