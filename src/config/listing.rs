//! The table of keys and the settings in force, for people and for the README.

use toml::Value;

use super::kind::Shape;
use super::read::Origins;
use super::{Config, keys};

/// Every key with its default, its meaning and what it may be, in columns.
#[must_use]
pub fn for_people() -> String {
    let cells: Vec<[String; 4]> = keys::rows()
        .map(|row| {
            let default = if row.default.is_empty() {
                "-"
            } else {
                row.default
            };
            [
                row.key.into(),
                default.into(),
                row.meaning.into(),
                (row.may_be)(),
            ]
        })
        .collect();
    let head = ["KEY", "DEFAULT", "MEANING", "MAY BE"].map(String::from);
    let lines: Vec<_> = std::iter::once(&head).chain(&cells).collect();
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].len())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    lines
        .iter()
        .map(|[key, default, meaning, may_be]| {
            let [a, b, c] = widths;
            format!("{key:a$}  {default:b$}  {meaning:c$}  {may_be}\n")
        })
        .collect()
}

/// The same as a table in Markdown.
#[must_use]
pub fn markdown() -> String {
    let code = |text: &str| match text {
        "" => String::new(),
        text => format!("`{text}`"),
    };
    let mut table = String::from("| key | default | meaning | may be |\n|---|---|---|---|\n");
    for row in keys::rows() {
        let cells = [
            code(row.key),
            code(row.default),
            row.meaning.into(),
            (row.may_be)(),
        ];
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    table
}

/// A line of TOML for each key, with the source that set it.
pub(super) fn effective(config: &Config, origins: &Origins) -> String {
    keys::rows()
        .map(|row| {
            let value = (row.show)(config);
            let source = origins.get(row.key).map_or("default", String::as_str);
            match row.shape {
                Shape::Flag => format!("{} = {value} # {source}\n", row.key),
                _ => format!("{} = {} # {source}\n", row.key, Value::String(value)),
            }
        })
        .collect()
}
