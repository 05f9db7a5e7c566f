//! What outlives the process: the [`Store`], SQLite behind it, the one thread
//! that writes and the few that read.
//!
//! Cores never wait for a disk. They push what must be kept into a
//! [`writer::WriteHandle`] and go on; everything of theirs is read once, at the
//! start. HTTP comes through the [`Door`] and waits, for [`Changes`] until they
//! are on disk. Both are made of a trait for each area, beside its plain types.
//! Absent on purpose: what a core's write means. That stands in
//! [`durable`](crate::engine::durable), the store's only arrow to the engine.

use std::error::Error;

use crate::engine::durable::{Loaded, Write};
use crate::engine::ids::Time;

mod accounts;
mod audit;
mod bonds;
mod codes;
mod crushes;
mod door;
mod draws;
mod moderation;
mod pictures;
mod readers;
pub mod sqlite;
mod word_list;
pub mod writer;

#[cfg(test)]
mod tests;

pub use accounts::{
    Account, Beginning, ChangeAccounts, Found, Profile, ReadAccounts, Session, TokenHash, UserKey,
};
pub use audit::{Action, ChangeAudit, ReadAudit};
pub use bonds::{ChangeBonds, ReadBonds};
pub use codes::{ChangeCodes, Code, CodeRequest, ReadCodes, Whose};
pub use crushes::{
    ChangeCrushes, Mutual, Named, Naming, PseudonymKey, ReadCrushes, Revealed, Standing,
};
pub use door::Door;
pub use draws::{ChangeDraws, Close, Draw, Joined, Outcome, ReadDraws, Terms};
pub use moderation::{
    About, Ban, ChangeModeration, FOR_GOOD, NewReport, ReadModeration, Report, Resolved, Sought,
    Subject,
};
pub use pictures::{
    Author, ChangePictures, Comment, CommentId, Commented, Deleted, Edition, Kept, Listed,
    NewPicture, Page, ReadPictures, Shown,
};
pub use readers::{ReadHandle, Readers};
pub use word_list::{ChangeWordList, ReadWordList};

/// A place where writes survive.
pub trait Store: Send {
    /// Everything that is kept and, at `now`, not too old.
    fn load(&mut self, now: Time) -> Result<Loaded, StoreError>;

    /// Applies all of `writes` in order, or none. On disk when it returns.
    /// Applied again, they change nothing more.
    fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError>;

    /// Drops the words that are too old at `now`, and says how many.
    fn purge(&mut self, now: Time) -> Result<usize, StoreError>;

    /// Runs the jobs in order, each whole or not at all, and commits all of
    /// them together. On disk when it returns; with an error, nothing is.
    fn change(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError>;
}

/// Everything that is read for somebody who waits.
pub trait Reading:
    ReadAccounts
    + ReadCodes
    + ReadBonds
    + ReadPictures
    + ReadCrushes
    + ReadDraws
    + ReadModeration
    + ReadWordList
    + ReadAudit
{
}

/// Everything that is changed for somebody who waits. What one has changed is
/// what it reads.
pub trait Changes:
    Reading
    + ChangeAccounts
    + ChangeCodes
    + ChangeBonds
    + ChangePictures
    + ChangeCrushes
    + ChangeDraws
    + ChangeModeration
    + ChangeWordList
    + ChangeAudit
{
    /// Once the change is on disk, `hook` is run on the thread that writes, in
    /// the order of the changes. It must not wait for anything.
    fn then(&mut self, hook: Hook);
}

/// See [`Changes::then`].
pub type Hook = Box<dyn FnOnce() + Send>;

/// A change that somebody waits for.
pub trait Job: Send {
    /// Makes the change, once. `false`: nothing of it may stay.
    fn run(&mut self, changes: &mut dyn Changes) -> bool;

    /// Says how the commit went.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// Looks into a store from a thread of its own.
pub trait Reader: Send {
    /// Has `look` see everything as it is at one moment.
    fn look(&mut self, look: Look);
}

/// Looks something up, or hears why it cannot be.
pub type Look = Box<dyn FnOnce(Result<&dyn Reading, StoreError>) + Send>;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something stands in the way that may go: a full disk, another process
    /// with a lock, an I/O error. The same may succeed later.
    #[error("the store cannot be reached: {0}")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The same will fail again, whenever it is tried.
    #[error("the store refuses it: {0}")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
}

impl StoreError {
    /// The same once more, for another who waited for the same commit.
    fn again(&self) -> StoreError {
        match self {
            StoreError::Unavailable(why) => StoreError::Unavailable(why.to_string().into()),
            StoreError::Refused(why) => StoreError::Refused(why.to_string().into()),
        }
    }
}
