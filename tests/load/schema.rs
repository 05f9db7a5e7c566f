//! What `--json` writes is what its table says: each key is there, is what it
//! says, and no other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::generator::load;
use super::rig::Server;

const TABLE: &str = include_str!("../../src/load/JSON.md");

/// Objects whose keys are not fixed.
const MAPS: [&str; 4] = [
    "errors",
    "failed_checks",
    "provoked",
    "answer_time_by_request",
];

/// Each key and what it may be.
fn promised() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let (_, rows) = TABLE.split_once("|---|---|---|\n").expect("a table");
    rows.lines()
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let ["", key, kinds, _, ""] = cells[..] else {
                panic!("three cells: {row}")
            };
            (key.trim_matches('`'), kinds.split(" or ").collect())
        })
        .collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "truth",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "whole",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Every key below a value, as the table writes it, and what it is.
fn keys(value: &Value, place: &str, found: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    if !place.is_empty() {
        found
            .entry(place.to_owned())
            .or_default()
            .insert(kind(value));
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let key = if MAPS.contains(&place) { "*" } else { key };
        let key = format!("{place}.{key}");
        keys(inner, key.trim_start_matches('.'), found);
    }
    for inner in value.as_array().into_iter().flatten() {
        keys(inner, &format!("{place}[]"), found);
    }
}

/// The key that a key is in.
fn around(key: &str) -> Option<&str> {
    let end = key.rfind(['.', '['])?;
    Some(&key[..end])
}

#[test]
fn the_json_is_what_its_table_says() {
    let promised = promised();
    let server = Server::start(1);
    let refused = format!("relay --chat {} --window 8", server.chat);
    let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for words in [
        "relay --slow 2 --rubbish 2",
        "match",
        "churn",
        "idle --ramp 4",
        "http",
        &refused,
    ] {
        let ran = load(&format!(
            "{words} --pairs 2 --duration 1s --warmup 100ms --seed 7"
        ));
        assert_eq!(ran.json["schema"], 1, "{words}");
        assert_eq!(ran.json["options"]["seed"], 7, "{words}");
        let mut found = BTreeMap::new();
        keys(&ran.json, "", &mut found);
        for key in promised.keys() {
            let there = around(key).is_none_or(|outer| {
                let outer = found.get(outer).cloned().unwrap_or_default();
                outer.contains("object") && !key.ends_with('*')
            });
            assert!(!there || found.contains_key(*key), "{words}: no {key}");
        }
        for (key, kinds) in found {
            all.entry(key).or_default().extend(kinds);
        }
    }
    for (key, kinds) in &all {
        let promise = promised.get(&**key);
        let promise = promise.unwrap_or_else(|| panic!("{key} is in no row"));
        assert!(kinds.is_subset(promise), "{key}: {kinds:?}");
    }
    for (key, kinds) in &promised {
        let seen = all.get(*key).is_some_and(|seen| {
            let mut kinds = kinds.iter().filter(|kind| **kind != "null");
            kinds.all(|kind| seen.contains(kind))
        });
        assert!(seen, "{key} was never {kinds:?}");
    }
}
