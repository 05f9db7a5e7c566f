//! What the value of a key may be: one small type for each kind of value.
//!
//! Every value passes through its text, whatever source it came from, so there
//! is one way to read each kind. What a TOML value must look like to have such
//! a text is its [`Shape`].

pub(super) mod list;
pub(super) mod number;
pub(super) mod text;

/// How a value is written in the TOML file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A string that is never repeated.
    Secret,
    /// An integer, or a string with a unit.
    Number,
    /// `true` or `false`.
    Flag,
    /// An array of strings, or one string with commas.
    List,
    /// A table of strings, or one string with `=` and commas.
    Map,
}

/// Reads and shows the values of a key.
pub(super) trait Kind {
    /// What it makes of the text.
    type Value;
    /// How it is written in the file.
    const SHAPE: Shape;
    /// `None` when it is not one of those that [`Kind::may_be`] names.
    fn read(&self, text: &str) -> Option<Self::Value>;
    /// As [`Kind::read`] takes it, but for secrets.
    fn show(&self, value: &Self::Value) -> String;
    /// Completes "it may be …".
    fn may_be(&self) -> String;
}

/// `true` or `false`.
pub(super) struct Flag;

impl Kind for Flag {
    type Value = bool;
    const SHAPE: Shape = Shape::Flag;

    fn read(&self, text: &str) -> Option<bool> {
        text.parse().ok()
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }

    fn may_be(&self) -> String {
        "true or false".into()
    }
}
