//! `data:image/jpeg;base64,…` to bytes. The media type is only a label, and
//! what the bytes are is looked at later.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Refused;
use crate::limits::PICTURE_BYTES;

/// With or without padding, as handsets write it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes in a data URL. White space in the base64 is skipped: Android's
/// encoder breaks lines.
///
/// # Errors
///
/// [`Refused::TooLarge`] without decoding it, or [`Refused::NotTaken`] when it
/// is no data URL in base64.
pub fn payload(url: &str) -> Result<Vec<u8>, Refused> {
    let text = compact(base64_of(url).ok_or(Refused::NotTaken)?);
    let digits = text.trim_end_matches('=').len();
    if digits / 4 * 3 + (digits % 4) * 3 / 4 > PICTURE_BYTES {
        return Err(Refused::TooLarge);
    }
    BASE64
        .decode(text.as_bytes())
        .map_err(|_| Refused::NotTaken)
}

/// What follows `data:…;base64,`.
fn base64_of(url: &str) -> Option<&str> {
    let (head, data) = url.split_once(',')?;
    let (scheme, label) = head.split_at_checked("data:".len())?;
    let (_, encoding) = label.rsplit_once(';')?;
    let is_base64 =
        scheme.eq_ignore_ascii_case("data:") && encoding.trim().eq_ignore_ascii_case("base64");
    is_base64.then_some(data)
}

fn compact(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        Cow::Owned(text.split_ascii_whitespace().collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_data_url_is_read_as_handsets_write_it() {
        let cases: &[(&str, Result<&[u8], Refused>)] = &[
            ("data:image/jpeg;base64,aGVsbG8=", Ok(b"hello")),
            ("data:image/jpeg;base64,aGVsbG8", Ok(b"hello")),
            ("data:;base64,aGVsbG8=", Ok(b"hello")),
            ("DATA:text/html;charset=utf-8;BASE64,aGVsbG8=", Ok(b"hello")),
            ("data:image/jpeg;base64,aGVs\r\nbG8=\n", Ok(b"hello")),
            ("data:image/jpeg;base64,", Ok(b"")),
            ("data:image/jpeg;base64", Err(Refused::NotTaken)),
            ("data:image/jpeg;base64...", Err(Refused::NotTaken)),
            ("data:image/jpeg,aGVsbG8=", Err(Refused::NotTaken)),
            ("aGVsbG8=", Err(Refused::NotTaken)),
            ("http://x/;base64,aGVsbG8=", Err(Refused::NotTaken)),
            ("data:image/jpeg;base64,aGV%73", Err(Refused::NotTaken)),
            ("data:image/jpeg;base64,aGVsbG8=,", Err(Refused::NotTaken)),
            ("data:image/jpeg;base64,a", Err(Refused::NotTaken)),
            ("図:;base64,aGVsbG8=", Err(Refused::NotTaken)),
            ("", Err(Refused::NotTaken)),
            (",", Err(Refused::NotTaken)),
        ];
        for (url, bytes) in cases {
            assert_eq!(payload(url), bytes.map(<[u8]>::to_vec), "{url}");
        }
    }

    #[test]
    fn the_limit_is_on_the_bytes_not_on_their_text() {
        let url = |bytes: usize| format!("data:;base64,{}", BASE64.encode(vec![7; bytes]));
        assert_eq!(payload(&url(PICTURE_BYTES)).unwrap().len(), PICTURE_BYTES);
        for over in 1..4 {
            assert_eq!(payload(&url(PICTURE_BYTES + over)), Err(Refused::TooLarge));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes: Vec<u8>, every in 1usize..80) {
            let text = BASE64.encode(&bytes);
            let mut broken = String::from("data:image/png;base64,");
            for (at, letter) in text.char_indices() {
                broken.push(letter);
                if at % every == 0 {
                    broken.push('\n');
                }
            }
            prop_assert_eq!(payload(&broken), Ok(bytes));
        }

        #[test]
        fn any_text_is_answered(text: String) {
            let _ = payload(&text);
        }
    }
}
