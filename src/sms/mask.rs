//! A number as logs may show it.

use std::fmt;

/// Digits in the middle that are not shown.
const HIDDEN: &str = "****";

/// A number without four of its digits: `+8618612344931` is shown as
/// `+86186****4931`. Of a short number less is left at the end.
#[derive(Clone, Copy)]
pub struct Masked<'a>(pub &'a str);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbols: Vec<char> = self.0.chars().collect();
        let tail = match symbols.len() {
            11.. => 4,
            8.. => 2,
            _ => 0,
        };
        let head = symbols.len().saturating_sub(HIDDEN.len() + tail);
        let (start, rest) = symbols.split_at(head);
        let end = &rest[rest.len().min(HIDDEN.len())..];
        let put = |f: &mut fmt::Formatter<'_>, part: &[char]| {
            part.iter().try_for_each(|symbol| write!(f, "{symbol}"))
        };
        put(f, start)?;
        f.write_str(HIDDEN)?;
        put(f, end)
    }
}

impl fmt::Debug for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_hidden() {
        let table = [
            ("+8618612344931", "+86186****4931"),
            ("18612344931", "186****4931"),
            ("+4412345678", "+44****5678"),
            ("12345678", "12****78"),
            ("+12345", "+1****"),
            ("1234", "****"),
            ("12", "****"),
            ("", "****"),
            ("数字八六一二三四四", "数字八****四四"),
        ];
        for (number, shown) in table {
            assert_eq!(Masked(number).to_string(), shown, "{number}");
            assert_eq!(format!("{:?}", Masked(number)), shown);
        }
    }
}
