//! Columns that stand below each other, of texts that may come from anybody.

use serde_json::Value;

use crate::chat::printable::printable;

/// Rows below their heads; the last column is as wide as it likes.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(heads: &[&str]) -> Table {
        let heads = heads.iter().map(|&head| head.to_owned());
        Table {
            rows: vec![heads.collect()],
        }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn write(&self) -> String {
        let columns = self.rows[0].len();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths);
            let line: Vec<String> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            text += line.join("  ").trim_end();
            text.push('\n');
        }
        text
    }
}

/// A value for people: nothing where there is none, a text without its quotes,
/// and nothing in it that would move the cursor.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => printable(text.as_bytes()).replace('\t', " "),
        other => printable(other.to_string().as_bytes()),
    }
}

/// The entries of a list.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_stand_below_each_other_and_nothing_moves_the_cursor() {
        let mut table = Table::new(&["id", "name"]);
        table.row([cell(&json!(7)), cell(&json!("a\u{1b}[2J\nb\tc"))]);
        table.row([cell(&json!("longer")), cell(&Value::Null)]);
        assert_eq!(
            table.write(),
            "id      name\n7       a\\u001b[2J\\u000ab c\nlonger\n"
        );
    }
}
