//! Where the files lie, by picture id, and what keeps them and their rows
//! together.
//!
//! A picture is put here first: each file under a temporary name, synced,
//! renamed, then the folder synced. Only then may its row be written. Whatever
//! fails in between leaves files without a row, which are not served, and which
//! [`Shelf::sweep`] takes away. An id is taken from a counter and never again:
//! a handset keeps what it once fetched under that name.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Ext, FileName, PictureId, Remade};

/// The folder in the data directory.
pub const FOLDER: &str = "pictures";
/// How the names of files end that are not whole yet.
const UNFINISHED: &str = ".part";
/// Ids in one question of a sweep, at most.
const ASKED_AT_ONCE: usize = 500;

/// The folder of pictures.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    next: AtomicI64,
    /// Their rows may come yet: a sweep passes them by.
    unsettled: Mutex<BTreeSet<PictureId>>,
}

/// A picture whose files are on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// Its new id.
    pub id: PictureId,
    /// What it is.
    pub ext: Ext,
}

impl Shelf {
    /// Opens the shelf in the data directory. `last` is the highest id that any
    /// row ever had.
    ///
    /// # Errors
    ///
    /// The system's, when the folder cannot be made.
    pub fn open(data: &Path, last: PictureId) -> io::Result<Shelf> {
        let folder = data.join(FOLDER);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)?;
        File::open(data)?.sync_all()?;
        Ok(Shelf {
            folder,
            next: AtomicI64::new(last.0 + 1),
            unsettled: Mutex::default(),
        })
    }

    /// Writes the files of a picture under a new id. Its row is to follow, and
    /// then [`settle`](Shelf::settle).
    ///
    /// # Errors
    ///
    /// The system's; then there is no such picture.
    pub fn put(&self, picture: &Remade) -> io::Result<Shelved> {
        let id = PictureId(self.next.fetch_add(1, Ordering::Relaxed));
        let ext = picture.ext;
        self.unsettled().insert(id);
        let written = self.write_all(id, picture);
        if let Err(error) = written {
            self.remove(id);
            self.settle(id);
            return Err(error);
        }
        Ok(Shelved { id, ext })
    }

    /// Its row is written, or never will be. When that is not sure either, a
    /// sweep finds out.
    pub fn settle(&self, id: PictureId) {
        self.unsettled().remove(&id);
    }

    /// Takes the files of a picture away, as far as there are any. What cannot
    /// be taken away now is left to the sweep.
    pub fn remove(&self, id: PictureId) {
        for name in names(id) {
            for path in [self.path(name), self.unfinished(name)] {
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        tracing::warn!(%error, %name, "cannot take a picture's file away");
                    }
                    _ => {}
                }
            }
        }
    }

    /// Where a file lies, if there is one.
    #[must_use]
    pub fn path(&self, name: FileName) -> PathBuf {
        self.folder.join(name.to_string())
    }

    /// Takes away what has no row: `with_rows` says which of the ids it is
    /// given have one. Says how many ids were swept.
    ///
    /// # Errors
    ///
    /// The system's when the folder cannot be read, and whatever `with_rows`
    /// fails with.
    pub fn sweep<E: From<io::Error>>(
        &self,
        mut with_rows: impl FnMut(&[PictureId]) -> Result<Vec<PictureId>, E>,
    ) -> Result<usize, E> {
        let found = self.strays()?;
        let mut swept = 0;
        for ids in found.chunks(ASKED_AT_ONCE) {
            let kept: BTreeSet<_> = with_rows(ids)?.into_iter().collect();
            for &id in ids.iter().filter(|id| !kept.contains(id)) {
                self.remove(id);
                swept += 1;
            }
        }
        Ok(swept)
    }

    /// The ids of all files, but for those whose rows are on their way. What is
    /// settled by now is either in the store or nowhere.
    fn strays(&self) -> io::Result<Vec<PictureId>> {
        let mut ids = BTreeSet::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let whole = name.strip_suffix(UNFINISHED).unwrap_or(&name);
            if let Ok(name) = whole.parse::<FileName>() {
                ids.insert(name.picture());
            }
        }
        let unsettled = self.unsettled();
        Ok(ids.difference(&unsettled).copied().collect())
    }

    fn write_all(&self, id: PictureId, picture: &Remade) -> io::Result<()> {
        let files = [
            (FileName::Picture(id, picture.ext), &picture.bytes),
            (FileName::Thumbnail(id), &picture.thumbnail),
        ];
        for (name, bytes) in files {
            write_synced(&self.unfinished(name), bytes)?;
        }
        for (name, _) in files {
            fs::rename(self.unfinished(name), self.path(name))?;
        }
        File::open(&self.folder)?.sync_all()
    }

    fn unfinished(&self, name: FileName) -> PathBuf {
        self.folder.join(format!("{name}{UNFINISHED}"))
    }

    fn unsettled(&self) -> MutexGuard<'_, BTreeSet<PictureId>> {
        self.unsettled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every file that a picture may have.
