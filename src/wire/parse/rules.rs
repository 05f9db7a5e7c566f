//! What may stand under a key.

use super::number;
use crate::limits::USER_ID_BYTES;
use crate::wire::message::Gender;
use crate::wire::scan::{Form, Value};
use crate::wire::text::Text;

/// A rule for a value. Lengths are bytes of the decoded text.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// A user's id: a string or an integer, neither empty nor too long.
    Id,
    /// A string or an integer, at most this long.
    Short(usize),
    /// A string of any length.
    AnyText,
    /// A string, at most this long.
    Secret(usize),
    /// `"M"` or `"F"`.
    Letter,
    /// A whole number; less than 1 is 1.
    Count,
    /// 0 or 1.
    Flag,
}

impl Rule {
    /// The lengths at which a string without escapes passes for sure.
    pub(super) const fn plain_bytes(self) -> (usize, usize) {
        match self {
            Self::Id => (1, USER_ID_BYTES),
            Self::Short(bytes) | Self::Secret(bytes) => (0, bytes),
            Self::AnyText => (0, usize::MAX),
            Self::Letter | Self::Count | Self::Flag => (1, 0),
        }
    }

    /// What is wrong with the value, if anything is.
    pub(super) fn objection(self, value: Taken<'_>) -> Option<&'static str> {
        match self {
            Self::Id => match value.given() {
                Some(text) if text.is_empty() => Some("empty"),
                text => unless_within(text, USER_ID_BYTES),
            },
            Self::Short(bytes) => unless_within(value.given(), bytes),
            Self::Secret(bytes) => match value.string() {
                Some(text) => unless_within(Some(text), bytes),
                None => Some(NO_STRING),
            },
            Self::AnyText => value.string().is_none().then_some(NO_STRING),
            Self::Letter => {
                let fits = |text: Text<'_>| text.is("M") || text.is("F");
                (!value.string().is_some_and(fits)).then_some("neither \"M\" nor \"F\"")
            }
            Self::Count => value.whole().is_none().then_some("not a whole number"),
            Self::Flag => (!matches!(value.whole(), Some(0 | 1))).then_some("neither 0 nor 1"),
        }
    }
}

/// What a message says under one of its keys. `null` is as if missing.
#[derive(Clone, Copy)]
pub(super) struct Taken<'a> {
    pub(super) value: Value,
    /// Where it lies.
    pub(super) body: &'a [u8],
}

impl<'a> Taken<'a> {
    #[inline]
    pub(super) fn is_missing(self) -> bool {
        self.value.form() == Form::Null
    }

    /// Empty when missing.
    #[inline]
    pub(super) fn text(self) -> Text<'a> {
        self.given().unwrap_or_default()
    }

    /// The text that it is or, of an integer, stands for.
    #[inline]
    pub(super) fn given(self) -> Option<Text<'a>> {
        match self.value.form() {
            Form::Number => self.integer(),
            _ => self.string(),
        }
    }

    #[cold]
    fn integer(self) -> Option<Text<'a>> {
        number::digits(self.raw()).map(Text::plain)
    }

    #[inline]
    fn string(self) -> Option<Text<'a>> {
        self.value.text(self.body)
    }

    /// Of a number, which is ASCII.
    fn raw(self) -> &'a str {
        std::str::from_utf8(self.value.raw(self.body)).unwrap_or_default()
    }

    fn whole(self) -> Option<i64> {
        match self.value.form() {
            Form::Number => number::whole(self.raw()),
            _ => self.string().and_then(number::decimal),
        }
    }

    /// Female unless it is male: the rule let nothing else through.
    pub(super) fn letter(self) -> Gender {
        match self.text().is(Gender::Male.as_str()) {
            true => Gender::Male,
            false => Gender::Female,
        }
    }

    /// Cut to what fits; less than 1 is 1, and so is missing.
    pub(super) fn count(self) -> u32 {
        let count = self.whole().unwrap_or(1).max(1);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Is it 1? Not when missing.
    pub(super) fn flag(self) -> bool {
        self.whole() == Some(1)
    }
}

const NO_STRING: &str = "not a string";

#[inline]
fn unless_within(text: Option<Text<'_>>, bytes: usize) -> Option<&'static str> {
    match text {
        Some(text) if text.len() <= bytes => None,
        Some(_) => Some("too long"),
        None => Some("neither a string nor an integer of 64 bits"),
    }
}
