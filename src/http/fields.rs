//! What users say of themselves and others: what each may be.

use jiff::civil::Date;

use super::reply::Refusal;
use super::token;
use crate::limits::{LOCATION_BYTES, NICKNAME_BYTES, PIC_ID_BYTES, WORDS_BYTES};

/// What an id is made of, by five bits: no letter that looks like another.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// `u` and 80 random bits.
pub(super) fn new_user_id() -> Result<String, Refusal> {
    let bits = u128::from_le_bytes(token::random()?);
    let letter = |place: u32| {
        let index = (bits >> (5 * place)) & 31;
        char::from(LETTERS[index as usize])
    };
    Ok(std::iter::once('u').chain((0..16).map(letter)).collect())
}

pub(super) fn nickname(text: String) -> Result<String, Refusal> {
    within("nickname", text, 1, NICKNAME_BYTES)
}

pub(super) fn pic_id(text: String) -> Result<String, Refusal> {
    within("picId", text, 0, PIC_ID_BYTES)
}

pub(super) fn location(text: String) -> Result<String, Refusal> {
    within("location", text, 0, LOCATION_BYTES)
}

pub(super) fn words(text: String) -> Result<String, Refusal> {
    within("words", text, 0, WORDS_BYTES)
}

pub(super) fn reason(text: String) -> Result<String, Refusal> {
    within("reason", text, 1, WORDS_BYTES)
}

pub(super) fn gender(text: String) -> Result<String, Refusal> {
    if ["M", "F"].contains(&text.as_str()) {
        Ok(text)
    } else {
        Err(Refusal::bad_key("gender"))
    }
}

/// A day that there was, or none.
pub(super) fn birthday(text: String) -> Result<String, Refusal> {
    if text.is_empty() || is_day(&text) {
        Ok(text)
    } else {
        Err(Refusal::bad_key("birthday"))
    }
}

/// `YYYY-MM-DD`
fn is_day(text: &str) -> bool {
    let read = || {
        let mut parts = text.split('-');
        let mut number = |width: usize| {
            let part = parts.next().filter(|part| part.len() == width)?;
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<i16>().ok().filter(|_| digits)
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day)
            .ok()
            .filter(|_| parts.next().is_none())
    };
    read().is_some()
}

fn within(key: &str, text: String, least: usize, most: usize) -> Result<String, Refusal> {
    if (least..=most).contains(&text.len()) {
        Ok(text)
    } else {
        Err(Refusal::bad_key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account_id::is_account_id;

    #[test]
    fn an_id_has_the_shape_that_the_chat_knows() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..1000 {
            let id = new_user_id().unwrap();
            assert!(is_account_id(&id), "{id}");
            seen.extend(id.bytes().skip(1));
        }
        assert_eq!(seen.len(), LETTERS.len(), "every letter is used");
    }

    #[test]
    fn a_birthday_is_a_real_day() {
        for right in ["", "1990-01-31", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert!(birthday(right.into()).is_ok(), "{right}");
        }
        for wrong in [
            "1990-1-31",
            "1990-02-29",
            "1990-13-01",
            "1990-00-01",
            "1990-01-00",
            "90-01-01",
            "1990-01-01 ",
            "1990-01-01-",
            "1990-01-01T00:00",
            "+990-01-01",
            "1990/01/01",
            "19900101",
            "１９９０-01-01",
        ] {
            assert!(birthday(wrong.into()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn lengths_are_counted_in_bytes() {
        assert!(nickname("x".repeat(64)).is_ok());
        assert!(nickname("x".repeat(65)).is_err());
        assert!(nickname("名".repeat(21)).is_ok());
        assert!(nickname("名".repeat(22)).is_err());
        assert!(nickname(String::new()).is_err());
        assert!(words(String::new()).is_ok());
        assert!(reason(String::new()).is_err());
    }
}