fn names(id: PictureId) -> [FileName; 3] {
    [
        FileName::Picture(id, Ext::Jpeg),
        FileName::Picture(id, Ext::Png),
        FileName::Thumbnail(id),
    ]
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(ext: Ext) -> Remade {
        Remade {
            ext,
            bytes: b"picture".to_vec(),
            thumbnail: b"small".to_vec(),
        }
    }

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let data = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(data.path(), PictureId(6)).unwrap();
        (data, shelf)
    }

    fn files(shelf: &Shelf) -> Vec<String> {
        let entries = fs::read_dir(&shelf.folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn sweep(shelf: &Shelf, rows: &[i64]) -> usize {
        let with_rows = |ids: &[PictureId]| {
            let has_row = |id: &&PictureId| rows.contains(&id.0);
            Ok::<_, io::Error>(ids.iter().filter(has_row).copied().collect())
        };
        shelf.sweep(with_rows).unwrap()
    }

    #[test]
    fn files_lie_under_new_ids() {
        let (_data, shelf) = shelf();
        let first = shelf.put(&picture(Ext::Jpeg)).unwrap();
        let second = shelf.put(&picture(Ext::Png)).unwrap();
        assert_eq!((first.id, second.id), (PictureId(7), PictureId(8)));
        assert_eq!(
            files(&shelf),
            ["7.jpeg", "7.thumb.jpeg", "8.png", "8.thumb.jpeg"]
        );
        let read = |name| fs::read(shelf.path(name)).unwrap();
        assert_eq!(read(FileName::Picture(second.id, Ext::Png)), b"picture");
        assert_eq!(read(FileName::Thumbnail(second.id)), b"small");
        shelf.remove(first.id);
        assert_eq!(files(&shelf), ["8.png", "8.thumb.jpeg"]);
        assert_eq!(shelf.put(&picture(Ext::Jpeg)).unwrap().id, PictureId(9));
    }

    #[test]
    fn what_has_no_row_is_swept_once_it_is_settled() {
        let (_data, shelf) = shelf();
        for _ in 0..3 {
            shelf.put(&picture(Ext::Jpeg)).unwrap();
        }
        fs::write(shelf.folder.join("5.png.part"), "half").unwrap();
        fs::write(shelf.folder.join("notes.txt"), "not ours").unwrap();
        shelf.settle(PictureId(7));
        shelf.settle(PictureId(8));
        assert_eq!(sweep(&shelf, &[7]), 2);
        let whole = ["7.jpeg", "7.thumb.jpeg", "9.jpeg", "9.thumb.jpeg"];
        assert_eq!(files(&shelf), [&whole[..], &["notes.txt"]].concat());
        shelf.settle(PictureId(9));
        assert_eq!(sweep(&shelf, &[7, 9]), 0);
        assert_eq!(sweep(&shelf, &[]), 2);
        assert_eq!(files(&shelf), ["notes.txt"]);
    }

    #[test]
    fn many_are_asked_for_in_parts() {
        let (_data, shelf) = shelf();
        for id in 1..=ASKED_AT_ONCE + 1 {
            fs::write(shelf.folder.join(format!("{id}.png")), "").unwrap();
        }
        let mut asked = Vec::new();
        let swept = shelf.sweep(|ids| {
            asked.push(ids.len());
            Ok::<_, io::Error>(ids.to_vec())
        });
        assert_eq!(swept.unwrap(), 0);
        assert_eq!(asked, [ASKED_AT_ONCE, 1]);
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let (_data, shelf) = shelf();
        // The second file cannot be renamed to what is a folder.
        fs::create_dir_all(shelf.folder.join("7.thumb.jpeg/full")).unwrap();
        shelf.put(&picture(Ext::Jpeg)).unwrap_err();
        assert_eq!(files(&shelf), ["7.thumb.jpeg"]);
        assert_eq!(shelf.put(&picture(Ext::Jpeg)).unwrap().id, PictureId(8));
        assert!(shelf.unsettled().contains(&PictureId(8)));
        assert!(!shelf.unsettled().contains(&PictureId(7)));
    }
}
