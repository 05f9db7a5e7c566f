//! The rules, each a function of one file that gives its complaints.

use crate::code::{dense, names, paths, places, strip};

/// One source file.
pub(crate) struct File {
    /// From the root: `src/engine/ids.rs`.
    path: String,
    pub(crate) text: String,
    /// Without comments, literals and needless spaces.
    code: String,
}

pub(crate) type Rule = fn(&File) -> Vec<String>;

impl File {
    pub(crate) fn new(path: &str, text: String) -> Self {
        let code = dense(&strip(&text));
        Self {
            path: path.into(),
            text,
            code,
        }
    }

    /// The part of the house: `engine` for `src/engine.rs` and all that lies
    /// under `src/engine/`.
    fn part(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        let first = inside.split('/').next().unwrap_or_default();
        first.trim_end_matches(".rs")
    }

    fn is_in(&self, parts: &[&str]) -> bool {
        parts.contains(&self.part())
    }

    fn complain(&self, what: &str) -> String {
        format!("{}: {what}", self.path)
    }
}

/// Who may name whom; a longer path allows only what lies under it.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "main",
        &[
            "cli", "server", "load", "chat", "operator", "archive", "lucky", "config", "log",
            "exit",
        ],
    ),
    // The generator's flags are its own, and the operator's.
    (
        "cli",
        &[
            "config",
            "log",
            "exit",
            "lucky",
            "load::Options",
            "operator::Options",
        ],
    ),
    (
        "operator",
        &["client", "chat::printable", "config::duration", "exit"],
    ),
    ("client", &[]),
    (
        "server",
        &[
            "net", "http", "store", "sms", "mesh", "ring", "config", "engine", "wire", "metrics",
            "filter", "limits", "log", "exit",
        ],
    ),
    (
        "net",
        &[
            "engine", "wire", "mesh", "ring", "metrics", "filter", "limits", "config",
        ],
    ),
    ("mesh", &["engine::Note", "engine::ids"]),
    // Durations are written on its command line as in the configuration.
    (
        "load",
        &["ring", "wire", "limits", "exit", "config::duration"],
    ),
    ("chat", &["ring", "wire", "limits", "exit"]),
    ("engine", &["wire", "limits", "account_id", "filter"]),
    ("wire", &["limits"]),
    (
        "http",
        // It tells the chat what has happened, by one handle.
        &[
            "store",
            "sms",
            "lucky",
            "picture",
            "mesh",
            "metrics",
            "limits",
            "config",
            "account_id",
            "filter",
            "net::chat_link",
        ],
    ),
    (
        "store",
        &[
            "lucky",
            "picture::Ext",
            "picture::PictureId",
            "engine::durable",
            "engine::ids",
            "filter::Action",
            "metrics",
            "limits",
        ],
    ),
    ("archive", &["store::sqlite", "picture", "limits", "exit"]),
    // Nobody names it, and it names nothing but what it simulates.
    ("sim", &["engine", "wire", "limits", "account_id", "filter"]),
    // Nobody names it; it looks at what reads bytes from outside.
    (
        "fuzzing",
        &[
            "wire",
            "sim",
            "config",
            "chat",
            "net::proxy",
            "picture",
            "limits",
            "exit",
        ],
    ),
    ("config", &["limits", "exit"]),
    ("log", &["exit"]),
    ("sms", &["client", "config", "metrics", "limits", "exit"]),
    ("picture", &["limits"]),
    ("lucky", &["limits", "exit"]),
    ("ring", &[]),
    (
        "metrics",
        &[
            "engine::Line",
            "engine::ids",
            "engine::matchmaker::Side",
            "wire::message",
            "limits",
            "config::Gateway",
        ],
    ),
    // A shape that both sides of the house know ids by.
    ("account_id", &[]),
    // Both sides look texts through.
    ("filter", &[]),
    ("limits", &[]),
    ("exit", &[]),
];

