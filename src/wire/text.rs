//! A text inside a JSON body, left where it lies.

use std::borrow::Cow;
use std::ops::Range;
use std::str::Chars;

/// The characters of a JSON string, escapes still in place, or the digits of
/// an integer that stands for a string. UTF-8 by construction: only
/// [`scan`](super::scan) makes one out of bytes, which it has checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text<'a> {
    raw: &'a [u8],
    escaped: bool,
}

impl<'a> Text<'a> {
    /// A text without escapes.
    #[must_use]
    pub const fn plain(raw: &'a str) -> Self {
        Text::new(raw.as_bytes(), false)
    }

    /// What stood between the quotes; `escaped` if there is a backslash in it.
    pub(super) const fn new(raw: &'a [u8], escaped: bool) -> Self {
        Text { raw, escaped }
    }

    /// The text where it lies, if there are no escapes.
    #[must_use]
    pub fn as_plain(&self) -> Option<&'a str> {
        (!self.escaped).then(|| self.raw())
    }

    /// Appends the decoded text.
    pub fn push_to(&self, out: &mut String) {
        for piece in self.pieces() {
            match piece {
                Piece::Run(run) => out.push_str(run),
                Piece::Escape(character) => out.push(character),
            }
        }
    }

    /// The decoded text; allocates only if there are escapes.
    #[must_use]
    pub fn decoded(&self) -> Cow<'a, str> {
        if let Some(plain) = self.as_plain() {
            return Cow::Borrowed(plain);
        }
        let mut text = String::with_capacity(self.raw.len());
        self.push_to(&mut text);
        Cow::Owned(text)
    }

    /// The decoded characters.
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'a> {
        self.pieces().flat_map(|piece| match piece {
            Piece::Run(run) => run.chars().chain(None),
            Piece::Escape(character) => "".chars().chain(Some(character)),
        })
    }

    /// The length of the decoded text in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.escaped {
            false => self.raw.len(),
            true => self.pieces().map(Piece::len).sum(),
        }
    }

    /// Is there no character?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Is the decoded text this one? Never allocates.
    #[inline]
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        match self.escaped {
            false => same(self.raw, other.as_bytes()),
            true => self.chars().eq(other.chars()),
        }
    }

    /// Where it lies in the bytes that it was read from.
    pub(super) fn place_in(&self, bytes: &[u8]) -> Option<Range<usize>> {
        let start = self.raw.as_ptr().addr();
        let start = start.checked_sub(bytes.as_ptr().addr())?;
        let place = start..start + self.raw.len();
        (bytes.get(place.clone())? == self.raw).then_some(place)
    }

    /// Looked at once more rather than trusted; only what is kept or compared
    /// the long way is asked for it.
    fn raw(&self) -> &'a str {
        std::str::from_utf8(self.raw).unwrap_or_default()
    }

    fn pieces(&self) -> Pieces<'a> {
        Pieces {
            rest: self.raw(),
            escaped: self.escaped,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        match other.as_plain() {
            Some(plain) => self.is(plain),
            None => self.chars().eq(other.chars()),
        }
    }
}

impl Eq for Text<'_> {}

/// Are these the same? Most ids have eight to sixteen bytes, for which two
/// loads of eight are cheaper than a call.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ends = |bytes: &[u8]| Some((*bytes.first_chunk::<8>()?, *bytes.last_chunk::<8>()?));
    match a.len() {
        8..=16 => ends(a) == ends(b),
        _ => a == b,
    }
}

/// What stands for itself, or one escape.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Run(&'a str),
    Escape(char),
}

impl Piece<'_> {
    const fn len(self) -> usize {
        match self {
            Piece::Run(run) => run.len(),
            Piece::Escape(character) => character.len_utf8(),
        }
    }
}

struct Pieces<'a> {
    rest: &'a str,
    escaped: bool,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let run = match self.escaped {
            true => memchr::memchr(b'\\', self.rest.as_bytes()).unwrap_or(self.rest.len()),
            false => self.rest.len(),
        };
        if run > 0 {
            let (run, rest) = self.rest.split_at(run);
            self.rest = rest;
            return Some(Piece::Run(run));
        }
        let mut chars = self.rest.chars();
        let character = escape(&mut chars);
        self.rest = chars.as_str();
        Some(Piece::Escape(character))
    }
}

