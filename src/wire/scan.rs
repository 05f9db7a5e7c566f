//! A strict single-pass JSON validator that reports the members of the one
//! object it reads.
//!
//! Standard JSON and nothing else (RFC 8259), with two bounds of ours: the
//! value is an object, and it is nested no deeper than the caller says. There
//! is no tree, no number is evaluated, no string decoded, nothing written:
//! [`Text`] and [`Value`] point into the bytes. What the members mean is the
//! business of [`parse`](super::parse).

use super::sweep::Sweep;
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

/// Where a value lies in the bytes that were read, and what it is.
///
/// One word: it is stored and loaded as a whole. A pointer and a length, stored
/// apart and soon loaded as one, would stall the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value(u64);

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Value {
    /// A `null` that lies nowhere.
    pub const NULL: Value = Value::new(0, 0, Form::Null);

    const LEN_BITS: u32 = 28;
    const FORM_BITS: u32 = 3;

    const fn new(start: usize, len: usize, form: Form) -> Value {
        let place = (start as u64) << Self::LEN_BITS | len as u64;
        Value(place << Self::FORM_BITS | form as u64)
    }

    /// What it is.
    #[inline]
    #[must_use]
    pub const fn form(self) -> Form {
        const FORMS: [Form; 8] = [
            Form::Null,
            Form::Bool,
            Form::Number,
            Form::Plain,
            Form::Escaped,
            Form::Array,
            Form::Object,
            Form::Null,
        ];
        FORMS[(self.0 & 7) as usize]
    }

    /// Where [`raw`](Self::raw) begins.
    #[inline]
    #[must_use]
    pub const fn start(self) -> usize {
        (self.0 >> (Self::LEN_BITS + Self::FORM_BITS)) as usize
    }

    /// The length of what [`raw`](Self::raw) gives.
    #[inline]
    #[must_use]
    pub const fn raw_len(self) -> usize {
        (self.0 >> Self::FORM_BITS) as usize % MOST_BYTES
    }

    /// As it was written in `bytes`, which it was read from; of a string what
    /// stands between the quotes.
    #[inline]
    #[must_use]
    pub fn raw(self, bytes: &[u8]) -> &[u8] {
        let start = self.start();
        bytes.get(start..start + self.raw_len()).unwrap_or_default()
    }

    /// The text, if it is a string, in `bytes`, which it was read from.
    #[inline]
    #[must_use]
    pub fn text(self, bytes: &[u8]) -> Option<Text<'_>> {
        match self.form() {
            Form::Plain => Some(Text::new(self.raw(bytes), false)),
            Form::Escaped => Some(Text::new(self.raw(bytes), true)),
            _ => None,
        }
    }
}

/// The deepest nesting that may be asked for.
pub const LEVELS_CEILING: u32 = u64::BITS;

/// Fewer bytes than this can be read.
pub const MOST_BYTES: usize = 1 << Value::LEN_BITS;

/// Checks that `bytes` are one JSON object nested at most `levels` deep, itself
/// being the first, and tells `member` the key and the value of each of its
/// members in their order. A key is a string.
/// What was told counts only when the answer is `Ok`.
///
/// # Errors
/// The bytes are not such an object.
///
/// # Panics
/// With [`MOST_BYTES`] or more.
pub fn object(bytes: &[u8], levels: u32, member: impl FnMut(Value, Value)) -> Result<(), Invalid> {
    debug_assert!((1..=LEVELS_CEILING).contains(&levels));
    assert!(bytes.len() < MOST_BYTES, "a line is shorter");
    let mut scanner = Scanner {
        bytes,
        sweep: Sweep::new(bytes),
        at: 0,
    };
    let scanned = scanner.object(levels, member);
    // What is not ASCII stands in a string, or JSON does not allow it.
    if (scanned.is_err() || !scanner.sweep.is_ascii()) && simdutf8::basic::from_utf8(bytes).is_err()
    {
        return Err(Invalid::Utf8);
    }
    scanned
}

/// Does an object have more members?
#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    Yes,
    No,
    Unknown,
}

struct Scanner<'a> {
    bytes: &'a [u8],
    sweep: Sweep<'a>,
    at: usize,
}

impl Scanner<'_> {
    #[inline(always)]
    fn object(&mut self, levels: u32, mut member: impl FnMut(Value, Value)) -> Result<(), Invalid> {
        self.space();
        if !self.take(b'{') {
            return Err(Invalid::NotObject);
        }
        let mut more = self.plain_members(&mut member);
        if more == More::Unknown {
            self.space();
            more = match self.take(b'}') {
                true => More::No,
                false => More::Yes,
            };
        }
        while more == More::Yes {
            let start = self.at;
            let form = self.key()?;
            let key = self.since(start, form);
            self.colon()?;
            let start = self.at;
            let form = self.value(levels - 1)?;
            member(key, self.since(start, form));
            self.space();
            match self.advance() {
                b',' => self.space(),
                b'}' => more = More::No,
                _ => return Err(Invalid::Syntax),
            }
        }
        self.space();
        match self.at == self.bytes.len() {
            true => Ok(()),
            false => Err(Invalid::Syntax),
        }
    }

    /// Reads members as nearly all are written, strings without escapes and
    /// without space around them, from the place behind the opening brace on;
    /// stops at the first one that is not.
    #[inline(always)]
    fn plain_members(&mut self, member: &mut impl FnMut(Value, Value)) -> More {
        let (bytes, mut sweep) = (self.bytes, self.sweep);
        let is = |at: usize, what: &[u8; 2]| bytes.get(at..at + 2) == Some(what);
        let mut more = More::Unknown;
        if bytes.get(self.at) == Some(&b'"') {
            more = More::Yes;
            loop {
                let key = self.at + 1;
                let key_end = sweep.plain_until(key);
                if bytes.get(key_end) != Some(&b'"') || !is(key_end + 1, b":\"") {
                    break;
                }
                let value = key_end + 3;
                let value_end = sweep.plain_until(value);
                if bytes.get(value_end) != Some(&b'"') {
                    break;
                }
                let last = match is(value_end + 1, b",\"") {
                    true => false,
                    false if bytes.get(value_end + 1) == Some(&b'}') => true,
                    false => break,
                };
                self.at = value_end + 2;
                let form = Form::Plain;
                member(
                    Value::new(key, key_end - key, form),
                    Value::new(value, value_end - value, form),
                );
                if last {
                    more = More::No;
                    break;
                }
            }
        }
        self.sweep = sweep;
        more
    }

    /// The byte here. The end reads as NUL, which JSON allows nowhere.
    #[inline]
    fn here(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
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

    /// What stands from `start` to here. Strings lose their quotes.
    #[inline]
    fn since(&self, start: usize, form: Form) -> Value {
        let quote = usize::from(matches!(form, Form::Plain | Form::Escaped));
        Value::new(start + quote, self.at - start - 2 * quote, form)
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
            self.at = self.sweep.plain_until(self.at);
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
        let rest = self.bytes.get(self.at..);
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
        let rest = self.bytes.get(self.at..).unwrap_or_default();
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
