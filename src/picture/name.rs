//! The names of pictures: their ids, and the files that lie under them.

use std::fmt;
use std::str::FromStr;

/// A picture's number, never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PictureId(pub i64);

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Not a name of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoName;

impl FromStr for PictureId {
    type Err = NoName;

    /// As it is [written](fmt::Display), and in no other way.
    fn from_str(text: &str) -> Result<Self, NoName> {
        decimal(text).map(PictureId).ok_or(NoName)
    }
}

/// A number above 0 as it is written, and in no other way.
#[must_use]
pub fn decimal(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && !text.starts_with('0') {
        text.parse().ok()
    } else {
        None
    }
}

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ext {
    /// Without transparency.
    Jpeg,
    /// With transparency.
    Png,
}

impl Ext {
    /// As it ends a file's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Ext::Jpeg => "jpeg",
            Ext::Png => "png",
        }
    }
}

impl FromStr for Ext {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        [Ext::Jpeg, Ext::Png]
            .into_iter()
            .find(|ext| ext.as_str() == text)
            .ok_or(NoName)
    }
}

/// A file of a picture: `12.jpeg`, `12.png` or `12.thumb.jpeg`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileName {
    /// The picture itself.
    Picture(PictureId, Ext),
    /// The small one.
    Thumbnail(PictureId),
}

impl FileName {
    /// Whose file it is.
    #[must_use]
    pub fn picture(self) -> PictureId {
        match self {
            FileName::Picture(id, _) | FileName::Thumbnail(id) => id,
        }
    }

    /// What the file is.
    #[must_use]
    pub fn ext(self) -> Ext {
        match self {
            FileName::Picture(_, ext) => ext,
            FileName::Thumbnail(_) => Ext::Jpeg,
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileName::Picture(id, ext) => write!(f, "{id}.{}", ext.as_str()),
            FileName::Thumbnail(id) => write!(f, "{id}.thumb.jpeg"),
        }
    }
}

impl FromStr for FileName {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let (id, end) = text.split_once('.').ok_or(NoName)?;
        let id = id.parse()?;
        match end {
            "thumb.jpeg" => Ok(FileName::Thumbnail(id)),
            _ => end.parse().map(|ext| FileName::Picture(id, ext)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_names_of_ours_are_read() {
        let id = PictureId(12);
        for (text, name) in [
            ("12.jpeg", Ok(FileName::Picture(id, Ext::Jpeg))),
            ("12.png", Ok(FileName::Picture(id, Ext::Png))),
            ("12.thumb.jpeg", Ok(FileName::Thumbnail(id))),
            (
                "9223372036854775807.png",
                Ok(FileName::Picture(PictureId(i64::MAX), Ext::Png)),
            ),
            ("9223372036854775808.png", Err(NoName)),
            ("012.jpeg", Err(NoName)),
            ("0.jpeg", Err(NoName)),
            ("+12.jpeg", Err(NoName)),
            ("-12.jpeg", Err(NoName)),
            ("12.thumb.png", Err(NoName)),
            ("12.JPEG", Err(NoName)),
            ("12.gif", Err(NoName)),
            ("12.jpeg.tmp", Err(NoName)),
            ("12.", Err(NoName)),
            ("12", Err(NoName)),
            (".jpeg", Err(NoName)),
            ("../12.jpeg", Err(NoName)),
            ("1/2.jpeg", Err(NoName)),
            ("１２.jpeg", Err(NoName)),
            ("", Err(NoName)),
        ] {
            assert_eq!(text.parse(), name, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_name_has_one_spelling(text in "[0-9]{0,3}\\.?(thumb\\.)?(jpeg|png|x)?") {
            if let Ok(name) = text.parse::<FileName>() {
                prop_assert_eq!(name.to_string(), text);
            }
        }
    }
}
