//! One counter block per core, each with a single writer, and the text that
//! Prometheus reads.
//!
//! The names and labels are the wire contract's, section 7. Absent on purpose:
//! a registry, dynamic labels and locks. What is counted is known when the
//! server is built, and counting costs a load and a store.

mod admin;
mod block;
mod cell;
mod figures;
mod http;
mod sms;
mod store;
mod text;

#[cfg(test)]
mod tests;

pub use admin::{AdminMetrics, OperatorTry};
pub use block::{CoreMetrics, Refusal};
pub use cell::{BUCKETS, Bounds, Counter, Gauge, Histogram, Reading};
pub use figures::{CoreFigures, Figures, SideFigures};
pub use http::HttpMetrics;
pub use sms::{SmsDenial, SmsMetrics, SmsResult};
pub use store::{StoreMetrics, StoreOp};

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::engine::ids::CoreId;
use crate::engine::matchmaker::Side;

/// Everything that is counted; shared by `Arc`.
#[derive(Debug)]
pub struct Metrics {
    cores: Box<[CoreMetrics]>,
    store: StoreMetrics,
    http: HttpMetrics,
    sms: SmsMetrics,
    admin: AdminMetrics,
}

impl Metrics {
    /// All zero, for this many cores.
    #[must_use]
    pub fn new(cores: u16) -> Self {
        let count = usize::from(cores);
        Metrics {
            cores: (0..count).map(|_| CoreMetrics::new(count)).collect(),
            store: StoreMetrics::default(),
            http: HttpMetrics::default(),
            sms: SmsMetrics::default(),
            admin: AdminMetrics::default(),
        }
    }

    /// Counts requests of these names as well.
    #[must_use]
    pub fn with_requests(self, names: &'static [&'static str]) -> Self {
        Metrics {
            http: HttpMetrics::new(names),
            ..self
        }
    }

    /// The block of one core, for its thread to write.
    ///
    /// # Panics
    ///
    /// If there is no such core.
    #[must_use]
    pub fn core(&self, core: CoreId) -> &CoreMetrics {
        &self.cores[usize::from(core.0)]
    }

    /// The store's block.
    #[must_use]
    pub fn store(&self) -> &StoreMetrics {
        &self.store
    }

    /// The HTTP side's block.
    #[must_use]
    pub fn http(&self) -> &HttpMetrics {
        &self.http
    }

    /// What became of codes.
    #[must_use]
    pub fn sms(&self) -> &SmsMetrics {
        &self.sms
    }

    /// What is counted about operators.
    #[must_use]
    pub fn admin(&self) -> &AdminMetrics {
        &self.admin
    }

    /// The text exposition format, version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        text::write(self)
    }

    /// How long the longest-waiting slot of a queue has waited, to the second.
    fn oldest_wait(&self, side: Side) -> Duration {
        let since = self.cores.iter().map(|core| core.oldest(side)).max();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        match since {
            None | Some(0) => Duration::ZERO,
            Some(since) => now
                .unwrap_or_default()
                .saturating_sub(Duration::from_nanos(since)),
        }
    }

    /// Each core with its block.
    fn cores(&self) -> impl Iterator<Item = (CoreId, &CoreMetrics)> {
        (0u16..).map(CoreId).zip(&self.cores)
    }

    fn sum(&self, of: impl Fn(&CoreMetrics) -> u64) -> u64 {
        self.cores.iter().map(of).fold(0, u64::wrapping_add)
    }

    fn merged(&self, of: impl Fn(&CoreMetrics) -> Reading) -> Option<Reading> {
        self.cores.iter().map(of).reduce(Reading::plus)
    }
}
