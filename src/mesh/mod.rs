//! Notes between cores, and to a core from threads that are none.
//!
//! Each ordered pair of cores has a lane with one writer and one reader; each
//! core has an inbox that any thread may write. Nothing is dropped as long as its
//! reader is there, and what one core sends another arrives in the order it was
//! sent.
//!
//! Deliberately absent: how a sleeping core is woken. [`Port::flush`] says who
//! must be, and the caller rings its doorbell; an inbox wakes with what it was
//! given. The hand-shake about sleeping is in `parking`, alone. What all of it is
//! built on is in `sync`: `tests/wake_ups.rs` puts a model in its place.

mod connect;
mod inbox;
mod parking;
mod port;
mod sync;

#[cfg(test)]
mod tests;

pub use connect::{End, connect};
pub use inbox::{Inbox, Wake};
pub use port::Port;
