//! Copies of a store: made beside whoever uses it, and looked at before they
//! are used.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, ffi};

use super::{FILE_NAME, OpenError, header, migrations, read_only, statements};
use crate::picture::{Ext, PictureId};

/// How long a copy waits for somebody who has the file for himself, as a server
/// has that ends or starts.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Copies the store in `dir`, as it is at one moment, into the empty file `to`.
/// A server may go on writing.
///
/// # Errors
///
/// There is no store, or it cannot be read, or `to` not be written.
pub fn copy(dir: &Path, to: &Path) -> Result<(), OpenError> {
    let file = dir.join(FILE_NAME);
    if !file.exists() {
        return Err(OpenError::Missing {
            dir: dir.to_owned(),
        });
    }
    header::check(&file)?;
    copy_all(&file, to).map_err(|error| OpenError::of(&file, error))
}

/// The pictures that the rows of a copy name, if the file is whole, ours, and no
/// newer than we are.
///
/// # Errors
///
/// Why no server could use it.
pub fn examine(file: &Path) -> Result<Vec<(PictureId, Ext)>, OpenError> {
    header::check(file)?;
    let error = |error| OpenError::of(file, error);
    let connection = read_only(file).map_err(error)?;
    migrations::check(&connection, file)?;
    if statements::user_version(&connection).map_err(error)? == 0 {
        return Err(OpenError::Foreign {
            file: file.to_owned(),
            what: "it is empty",
        });
    }
    pictures(&connection).map_err(error)
}

/// Published or kept as evidence. A file from before there were such has no
/// tables for them.
fn pictures(connection: &Connection) -> rusqlite::Result<Vec<(PictureId, Ext)>> {
    let mut pictures = Vec::new();
    if statements::pictures::has_pictures(connection)? {
        pictures.extend(statements::pictures::all_pictures(connection)?);
    }
    if statements::reports::has_evidence(connection)? {
        pictures.extend(statements::reports::all_evidence(connection)?);
    }
    pictures.sort_unstable_by_key(|picture| picture.0);
    pictures.dedup();
    Ok(pictures)
}

fn copy_all(from: &Path, to: &Path) -> rusqlite::Result<()> {
    let from = read_only(from)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut to = Connection::open_with_flags(to, flags)?;
    let backup = Backup::new(&from, &mut to)?;
    let since = Instant::now();
    // All in one step: what is committed meanwhile does not make it start anew.
    loop {
        match backup.step(-1)? {
            StepResult::Done => break,
            _ if since.elapsed() > PATIENCE => {
                let busy = ffi::Error::new(ffi::SQLITE_BUSY);
                return Err(rusqlite::Error::SqliteFailure(busy, None));
            }
            _ => thread::sleep(PAUSE),
        }
    }
    drop(backup);
    // One file says it all.
    statements::leave_wal(&to)
}
