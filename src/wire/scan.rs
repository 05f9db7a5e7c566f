//! A strict single-pass JSON validator that reports the members of the one
//! object it reads.
//!
//! Standard JSON and nothing else (RFC 8259), with two bounds of ours: the
//! value is an object, and it is nested no deeper than the caller says. There
//! is no tree, no number is evaluated, no string decoded, nothing written:
//! [`Text`] and [`Value`] point into the bytes. What the members mean is the
//! business of [`parse`](super::parse).

use super::sweep;
use super::text::Text;

/// Why the bytes are not one JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// Not UTF-8.
    Utf8,
    /// It does not begin as an object.
    NotObject,
    /// Nested deeper than allowed.
    Depth,
    /// Anything else that JSON does not allow.
    Syntax,
}

/// The value of a member, where it lies.
///
/// A struct rather than an enum of what it may be, and never the payload of a
/// `Result`: so it stays in registers on its way to whoever wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// As it was written; of a string what stands between the quotes.
    pub raw: &'a str,
    /// What it is.
    pub form: Form,
}

/// What a value is. A word wide: a byte and its padding, stored apart and
/// loaded as one, would stall each move of a [`Value`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Form {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string without escapes.
    Plain,
    /// A string with escapes.
    Escaped,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'a> Value<'a> {
    /// `null`
    pub const NULL: Value<'static> = Value {
        raw: "null",
        form: Form::Null,
    };

    /// The text, if it is a string.
    #[inline]
    #[must_use]
    pub fn text(self) -> Option<Text<'a>> {
        match self.form {
            Form::Plain => Some(Text::new(self.raw, false)),
            Form::Escaped => Some(Text::new(self.raw, true)),
            _ => None,
        }
    }
}

/// The deepest nesting that may be asked for.
pub const LEVELS_CEILING: u32 = u64::BITS;

