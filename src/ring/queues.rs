//! The two queues shared with the kernel, and the one system call.
//!
//! Knows entries and completions, not what they mean.
#![allow(unsafe_code)] // Submission entries point at memory; the call reads it.

use std::collections::VecDeque;
use std::io;
use std::ptr::NonNull;
use std::time::Duration;

use io_uring::types::{SubmitArgs, Timespec};
use io_uring::{EnterFlags, IoUring, Submitter, cqueue, squeue};

/// The queues of one ring, used by the thread that opened them.
pub(super) struct Queues {
    // Before `home`, so that it is gone before what it refers to.
    submitter: Submitter<'static>,
    home: Home,
    /// What found no room in the submission queue, in order.
    backlog: VecDeque<squeue::Entry>,
    flags: EnterFlags,
    overflowed_turns: u64,
}

impl Queues {
    /// Takes over a ring that was made disabled: from here on it belongs to
    /// this thread.
    pub(super) fn open(uring: IoUring) -> io::Result<Queues> {
        uring.submitter().register_enable_rings()?;
        let mut flags = EnterFlags::GETEVENTS | EnterFlags::EXT_ARG;
        if uring.params().is_feature_no_iowait() {
            // A ring asleep is idle, and should not look like waiting for a disk.
            flags |= EnterFlags::NO_IOWAIT;
        }
        let home = Home::new(uring);
        // SAFETY: the submitter is dropped before `home`, which keeps the ring
        // at the same address.
        let uring: &'static IoUring = unsafe { home.0.as_ref() };
        let mut submitter = uring.submitter();
        submitter.register_ring_fd()?;
        Ok(Queues {
            submitter,
            home,
            backlog: VecDeque::new(),
            flags,
            overflowed_turns: 0,
        })
    }

    /// Queues `entry`; enters the kernel only if the queue is full.
    ///
    /// # Errors
    /// What [`enter`](Self::enter) says. The entry is queued all the same.
    ///
    /// # Safety
    /// What the entry points at stays valid until its last completion.
    pub(super) unsafe fn push(&mut self, entry: squeue::Entry) -> io::Result<()> {
        // SAFETY: as the caller vouches.
        if self.backlog.is_empty() && unsafe { self.submission().push(&entry) }.is_ok() {
            return Ok(());
        }
        self.backlog.push_back(entry);
        while !self.backlog.is_empty() {
            let before = self.backlog.len();
            self.enter(Wait::No)?;
            self.refill();
            if self.backlog.len() == before {
                // The kernel takes nothing now; the next turn tries again.
                break;
            }
        }
        Ok(())
    }

    /// Submits what is queued and waits, unless completions are at hand, for
    /// one completion or until `timeout` is over.
    ///
    /// # Errors
    /// Those that mean that the ring is of no more use.
    pub(super) fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.refill();
        if self.submission().cq_overflow() {
            self.overflowed_turns += 1;
        }
        let at_once =
            timeout == Some(Duration::ZERO) || !self.has_none() || !self.backlog.is_empty();
        self.enter(if at_once {
            Wait::No
        } else {
            Wait::For(timeout)
        })
    }

    /// The next completion that is there.
    pub(super) fn pop(&mut self) -> Option<cqueue::Entry> {
        self.completion().next()
    }

    /// Turns that began with completions kept aside for want of room.
    pub(super) fn overflowed_turns(&self) -> u64 {
        self.overflowed_turns
    }

    /// Completion queue entries.
    pub(super) fn cq_entries(&self) -> u32 {
        self.uring().params().cq_entries()
    }

    /// Moves what waits in the backlog to where the kernel takes it from.
    fn refill(&mut self) {
        // SAFETY: the only submission queue alive; see `uring`.
        let mut submission = unsafe { self.home.0.as_ref().submission_shared() };
        while let Some(entry) = self.backlog.front() {
            // SAFETY: whoever pushed the entry vouches for its memory.
            if unsafe { submission.push(entry) }.is_err() {
                return;
            }
            self.backlog.pop_front();
        }
    }

    fn enter(&mut self, wait: Wait) -> io::Result<()> {
        let queued = u32::try_from(self.submission().len()).expect("the queue's size is 32 bits");
        let mut arguments = SubmitArgs::new();
        let mut want = 0;
        let time;
        if let Wait::For(timeout) = wait {
            want = 1;
            if let Some(timeout) = timeout {
                time = Timespec::from(timeout);
                arguments = arguments.timespec(&time);
            }
        }
        // SAFETY: the argument is what EXT_ARG asks for and outlives the call;
        // the entries' memory is vouched for by those who pushed them.
        let entered = unsafe {
            self.submitter
                .enter(queued, want, self.flags.bits(), Some(&arguments))
        };
        match entered {
            Ok(_) => Ok(()),
            Err(error) => match error.raw_os_error() {
                // Time is up, a signal, or a moment's want of memory or room:
                // what was not taken is still queued.
                Some(libc::ETIME | libc::EINTR | libc::EBUSY | libc::EAGAIN) => Ok(()),
                _ => Err(error),
            },
        }
    }

    fn has_none(&mut self) -> bool {
        self.completion().is_empty()
    }

    fn submission(&mut self) -> squeue::SubmissionQueue<'_> {
        // SAFETY: `&mut self` and no method that keeps one: the only one alive.
        unsafe { self.uring().submission_shared() }
    }

    fn completion(&mut self) -> cqueue::CompletionQueue<'_> {
        // SAFETY: `&mut self` and no method that keeps one: the only one alive.
        unsafe { self.uring().completion_shared() }
    }

    fn uring(&self) -> &IoUring {
        // SAFETY: `home` keeps it alive and never hands it out mutably.
        unsafe { self.home.0.as_ref() }
    }
}

impl Drop for Queues {
    fn drop(&mut self) {
        // Frees the thread's place for the next ring; the kernel does so itself
        // when the thread ends.
        let _ = self.submitter.unregister_ring_fd();
    }
}

/// Whether to wait for completions, and for how long at most.
enum Wait {
    No,
    For(Option<Duration>),
}

/// A ring that stays at its address, so that a submitter may refer to it.
struct Home(NonNull<IoUring>);

impl Home {
    fn new(uring: IoUring) -> Home {
        Home(NonNull::from(Box::leak(Box::new(uring))))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // SAFETY: came out of a box and is put back once.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}
