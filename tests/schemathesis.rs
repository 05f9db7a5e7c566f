//! What `/openapi.json` says is what the server does: schemathesis makes up
//! requests from it, good and bad, and looks whether the replies are as told.
//!
//! Run by `tools/test`, which has the program installed and names it in
//! `SCHEMATHESIS`. The seed is fixed, so that a failure comes again.

pub mod rig;

use std::process::Command;

use rig::users::Town;
use rig::{Server, Setup};
use serde_json::json;

/// Has it make up requests after the document of the server, or another; says
/// whether every reply is as told.
fn holds(server: &Server, document: &str, more: &[&str]) -> bool {
    let program = std::env::var_os("SCHEMATHESIS").expect("SCHEMATHESIS names the program");
    let folder = tempfile::tempdir().expect("the store takes it");
    let status = Command::new(program)
        .current_dir(folder.path())
        .arg("run")
        .arg(document)
        .args(["--url", &format!("http://{}", server.http)])
        // What is refused is answered with 200 too, also for want of a token.
        .args(["--exclude-checks", "negative_data_rejection,ignored_auth"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "15", "--seed", "1", "--workers", "2"])
        .args(["--generation-database", "none", "--warnings", "off"])
        .args(more)
        .status()
        .expect("the program runs");
    // 1 is a reply that is not as told; anything else is trouble of its own.
    assert!([0, 1].contains(&status.code().expect("it ends by itself")));
    status.success()
}

fn own_document(server: &Server) -> String {
    format!("http://{}/openapi.json", server.http)
}

#[test]
fn the_document_is_true_for_a_user() {
    let town = Town::start(Setup::new(1).operated());
    let own = own_document(&town.server);
    let user = town.register("+8613800000001", "Ann", "F");
    // Something to see.
    let picture = town.publish(&user);
    let mut comment = json!({
        "type": "picture_comment_request", "token": user.token, "picture_id": picture,
        "comment_msg": "hello",
    });
    comment["response_to"] = town.done(comment.clone())["comment_id"].clone();
    town.done(comment);
    for (by, tel) in [
        (&user, "+8613800000002"),
        (&town.register("+8613800000002", "Bob", "M"), &user.tel),
    ] {
        town.done(json!({"type": "crush_request", "token": by.token, "tel": tel}));
    }
    for id in ["open", "closed"] {
        let draw = json!({"id": id, "name": id, "image": "", "desc": "", "max_count": 1});
        town.server.operator().post("/admin/lucky", draw);
        town.done(json!({"type": "lucky_join_request", "token": user.token, "id": id}));
    }
    let operator = town.server.operator();
    operator.post("/admin/lucky/closed/close", json!({}));
    operator.post(
        "/admin/lucky/closed/draw",
        json!({"numbers": [1, 2, 3, 4, 5]}),
    );
    let bearer = format!("Authorization: Bearer {}", user.token);
    // Whoever logs out is nobody from then on.
    for which in ["--exclude-path", "--include-path"] {
        let flags = ["--header", &bearer, which, "/v1/logout_request"];
        assert!(holds(&town.server, &own, &flags));
    }
}

#[test]
fn the_document_is_true_for_nobody() {
    let server = Town::start(Setup::new(1)).server;
    assert!(holds(&server, &own_document(&server), &[]));
}

#[test]
fn a_document_that_is_not_true_is_found_out() {
    let server = Server::start(1);
    let told = rig::http_get(server.http, "/openapi.json").1;
    // No reply may have error 8 any more.
    let mut told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let numbers = told["components"]["schemas"]["Refusal"]["properties"]["error_no"]["enum"]
        .as_array_mut()
        .unwrap();
    numbers.retain(|number| number != 8);
    let untrue = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    serde_json::to_writer(&untrue, &told).unwrap();
    let path = untrue.path().to_str().unwrap();
    assert!(!holds(
        &server,
        path,
        &["--include-path", "/v1/profile_request"]
    ));
}
