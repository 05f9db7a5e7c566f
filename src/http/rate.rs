//! How many requests an address may make.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::address::Origin;
use crate::limits::RATE_BURST_SECONDS;

/// Requests between two looks for addresses that have been quiet.
const SWEEP_EVERY: u32 = 4096;

/// The limit, and how much of it each address has used.
pub(super) struct Rate {
    limiter: DefaultKeyedRateLimiter<Origin>,
    clock: DefaultClock,
    unswept: AtomicU32,
}

impl Rate {
    pub(super) fn new(a_second: NonZeroU32) -> Rate {
        let burst = a_second
            .saturating_mul(NonZeroU32::new(RATE_BURST_SECONDS).expect("the burst is not nothing"));
        Rate {
            limiter: RateLimiter::keyed(Quota::per_second(a_second).allow_burst(burst)),
            clock: DefaultClock::default(),
            unswept: AtomicU32::new(0),
        }
    }

    /// One request more; an error says for how long there is room for none.
    pub(super) fn take(&self, origin: Origin) -> Result<(), Duration> {
        if self.unswept.fetch_add(1, Relaxed) >= SWEEP_EVERY {
            self.unswept.store(0, Relaxed);
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter
            .check_key(&origin)
            .map_err(|until| until.wait_time_from(self.clock.now()))
    }
}
