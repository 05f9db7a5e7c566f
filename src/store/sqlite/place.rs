//! Is the file still where the next start looks for it? An open file takes
//! writes long after its name has gone, and all of them would be lost.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// A name, and which file had it.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    file: (u64, u64),
}

impl Place {
    pub(super) fn of(path: &Path) -> io::Result<Place> {
        Ok(Place {
            path: path.to_owned(),
            file: file_at(path)?,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A file that was moved may come back.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let why = match file_at(&self.path) {
            Ok(file) if file == self.file => return Ok(()),
            Ok(_) => "another file has its name".to_owned(),
            Err(error) => error.to_string(),
        };
        let path = self.path.display();
        let what = format!(
            "{path} is no longer the open file ({why}): put it back, or restart on what is there now"
        );
        Err(StoreError::Unavailable(what.into()))
    }
}

fn file_at(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}
