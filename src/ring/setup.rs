//! Making rings: all cores' at once, before their threads run.
//!
//! The rings are made disabled, so that one thread can make them all with the
//! same queues and each core's own thread can then [open](Blank::open) its one.
//! Nothing is peeled away in silence when the kernel lacks something.
#![allow(unsafe_code)] // Registers memory with the kernel.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use io_uring::IoUring;

use super::error::check_kernel;
use super::pool::{self, Memory, Pool};
use super::queues::Queues;
use super::{Limits, Ring, StartError};

/// How large a ring is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Submission queue entries; a power of two.
    pub sq_entries: u32,
    /// Completion queue entries to try first; a power of two.
    pub cq_entries_max: u32,
    /// Completion queue entries to be content with.
    pub cq_entries_min: u32,
    /// Receive buffers; a power of two, at most 32768.
    pub buffers: u16,
    /// Size of one receive buffer.
    pub buffer_bytes: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            sq_entries: 4096,
            cq_entries_max: 65_536,
            cq_entries_min: 16_384,
            buffers: 8192,
            buffer_bytes: 2048,
        }
    }
}

impl Setup {
    /// Makes `count` rings with the largest completion queues that all of them
    /// can have.
    ///
    /// # Errors
    /// Why not, and what to do about it.
    pub fn make(&self, count: usize) -> Result<Vec<Blank>, StartError> {
        self.check()?;
        check_kernel()?;
        let mut cq_entries = self.cq_entries_max;
        loop {
            match self.make_patiently(count, cq_entries) {
                Err(StartError::Memory { .. }) if cq_entries / 2 >= self.cq_entries_min => {
                    cq_entries /= 2;
                }
                made => return made,
            }
        }
    }

    fn check(&self) -> Result<(), StartError> {
        let power = u32::is_power_of_two;
        let wrong = if !power(self.sq_entries) {
            "sq_entries is not a power of two"
        } else if !power(self.cq_entries_max) || !power(self.cq_entries_min) {
            "the completion queue's entries are not powers of two"
        } else if self.cq_entries_min > self.cq_entries_max {
            "cq_entries_min is above cq_entries_max"
        } else if self.cq_entries_min < self.sq_entries {
            "the completion queue is smaller than the submission queue"
        } else if !self.buffers.is_power_of_two() || self.buffers > 32_768 {
            "buffers is not a power of two up to 32768"
        } else if self.buffer_bytes == 0 {
            "buffer_bytes is 0"
        } else {
            return Ok(());
        };
        Err(StartError::Setup(wrong))
    }

    /// The kernel uncharges the memory of closed rings a little later, be they
    /// a process's that has just ended or those of an attempt at larger queues.
    fn make_patiently(&self, count: usize, cq_entries: u32) -> Result<Vec<Blank>, StartError> {
        const TRIES: u32 = 4;
        const PAUSE: Duration = Duration::from_millis(50);
        for _ in 1..TRIES {
            match self.make_all(count, cq_entries) {
                Err(StartError::Memory { .. }) => thread::sleep(PAUSE),
                made => return made,
            }
        }
        self.make_all(count, cq_entries)
    }

    fn make_all(&self, count: usize, cq_entries: u32) -> Result<Vec<Blank>, StartError> {
        (0..count).map(|_| self.make_one(cq_entries)).collect()
    }

    fn make_one(&self, cq_entries: u32) -> Result<Blank, StartError> {
        let uring = IoUring::builder()
            .dontfork()
            .setup_r_disabled()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_taskrun_flag()
            .setup_submit_all()
            .setup_cqsize(cq_entries)
            .build(self.sq_entries)
            .map_err(because("io_uring_setup"))?;
        let memory = Memory::new(self.buffers, self.buffer_bytes)
            .map_err(because("mapping the receive buffers"))?;
        // SAFETY: the mapping has room for that many entries, and the ring is
        // dropped before it, here and in `Ring`.
        unsafe {
            uring.submitter().register_buf_ring_with_flags(
                memory.entries_address(),
                memory.count(),
                pool::GROUP,
                0,
            )
        }
        .map_err(because("registering the receive buffers"))?;
        // SAFETY: open as long as `uring` is, which is here.
        let fd = unsafe { BorrowedFd::borrow_raw(uring.as_raw_fd()) };
        let bell = fd
            .try_clone_to_owned()
            .map_err(because("duplicating the ring's descriptor"))?;
        Ok(Blank {
            uring,
            memory,
            bell: Bell(Arc::new(bell)),
        })
    }
}

/// A ring that no thread has opened yet.
pub struct Blank {
    // Before the memory that it uses.
    uring: IoUring,
    memory: Memory,
    bell: Bell,
}

impl Blank {
    /// Opens the ring: it is this thread's from here on. A first turn tells
    /// whether the kernel lets it work at all.
    ///
    /// # Errors
    /// Why not, and what to do about it.
    pub fn open(self) -> Result<Ring, StartError> {
        let queues = Queues::open(self.uring).map_err(because("enabling the ring"))?;
        let mut ring = Ring::assemble(queues, Pool::new(self.memory), self.bell);
        ring.turn(Some(Duration::ZERO))
            .map_err(because("the ring's first turn"))?;
        Ok(ring)
    }

    /// What others ring this one with, once it is open.
    #[must_use]
    pub fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Completion queue entries that it got.
    #[must_use]
    pub fn cq_entries(&self) -> u32 {
        self.uring.params().cq_entries()
    }
}

/// Another ring, as the target of [`Ring::knock`]. Ringing one that has not
/// been opened yet fails; that one has been dropped may go unnoticed. Keeps the
/// kernel's side of the ring alive.
#[derive(Clone, Debug)]
pub struct Bell(Arc<OwnedFd>);

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Names the step that failed.
fn because(step: &'static str) -> impl FnOnce(io::Error) -> StartError {
    move |error| {
        let locked_bytes = Limits::current().map_or(u64::MAX, |limits| limits.locked_bytes);
        StartError::explain(step, error, locked_bytes)
    }
}
