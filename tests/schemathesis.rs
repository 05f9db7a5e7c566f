//! What `/openapi.json` says is what the server does: schemathesis makes up
//! requests from it, good and bad, and looks whether the replies are as told.
//!
//! Run by `tools/test`, which has the program installed and names it in
//! `SCHEMATHESIS`. The seed is fixed, so that a failure comes again.

pub mod rig;

use std::process::Command;

use rig::{Server, Setup};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

const TOKEN: &str = "a-token-of-a-user";

/// A user with a session, to get behind the first check of each request.
fn add_user(server: &Server) {
    let store = Connection::open(server.data().join("pairline.db")).expect("the store takes it");
    let id = "u0000000000000001";
    store
        .execute(
            "INSERT INTO users (id, tel, nickname, gender, birthday, pic_id, location, words, registered)
             VALUES (?1, '+8613800000001', 'Ann', 'F', '', '', '', '', 0)",
            [id],
        )
        .expect("the store takes it");
    let hash: [u8; 32] = Sha256::digest(TOKEN).into();
    store
        .execute(
            "INSERT INTO sessions SELECT ?1, key, 9999999999 FROM users WHERE id = ?2",
            (hash, id),
        )
        .expect("the store takes it");
}

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

fn server() -> Server {
    let open = |setup: Setup, key: &&str| setup.set(key, 0);
    let limits = ["http_rate", "sms_per_address_hour", "sms_per_address_day"];
    let server = limits.iter().fold(Setup::new(1), open).start();
    add_user(&server);
    server
}

#[test]
fn the_document_is_true_for_a_user() {
    let server = server();
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let own = own_document(&server);
    // Whoever logs out is nobody from then on.
    let stay = ["--exclude-path", "/v1/logout_request"];
    assert!(holds(
        &server,
        &own,
        &[&["--header", &bearer][..], &stay].concat()
    ));
    let go = ["--include-path", "/v1/logout_request"];
    assert!(holds(
        &server,
        &own,
        &[&["--header", &bearer][..], &go].concat()
    ));
}

#[test]
fn the_document_is_true_for_nobody() {
    let server = server();
    assert!(holds(&server, &own_document(&server), &[]));
}

#[test]
fn a_document_that_is_not_true_is_found_out() {
    let server = server();
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
