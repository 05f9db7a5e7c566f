//! Just enough reading of Rust to find names in it: what is code and what is
//! comment or literal, which words stand in it, which paths it spells out.

/// The code with comments and literals blanked out; lines stay where they are.
pub(crate) fn strip(source: &str) -> String {
    let letters: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < letters.len() {
        let end = blank_end(&letters, at);
        if end == at {
            code.push(letters[at]);
            at += 1;
            continue;
        }
        let blanked = &letters[at..end];
        code.extend(blanked.iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// Where the comment or literal that begins here ends; `at` if none does.
fn blank_end(letters: &[char], at: usize) -> usize {
    let rest = &letters[at..];
    let after = |ahead: usize| rest.get(ahead).copied().unwrap_or('\0');
    let in_word = at > 0 && is_word(letters[at - 1]);
    match (after(0), after(1)) {
        ('/', '/') => at + rest.iter().take_while(|c| **c != '\n').count(),
        ('/', '*') => at + block_comment(rest),
        ('"', _) => at + quoted(rest, '"'),
        ('\'', '\\') => at + quoted(rest, '\''),
        ('\'', _) if after(2) == '\'' => at + 3,
        ('r', '"' | '#') if !in_word => at + raw_string(rest),
        ('b' | 'c', 'r') if !in_word => match raw_string(&rest[1..]) {
            0 => at,
            length => at + 1 + length,
        },
        _ => at,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match (rest[at], rest.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[char], quote: char) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            '\\' => at += 2,
            c if c == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// 0 when this is no raw string but, say, a raw identifier.
fn raw_string(rest: &[char]) -> usize {
    let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return 0;
    }
    let close = |at: usize| {
        let tail = &rest[at + 1..];
        rest[at] == '"' && tail.len() >= hashes && tail[..hashes].iter().all(|c| *c == '#')
    };
    let start = 2 + hashes;
    (start..rest.len())
        .find(|at| close(*at))
        .map_or(rest.len(), |at| at + 1 + hashes)
}

/// Without spaces, but for one between two words.
pub(crate) fn dense(code: &str) -> String {
    let mut dense = String::with_capacity(code.len());
    for word in code.split_whitespace() {
        if dense.ends_with(is_word) && word.starts_with(is_word) {
            dense.push(' ');
        }
        dense.push_str(word);
    }
    dense
}

pub(crate) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Where `name` stands and is not a part of a longer word.
pub(crate) fn places<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = code[..*at].chars().next_back();
            let after = code[at + name.len()..].chars().next();
            let open = |end: Option<char>, inner: Option<char>| {
                !(end.is_some_and(is_word) && inner.is_some_and(is_word))
            };
            open(before, name.chars().next()) && open(after, name.chars().next_back())
        })
}

pub(crate) fn names(code: &str, name: &str) -> bool {
    places(code, name).next().is_some()
}

/// Every path that begins with `root::`, without the root, with braces spelt
/// out: `std::{fs, io::{Read, Write}}` gives `fs`, `io::Read` and `io::Write`.
pub(crate) fn paths(dense: &str, root: &str) -> Vec<String> {
    let start = format!("{root}::");
    let mut found = Vec::new();
    for at in places(dense, &start) {
        spell_out("", &dense[at + start.len()..], &mut found);
    }
    found
}

/// Adds the paths of one tree of a `use`; gives what follows it.
fn spell_out<'a>(prefix: &str, rest: &'a str, found: &mut Vec<String>) -> &'a str {
    if let Some(mut rest) = rest.strip_prefix('{') {
        loop {
            rest = spell_out(prefix, rest, found);
            match rest.strip_prefix(',') {
                Some(next) if !next.starts_with('}') => rest = next,
                Some(next) => return next.trim_start_matches('}'),
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    let end = rest.find(|c| !is_word(c) && c != '*').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let path = match (prefix, name) {
        ("", name) => name.to_owned(),
        (prefix, "self") => prefix.to_owned(),
        (prefix, name) => format!("{prefix}::{name}"),
    };
    match rest.strip_prefix("::") {
        Some(deeper) if deeper.starts_with(|c| is_word(c) || c == '{' || c == '*') => {
            spell_out(&path, deeper, found)
        }
        _ => {
            found.push(path);
            rest.strip_prefix(" as ")
                .map_or(rest, |alias| alias.trim_start_matches(is_word))
        }
    }
}

#[test]
fn comments_and_literals_are_no_code() {
    let table = [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        (r#"f("x // y")"#, "f(        )"),
        (r#"f("a\"b")"#, "f(      )"),
        ("r#\"a\"b\"# c", "         c"),
        ("br\"a\" c", "      c"),
        ("'\"' c", "    c"),
        (r"'\'' c", "     c"),
        ("&'a str", "&'a str"),
        ("r#type", "r#type"),
        ("\"a\nb\"", "  \n  "),
    ];
    for (source, code) in table {
        assert_eq!(strip(source), code, "{source}");
    }
}

#[test]
fn paths_are_spelt_out() {
    let table: &[(&str, &[&str])] = &[
        ("use std::fs;", &["fs"]),
        (
            "use std::{fs, io::{self, Read as _, Write}, net};",
            &["fs", "io", "io::Read", "io::Write", "net"],
        ),
        (
            "use std::{fs,}; std :: thread :: spawn(f)",
            &["fs", "thread::spawn"],
        ),
        ("let v = std::vec::Vec::<u8>::new();", &["vec::Vec"]),
        ("use notstd::fs;", &[]),
    ];
    for (source, want) in table {
        assert_eq!(&paths(&dense(&strip(source)), "std"), want, "{source}");
    }
}

#[test]
fn words_are_whole() {
    assert!(names("use libc;", "libc"));
    assert!(!names("use libcurl; mylibc", "libc"));
}
