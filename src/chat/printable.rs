//! Text from a peer, fit for a terminal. Pure.

use std::fmt::Write;

/// The text with every control character but the tab written as JSON would
/// (`\u001b`), so that nobody far away moves the cursor here.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\t' {
            let _ = write!(shown, "\\u{:04x}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_control_characters_change() {
        let table: [(&[u8], &str); 6] = [
            (b"5#{\"toId\": \t\"a\"}", "5#{\"toId\": \t\"a\"}"),
            (
                "\u{9ed8}\u{8ba4} \u{1f600}\u{a0}".as_bytes(),
                "\u{9ed8}\u{8ba4} \u{1f600}\u{a0}",
            ),
            (b"\x1b[2J\x07\r", "\\u001b[2J\\u0007\\u000d"),
            (b"\x00\x7f", "\\u0000\\u007f"),
            ("\u{9b}31m\u{85}".as_bytes(), "\\u009b31m\\u0085"),
            (b"\x9b31m", "\u{fffd}31m"),
        ];
        for (bytes, expected) in table {
            assert_eq!(printable(bytes), expected);
        }
    }
}
