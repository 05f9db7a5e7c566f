//! What comes out of a ring: each completion owns what belongs to it.

use std::io;
use std::os::fd::OwnedFd;

use super::{Key, Lease};

/// One finished step of an operation. `key` is the one that the operation was
/// started with. Where there is a `more`, `false` means that the operation is
/// over and has to be started again if it is still wanted.
#[derive(Debug)]
pub enum Completion {
    /// Somebody connected to a listener.
    Accepted {
        /// Whose accept.
        key: Key,
        /// The connection; blocking and close-on-exec, as the ring needs it.
        result: io::Result<OwnedFd>,
        /// Whether more may follow.
        more: bool,
    },
    /// A receive has something to tell.
    Received {
        /// Whose receive.
        key: Key,
        /// What.
        outcome: Outcome,
        /// Whether more may follow.
        more: bool,
    },
    /// A send is over and returns its buffer.
    Sent {
        /// Whose send.
        key: Key,
        /// The buffer handed to `send`, unchanged.
        buffer: Vec<u8>,
        /// How many bytes from `from` on went out; may be fewer than asked.
        result: io::Result<usize>,
    },
    /// A socket was connected.
    Connected {
        /// Whose socket.
        key: Key,
        /// Whether it worked.
        result: io::Result<()>,
    },
    /// A cancellation was dealt with. The cancelled operation still completes
    /// by itself.
    Cancelled {
        /// Whose cancellation.
        key: Key,
        /// `ENOENT`: nothing left to cancel; `EALREADY`: it is just happening.
        result: io::Result<()>,
    },
    /// A descriptor was closed.
    Closed {
        /// Whose descriptor.
        key: Key,
        /// What the system said; the descriptor is gone in any case.
        result: io::Result<()>,
    },
    /// The waker was used, or could not be read. It has to be watched again.
    Woken {
        /// Whose watch.
        key: Key,
        /// Whether it is a wake-up.
        result: io::Result<()>,
    },
    /// Another ring rang.
    Doorbell {
        /// What it said: `theirs` of [`Ring::knock`](super::Ring::knock).
        key: Key,
    },
    /// Ringing another ring failed.
    DoorbellFailed {
        /// `ours` of [`Ring::knock`](super::Ring::knock).
        key: Key,
        /// Why; the other ring was not woken.
        error: io::Error,
    },
}

/// What a receive has to tell.
#[derive(Debug)]
pub enum Outcome {
    /// Bytes; at least one.
    Got(Lease),
    /// The peer will send no more.
    Ended,
    /// No buffer was free. Nothing is lost: receive again when leases have come
    /// back.
    NoBuffers,
    /// The receive was cancelled.
    Cancelled,
    /// The connection failed.
    Failed(io::Error),
}

impl Outcome {
    /// What an error means for a receive.
    pub(super) fn failed(error: io::Error) -> Outcome {
        match error.raw_os_error() {
            Some(libc::ENOBUFS) => Outcome::NoBuffers,
            Some(libc::ECANCELED) => Outcome::Cancelled,
            _ => Outcome::Failed(error),
        }
    }
}
