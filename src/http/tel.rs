//! Telephone numbers: one spelling for each.

use crate::limits::{TEL_DIGITS, TEL_DIGITS_LEAST};

/// A number with its country: `+8618612344931`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Tel(String);

impl Tel {
    /// A number as somebody typed it; without a `+` it is one of `country`'s.
    pub(super) fn read(text: &str, country: &str) -> Option<Tel> {
        let (country, digits) = match text.strip_prefix('+') {
            Some(digits) => ("+", digits),
            None => (country, text),
        };
        let right = digits.bytes().all(|byte| byte.is_ascii_digit())
            && (TEL_DIGITS_LEAST..=TEL_DIGITS).contains(&digits.len());
        right.then(|| Tel(format!("{country}{digits}")))
    }

    /// One that the store had.
    pub(super) fn kept(tel: String) -> Tel {
        Tel(tel)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// As logs may show it.
impl std::fmt::Debug for Tel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", crate::sms::Masked(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_number() {
        let read = |text| Tel::read(text, "+86").map(|tel| tel.as_str().to_owned());
        let table = [
            ("18612344931", Some("+8618612344931")),
            ("+8618612344931", Some("+8618612344931")),
            ("+4412345678", Some("+4412345678")),
            ("12345", Some("+8612345")),
            ("123456789012345", Some("+86123456789012345")),
            ("+123456789012345", Some("+123456789012345")),
            ("1234", None),
            ("1234567890123456", None),
            ("+1234567890123456", None),
            ("", None),
            ("+", None),
            ("++8618612344931", None),
            ("186 1234 4931", None),
            ("186-1234", None),
            ("１２３４５６", None),
            ("12345\0", None),
            ("1' OR '1'='1", None),
        ];
        for (text, wanted) in table {
            assert_eq!(read(text).as_deref(), wanted, "{text:?}");
        }
        let shown = format!("{:?}", Tel::read("18612344931", "+86").unwrap());
        assert_eq!(shown, "+86186****4931");
    }
}
