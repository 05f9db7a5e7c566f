//! Numbers with units as people write them: whole numbers, spans of time and
//! sizes.

use std::time::Duration;

/// A number that can be read, bounded and shown.
pub(super) trait Amount: Copy + Default + PartialOrd {
    /// What it is called where a bad one is refused.
    const NAME: &'static str;
    /// Reads it with its unit, without looking at bounds.
    fn read(text: &str) -> Option<Self>;
    /// Shows it so that [`Amount::read`] takes it back.
    fn show(self) -> String;
}

/// An amount for which powers of two are worth asking for.
pub(super) trait Binary: Amount {
    /// Whether it is 1, 2, 4, 8 …
    fn is_power_of_two(self) -> bool;
}

macro_rules! whole {
    ($($type:ty)*) => { $(
        impl Amount for $type {
            const NAME: &'static str = "a whole number";

            fn read(text: &str) -> Option<Self> {
                digits(text).and_then(|number| Self::try_from(number).ok())
            }

            fn show(self) -> String {
                self.to_string()
            }
        }
    )* };
}

whole!(u16 u32);

impl Binary for u32 {
    fn is_power_of_two(self) -> bool {
        u32::is_power_of_two(self)
    }
}

/// A size in bytes; what is counted otherwise is `u16` or `u32`.
impl Amount for usize {
    const NAME: &'static str = "a size (8192, 64kB, 256KiB)";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let bytes: u64 = match unit {
            "" | "B" => 1,
            "kB" => 1_000,
            "KiB" => 1 << 10,
            "MB" => 1_000_000,
            "MiB" => 1 << 20,
            "GB" => 1_000_000_000,
            "GiB" => 1 << 30,
            _ => return None,
        };
        usize::try_from(number.checked_mul(bytes)?).ok()
    }

    fn show(self) -> String {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match units
            .iter()
            .find(|unit| self > 0 && self.is_multiple_of(unit.0))
        {
            Some((bytes, name)) => format!("{}{name}", self / bytes),
            None => self.to_string(),
        }
    }
}

impl Binary for usize {
    fn is_power_of_two(self) -> bool {
        usize::is_power_of_two(self)
    }
}

impl Amount for Duration {
    const NAME: &'static str = "a duration (300ms, 10s, 5m, 24h, 30d)";

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let seconds = match unit {
            "ms" => return Some(Duration::from_millis(number)),
            "" | "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        number.checked_mul(seconds).map(Duration::from_secs)
    }

    fn show(self) -> String {
        let millis = self.as_millis();
        let units = [
            (86_400_000, "d"),
            (3_600_000, "h"),
            (60_000, "m"),
            (1_000, "s"),
        ];
        match units
            .iter()
            .find(|unit| millis > 0 && millis.is_multiple_of(unit.0))
        {
            Some((span, name)) => format!("{}{name}", millis / span),
            None if millis == 0 => "0s".into(),
            None => format!("{millis}ms"),
        }
    }
}

/// The digits at the start and the unit behind them.
fn split(text: &str) -> Option<(u64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((digits(&text[..end])?, &text[end..]))
}

/// Digits and nothing else: `parse` alone would take a sign.
fn digits(text: &str) -> Option<u64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_of_time() {
        let millis = |text| Duration::read(text).map(|span| span.as_millis());
        let table = [
            ("0", Some(0)),
            ("10", Some(10_000)),
            ("10s", Some(10_000)),
            ("300ms", Some(300)),
            ("5m", Some(300_000)),
            ("24h", Some(86_400_000)),
            ("30d", Some(2_592_000_000)),
            ("", None),
            ("s", None),
            ("-1s", None),
            ("+1s", None),
            ("1.5s", None),
            ("10 s", None),
            ("10S", None),
            ("10sec", None),
            ("99999999999999999999s", None),
            ("18446744073709551615d", None),
            ("١s", None),
        ];
        for (text, want) in table {
            assert_eq!(millis(text), want, "{text:?}");
        }
    }

    #[test]
    fn sizes() {
        let table = [
            ("8192", Some(8192)),
            ("8192B", Some(8192)),
            ("64kB", Some(64_000)),
            ("256KiB", Some(262_144)),
            ("1MB", Some(1_000_000)),
            ("1MiB", Some(1_048_576)),
            ("2GiB", Some(2_147_483_648)),
            ("64k", None),
            ("64Kib", None),
            ("0x10", None),
            ("-1", None),
            ("17179869184GiB", None),
        ];
        for (text, want) in table {
            assert_eq!(usize::read(text), want, "{text:?}");
        }
    }

    #[test]
    fn whole_numbers_stop_at_their_type() {
        assert_eq!(u16::read("65535"), Some(65_535));
        assert_eq!(u16::read("65536"), None);
        assert_eq!(u32::read("+1"), None);
        assert_eq!(u32::read("1k"), None);
        assert_eq!(u32::read(""), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(number in any::<u32>(), shift in 0..20u32) {
            let size = (number as usize) << shift;
            prop_assert_eq!(usize::read(&size.show()), Some(size));
            let span = Duration::from_millis(size as u64);
            prop_assert_eq!(Duration::read(&span.show()), Some(span));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = (usize::read(&text), Duration::read(&text), u16::read(&text));
        }
    }
}
