//! Waking a ring from a thread that has none.
#![allow(unsafe_code)] // Making and writing an eventfd are system calls.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::Arc;

/// An eventfd: any thread may [`wake`](Waker::wake), the ring that
/// [watches](super::Ring::watch) it gets a completion. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Waker(Arc<File>);

impl Waker {
    /// A fresh one.
    ///
    /// # Errors
    /// What the system says, such as running out of descriptors.
    pub fn new() -> io::Result<Waker> {
        // Blocking on purpose: a ring fails, rather than waits, on a
        // descriptor that does not block.
        // SAFETY: takes two integers, touches no memory.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a descriptor just made, owned by nobody else.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Waker(Arc::new(File::from(fd))))
    }

    /// Wakes the ring that watches, now or as soon as it does.
    pub fn wake(&self) {
        // Writing blocks only at 2^64 - 1 unseen wakes and fails only on a
        // closed descriptor: neither can happen while `self` lives.
        let written = (&*self.0).write(&1_u64.to_ne_bytes());
        debug_assert!(written.is_ok(), "waking failed: {written:?}");
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