/// Checks that `bytes` are one JSON object nested at most `levels` deep, itself
/// being the first, and tells `member` the key and the value of each of its
/// members in their order. A key is a string.
/// What was told counts only when the answer is `Ok`.
///
/// # Errors
/// The bytes are not such an object.
pub fn object<'a>(
    bytes: &'a [u8],
    levels: u32,
    mut member: impl FnMut(Value<'a>, Value<'a>),
) -> Result<(), Invalid> {
    debug_assert!((1..=LEVELS_CEILING).contains(&levels));
    let text = simdutf8::basic::from_utf8(bytes).map_err(|_| Invalid::Utf8)?;
    let mut scanner = Scanner { text, at: 0 };
    scanner.space();
    if !scanner.take(b'{') {
        return Err(Invalid::NotObject);
    }
    scanner.space();
    if !scanner.take(b'}') {
        loop {
            let start = scanner.at;
            let form = scanner.key()?;
            let key = scanner.since(start, form);
            scanner.colon()?;
            let start = scanner.at;
            let form = scanner.value(levels - 1)?;
            member(key, scanner.since(start, form));
            scanner.space();
            match scanner.advance() {
                b',' => scanner.space(),
                b'}' => break,
                _ => return Err(Invalid::Syntax),
            }
        }
    }
    scanner.space();
    match scanner.at == bytes.len() {
        true => Ok(()),
        false => Err(Invalid::Syntax),
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// The byte here. The end reads as NUL, which JSON allows nowhere.
    #[inline]
    fn here(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn advance(&mut self) -> u8 {
        let byte = self.here();
        self.at += usize::from(byte != 0);
        byte
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let is = self.here() == byte;
        self.at += usize::from(is);
        is
    }

    /// What stands from `start` to here. Strings lose their quotes; every other
    /// value begins and ends with ASCII too.
    #[inline]
    fn since(&self, start: usize, form: Form) -> Value<'a> {
        let raw = match form {
            Form::Plain | Form::Escaped => &self.text[start + 1..self.at - 1],
            _ => &self.text[start..self.at],
        };
        Value { raw, form }
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.here(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    #[inline]
    fn key(&mut self) -> Result<Form, Invalid> {
        match self.here() {
            b'"' => self.string(),
            _ => Err(Invalid::Syntax),
        }
    }

    /// What stands between a key and its value.
    #[inline]
    fn colon(&mut self) -> Result<(), Invalid> {
        self.space();
        if !self.take(b':') {
            return Err(Invalid::Syntax);
        }
        self.space();
        Ok(())
    }

    /// A value that may be `levels` deep.
    #[inline]
    fn value(&mut self, levels: u32) -> Result<Form, Invalid> {
        match self.here() {
            b'"' => self.string(),
            b'{' => self.nested(levels).map(|()| Form::Object),
            b'[' => self.nested(levels).map(|()| Form::Array),
            _ => self.bare(),
        }
    }

    /// A number or a word.
    fn bare(&mut self) -> Result<Form, Invalid> {
        match self.here() {
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Form::Bool),
            b'f' => self.word("false", Form::Bool),
            b'n' => self.word("null", Form::Null),
            _ => Err(Invalid::Syntax),
        }
    }

    /// An object or array with all that is in it. What is open stands in a
    /// bit set: input cannot make this recurse.
    fn nested(&mut self, levels: u32) -> Result<(), Invalid> {
        let mut open = Open::default();
        loop {
            // At a value.
            match self.here() {
                bracket @ (b'{' | b'[') => {
                    if open.depth == levels {
                        return Err(Invalid::Depth);
                    }
                    open.push(bracket == b'{');
                    self.at += 1;
                    self.space();
                    if self.here() != open.end() {
                        self.key_if(open.in_object())?;
                        continue;
                    }
                }
                b'"' => {
                    self.string()?;
                }
                _ => {
                    self.bare()?;
                }
            }
            // Behind a value, or at the end of an empty object or array.
            loop {
                self.space();
                if self.take(b',') {
                    self.space();
                    self.key_if(open.in_object())?;
                    break;
                }
                if !self.take(open.end()) {
                    return Err(Invalid::Syntax);
                }
                open.pop();
                if open.depth == 0 {
                    return Ok(());
                }
            }
        }
    }

    fn key_if(&mut self, in_object: bool) -> Result<(), Invalid> {
        if in_object {
            self.key()?;
            self.colon()?;
        }
        Ok(())
    }

    /// A string, with its quotes.
    #[inline]
    fn string(&mut self) -> Result<Form, Invalid> {
        self.at += 1;
        let mut form = Form::Plain;
        loop {
            self.at = sweep::plain_until(self.text.as_bytes(), self.at);
            match self.here() {
                b'"' => {
                    self.at += 1;
                    return Ok(form);
                }
                b'\\' => {
                    form = Form::Escaped;
                    self.escape()?;
                }
                _ => return Err(Invalid::Syntax),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Invalid> {
        self.at += 1;
        match self.advance() {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.four_digits()? {
                0xd800..0xdc00 => {
                    let paired = self.take(b'\\')
                        && self.take(b'u')
                        && (0xdc00..0xe000).contains(&self.four_digits()?);
                    paired.then_some(()).ok_or(Invalid::Syntax)
                }
                0xdc00..0xe000 => Err(Invalid::Syntax),
                _ => Ok(()),
            },
            _ => Err(Invalid::Syntax),
        }
    }

    fn four_digits(&mut self) -> Result<u32, Invalid> {
        let rest = self.text.as_bytes().get(self.at..);
        let digits = rest.and_then(<[u8]>::first_chunk::<4>);
        self.at += 4;
        digits
            .and_then(|digits| {
                digits.iter().try_fold(0, |value, &digit| {
                    Some(value << 4 | char::from(digit).to_digit(16)?)
                })
            })
            .ok_or(Invalid::Syntax)
    }

    fn number(&mut self) -> Result<Form, Invalid> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if matches!(self.here(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.here(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Form::Number)
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), Invalid> {
        let start = self.at;
        while self.here().is_ascii_digit() {
            self.at += 1;
        }
        match self.at > start {
            true => Ok(()),
            false => Err(Invalid::Syntax),
        }
    }

    fn word(&mut self, word: &str, form: Form) -> Result<Form, Invalid> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(Invalid::Syntax);
        }
        self.at += word.len();
        Ok(form)
    }
}

/// The objects and arrays around a value: a bit each, the innermost lowest.
#[derive(Default)]
struct Open {
    objects: u64,
    depth: u32,
}

impl Open {
    const fn push(&mut self, object: bool) {
        self.objects = self.objects << 1 | object as u64;
        self.depth += 1;
    }

    const fn pop(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    const fn end(&self) -> u8 {
        if self.in_object() { b'}' } else { b']' }
    }
}

#[cfg(test)]
mod tests;
