//! An archive that is being read. Nothing of it is believed: not its names, not
//! its order, not that it is whole.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use tar::{Archive, Entry};

use super::pack::Hashed;
use super::{PICTURES, STORE, SUMS};
use crate::picture::FileName;

/// A line of hashes is shorter.
const SUM_BYTES: u64 = 256;

/// Hashes by name.
type Sums = BTreeMap<String, String>;

/// Why an archive is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error("it holds {0:?}, which no backup does")]
    Stranger(String),
    #[error("it holds {0} twice")]
    Twice(String),
    #[error("it is cut short")]
    CutShort,
    #[error("{0} is not what was written")]
    Changed(String),
    #[error("it holds no store")]
    NoStore,
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Writes what the archive holds into `folder`, which is empty; all of it is on
/// disk and as it was packed when this returns.
pub(super) fn unpack(archive: File, folder: &Path) -> Result<(), Unfit> {
    let pictures = folder.join(PICTURES);
    DirBuilder::new().mode(0o700).create(&pictures)?;
    let mut archive = Archive::new(BufReader::new(archive));
    let mut found = Sums::new();
    let mut written = None;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = name_of(&entry)?;
        if written.is_some() {
            return Err(Unfit::Stranger(name));
        }
        if found.contains_key(&name) {
            return Err(Unfit::Twice(name));
        }
        if name == SUMS {
            written = Some(sums(&mut entry, found.len())?);
            continue;
        }
        let hash = write(&mut entry, &folder.join(&name))?;
        found.insert(name, hash);
    }
    compare(&found, &written.ok_or(Unfit::CutShort)?)?;
    if !found.contains_key(STORE) {
        return Err(Unfit::NoStore);
    }
    File::open(pictures)?.sync_all()?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// The entry's name, which is one that a backup gives.
fn name_of<R: Read>(entry: &Entry<'_, R>) -> Result<String, Unfit> {
    let name = entry.path_bytes();
    let name = String::from_utf8_lossy(&name).into_owned();
    let picture = name.strip_prefix(PICTURES);
    let picture = picture.and_then(|rest| rest.strip_prefix('/'));
    let known = name == STORE
        || name == SUMS
        || picture.is_some_and(|name| name.parse::<FileName>().is_ok());
    if known && entry.header().entry_type().is_file() {
        Ok(name)
    } else {
        Err(Unfit::Stranger(name))
    }
}

/// Writes a new file; gives its hash.
fn write<R: Read>(entry: &mut Entry<'_, R>, to: &Path) -> Result<String, Unfit> {
    let size = entry.size();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)?;
    let mut hashed = Hashed::new(entry);
    io::copy(&mut hashed, &mut file)?;
    if hashed.bytes != size {
        return Err(Unfit::CutShort);
    }
    file.sync_all()?;
    Ok(hashed.hex())
}

/// The hashes of so many entries.
fn sums<R: Read>(entry: &mut Entry<'_, R>, entries: usize) -> Result<Sums, Unfit> {
    let changed = || Unfit::Changed(SUMS.to_owned());
    if entry.size() > (entries as u64 + 1) * SUM_BYTES {
        return Err(changed());
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text)?;
    if text.len() as u64 != entry.size() {
        return Err(Unfit::CutShort);
    }
    let text = String::from_utf8(text).map_err(|_| changed())?;
    let line = |line: &str| {
        let (hash, name) = line.split_once("  ")?;
        Some((name.to_owned(), hash.to_owned()))
    };
    let sums: Option<Sums> = text.lines().map(line).collect();
    sums.ok_or_else(changed)
}

fn compare(found: &Sums, written: &Sums) -> Result<(), Unfit> {
    for (name, hash) in found {
        if written.get(name) != Some(hash) {
            return Err(Unfit::Changed(name.clone()));
        }
    }
    if found.len() < written.len() {
        return Err(Unfit::CutShort);
    }
    Ok(())
}
