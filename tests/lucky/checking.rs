//! `pairline verify-draw`, over what a server has published.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::json;

use super::{create, draw, join, person, tickets, town};

fn verify(file: &Path, flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pairline"))
        .arg("verify-draw")
        .arg(file)
        .args(flags)
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

#[track_caller]
fn fails(output: &Output, code: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn anybody_can_check_a_winner() {
    let town = town();
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("tickets");
    let operator = town.server.operator();
    let people = [1, 2, 3].map(|number| person(&town, number));
    for rule in ["concat", "sha256"] {
        let mut terms = draw(rule, 3);
        terms["rule"] = json!(rule);
        create(&town, terms);
        for user in &people {
            town.done(join(user, rule));
        }
        operator.post(&format!("/admin/lucky/{rule}/close"), json!({}));
        let numbers = json!({"numbers": [9, 3, 17, 24, 38]});
        let reply = operator.post(&format!("/admin/lucky/{rule}/draw"), numbers);
        let (list, hash) = tickets(&town, rule);
        std::fs::write(&file, &list).unwrap();
        let number = reply["winner_number"].to_string();
        let winner = reply["winner"].as_str().unwrap();
        let claim = [
            "--rule",
            rule,
            "--numbers",
            "3,9,17,24,38",
            "--sha256",
            &hash,
            "--winner",
        ];
        for said in [number.as_str(), winner] {
            let output = verify(&file, &[&claim[..], &[said]].concat());
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            let told = String::from_utf8(output.stdout).unwrap();
            let wanted = format!(
                "tickets 3\nsha256 {hash}\nrule {rule}\nnumbers 3,9,17,24,38\nwinner_number {number}\nwinner {winner}\n"
            );
            assert_eq!(told, wanted);
        }
        let loser = people.iter().find(|user| user.id != winner).unwrap();
        let output = verify(&file, &[&claim[..], &[&loser.id]].concat());
        fails(&output, 1, "did not win");
        // One ticket more, and it is another list.
        std::fs::write(&file, format!("{list}4 {}x\n", loser.id)).unwrap();
        fails(&verify(&file, &claim[..6]), 1, "not the list with the hash");
        std::fs::write(&file, list.replace("2 ", "3 ")).unwrap();
        fails(&verify(&file, &claim[..4]), 1, "line 2");
    }
    let right = ["--rule", "concat", "--numbers", "3,9,17,24,38"];
    fails(&verify(&place.path().join("none"), &right), 71, "none");
    for wrong in [
        &["--rule", "concat"][..],
        &["--numbers", "3,9,17,24,38"],
        &["--rule", "md5", "--numbers", "3,9,17,24,38"],
        &["--rule", "concat", "--numbers", "3,9,17,24"],
        &["--rule", "concat", "--numbers", "3,9,17,24,40"],
        &[
            "--rule",
            "concat",
            "--numbers",
            "3,9,17,24,38",
            "--sha256",
            "abc",
        ],
    ] {
        assert_eq!(verify(&file, wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn the_worked_example_wins() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("tickets");
    let list: String = (1..=3000)
        .map(|number| format!("{number} u{number}\n"))
        .collect();
    std::fs::write(&file, list).unwrap();
    let claim = [
        "--rule",
        "concat",
        "--numbers",
        "1,12,23,34,39",
        "--winner",
        "440",
    ];
    let output = verify(&file, &claim);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .ends_with("winner_number 440\nwinner u440\n")
    );
}

#[test]
fn the_operators_command_draws() {
    let town = town();
    create(&town, draw("spring", 1));
    let user = person(&town, 1);
    town.done(join(&user, "spring"));
    let command = || {
        let words = ["admin", "draw", "spring", "3", "9", "17", "24", "38"];
        Command::new(env!("CARGO_BIN_EXE_pairline"))
            .args(words)
            .args(["--server", &format!("http://{}", town.server.http)])
            .env("PAIRLINE_ADMIN_TOKEN", crate::rig::operator::TOKEN)
            .stdin(Stdio::null())
            .output()
            .expect("it runs")
    };
    assert_eq!(command().status.code(), Some(1), "it is not closed");
    let operator = town.server.operator();
    operator.post("/admin/lucky/spring/close", json!({}));
    let output = command();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told = String::from_utf8(output.stdout).expect("text");
    assert_eq!(told, format!("ticket 1 wins: {}\n", user.id));
}
