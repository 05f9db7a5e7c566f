//! Whole numbers, however they are written. Nothing here is a float: what
//! does not fit is cut to what does.

use crate::wire::text::Text;

/// Does this JSON number stand as an integer that fits 64 bits? Then these are
/// its digits.
pub(super) fn digits(number: &str) -> Option<&str> {
    match number {
        "-0" => Some("0"),
        _ if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() => Some(number),
        _ => None,
    }
}

/// The value of a JSON number if it is whole, whatever its form: `2`, `2.0`,
/// `20e-1`.
pub(super) fn whole(number: &str) -> Option<i64> {
    if let Ok(value) = number.parse() {
        return Some(value);
    }
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || before.bytes().chain(behind.bytes());
    let trailing = digits().rev().take_while(|&digit| digit == b'0').count();
    let leading = before.len() + behind.len() - trailing;
    if leading == 0 {
        return Some(0);
    }
    let shift = exponent_of(exponent) + as_i64(trailing) - as_i64(behind.len());
    let zeros = usize::try_from(shift).ok()?;
    // Twenty digits are past what fits; more zeros change nothing.
    let zeros = std::iter::repeat_n(b'0', zeros.min(20));
    Some(fold(negative, digits().take(leading).chain(zeros)))
}

/// The value of a decimal string: digits, with a minus or without.
pub(super) fn decimal(text: Text<'_>) -> Option<i64> {
    // The library's reader takes a plus as well, and gives up where this cuts.
    let plain = text.as_plain().filter(|plain| !plain.starts_with('+'));
    if let Some(Ok(value)) = plain.map(str::parse) {
        return Some(value);
    }
    let negative = text.chars().next() == Some('-');
    let digits = || text.chars().skip(usize::from(negative));
    let some = digits().next().is_some();
    let valid = some && digits().all(|digit| digit.is_ascii_digit());
    let bytes = digits().filter_map(|digit| u8::try_from(digit).ok());
    valid.then(|| fold(negative, bytes))
}

fn fold(negative: bool, digits: impl Iterator<Item = u8>) -> i64 {
    let value = digits.fold(0i64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    if negative { -value } else { value }
}

/// An exponent too large to be read is as good as a huge one of its sign: no
/// line has that many digits to make up for it.
fn exponent_of(exponent: &str) -> i64 {
    const HUGE: i64 = i64::MAX / 4;
    let huge = if exponent.starts_with('-') {
        -HUGE
    } else {
        HUGE
    };
    exponent.parse().unwrap_or(huge).clamp(-HUGE, HUGE)
}

fn as_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_64_bits_stand_as_text() {
        for (number, text) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("-1", Some("-1")),
            ("18649314931", Some("18649314931")),
            ("9223372036854775808", Some("9223372036854775808")),
            ("18446744073709551615", Some("18446744073709551615")),
            ("18446744073709551616", None),
            ("-9223372036854775808", Some("-9223372036854775808")),
            ("-9223372036854775809", None),
            ("1.0", None),
            ("1e3", None),
            ("-0.0", None),
        ] {
            assert_eq!(digits(number), text, "{number}");
        }
    }

    #[test]
    fn whole_numbers_in_every_form() {
        for (number, value) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("3", Some(3)),
            ("-3", Some(-3)),
            ("3.0", Some(3)),
            ("3.000", Some(3)),
            ("30e-1", Some(3)),
            ("0.03e2", Some(3)),
            ("0.03E+2", Some(3)),
            ("-0.0", Some(0)),
            ("0e999", Some(0)),
            ("0e-999999999999999999999", Some(0)),
            ("2.5", None),
            ("-2.5", None),
            ("25e-1", None),
            ("1e-1", None),
            ("0.001e2", None),
            ("1e-99999999999999999999", None),
            ("1e18", Some(1_000_000_000_000_000_000)),
            ("1e19", Some(i64::MAX)),
            ("-1e19", Some(-i64::MAX)),
            ("1e999", Some(i64::MAX)),
            ("1e99999999999999999999", Some(i64::MAX)),
            ("99999999999999999999", Some(i64::MAX)),
            ("10000000000000000000e-19", Some(1)),
        ] {
            assert_eq!(whole(number), value, "{number}");
        }
    }

    #[test]
    fn decimal_strings() {
        for (text, value) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("-12", Some(-12)),
            ("007", Some(7)),
            ("99999999999999999999", Some(i64::MAX)),
            ("", None),
            ("-", None),
            ("+1", None),
            ("--1", None),
            ("1-", None),
            (" 1", None),
            ("1 ", None),
            ("2.5", None),
            ("1e2", None),
            ("one", None),
            ("１", None),
        ] {
            assert_eq!(decimal(Text::plain(text)), value, "{text:?}");
        }
    }
}
