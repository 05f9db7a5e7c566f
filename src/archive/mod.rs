//! All that a server keeps in one file, and back.
//!
//! The file is a plain tar, which other tools can read too: the pictures under
//! `pictures/`, then the store, then `SHA256SUMS` over both. Its names are fixed
//! and what has another is refused, so no archive reaches outside of the data
//! directory.
//!
//! Deliberately absent: what the store's rows mean, and compression. Pictures
//! are compressed already, and whoever wants less sends the file through zstd.

mod backup;
mod pack;
mod restore;
mod unpack;

pub use backup::backup;
pub use restore::restore;

use std::io::{self, Write as _};

use crate::exit::Failure;
use crate::picture::{self, Ext, FileName, PictureId};
use crate::store::sqlite::{self, OpenError};

/// The folder of pictures, in the data directory as in the archive.
const PICTURES: &str = picture::FOLDER;
/// The store, in the data directory as in the archive.
const STORE: &str = sqlite::FILE_NAME;
/// The last entry of an archive.
const SUMS: &str = "SHA256SUMS";

/// The files of a picture.
fn files_of((id, ext): (PictureId, Ext)) -> [String; 2] {
    [FileName::Picture(id, ext), FileName::Thumbnail(id)].map(|name| name.to_string())
}

/// Why no server could use a copy of the store.
fn unusable(error: OpenError) -> String {
    match error {
        OpenError::Corrupt { what, .. } => format!("its store is damaged ({what})"),
        OpenError::Foreign { what, .. } => format!("its store is none of a pairline ({what})"),
        OpenError::TooNew { found, known, .. } => format!(
            "a newer pairline made it (its schema is {found}, this one knows {known}): use that one"
        ),
        other => other.to_string(),
    }
}

/// One line on standard output; a reader that has seen enough is no failure.
fn say(line: &str) -> Result<(), Failure> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::system(format!(
            "standard output cannot be written: {error}"
        ))),
        _ => Ok(()),
    }
}
