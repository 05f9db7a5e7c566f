//! The cells that a block is made of. Each has one writer: a value is changed
//! by a load and a store, never by a locked instruction. Anybody may read.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `n`. One writer only: two at once would lose counts.
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// What has been counted so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A number as it stands now.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    /// From now on it is `n`.
    pub fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
    }

    /// What it is.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Buckets of every histogram, the endless one not counted.
pub const BUCKETS: usize = 16;

/// Upper bounds of a histogram's buckets in nanoseconds, ascending.
pub type Bounds = [u64; BUCKETS];

/// How often something took how long.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static Bounds,
    counts: [Counter; BUCKETS + 1],
    sum_nanos: Counter,
}

impl Histogram {
    /// An empty one.
    #[must_use]
    pub fn new(bounds: &'static Bounds) -> Self {
        debug_assert!(bounds.is_sorted(), "bounds ascend");
        Histogram {
            bounds,
            counts: Default::default(),
            sum_nanos: Counter::default(),
        }
    }

    /// Counts one that took `spent`. One writer only.
    pub fn observe(&self, spent: Duration) {
        let nanos = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        let bucket = self.bounds.partition_point(|&bound| bound < nanos);
        self.counts[bucket].add(1);
        self.sum_nanos.add(nanos);
    }

    /// The bounds, the count of each bucket (the endless one last) and the sum.
    #[must_use]
    pub fn read(&self) -> Reading {
        Reading {
            bounds: self.bounds,
            counts: std::array::from_fn(|bucket| self.counts[bucket].get()),
            sum_nanos: self.sum_nanos.get(),
        }
    }
}

/// A histogram as it was at a moment; those of several cores add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Upper bounds in nanoseconds.
    pub bounds: &'static Bounds,
    /// How many fell into each bucket, and beyond the last bound.
    pub counts: [u64; BUCKETS + 1],
    /// All that was observed, added up.
    pub sum_nanos: u64,
}

impl Reading {
    /// Adds another core's. Both have the same bounds.
    #[must_use]
    pub fn plus(mut self, other: Reading) -> Reading {
        debug_assert!(std::ptr::eq(self.bounds, other.bounds), "one histogram");
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine = mine.wrapping_add(theirs);
        }
        self.sum_nanos = self.sum_nanos.wrapping_add(other.sum_nanos);
        self
    }

    /// What was observed since an earlier reading of the same.
    #[must_use]
    pub fn since(mut self, earlier: &Reading) -> Reading {
        debug_assert!(
            std::ptr::eq(self.bounds, earlier.bounds),
            "the same histogram"
        );
        for (now, before) in self.counts.iter_mut().zip(earlier.counts) {
            *now = now.wrapping_sub(before);
        }
        self.sum_nanos = self.sum_nanos.wrapping_sub(earlier.sum_nanos);
        self
    }

    /// How many were observed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The time that this share of all (0 to 1) took no longer than, as well as
    /// the buckets tell; nothing, if nothing was observed. Beyond the last bound
    /// it is that.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let all = self.count();
        if all == 0 {
            return None;
        }
        let wanted = share * all as f64;
        let mut before = 0.0;
        let mut low = 0;
        for (&count, &high) in self.counts.iter().zip(self.bounds) {
            let through = before + count as f64;
            if count > 0 && through >= wanted {
                let part = ((wanted - before) / count as f64).clamp(0.0, 1.0);
                let span = (high - low) as f64;
                return Some(Duration::from_nanos(low).saturating_add(nanos(part * span)));
            }
            (before, low) = (through, high);
        }
        Some(Duration::from_nanos(low))
    }
}

fn nanos(number: f64) -> Duration {
    Duration::from_secs_f64(number / 1e9)
}
