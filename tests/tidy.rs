//! The source tree keeps to the design: which part may name which, what only
//! one part may touch, how long files are, and that nothing is left unfinished.
//! Each rule is tried on a snippet that breaks it.

#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/rules.rs"]
mod rules;

use std::fs;
use std::path::{Path, PathBuf};

use rules::{File, Rule};

/// The longest that a file may be.
const LINES: usize = 600;
/// Half of the files are shorter than this.
const MEDIAN_LINES: usize = 200;

#[test]
fn parts_name_only_what_the_design_lets_them() {
    keep("src", &[rules::arrows, rules::stays_inside]);
}

#[test]
fn engine_and_wire_are_pure() {
    keep("src", &[rules::pure]);
}

#[test]
fn no_hash_order_is_used_where_it_must_be_replayed() {
    let files: Vec<_> = ["src/engine", "src/wire"]
        .into_iter()
        .flat_map(rust_files)
        .collect();
    let declared: Vec<_> = files.iter().flat_map(rules::hashed).collect();
    let problems: Vec<_> = files
        .iter()
        .flat_map(|file| rules::hash_order(file, &declared))
        .collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn each_foreign_thing_has_one_home() {
    keep("src", &[rules::homes, rules::unsafe_code, rules::no_async]);
}

#[test]
fn nothing_is_left_unfinished() {
    for folder in ["src", "tests", "benches", "fuzz"] {
        keep(folder, &[rules::unfinished]);
    }
}

#[test]
fn no_registry_is_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut problems = Vec::new();
    for path in files_under(root) {
        let text =
            String::from_utf8_lossy(&fs::read(&path).expect("a file is readable")).into_owned();
        let shown = path.display().to_string();
        problems.extend(if shown.ends_with("Cargo.lock") {
            rules::foreign_sources(&text)
        } else {
            rules::registries(&shown, &text)
        });
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn files_are_short() {
    let mut lengths = Vec::new();
    for file in rust_files("src") {
        lengths.push(file.text.lines().count());
    }
    assert!(!lengths.is_empty());
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(
        median < MEDIAN_LINES,
        "half of the files have {median} lines or more"
    );
    for folder in ["src", "tests", "benches", "fuzz"] {
        keep(folder, &[|file| rules::too_long(file, LINES)]);
    }
}

/// Every Rust file in the folder keeps every rule.
#[track_caller]
fn keep(folder: &str, kept: &[Rule]) {
    let files = rust_files(folder);
    let problems: Vec<_> = files
        .iter()
        .flat_map(|file| kept.iter().flat_map(move |rule| rule(file)))
        .collect();
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(folder != "src" || files.len() > 5, "the tree was not found");
}

fn rust_files(folder: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|end| end == "rs");
    files_under(&root.join(folder))
        .into_iter()
        .filter(is_rust)
        .map(|path| {
            let text = fs::read_to_string(&path).expect("source is UTF-8");
            let path = path.strip_prefix(root).expect("it lies under the root");
            File::new(&path.to_string_lossy(), text)
        })
        .collect()
}

/// All files but what is built, kept or hidden.
fn files_under(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("a folder is readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || ["target", "pairline-data"].contains(&name.as_ref()) {
            continue;
        }
        if path.is_dir() {
            files.extend(files_under(&path));
        } else if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    files
}
