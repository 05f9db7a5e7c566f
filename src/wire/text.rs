//! A text inside a JSON body, left where it lies.

/// The characters of a JSON string, escapes still in place, or the digits of
/// an integer that stands for a string. Valid by construction: only
/// [`scan`](super::scan) makes one out of bytes that it has checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.decoded() == other.decoded()
    }
}

impl<'a> Text<'a> {
    /// A text without escapes.
    #[must_use]
    pub const fn plain(raw: &'a str) -> Self {
        Text {
            raw,
            escaped: false,
        }
    }

    /// Appends the decoded text.
    pub fn push_to(&self, out: &mut String) {
        let _ = out;
        let _ = self.escaped;
        todo!()
    }

    /// The decoded text; allocates only if there are escapes.
    #[must_use]
    pub fn decoded(&self) -> std::borrow::Cow<'a, str> {
        std::borrow::Cow::Borrowed(self.raw)
    }

    /// The length of the decoded text in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Is there no character?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Is the decoded text this one? Never allocates.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        self.raw == other
    }
}
