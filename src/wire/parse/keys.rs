//! The keys that the messages know.

use crate::wire::scan::{Form, Value};
use crate::wire::text::Text;

/// Declares the keys, each with its spelling on the wire.
macro_rules! keys {
    ($($key:ident = $spelt:literal,)*) => {
        /// A key that some message knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Key {
            $($key),*
        }

        impl Key {
            pub(super) const ALL: &[Key] = &[$(Key::$key),*];

            pub(super) const fn as_str(self) -> &'static str {
                match self { $(Key::$key => $spelt),* }
            }

            /// No two begin with the same eight bytes.
            #[inline(always)]
            fn spelt(name: Value, bytes: &[u8]) -> Option<Key> {
                let word = word(name, bytes);
                let key = $(if word == const { word_of($spelt.as_bytes()) } { Key::$key } else)* { return None };
                (name.raw_len() < 8 || name.raw(bytes) == key.as_str().as_bytes()).then_some(key)
            }
        }
    };
}

/// The first eight bytes of a string, as a number; fewer are as if followed by
/// NUL, which stands in no string.
#[inline(always)]
fn word(name: Value, bytes: &[u8]) -> u64 {
    let behind = bytes.get(name.start()..).and_then(<[u8]>::first_chunk);
    match (behind, name.raw_len()) {
        (Some(eight), len @ 0..8) => u64::from_le_bytes(*eight) & !(u64::MAX << (8 * len)),
        (Some(eight), _) => u64::from_le_bytes(*eight),
        (None, _) => word_of(name.raw(bytes)),
    }
}

const fn word_of(name: &[u8]) -> u64 {
    let (mut word, mut at) = (0, name.len());
    while at > 0 {
        at -= 1;
        word = word << 8 | name[at] as u64;
    }
    word
}

keys! {
    UserId = "userId",
    YouId = "youId",
    YourId = "yourId",
    FromId = "fromId",
    ToId = "toId",
    TalkId = "talkId",
    Msg = "msg",
    EndMessage = "endmessage",
    Nickname = "nickname",
    Gender = "gender",
    FindGender = "findGender",
    PicId = "picId",
    Location = "location",
    Gps = "gps",
    Guys = "guys",
    SeeAgain = "seeAgain",
    Token = "token",
}

impl Key {
    /// The key that this string in `bytes` is, once unescaped.
    #[inline]
    pub(super) fn of(name: Value, bytes: &[u8]) -> Option<Key> {
        match name.form() {
            Form::Plain => Key::spelt(name, bytes),
            _ => Key::escaped(name.text(bytes)?),
        }
    }

    #[cold]
    fn escaped(name: Text<'_>) -> Option<Key> {
        Key::ALL.iter().copied().find(|key| name.is(key.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::scan;

    fn found(name: &str, behind: &str) -> Option<Key> {
        let body = format!("{{\"{name}\":0{behind}}}");
        let mut found = None;
        scan::object(body.as_bytes(), 1, |key, _| {
            found = Key::of(key, body.as_bytes());
        })
        .unwrap();
        found
    }

    #[test]
    fn every_key_is_found_by_its_spelling() {
        for &key in Key::ALL {
            let escape = |c: char| format!("\\u{:04x}", u32::from(c));
            for behind in ["", "            "] {
                assert_eq!(found(key.as_str(), behind), Some(key));
                let escaped: String = key.as_str().chars().map(escape).collect();
                assert_eq!(found(&escaped, behind), Some(key));
            }
        }
    }

    #[test]
    fn nothing_else_is_a_key() {
        let longer = Key::ALL.iter().map(|key| format!("{}x", key.as_str()));
        let shorter = Key::ALL.iter().map(|key| key.as_str()[1..].to_owned());
        let cut = Key::ALL.iter().flat_map(|key| {
            let name = key.as_str();
            (0..name.len()).map(|end| name[..end].to_owned())
        });
        let others = ["userid", "", "userId ", "findGendex", "endmessagE"].map(str::to_owned);
        for name in longer.chain(shorter).chain(cut).chain(others) {
            assert_eq!(found(&name, "            "), None, "{name}");
            assert_eq!(found(&name, ""), None, "{name}");
        }
    }
}
