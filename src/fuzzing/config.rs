//! Whatever stands in a file, in variables and in `--set`s, it is read or
//! refused, and a refusal names the key.

use toml::Table;

use crate::config::{Sources, effective_of};
use crate::exit::Code;

/// Lines that begin with `--set ` or `PAIRLINE_` are settings and variables
/// (`NAME=VALUE`), all others are the file.
pub fn config(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut sources = Sources::default();
    let mut file = String::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        let setting = bare.strip_prefix("--set ").and_then(pair);
        let variable = bare.starts_with("PAIRLINE_").then(|| pair(bare)).flatten();
        match (setting, variable) {
            (Some(setting), _) => sources.set.push(setting),
            (_, Some((name, value))) => sources.environment.push((name.into(), value.into())),
            _ => file.push_str(line),
        }
    }
    for (key, value) in &sources.set {
        set_alone(key, value);
    }
    match effective_of(&file, &sources) {
        Ok(shown) => reads_back(&shown),
        Err(failure) => {
            assert_eq!(failure.code, Code::Config);
            assert!(!failure.message.is_empty());
        }
    }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (key, value) = text.split_once('=')?;
    Some((key.to_owned(), value.to_owned()))
}

/// With nothing else to blame, the complaint names this key.
fn set_alone(key: &str, value: &str) {
    let sources = Sources {
        set: vec![(key.to_owned(), value.to_owned())],
        ..Sources::default()
    };
    let Err(failure) = effective_of("", &sources) else {
        return;
    };
    assert_eq!(failure.code, Code::Config);
    let table = key.split('.').next().unwrap_or_default();
    let shown = key.escape_debug().to_string();
    for line in failure.message.lines() {
        assert!(line.starts_with("--set: "), "the source: {line}");
        let named = line.contains(&shown) || line.contains(table);
        assert!(named, "{key}: {line}");
    }
}

/// What is in force can be loaded again, and then the same is in force.
fn reads_back(shown: &str) {
    let mut table: Table = shown.parse().expect("what is in force is a file");
    let for_tests = table["test_mode"].as_bool().expect("a flag");
    let before = table.clone();
    if !for_tests {
        // Their defaults are shown, but may not be set.
        table.remove("test");
        table.remove("test_numbers");
    }
    let again = effective_of(&table.to_string(), &Sources::default());
    let again = again.expect("it was good before");
    let again: Table = again.parse().expect("what is in force is a file");
    assert_eq!(again, before);
}
