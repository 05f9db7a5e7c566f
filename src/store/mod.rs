//! What outlives the process: the [`Store`], SQLite behind it, and the one
//! thread that writes.
//!
//! Cores never wait for a disk. They push what must be kept into a
//! [`writer::WriteHandle`] and go on; everything is read once, at the start.
//! Absent on purpose: what a write means. That stands in
//! [`durable`](crate::engine::durable), the store's only arrow to the engine.

use std::error::Error;

use crate::engine::durable::{Loaded, Write};
use crate::engine::ids::Time;

pub mod sqlite;
pub mod writer;

/// A place where writes survive.
pub trait Store: Send {
    /// Everything that is kept and, at `now`, not too old.
    fn load(&mut self, now: Time) -> Result<Loaded, StoreError>;

    /// Applies all of `writes` in order, or none. On disk when it returns.
    /// Applied again, they change nothing more.
    fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError>;

    /// Drops the words that are too old at `now`, and says how many.
    fn purge(&mut self, now: Time) -> Result<usize, StoreError>;
}

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
