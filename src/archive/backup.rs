//! From a data directory, used or not, to an archive.
//!
//! A picture's files are there before its row and are taken away after it. So
//! the store is copied first, then the files that its rows name; when one has
//! gone meanwhile, the store is copied once more, and only what is new is added.
//! Pictures whose rows have gone since do no harm: without a row they count for
//! nothing.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::pack::Pack;
use super::{PICTURES, STORE, files_of, say, unusable};
use crate::exit::Failure;
use crate::limits::BACKUP_ROUNDS;
use crate::store::sqlite;

/// Writes all of `data` to `file`, whole or not at all. A file that exists is
/// only replaced by `force`.
///
/// # Errors
///
/// What the system refuses, and a store that is damaged or not ours.
pub fn backup(data: &Path, file: &Path, force: bool) -> Result<(), Failure> {
    if !force && fs::symlink_metadata(file).is_ok() {
        return Err(exists(file));
    }
    let failed = |error: io::Error| {
        Failure::system(format!("{} cannot be written: {error}", file.display()))
    };
    let folder = folder_of(file);
    let written = temporary(&folder).map_err(failed)?;
    let mut pack = Pack::new(written.reopen().map_err(failed)?);
    let kept = gather(data, &folder, &mut pack)?;
    pack.finish().map_err(failed)?;
    let renamed = if force {
        written.persist(file)
    } else {
        written.persist_noclobber(file)
    };
    match renamed {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(exists(file));
        }
        Err(error) => return Err(failed(error.error)),
    }
    File::open(&folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)?;
    say(&format!(
        "{}: {kept} pictures and the store",
        file.display()
    ))
}

/// Adds the pictures, then the store that names them; how many pictures that
/// are.
fn gather(data: &Path, folder: &Path, pack: &mut Pack) -> Result<usize, Failure> {
    let mut added = BTreeSet::new();
    let mut gone_before = BTreeSet::new();
    for _ in 0..BACKUP_ROUNDS {
        let copy = temporary(folder).map_err(Failure::system)?;
        sqlite::copy(data, copy.path()).map_err(Failure::system)?;
        let named = sqlite::examine(copy.path()).map_err(|error| {
            let why = unusable(error);
            Failure::system(format!("{} cannot be backed up: {why}", data.display()))
        })?;
        let mut gone = BTreeSet::new();
        for name in named.iter().copied().flat_map(files_of) {
            if added.contains(&name) {
                continue;
            }
            if add_picture(data, &name, pack)? {
                added.insert(name);
            } else {
                gone.insert(name);
            }
        }
        // What had gone before the rows were looked at should have none.
        if gone.is_subset(&gone_before) {
            for name in &gone {
                tracing::warn!(name, "a picture has lost its file");
            }
            add(pack, STORE, copy.as_file())?;
            return Ok(named.len());
        }
        gone_before = gone;
    }
    Err(Failure::system(
        "pictures come and go faster than they can be copied; try again later",
    ))
}

/// `false`: there is no such file (any more).
fn add_picture(data: &Path, name: &str, pack: &mut Pack) -> Result<bool, Failure> {
    let path = data.join(PICTURES).join(name);
    match File::open(&path) {
        Ok(file) => add(pack, &format!("{PICTURES}/{name}"), &file).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::system(format!(
            "{} cannot be read: {error}",
            path.display()
        ))),
    }
}

fn add(pack: &mut Pack, name: &str, file: &File) -> Result<(), Failure> {
    pack.add(name, file)
        .map_err(|error| Failure::system(format!("the backup cannot be written: {error}")))
}

fn exists(file: &Path) -> Failure {
    Failure::system(format!(
        "{} exists: name another file, or replace it with --force",
        file.display()
    ))
}

/// Where the file is to lie.
fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A file that only this user can read, and that goes away if it is not renamed.
fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    Builder::new()
        .prefix(".pairline-backup-")
        .tempfile_in(folder)
}
