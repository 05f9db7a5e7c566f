//! A look at the file's first bytes before SQLite sees it: SQLite takes a file
//! shorter than a page for an empty one, and would write over it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::OpenError;

const MAGIC: &[u8] = b"SQLite format 3\0";
/// A header, by the file format.
const HEADER_BYTES: usize = 100;

/// Is the file missing, empty, or a SQLite file as far as one can see?
pub(super) fn check(path: &Path) -> Result<(), OpenError> {
    let start = match first_bytes(path) {
        Ok(start) => start,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            let dir = path.parent().unwrap_or(path);
            let source = io::Error::new(error.kind(), format!("{}: {error}", path.display()));
            return Err(OpenError::not_writable(dir, source));
        }
    };
    let file = || path.to_owned();
    if start.is_empty() {
        Ok(())
    } else if !start.starts_with(MAGIC) {
        Err(OpenError::Foreign {
            file: file(),
            what: "it is no SQLite file",
        })
    } else if start.len() < HEADER_BYTES {
        Err(OpenError::Corrupt {
            file: file(),
            what: "it is cut short".to_owned(),
        })
    } else {
        Ok(())
    }
}

fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::with_capacity(HEADER_BYTES);
    File::open(path)?
        .take(HEADER_BYTES as u64)
        .read_to_end(&mut start)?;
    Ok(start)
}
