//! The list of tickets that is published when a draw is closed.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// SHA-256 of a published list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketsHash(pub [u8; 32]);

/// Adds a ticket to a list: `number user_id` and the end of the line.
pub fn write_ticket(list: &mut String, number: u32, user_id: &str) {
    use fmt::Write as _;
    writeln!(list, "{number} {user_id}").expect("a string takes everything");
}

/// The hash of a list that comes ticket by ticket.
#[derive(Clone, Debug, Default)]
pub struct ListHash {
    hash: Sha256,
    line: String,
}

impl ListHash {
    /// The next ticket.
    pub fn push(&mut self, number: u32, user_id: &str) {
        self.line.clear();
        write_ticket(&mut self.line, number, user_id);
        self.hash.update(&self.line);
    }

    /// Of all that came.
    #[must_use]
    pub fn finish(self) -> TicketsHash {
        TicketsHash(self.hash.finalize().into())
    }
}

impl TicketsHash {
    /// Of a list as it was published.
    #[must_use]
    pub fn of(list: &[u8]) -> TicketsHash {
        TicketsHash(Sha256::digest(list).into())
    }
}

/// 64 small hex digits.
impl fmt::Display for TicketsHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// 64 hex digits of either size.
impl FromStr for TicketsHash {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<TicketsHash, &'static str> {
        const WHAT: &str = "64 hexadecimal digits";
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(WHAT);
        }
        for (byte, start) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[start..start + 2], 16).map_err(|_| WHAT)?;
        }
        Ok(TicketsHash(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_a_line_for_each_ticket() {
        let mut list = String::new();
        let mut hash = ListHash::default();
        for (number, user) in [(1, "ub"), (2, "ua")] {
            write_ticket(&mut list, number, user);
            hash.push(number, user);
        }
        assert_eq!(list, "1 ub\n2 ua\n");
        assert_eq!(hash.finish(), TicketsHash::of(list.as_bytes()));
    }

    #[test]
    fn a_hash_is_written_in_hex() {
        let hash = TicketsHash::of(b"");
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.parse(), Ok(hash));
        assert_eq!(text.to_uppercase().parse(), Ok(hash));
        for bad in [
            "",
            &text[1..],
            &text.replace('e', "x"),
            &format!("{text}0"),
            "é",
        ] {
            assert!(bad.parse::<TicketsHash>().is_err(), "{bad}");
        }
    }
}
