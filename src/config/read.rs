//! Reads the sources one after the other and keeps every complaint.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use toml::{Table, Value};

use super::kind::Shape;
use super::table::Row;
use super::{Config, Secret, Sources, keys, related};
use crate::exit::Failure;

const PREFIX: &str = "PAIRLINE_";
const ADMIN_TOKEN: &str = "PAIRLINE_ADMIN_TOKEN";

/// Who set what: a key to the source that set it last. Defaults are not in it.
pub(super) type Origins = BTreeMap<String, String>;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reader {
    config: Config,
    pub(super) origins: Origins,
    problems: Vec<String>,
}

impl Reader {
    pub(super) fn read(sources: &Sources) -> Self {
        let mut reader = Self::default();
        if let Some(path) = &sources.file {
            reader.file(path);
        }
        reader.beside_the_file(sources);
        reader
    }

    /// With this text instead of a file.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn read_text(text: &str, sources: &Sources) -> Self {
        let mut reader = Self::default();
        reader.text(text, "file");
        reader.beside_the_file(sources);
        reader
    }

    fn beside_the_file(&mut self, sources: &Sources) {
        self.environment(sources);
        for (key, text) in &sources.set {
            self.set(key, text, "--set");
        }
        for (key, text) in &sources.flags {
            self.set(key, text, &format!("--{key}"));
        }
    }

    /// The settings, when nothing is wrong with them.
    pub(super) fn into_config(mut self) -> Result<Config, Failure> {
        self.problems
            .extend(related::problems(&self.config, &self.origins));
        if self.problems.is_empty() {
            Ok(self.config)
        } else {
            Err(Failure::config(self.problems.join("\n")))
        }
    }

    fn file(&mut self, path: &Path) {
        let origin = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => self.text(&text, &origin),
            Err(error) => self
                .problems
                .push(format!("{origin}: the file cannot be read: {error}")),
        }
    }

    fn text(&mut self, text: &str, origin: &str) {
        match text.parse::<Table>() {
            Ok(table) => self.table("", &table, origin),
            Err(error) => self
                .problems
                .push(format!("{origin}: {}", not_toml(text, &error))),
        }
    }

    fn table(&mut self, prefix: &str, table: &Table, origin: &str) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            match (row(&key), value) {
                (Some(row), value) => match text_of(row.shape, value) {
                    Some(text) => self.set(&key, &text, origin),
                    None => {
                        let kind = value.type_str();
                        self.refuse(row, &format!("{} {kind}", article(kind)), origin);
                    }
                },
                (None, Value::Table(inner)) if is_section(&key) => {
                    self.origins.insert(key.clone(), origin.into());
                    self.table(&format!("{key}."), inner, origin);
                }
                (None, _) => self.problems.push(format!("{origin}: {}", unknown(&key))),
            }
        }
    }

    fn environment(&mut self, sources: &Sources) {
        let mut variables: Vec<_> = sources
            .environment
            .iter()
            .map(|(name, value)| (name.to_string_lossy(), value))
            .filter(|(name, _)| name.starts_with(PREFIX))
            .collect();
        variables.sort();
        for (name, value) in variables {
            self.variable(&name, value);
        }
    }

    fn variable(&mut self, name: &str, value: &OsStr) {
        let origin = format!("environment variable {}", name.escape_debug());
        let Some(text) = value.to_str() else {
            self.problems.push(format!("{origin}: it is not UTF-8"));
            return;
        };
        if name == ADMIN_TOKEN {
            self.admin_token(text);
            return;
        }
        let key = name[PREFIX.len()..].to_ascii_lowercase();
        self.set(&key.replace("__", "."), text, &origin);
    }

    fn admin_token(&mut self, text: &str) {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.config.admin_token = Some(Secret::new(text));
        } else {
            self.problems.push(format!(
                "environment variable {ADMIN_TOKEN}: it may be printable ASCII without spaces, \
                 and not empty; leave it out to have a token made"
            ));
        }
    }

    fn set(&mut self, key: &str, text: &str, origin: &str) {
        if let Some(row) = row(key) {
            self.put(row, text, origin);
        } else if let Some((row, entry)) = map_entry(key) {
            let others = (row.show)(&self.config);
            self.put(row, &format!("{others},{entry}={text}"), origin);
        } else {
            self.problems.push(format!("{origin}: {}", unknown(key)));
        }
    }

    fn put(&mut self, row: &Row, text: &str, origin: &str) {
        if (row.set)(&mut self.config, text).is_err() {
            let given = match row.shape {
                Shape::Secret => "what was given".into(),
                _ => format!("{text:?}"),
            };
            self.refuse(row, &given, origin);
        }
        self.origins.insert(row.key.into(), origin.into());
    }

    fn refuse(&mut self, row: &Row, given: &str, origin: &str) {
        let (key, may_be) = (row.key, (row.may_be)());
        self.problems.push(format!(
            "{origin}: {key} cannot be {given}; it may be {may_be}"
        ));
    }
}

fn row(key: &str) -> Option<&'static Row> {
    keys::rows().find(|row| row.key == key)
}

/// `test_numbers.+8613800000000`: the table and the name of an entry of it.
fn map_entry(key: &str) -> Option<(&'static Row, &str)> {
    let (table, entry) = key.split_once('.')?;
    let row = row(table).filter(|row| row.shape == Shape::Map)?;
    Some((row, entry))
}

fn is_section(key: &str) -> bool {
    keys::rows().any(|row| {
        row.key
            .strip_prefix(key)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The text of a TOML value, if it is of the right sort.
fn text_of(shape: Shape, value: &Value) -> Option<String> {
    match (shape, value) {
        (Shape::Flag, Value::Boolean(flag)) => Some(flag.to_string()),
        (Shape::Flag, _) => None,
        (Shape::Number, Value::Integer(number)) => Some(number.to_string()),
        (Shape::List, Value::Array(items)) => {
            let texts: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        (Shape::Map, Value::Table(entries)) => {
            let entry =
                |(name, value): (&String, &Value)| Some(format!("{name}={}", value.as_str()?));
            let texts: Option<Vec<_>> = entries.iter().map(entry).collect();
            texts.map(|texts| texts.join(","))
        }
        (_, Value::String(text)) => Some(text.clone()),
        _ => None,
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    }
}

/// Where the file stops being TOML. Only the line's key is repeated: its value
/// may be a secret.
fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n');
    let number = before.count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let key = match line.split_once('=') {
        Some((key, _)) => format!(" ({} = …)", key.trim().escape_debug()),
        None => String::new(),
    };
    let message = error.message().replace('\n', ", ");
    format!("line {number}{key} is not TOML: {message}")
}

/// Says that there is no such key, and which one may have been meant.
pub(super) fn unknown(key: &str) -> String {
    let shown = key.escape_debug();
    if is_section(key) {
        return format!("{shown} is a table of keys and takes no value itself");
    }
    let closest = keys::rows()
        .map(|row| (distance(key, row.key), row.key))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 3 + 1);
    match closest {
        Some((_, known)) => format!("{shown} is no known key; the closest is {known}"),
        None => format!("{shown} is no known key; `pairline config` lists them all"),
    }
}

/// How many letters must be added, dropped or changed (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut costs: Vec<usize> = (0..=to.len()).collect();
    for (i, letter) in from.chars().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = i + 1;
        for (j, other) in to.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = costs[j + 1];
            costs[j + 1] = changed.min(diagonal + 1).min(costs[j] + 1);
        }
    }
    costs[to.len()]
}
