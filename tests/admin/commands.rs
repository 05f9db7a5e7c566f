//! `pairline admin`, against a server that runs.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::rig::operator::TOKEN;
use crate::rig::{Handset, Server, Setup, waiting};
use crate::{ann, bob, town};

fn command(server: &Server, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pairline"));
    command
        .arg("admin")
        .args(words)
        .args(["--server", &format!("http://{}", server.http)])
        .env("PAIRLINE_ADMIN_TOKEN", TOKEN)
        .stdin(Stdio::null());
    command
}

/// What it prints, when it is done.
#[track_caller]
fn said(server: &Server, words: &[&str]) -> String {
    let output = command(server, words).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(0), "{words:?} {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Its exit code, and what it complains of.
#[track_caller]
fn complaint(output: &Output) -> (i32, String) {
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    (output.status.code().expect("an exit"), said)
}

#[test]
fn users_are_found_banned_and_let_in_again() {
    let town = town(1);
    let (ann, bob) = (ann(&town), bob(&town));
    let server = &town.server;
    let found = said(server, &["users", "an"]);
    assert!(
        found.contains(&ann.id) && found.contains(&ann.tel),
        "{found}"
    );
    assert!(!found.contains(&bob.id) && said(server, &["users"]).contains(&bob.id));
    let mut handset = town.join(&ann, "F", &ann.token);
    handset.expect(2);
    let shown = said(server, &["user", &ann.id]);
    assert!(
        shown.contains("online      yes") && shown.contains("waiting     1 of 1"),
        "{shown}"
    );

    let banned = said(
        server,
        &["ban", &ann.id, "--for", "24h", "--reason", "rude \u{1b}[2J"],
    );
    assert!(banned.contains("rude \\u001b[2J"), "{banned}");
    assert_eq!(handset.expect_past_waits(0)["error"], "banned");
    assert!(said(server, &["bans"]).contains(&ann.id));
    assert!(!said(server, &["users", "ann"]).contains("for good"));
    said(server, &["unban", "1"]);
    assert!(!said(server, &["bans"]).contains(&ann.id));
    assert!(said(server, &["bans", "--all"]).contains("lifted"));
    said(server, &["ban", "--tel", &bob.tel]);
    assert!(said(server, &["users", "bob"]).contains("for good"));
    let audit = said(server, &["audit"]);
    for action in ["ban", "unban"] {
        assert!(audit.contains(action), "{audit}");
    }
}

#[test]
fn reports_are_listed_and_dealt_with() {
    let town = town(1);
    let (ann, bob) = (ann(&town), bob(&town));
    town.done(json!({
        "type": "report_request", "token": ann.token, "user_id": bob.id, "reason": "粗鲁",
    }));
    let open = said(&town.server, &["reports"]);
    assert!(
        open.starts_with("1 open\n") && open.contains("粗鲁"),
        "{open}"
    );
    assert_eq!(said(&town.server, &["resolve", "1", "warned"]), "done\n");
    assert!(said(&town.server, &["reports"]).starts_with("0 open\n"));
    assert!(said(&town.server, &["reports", "--state", "resolved"]).contains("粗鲁 [warned]"));
}

#[test]
fn what_goes_on_is_shown_once_or_again_and_again() {
    let server = Setup::new(2).operated().start();
    let _eve = waiting(&server, "eve");
    let once = said(&server, &["stats"]);
    for part in ["ready  up ", "a second", "F-M", "relay", "core"] {
        assert!(once.contains(part), "{part} in\n{once}");
    }
    let json: Value = serde_json::from_str(&said(&server, &["stats", "--json"])).expect("JSON");
    assert_eq!(json["type"], "admin_stats");
    let mut watching = command(&server, &["stats", "--watch", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut lines = BufReader::new(watching.stdout.take().expect("it is piped")).lines();
    for _ in 0..3 {
        let line = lines.next().expect("it goes on").expect("UTF-8");
        let stats: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(stats["joined"], 1);
    }
    // Who reads no more is no failure.
    drop(lines);
    assert_eq!(watching.wait().expect("it ends").code(), Some(0));
}

#[test]
fn kicking_and_draining() {
    let mut server = Setup::new(1).operated().start();
    let mut mary = Handset::connect(&server);
    mary.join("mary", "F", "M");
    mary.expect(2);
    assert_eq!(said(&server, &["kick", "mary"]), "done\n");
    assert_eq!(mary.expect_past_waits(0)["error"], "kicked");
    assert_eq!(said(&server, &["drain"]), "done\n");
    assert_eq!(server.wait_exit().code(), Some(0));
    let gone = command(&server, &["drain"])
        .output()
        .expect("the binary runs");
    let (code, said) = complaint(&gone);
    assert_eq!(code, 71);
    assert!(said.contains("does not answer: no connection"), "{said}");
}

#[test]
fn the_token_comes_from_the_environment_or_a_file() {
    let server = Setup::new(1).operated().start();
    let run = |token: Option<&str>, words: &[&str]| {
        let mut command = command(&server, words);
        command.env_remove("PAIRLINE_ADMIN_TOKEN");
        command.envs(token.map(|token| ("PAIRLINE_ADMIN_TOKEN", token)));
        command.output().expect("the binary runs")
    };
    let (code, said) = complaint(&run(None, &["audit"]));
    assert_eq!(code, 2);
    assert!(said.contains("PAIRLINE_ADMIN_TOKEN") && said.contains("--token-file"));
    let (code, said) = complaint(&run(Some("wrong"), &["audit"]));
    assert_eq!(code, 1);
    assert!(
        said.contains("not the operator's token") && !said.contains("wrong"),
        "{said}"
    );
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file, "{TOKEN}").expect("it is written");
    let path = file.path().to_str().expect("UTF-8");
    assert_eq!(
        run(None, &["audit", "--token-file", path]).status.code(),
        Some(0)
    );
    assert_eq!(
        run(Some("wrong"), &["--token-file", path, "audit"])
            .status
            .code(),
        Some(0)
    );
    let (code, said) = complaint(&run(None, &["audit", "--token-file", "/no/such"]));
    assert_eq!((code, said.contains("/no/such")), (71, true));
}

#[test]
fn what_makes_no_sense_is_refused_before_anybody_is_asked() {
    let server = Setup::new(1).operated().start();
    for words in [
        &["ban"][..],
        &["ban", "a", "--tel", "1"],
        &["ban", "a", "--for", "soon"],
        &["unban", "x"],
        &["draw", "one", "1", "2", "3", "4"],
        &["reports", "--state", "x"],
        &["nonsense"],
        &[],
    ] {
        let output = command(&server, words).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{words:?}");
    }
    // What the server refuses is told with the key.
    let output = command(&server, &["ban", "--tel", "nobody"])
        .output()
        .expect("the binary runs");
    let (code, said) = complaint(&output);
    assert_eq!(code, 1);
    assert!(
        said.contains("a key is missing or its value not valid: tel"),
        "{said}"
    );
}
