//! What became of codes, by gateway.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::config::Gateway;

/// What became of a code at a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsResult {
    /// The gateway took it.
    Sent,
    /// No connection could be made.
    Unreachable,
    /// The gateway does not take this one.
    Refused,
    /// The gateway is out of order.
    Failed,
    /// It did not answer in time.
    TimedOut,
    /// It was not tried, having failed too often.
    LeftAlone,
}

impl SmsResult {
    /// Every result.
    pub const ALL: [SmsResult; 6] = [
        SmsResult::Sent,
        SmsResult::Unreachable,
        SmsResult::Refused,
        SmsResult::Failed,
        SmsResult::TimedOut,
        SmsResult::LeftAlone,
    ];

    /// The label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SmsResult::Sent => "sent",
            SmsResult::Unreachable => "unreachable",
            SmsResult::Refused => "refused",
            SmsResult::Failed => "failed",
            SmsResult::TimedOut => "timed_out",
            SmsResult::LeftAlone => "left_alone",
        }
    }
}

/// Why a code was kept from every gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmsDenial {
    /// No number of that country gets one.
    Country,
    /// As many as may be were sent today.
    Budget,
    /// Too many others were under way.
    Busy,
}

impl SmsDenial {
    /// Every reason.
    pub const ALL: [SmsDenial; 3] = [SmsDenial::Country, SmsDenial::Budget, SmsDenial::Busy];

    /// The label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            SmsDenial::Country => "country",
            SmsDenial::Budget => "budget",
            SmsDenial::Busy => "busy",
        }
    }
}

/// The counters, which anybody may count up.
#[derive(Debug, Default)]
pub struct SmsMetrics {
    results: [[AtomicU64; SmsResult::ALL.len()]; Gateway::ALL.len()],
    denials: [AtomicU64; SmsDenial::ALL.len()],
}

impl SmsMetrics {
    /// A gateway was tried, or would have been.
    pub fn tried(&self, gateway: Gateway, result: SmsResult) {
        self.results[gateway as usize][result as usize].fetch_add(1, Relaxed);
    }

    /// A code was kept from every gateway.
    pub fn denied(&self, why: SmsDenial) {
        self.denials[why as usize].fetch_add(1, Relaxed);
    }

    /// How often this became of a code.
    #[must_use]
    pub fn results(&self, gateway: Gateway, result: SmsResult) -> u64 {
        self.results[gateway as usize][result as usize].load(Relaxed)
    }

    /// How often a code was kept back for this.
    #[must_use]
    pub fn denials(&self, why: SmsDenial) -> u64 {
        self.denials[why as usize].load(Relaxed)
    }
}
