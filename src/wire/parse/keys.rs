//! The keys that the messages know.

use crate::wire::scan::{Form, Value};

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

            fn spelt(name: &str) -> Option<Key> {
                match name { $($spelt => Some(Key::$key),)* _ => None }
            }
        }
    };
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
    /// The key that this string is, once unescaped.
    #[inline]
    pub(super) fn of(name: Value<'_>) -> Option<Key> {
        match name.form {
            Form::Plain => Key::spelt(name.raw),
            _ => Key::escaped(name),
        }
    }

    #[cold]
    fn escaped(name: Value<'_>) -> Option<Key> {
        let name = name.text()?;
        Key::ALL.iter().copied().find(|key| name.is(key.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_spelling() {
        for &key in Key::ALL {
            let plain = |raw| Value {
                raw,
                form: Form::Plain,
            };
            assert_eq!(Key::of(plain(key.as_str())), Some(key));
            let escaped: String = key
                .as_str()
                .chars()
                .map(|c| format!("\\u{:04x}", u32::from(c)))
                .collect();
            let escaped = Value {
                raw: &escaped,
                form: Form::Escaped,
            };
            assert_eq!(Key::of(escaped), Some(key));
        }
        for raw in ["userid", "", "userId "] {
            assert_eq!(
                Key::of(Value {
                    raw,
                    form: Form::Plain
                }),
                None
            );
        }
    }
}