pub(crate) fn arrows(file: &File) -> Vec<String> {
    let part = file.part();
    if part == "lib" {
        return Vec::new();
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == part) else {
        return vec![file.complain("this part has no row in the table of arrows")];
    };
    let lies_under = |path: &str, top: &str| {
        path.strip_prefix(top)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    paths(&file.code, "crate")
        .into_iter()
        .chain(paths(&file.code, "pairline"))
        .filter(|path| !lies_under(path, part))
        .filter(|path| !allowed.iter().any(|top| lies_under(path, top)))
        .map(|path| file.complain(&format!("{part} may not name {path}")))
        .collect()
}

/// `super` must not lead out of the part, past the table of arrows.
pub(crate) fn stays_inside(file: &File) -> Vec<String> {
    let below = file.path.matches('/').count() - 1;
    let own_folder = usize::from(file.path.ends_with("/mod.rs"));
    let has_inner = file.code.match_indices("mod ").any(|(at, _)| {
        let rest = file.code[at + 4..].trim_start_matches(crate::code::is_word);
        rest.starts_with('{')
    });
    let allowed = below - own_folder + usize::from(has_inner);
    let chain = "super::".repeat(allowed + 1);
    if file.code.contains(&chain) {
        vec![file.complain("a chain of super:: leads out of its part")]
    } else {
        Vec::new()
    }
}

pub(crate) fn pure(file: &File) -> Vec<String> {
    const STD: [&str; 4] = ["net", "fs", "thread", "sync"];
    const WORDS: [&str; 8] = [
        "Instant",
        "SystemTime",
        "io_uring",
        "libc",
        "tokio",
        "rusqlite",
        "crossbeam",
        "rtrb",
    ];
    if !file.is_in(&["engine", "wire"]) {
        return Vec::new();
    }
    let used = paths(&file.code, "std");
    let from_std = STD.iter().filter(|banned| {
        used.iter()
            .any(|path| path.split("::").next() == Some(banned))
    });
    let words = WORDS.iter().filter(|word| names(&file.code, word));
    from_std
        .chain(words)
        .map(|name| file.complain(&format!("{} must stay pure: {name}", file.part())))
        .collect()
}

/// A hash map has no order that could be replayed. What this file declares is
/// known by its bare name, what others declare only as a field.
pub(crate) fn hash_order(file: &File, elsewhere: &[String]) -> Vec<String> {
    let own = hashed(file);
    let fields = elsewhere.iter().filter(|name| !own.contains(name));
    let fields = fields.map(|name| format!(".{name}"));
    own.iter()
        .cloned()
        .chain(fields)
        .filter(|name| places(&file.code, name).any(|at| is_walked(&file.code, at, name)))
        .map(|name| file.complain(&format!("the order of the hash table {name} is used")))
        .collect()
}

/// Whether `name`, which stands here, has its order used: `name.iter()` and
/// the like, or `for … in &name`.
fn is_walked(code: &str, at: usize, name: &str) -> bool {
    const WALKS: [&str; 11] = [
        "iter(",
        "iter_mut(",
        "into_iter(",
        "keys(",
        "into_keys(",
        "values(",
        "values_mut(",
        "into_values(",
        "drain(",
        "retain(",
        "extract_if(",
    ];
    let rest = &code[at + name.len()..];
    if let Some(call) = rest.strip_prefix('.') {
        return WALKS.iter().any(|walk| call.starts_with(walk));
    }
    let before = code[..at].trim_end_matches('.').trim_end_matches("self");
    let before = before.trim_end_matches("mut ").trim_end_matches(['&', ' ']);
    rest.starts_with('{') && (before.ends_with(" in") || before.ends_with(")in"))
}

/// Names that a pure part declares as hash maps or sets, by type or by value.
pub(crate) fn hashed(file: &File) -> Vec<String> {
    if !file.is_in(&["engine", "wire"]) {
        return Vec::new();
    }
    let code = &file.code;
    let mut found = Vec::new();
    for (at, _) in code
        .match_indices("HashMap")
        .chain(code.match_indices("HashSet"))
    {
        let path = |c: char| crate::code::is_word(c) || c == ':';
        let before = code[..at].trim_end_matches(crate::code::is_word);
        let before = before
            .strip_suffix("::")
            .map_or(before, |b| b.trim_end_matches(path));
        let before = before.trim_end_matches("mut ").trim_end_matches('&');
        let before = before.strip_suffix([':', '=']).unwrap_or("");
        let length = before.len() - before.trim_end_matches(crate::code::is_word).len();
        let name = &before[before.len() - length..];
        if !name.is_empty() {
            found.push(name.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

pub(crate) fn homes(file: &File) -> Vec<String> {
    const HOMES: [(&str, &str); 3] = [
        ("rusqlite", "store"),
        ("io_uring", "ring"),
        ("libc", "ring"),
    ];
    HOMES
        .iter()
        .filter(|(name, home)| file.part() != *home && names(&file.code, name))
        .map(|(name, home)| file.complain(&format!("{name} belongs to {home} alone")))
        .collect()
}

/// Where it is needed, the top of the file says so, and a comment on that line
/// or the next says why.
pub(crate) fn unsafe_code(file: &File) -> Vec<String> {
    const SAYS_SO: &str = "#![allow(unsafe_code)]";
    let at_top = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with("//") || line.starts_with("#![")
    };
    let head: Vec<_> = file.text.lines().take_while(at_top).collect();
    let says_so = head.iter().enumerate().any(|(i, line)| {
        let next = head.get(i + 1).is_some_and(|line| line.starts_with("//"));
        line.strip_prefix(SAYS_SO)
            .is_some_and(|why| why.contains("//") || next)
    });
    let lifts = ["allow(unsafe_code", "expect(unsafe_code"]
        .iter()
        .any(|attribute| file.code.contains(attribute));
    let mut problems = Vec::new();
    if names(&file.code, "unsafe") && !says_so {
        problems
            .push(file.complain("unsafe code in a file that does not say so, and why, at its top"));
    }
    if (names(&file.code, "unsafe") || lifts) && file.part() != "ring" {
        problems.push(file.complain("unsafe code belongs to ring alone"));
    }
    problems
}

pub(crate) fn no_async(file: &File) -> Vec<String> {
    let has = names(&file.code, "async") || names(&file.code, ".await");
    if has && file.is_in(&["net", "engine", "wire", "mesh", "ring"]) {
        vec![file.complain("async on a chat core")]
    } else {
        Vec::new()
    }
}

pub(crate) fn unfinished(file: &File) -> Vec<String> {
    // Cut in two so that this file does not find itself.
    const MARKS: [&str; 6] = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("#[", "ignore"),
        concat!("dbg", "!("),
    ];
    let lines = file.text.lines().enumerate();
    lines
        .flat_map(|(i, line)| {
            let left = MARKS.iter().filter(move |mark| line.contains(**mark));
            left.map(move |mark| file.complain(&format!("line {}: {mark}", i + 1)))
        })
        .collect()
}

pub(crate) fn too_long(file: &File, most: usize) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines > most {
        vec![file.complain(&format!("{lines} lines; at most {most}"))]
    } else {
        Vec::new()
    }
}

/// Hosts that packages come from; nothing but the lock file needs to know.
pub(crate) fn registries(path: &str, text: &str) -> Vec<String> {
    const HOSTS: [&str; 5] = [
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("registry.npmjs", ".org"),
        concat!("proxy.golang", ".org"),
        concat!("rubygems", ".org"),
    ];
    HOSTS
        .iter()
        .filter(|host| text.contains(**host))
        .map(|host| format!("{path}: names the package registry {host}"))
        .collect()
}

/// The lock file knows one registry, and no mirror of it.
pub(crate) fn foreign_sources(lock: &str) -> Vec<String> {
    const INDEX: &str = concat!(
        "source = \"registry+https://github.com/rust-lang/crates",
        ".io-index\""
    );
    lock.lines()
        .filter(|line| line.starts_with("source = ") && *line != INDEX)
        .map(|line| format!("Cargo.lock: {line}"))
        .collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
