//! One clock for all threads and processes of a run.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds in a second.
pub(super) const SECOND: u64 = 1_000_000_000;

/// The wall clock as it stood at the start, counted on by the monotonic one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    start: Instant,
    epoch: u64,
}

impl Clock {
    pub(super) fn start() -> Clock {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Clock {
            start: Instant::now(),
            epoch: nanos(since),
        }
    }

    /// Nanoseconds of Unix time; never goes back.
    pub(super) fn now(&self) -> u64 {
        self.epoch + nanos(self.start.elapsed())
    }
}

/// A span in nanoseconds; what does not fit lasts for centuries.
pub(super) fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
