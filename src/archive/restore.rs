//! From an archive to a data directory that nobody uses.
//!
//! Everything is unpacked beside and looked through before anything is
//! replaced. The store takes its place last: a directory without it is one that
//! a server has never used.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::unpack::{Unfit, unpack};
use super::{PICTURES, STORE, files_of, say, unusable};
use crate::exit::Failure;
use crate::store::sqlite;

/// Where it is unpacked. Whoever holds the directory's lock may take away what
/// another left there.
const STAGE: &str = ".restore";

/// Puts what `file` holds into `data`. Data that is there already is only moved
/// aside by `force`.
///
/// # Errors
///
/// What the system refuses, an archive that is not whole and ours, and a
/// directory in use.
pub fn restore(file: &Path, data: &Path, force: bool) -> Result<(), Failure> {
    let refused = |why: String| Failure::system(format!("{} {why}", file.display()));
    let archive = File::open(file).map_err(|error| refused(format!("cannot be read: {error}")))?;
    let _lock = sqlite::claim(data).map_err(Failure::system)?;
    let old = data_in(data);
    if !old.is_empty() && !force {
        return Err(Failure::system(format!(
            "{} holds data already: name another directory with --data, or move what is there aside with --force",
            data.display()
        )));
    }
    let stage = Stage::make(data).map_err(|error| not_written(data, &error))?;
    unpack(archive, &stage.0).map_err(|unfit| match unfit {
        Unfit::Io(error) => refused(format!("cannot be unpacked: {error}")),
        unfit => refused(format!("cannot be restored: {unfit}")),
    })?;
    let kept = examine(&stage.0).map_err(|why| refused(format!("cannot be restored: {why}")))?;
    let aside = put(&stage.0, data, &old).map_err(|error| not_written(data, &error))?;
    if let Some(aside) = aside {
        say(&format!("what was there is in {}", aside.display()))?;
    }
    say(&format!(
        "{}: {kept} pictures and the store",
        data.display()
    ))
}

/// Which of what a server keeps is there.
fn data_in(data: &Path) -> Vec<String> {
    let beside = ["-wal", "-shm", "-journal"].map(|end| format!("{STORE}{end}"));
    let mut names = vec![STORE.to_owned()];
    names.extend(beside);
    names.push(PICTURES.to_owned());
    names.retain(|name| fs::symlink_metadata(data.join(name)).is_ok());
    names
}

/// Looks the store through; how many pictures it names.
fn examine(stage: &Path) -> Result<usize, String> {
    let named = sqlite::examine(&stage.join(STORE)).map_err(unusable)?;
    let there: BTreeSet<_> = fs::read_dir(stage.join(PICTURES))
        .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect())
        .map_err(|error: io::Error| error.to_string())?;
    let files = named.iter().copied().flat_map(files_of);
    for name in files.filter(|name| !there.contains(name.as_ref() as &std::ffi::OsStr)) {
        tracing::warn!(name, "a picture had lost its file when the backup was made");
    }
    Ok(named.len())
}

/// Moves what is old aside and what is new into its place.
fn put(stage: &Path, data: &Path, old: &[String]) -> io::Result<Option<PathBuf>> {
    let aside = (!old.is_empty()).then(|| aside_in(data));
    if let Some(aside) = &aside {
        DirBuilder::new().mode(0o700).create(aside)?;
        for name in old {
            fs::rename(data.join(name), aside.join(name))?;
        }
        File::open(aside)?.sync_all()?;
    }
    for name in [PICTURES, STORE] {
        File::open(data)?.sync_all()?;
        fs::rename(stage.join(name), data.join(name))?;
    }
    File::open(data)?.sync_all()?;
    Ok(aside)
}

/// A folder of this name is not there yet.
fn aside_in(data: &Path) -> PathBuf {
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = |number: u32| match number {
        1 => data.join(format!("before-restore-{now}")),
        _ => data.join(format!("before-restore-{now}-{number}")),
    };
    (1..)
        .map(name)
        .find(|path| fs::symlink_metadata(path).is_err())
        .expect("numbers do not end")
}

fn not_written(data: &Path, error: &io::Error) -> Failure {
    Failure::system(format!("{} cannot be written to: {error}", data.display()))
}

/// A folder that goes away again, with whatever is left in it.
struct Stage(PathBuf);

impl Stage {
    fn make(data: &Path) -> io::Result<Stage> {
        let path = data.join(STAGE);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Stage(path))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The next restore tries again.
        let _ = fs::remove_dir_all(&self.0);
    }
}
