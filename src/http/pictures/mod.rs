//! The community of pictures: uploads, the feed, likes and comments, and the
//! files.

mod comments;
mod crop;
mod delete;
mod entry;
mod feed;
mod file;
mod likes;
mod pages;
mod sweeper;
mod upload;

pub(super) use comments::{CommentRequest, Standing, comment};
pub(super) use delete::{DeleteRequest, delete};
pub(super) use entry::{Head, Tail};
pub(super) use feed::{FeedRequest, feed};
pub(super) use file::file;
pub(super) use likes::{LikeRequest, Liked, like, unlike};
pub(super) use upload::{Published, UploadRequest, upload};

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::fault::Fault;
use super::reply::Refusal;
use crate::limits::{BIG_BODIES, PICTURE_WORKERS, UPLOADS_WAITING};
use crate::picture::{PictureId, Shelf, Workers};
use crate::store::Door;
use entry::Entries;
use pages::Pages;
use sweeper::Sweeper;

/// What the operations on pictures share.
#[derive(Debug)]
pub struct Pictures {
    shelf: Arc<Shelf>,
    workers: Workers,
    /// Long bodies are read here: all of them bring pictures.
    pub(super) readers: Workers,
    entries: Arc<Entries>,
    pages: Pages,
    sweeper: Sweeper,
}

impl Pictures {
    /// Opens the folder of pictures in the data directory, and begins to sweep
    /// it. The threads that read what is uploaded begin with `less_urgent`.
    ///
    /// # Errors
    ///
    /// When the folder cannot be used, the store not be read, or a thread not
    /// be started.
    pub fn open(
        data: &Path,
        door: &Door,
        less_urgent: fn() -> io::Result<()>,
    ) -> io::Result<Pictures> {
        let last = sweeper::ask(door, |reading| reading.last_picture());
        let shelf = Arc::new(Shelf::open(data, last.map_err(io::Error::other)?)?);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / 2).clamp(1, PICTURE_WORKERS);
        Ok(Pictures {
            sweeper: Sweeper::start(Arc::clone(&shelf), door.clone())?,
            workers: Workers::start("pairline-pics", threads, UPLOADS_WAITING, less_urgent)?,
            readers: Workers::start("pairline-bodies", 1, BIG_BODIES, less_urgent)?,
            entries: Arc::new(Entries::new()),
            pages: Pages::new(),
            shelf,
        })
    }

    /// Takes the files of a picture away whose row is gone.
    pub(super) async fn take_away(&self, id: PictureId) {
        let shelf = Arc::clone(&self.shelf);
        // A panic has been told already, and the row is gone.
        let _ = tokio::task::spawn_blocking(move || shelf.remove(id)).await;
    }

    /// Files may have lost their rows.
    pub(super) fn sweep(&self) {
        self.sweeper.wake();
    }
}

/// What is no picture's id is no picture.
fn picture_id(text: &str) -> Result<PictureId, Refusal> {
    text.parse().map_err(|_| Fault::NoSuchThing.into())
}
