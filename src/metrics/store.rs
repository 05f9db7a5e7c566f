//! What the store counts, and whether it keeps up.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use super::cell::{Bounds, Histogram, Reading};
use crate::limits::READERS;

const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

/// From a commit in memory to a disk that hangs.
static BOUNDS: Bounds = [
    100 * MICRO,
    250 * MICRO,
    500 * MICRO,
    MILLI,
    2_500 * MICRO,
    5 * MILLI,
    10 * MILLI,
    25 * MILLI,
    50 * MILLI,
    100 * MILLI,
    250 * MILLI,
    500 * MILLI,
    SECOND,
    2_500 * MILLI,
    5 * SECOND,
    10 * SECOND,
];

/// What the store is timed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreOp {
    /// Reading everything at the start.
    Load,
    /// One commit, however many writes it takes along.
    Apply,
    /// Dropping what is too old.
    Purge,
    /// One commit of changes that were waited for.
    Change,
}

impl StoreOp {
    /// Every operation.
    pub const ALL: [StoreOp; 4] = [
        StoreOp::Load,
        StoreOp::Apply,
        StoreOp::Purge,
        StoreOp::Change,
    ];

    /// The label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            StoreOp::Load => "load",
            StoreOp::Apply => "apply",
            StoreOp::Purge => "purge",
            StoreOp::Change => "change",
        }
    }
}

/// The store's counters. Times have one writer, the thread that has the
/// store, and those of reading one for each reader; the rest may be counted by
/// anybody.
#[derive(Debug)]
#[repr(align(128))]
pub struct StoreMetrics {
    seconds: [Histogram; StoreOp::ALL.len()],
    reads: [Histogram; READERS],
    errors: AtomicU64,
    waiting: AtomicUsize,
    failing: AtomicBool,
}

impl Default for StoreMetrics {
    fn default() -> Self {
        StoreMetrics {
            seconds: std::array::from_fn(|_| Histogram::new(&BOUNDS)),
            reads: std::array::from_fn(|_| Histogram::new(&BOUNDS)),
            errors: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            failing: AtomicBool::new(false),
        }
    }
}

impl StoreMetrics {
    /// One operation, failed or not, took `spent`.
    pub fn took(&self, op: StoreOp, spent: Duration) {
        self.seconds[op as usize].observe(spent);
    }

    /// A reader has read for `spent`.
    pub fn took_read(&self, reader: usize, spent: Duration) {
        self.reads[reader].observe(spent);
    }

    /// `n` failures more: a commit that did not succeed, or a write given up.
    pub fn error(&self, n: u64) {
        self.errors.fetch_add(n, Relaxed);
    }

    /// `n` writes more are to reach the disk. Says how many do now.
    pub fn queued(&self, n: usize) -> usize {
        self.waiting.fetch_add(n, Relaxed) + n
    }

    /// `n` of them wait no longer, whatever became of them.
    pub fn settled(&self, n: usize) {
        self.waiting.fetch_sub(n, Relaxed);
    }

    /// Writes that are not on disk yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// Does what is written reach the disk at the moment?
    pub fn set_failing(&self, failing: bool) {
        self.failing.store(failing, Relaxed);
    }

    /// Did the last attempt to write fail?
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.failing.load(Relaxed)
    }

    /// Failures so far.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors.load(Relaxed)
    }

    pub(super) fn reads(&self) -> Option<Reading> {
        self.reads.iter().map(Histogram::read).reduce(Reading::plus)
    }

    pub(super) fn times(&self, op: StoreOp) -> Reading {
        self.seconds[op as usize].read()
    }
}
