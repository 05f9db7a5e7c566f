//! What the README shows is what happens.

pub mod rig;

use std::io::Write;
use std::process::{Command, Stdio};

use rig::Server;

const README: &str = include_str!("../README.md");

/// What stands between two marks, without them.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).expect("the README has this part");
    rest.split_once(end).expect("the part ends").0.trim()
}

/// Talk ids differ from run to run.
fn without_talk_ids(text: &str) -> Vec<String> {
    let cut = |line: &str| match line.split_once("\"talkId\":\"") {
        Some((before, id)) => format!("{before}{}", id.trim_start_matches(char::is_numeric)),
        None => line.to_owned(),
    };
    text.lines().map(cut).collect()
}

#[test]
fn its_table_of_keys_is_the_programs() {
    let shown = between(README, "a test compares -->\n", "<!-- end -->");
    assert_eq!(shown, pairline::config::markdown().trim());
}

#[test]
fn its_first_conversation_is_had() {
    let server = Server::start(1);
    let part = between(README, "## A first conversation", "## The protocol");
    let pasted = between(part, "and paste:\n\n```text\n", "```");
    let shown = between(part, "hears:\n\n```text\n", "```");
    let mut console = Command::new(env!("CARGO_BIN_EXE_pairline"))
        .args(["chat", &server.chat.to_string(), "--linger", "500ms"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the console starts");
    let mut input = console.stdin.take().expect("it was piped");
    input.write_all(pasted.as_bytes()).expect("it reads");
    drop(input);
    let output = console.wait_with_output().expect("it ends");
    let heard = String::from_utf8(output.stdout).expect("text");
    let (mut heard, mut shown) = (without_talk_ids(&heard), without_talk_ids(shown));
    // Two handsets hear of their talk at the same time.
    heard.sort();
    shown.sort();
    assert_eq!(heard, shown);
}
