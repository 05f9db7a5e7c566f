//! What the id of a registered user looks like, so that the chat can tell at
//! sight which ids the store must be asked about. Who has or had one, the store
//! knows; one that was never given out is free text as any other.

/// Bytes of an id: a `u` and 80 bits, five a character.
pub const ACCOUNT_ID_BYTES: usize = 17;

/// Does `id` look like a registered user's: `u`, then 16 of
/// `0-9 a-h j k m n p-t v-z`?
#[must_use]
pub fn is_account_id(id: &str) -> bool {
    let [b'u', digits @ ..] = id.as_bytes() else {
        return false;
    };
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z');
    id.len() == ACCOUNT_ID_BYTES && digits.iter().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_a_u_and_sixteen_of_thirty_two_characters() {
        for id in [
            "u0123456789abcdef",
            "ughjkmnpqrstvwxyz",
            "uzzzzzzzzzzzzzzzz",
        ] {
            assert!(is_account_id(id), "{id}");
        }
        let digits = ('\0'..='\u{ff}').filter(|digit| is_account_id(&format!("u{digit:0<16}")));
        let digits: String = digits.collect();
        assert_eq!(digits, "0123456789abcdefghjkmnpqrstvwxyz");
    }

    #[test]
    fn whatever_is_a_little_different_is_free_text() {
        for id in [
            "",
            "u",
            "u0123456789abcde",
            "u0123456789abcdef0",
            "U0123456789abcdef",
            "v0123456789abcdef",
            "u0123456789ABCDEF",
            "u0123456789abcdei",
            "u0123456789abcdel",
            "u0123456789abcdeo",
            "u0123456789abcdeu",
            "u0123456789abcde\n",
            " u0123456789abcdef",
            "u0123456789abcdé",
        ] {
            assert!(!is_account_id(id), "{id:?}");
        }
    }
}