/// Reads one escape, its backslash first. The scanner let only whole ones
/// through; anything else would read as U+FFFD.
fn escape(chars: &mut Chars<'_>) -> char {
    chars.next();
    let decoded = match chars.next() {
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some('n') => Some('\n'),
        Some('r') => Some('\r'),
        Some('t') => Some('\t'),
        Some('u') => unicode(chars),
        itself => itself,
    };
    decoded.unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The four digits behind `\u` and, if they are half of a pair, the other half.
fn unicode(chars: &mut Chars<'_>) -> Option<char> {
    let first = four_digits(chars)?;
    if !(0xd800..0xdc00).contains(&first) {
        return char::from_u32(first);
    }
    chars.next();
    chars.next();
    let second = four_digits(chars)?;
    char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second.checked_sub(0xdc00)?))
}

fn four_digits(chars: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |value, _| Some(value * 16 + chars.next()?.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(raw: &str) -> Text<'_> {
        Text::new(raw.as_bytes(), true)
    }

    fn check(raw: &str, decoded: &str) {
        let text = Text::new(raw.as_bytes(), raw.contains('\\'));
        assert_eq!(text.decoded(), decoded, "{raw}");
        assert_eq!(text.len(), decoded.len(), "{raw}");
        assert_eq!(text.is_empty(), decoded.is_empty(), "{raw}");
        assert_eq!(text.chars().collect::<String>(), decoded, "{raw}");
        assert_eq!(text, Text::plain(decoded), "{raw}");
        assert_eq!(Text::plain(decoded), text, "{raw}");
        assert!(text.is(decoded), "{raw}");
        assert!(!text.is(&format!("{decoded}x")), "{raw}");
        let mut out = String::from("<");
        text.push_to(&mut out);
        assert_eq!(out, format!("<{decoded}"), "{raw}");
    }

    #[test]
    fn escapes_are_decoded() {
        check("", "");
        check("penny", "penny");
        check("a\\nb", "a\nb");
        check("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\u{8}\u{c}\n\r\t");
        check("\\u0041\\u00e9\\u4f60", "Aé你");
        check("\\ud83d\\ude00\\uD83D\\uDE00", "😀😀");
        check("\\u0000", "\0");
        check("你\\u597d吗", "你好吗");
        check("\\ud800\\udc00\\udbff\\udfff", "\u{10000}\u{10ffff}");
    }

    #[test]
    fn what_only_looks_alike_differs() {
        assert!(!Text::plain("a\\n").is("a\n"));
        assert!(!escaped("\\u0041").is("\\u0041"));
        assert_ne!(escaped("\\u0041"), Text::plain("B"));
        assert_ne!(escaped("\\u0041b"), escaped("\\u0041"));
        assert!(!Text::plain("penny").is("penny1"));
    }

    #[test]
    fn texts_of_every_length_differ_by_any_byte() {
        for length in 0..40 {
            let text = "x".repeat(length);
            assert!(Text::plain(&text).is(&text));
            assert!(!Text::plain(&text).is(&format!("{text}x")));
            for place in 0..length {
                let mut other = text.clone();
                other.replace_range(place..=place, "y");
                assert!(!Text::plain(&text).is(&other), "{other}");
            }
        }
    }

    #[test]
    fn without_escapes_it_is_borrowed() {
        assert!(matches!(Text::plain("x").decoded(), Cow::Borrowed("x")));
        assert_eq!(Text::plain("x").as_plain(), Some("x"));
        assert_eq!(escaped("\\n").as_plain(), None);
    }

    proptest! {
        #[test]
        fn decodes_what_serde_json_wrote(text in ".*") {
            let written = serde_json::to_string(&text).unwrap();
            check(&written[1..written.len() - 1], &text);
        }

        /// Built outside the scanner it may hold nonsense; it must not panic.
        #[test]
        fn never_panics(raw in "[\\\\u0-9a-fx]{0,24}") {
            let text = escaped(&raw);
            prop_assert_eq!(text.decoded().len(), text.len());
        }
    }
}
