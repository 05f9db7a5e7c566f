//! The operator's chapter works when it is pasted, and leaves nothing out.

pub mod rig;

use std::process::Command;

use rig::Setup;
use rig::operator::TOKEN;
use serde_json::Value;

const CHAPTER: &str = include_str!("../src/http/OPERATORS.md");

/// All that stands in blocks of this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    let parts = CHAPTER.split(&start).skip(1);
    let blocks = parts.map(|part| part.split_once("```").expect("a block ends").0);
    blocks.collect()
}

#[test]
fn every_request_is_told() {
    for request in pairline::http::ADMIN_REQUESTS {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let row = format!("| `{} {path}` |", method.to_uppercase());
        assert!(CHAPTER.contains(&row), "{row}");
    }
    let rows = CHAPTER.matches("/admin/").count();
    assert!(rows >= pairline::http::ADMIN_REQUESTS.len());
}

#[test]
fn its_lines_work_when_pasted() {
    let mut server = Setup::new(1).operated().start();
    let place = tempfile::tempdir().expect("a temporary directory");
    let pasted = blocks("sh").concat();
    let mut lines = pasted.lines().filter(|line| line.starts_with("server="));
    let address = lines.next().expect("the chapter says where the server is");
    let script = pasted.replace(address, &format!("server=http://{}", server.http));
    let output = Command::new("bash")
        .args(["-ec", &script])
        .env("PAIRLINE_ADMIN_TOKEN", TOKEN)
        .current_dir(place.path())
        .output()
        .expect("bash is there");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{said}");
    assert_eq!(server.wait_exit().code(), Some(0), "it was drained");

    let events = said.lines().filter(|line| line.starts_with("data: "));
    assert!(events.count() >= 2, "{said}");
    let replies = said.lines().filter(|line| line.starts_with('{'));
    let replies: Vec<Value> = replies
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    assert_eq!(replies.len(), pasted.matches("\nadmin ").count() + 2);
    for reply in &replies {
        // Nothing was reported, and nothing published; nobody has a ticket.
        let expected = match reply["type"].as_str().expect("a type") {
            "admin_resolve" | "admin_remove_picture" | "admin_remove_comment" => 9,
            "admin_lucky_close" | "admin_lucky_draw" => 10,
            _ => 0,
        };
        assert_eq!(reply["error_no"], expected, "{reply}");
    }
    for shown in blocks("json") {
        let shown: Value = serde_json::from_str(shown).expect(shown);
        let mut same = replies
            .iter()
            .filter(|reply| reply["type"] == shown["type"]);
        let real = same.next().unwrap_or_else(|| panic!("{shown}"));
        assert_eq!(keys(real), keys(&shown), "{real}");
    }
}

fn keys(value: &Value) -> Vec<&String> {
    let object = value.as_object().expect("an object");
    object.keys().collect()
}
