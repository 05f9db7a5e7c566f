//! The generator as a process, and what it wrote.

use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    /// Standard error: progress and complaints.
    pub(crate) said: String,
    /// Standard output: the table.
    pub(crate) table: String,
    /// `--json`; null if it was not written.
    pub(crate) json: Value,
    /// `--html`.
    pub(crate) page: String,
}

/// Runs `pairline load` with these words.
#[track_caller]
pub(crate) fn load(words: &str) -> Ran {
    load_while(words, |_| ())
}

/// The same; what is done meanwhile knows its process id.
#[track_caller]
pub(crate) fn load_while(words: &str, meanwhile: impl FnOnce(u32)) -> Ran {
    let folder = TempDir::new().expect("a temporary directory");
    let (json, page) = (folder.path().join("r.json"), folder.path().join("r.html"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_pairline"));
    for (key, _) in std::env::vars_os() {
        if key.to_string_lossy().starts_with("PAIRLINE_") {
            command.env_remove(key);
        }
    }
    let process = command
        .arg("load")
        .args(words.split_whitespace())
        .arg("--json")
        .arg(&json)
        .arg("--html")
        .arg(&page)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    meanwhile(process.id());
    let output = process.wait_with_output().expect("it ends");
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let ran = Ran {
        code: output.status.code().expect("an exit, not a signal"),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
        table: String::from_utf8_lossy(&output.stdout).into_owned(),
        json: serde_json::from_str(&read(json)).unwrap_or_default(),
        page: read(page),
    };
    eprintln!("--- load {words}\n{}{}---", ran.said, ran.table);
    ran
}

impl Ran {
    /// A number of the JSON.
    #[track_caller]
    pub(crate) fn number(&self, place: &str) -> f64 {
        let value = self.json.pointer(place).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("no number at {place}: {:#}", self.json))
    }

    /// The places of all numbers of the JSON that are in no series, sorted.
    pub(crate) fn numbers(&self) -> Vec<String> {
        let mut found = Vec::new();
        numbers(&self.json, String::new(), &mut found);
        found.sort();
        found
    }

    /// It ended well and says so.
    #[track_caller]
    pub(crate) fn fine(self) -> Ran {
        assert_eq!(self.code, 0, "{}", self.said);
        assert_eq!(self.json["passed"], true);
        assert_eq!(self.json["failures"], serde_json::json!([]));
        self
    }
}

fn numbers(value: &Value, place: String, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(place),
        Value::Object(members) => {
            for (key, value) in members {
                numbers(value, format!("{place}/{key}"), found);
            }
        }
        _ => {}
    }
}
