use std::collections::BTreeSet;

use serde_json::Value;

use super::super::dispatch;
use super::document;
use super::operations::TOLD;

fn written(ops: bool) -> Value {
    serde_json::from_str(&document(ops).to_json().unwrap()).unwrap()
}

#[test]
fn every_operation_is_told_and_no_other() {
    let told: Vec<_> = TOLD.iter().map(|told| told.request).collect();
    let wanted: Vec<_> = dispatch::names().map(|(request, _)| request).collect();
    assert_eq!(
        told.iter().collect::<BTreeSet<_>>(),
        wanted.iter().collect::<BTreeSet<_>>()
    );
    assert_eq!(told.len(), wanted.len(), "none is told twice");
    let document = written(true);
    let paths = document["paths"].as_object().unwrap();
    let operations: BTreeSet<_> = paths
        .keys()
        .filter_map(|path| path.strip_prefix("/v1/"))
        .collect();
    assert_eq!(operations, wanted.into_iter().collect());
}

#[test]
fn what_is_referred_to_is_there() {
    let document = written(true);
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 3, "{references:?}");
    for reference in references {
        let pointer = reference
            .strip_prefix('#')
            .expect("a place in the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(keys) => {
            if let Some(Value::String(reference)) = keys.get("$ref") {
                references.push(reference.clone());
            }
            keys.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[test]
fn the_operators_paths_are_told_where_they_are() {
    for ops in [true, false] {
        let document = written(ops);
        for path in ["/metrics", "/healthz", "/readyz"] {
            assert_eq!(document["paths"].get(path).is_some(), ops, "{path}");
        }
        assert!(document["paths"]["/openapi.json"]["get"].is_object());
    }
}
