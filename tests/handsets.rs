//! The chapter for handset developers works when it is pasted.

pub mod rig;

use std::path::Path;
use std::process::Command;

use rig::{Server, Setup};
use serde_json::{Value, json};

const CHAPTER: &str = include_str!("../src/http/HANDSETS.md");

/// All that stands in blocks of this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}\n");
    let parts = CHAPTER.split(&start).skip(1);
    let blocks = parts.map(|part| part.split_once("```").expect("a block ends").0);
    blocks.collect()
}

/// Keys and their types, as far down as there are objects.
fn shape(value: &Value) -> Vec<String> {
    let Value::Object(keys) = value else {
        let kinds = ["null", "true", "false"];
        let text = value.to_string();
        let kind = match value {
            Value::String(_) => "string",
            Value::Number(_) => "number",
            _ if kinds.contains(&&*text) => "literal",
            _ => "other",
        };
        return vec![kind.to_owned()];
    };
    let inner = keys.iter().flat_map(|(key, value)| {
        let shapes = shape(value).into_iter();
        shapes.map(move |shape| format!("{key}.{shape}"))
    });
    inner.collect()
}

/// The code is read from the server's log, as the chapter says.
const READ_CODE: &str = r#"
read() {
    seen=$((seen + 1))
    until code=$(grep -o '"code":"[0-9]*"' "$log" | sed -n "${seen}p" | tr -dc 0-9) && [ -n "$code" ]; do sleep 0.05; done
}
seen=0
"#;

#[test]
fn its_lines_work_when_pasted() {
    let server = Setup::new(1).operated().start();
    let place = tempfile::tempdir().expect("a temporary directory");
    let log = place.path().join("log");
    let pasted = blocks("sh").concat();
    let mut lines = pasted.lines().filter(|line| line.starts_with("server="));
    let address = lines.next().expect("the chapter says where the server is");
    let script = pasted.replace(address, &format!("server=http://{}", server.http));
    let script = format!("set -e\nlog='{}'\n{READ_CODE}{script}", log.display());
    let program = Path::new(env!("CARGO_BIN_EXE_pairline"));
    let own = program.parent().expect("it lies in a folder").display();
    let path = format!("{own}:{}", std::env::var("PATH").expect("there is a shell"));
    let mut shell = Command::new("bash")
        .args(["-c", &script])
        .current_dir(place.path())
        .env("PAIRLINE_ADMIN_TOKEN", rig::operator::TOKEN)
        .env("PATH", path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("bash is there");
    // What stands on the server's terminal.
    while shell.try_wait().expect("its end is told").is_none() {
        std::fs::write(&log, server.log()).expect("a file of ours");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let output = shell.wait_with_output().expect("it has ended");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{said}");

    let (replies, others): (Vec<_>, Vec<_>) = said.lines().partition(|line| line.starts_with('{'));
    assert_eq!(others.last(), Some(&winner(&server).as_str()));
    let replies: Vec<Value> = replies
        .into_iter()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let asked = ["\nask '", "\noperator /"].map(|line| pasted.matches(line).count());
    assert_eq!(replies.len(), asked.iter().sum::<usize>());
    for reply in &replies {
        // Only the user who does not exist is an error.
        let expected = match reply["type"].as_str().expect("a type") {
            "block_response" | "unblock_response" => 9,
            _ => 0,
        };
        assert_eq!(reply["error_no"], expected, "{reply}");
    }
    for shown in blocks("json").into_iter().flat_map(str::lines) {
        let shown: Value = serde_json::from_str(shown).expect(shown);
        let same =
            |reply: &&Value| reply["type"] == shown["type"] && reply["success"] == shown["success"];
        let real = replies.iter().rfind(same);
        if let Some(real) = real {
            assert_eq!(shape(real), shape(&shown), "{real}");
        }
    }
}

/// What `verify-draw` says last.
fn winner(server: &Server) -> String {
    let list = rig::http::done(server, json!({"type": "lucky_list_request"}));
    let winner = &list["lucky"][0]["winner"];
    format!("winner {}", winner.as_str().expect("somebody has won"))
}
