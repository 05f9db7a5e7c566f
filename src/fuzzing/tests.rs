//! The committed corpora and dictionaries, on any toolchain.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn fuzz(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(folder)
}

/// The files of a folder, in the order of their names.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(fuzz(folder)).expect("the folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn stems(folder: &str) -> BTreeSet<String> {
    let files = files(folder);
    let stem = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    files.iter().map(stem).collect()
}

/// The words of a dictionary, as libFuzzer reads it.
fn words(dictionary: &Path) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(dictionary).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(word).collect()
}

fn word(line: &str) -> Vec<u8> {
    let quoted = line
        .strip_prefix('"')
        .and_then(|line| line.strip_suffix('"'));
    let mut rest = quoted.unwrap_or_else(|| panic!("no word: {line}")).bytes();
    let mut word = Vec::new();
    while let Some(byte) = rest.next() {
        word.push(match (byte, byte == b'\\') {
            (_, true) => match rest.next() {
                Some(b'x') => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                Some(itself @ (b'"' | b'\\')) => itself,
                other => panic!("no escape: {other:?} in {line}"),
            },
            (byte, false) => byte,
        });
    }
    word
}

#[test]
fn every_input_that_is_kept_passes() {
    for (target, check) in TARGETS {
        let inputs = files(&format!("corpus/{target}"));
        assert!(!inputs.is_empty(), "{target} has a corpus");
        for input in inputs {
            println!("{}", input.display());
            check(&fs::read(input).unwrap());
        }
    }
}

#[test]
fn every_word_of_the_dictionaries_passes() {
    for dictionary in files("dictionaries") {
        let words = words(&dictionary);
        for (target, check) in TARGETS {
            println!("{target}: {}", dictionary.display());
            words.iter().for_each(|word| check(word));
            check(&words.concat());
            check(&words.join(&b'\n'));
        }
    }
}

#[test]
fn each_target_has_its_program_and_no_other_has() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|target| target.0.to_owned()).collect();
    assert_eq!(targets.len(), TARGETS.len());
    assert_eq!(stems("fuzz_targets"), targets);
    assert_eq!(stems("corpus"), targets);
    let manifest = fs::read_to_string(fuzz("Cargo.toml")).unwrap();
    for target in &targets {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")));
        let program = fs::read_to_string(fuzz(&format!("fuzz_targets/{target}.rs"))).unwrap();
        assert!(program.contains(&format!("pairline::fuzzing::{target}(data)")));
    }
}
