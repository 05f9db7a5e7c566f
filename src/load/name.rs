//! What simulated users are called: the run's seed and a number, always as
//! long, so that lines keep their layout.

use std::fmt;

/// Bytes of a name.
pub(super) const BYTES: usize = 17;

/// One user's name. Each life of a user has a number of its own, and so a name
/// of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) seed: u32,
    pub(super) number: u32,
}

impl Name {
    /// The name that `text` is; `None` if it is somebody else's.
    pub(super) fn read(text: &str) -> Option<Name> {
        let (seed, number) = text.split_once('-')?;
        let name = Name {
            seed: u32::from_str_radix(seed, 16).ok()?,
            number: u32::from_str_radix(number, 16).ok()?,
        };
        (name.to_string() == text).then_some(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}-{:08x}", self.seed, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_one_length_and_read_back() {
        for (seed, number) in [(0, 0), (7, 0xabc), (u32::MAX, u32::MAX)] {
            let name = Name { seed, number };
            assert_eq!(name.to_string().len(), BYTES);
            assert_eq!(Name::read(&name.to_string()), Some(name));
        }
        for bad in ["", "penny", "7-8", "00000007-0000000A", "+0000007-00000008"] {
            assert_eq!(Name::read(bad), None, "{bad}");
        }
    }
}
