//! What is counted about operators.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What became of an operator's token that was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorTry {
    /// It was another one.
    Wrong,
    /// It was not looked at: too many wrong ones came before.
    Slowed,
}

impl OperatorTry {
    /// Every result.
    pub const ALL: [OperatorTry; 2] = [OperatorTry::Wrong, OperatorTry::Slowed];

    /// The label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            OperatorTry::Wrong => "wrong",
            OperatorTry::Slowed => "slowed",
        }
    }
}

/// The desk's counters; anybody may count.
#[derive(Debug, Default)]
pub struct AdminMetrics {
    tries: [AtomicU64; OperatorTry::ALL.len()],
}

impl AdminMetrics {
    /// Somebody has shown what is not the operator's token, or may not be.
    pub fn tried(&self, result: OperatorTry) {
        self.tries[result as usize].fetch_add(1, Relaxed);
    }

    /// How often this became of one.
    #[must_use]
    pub fn tries(&self, result: OperatorTry) -> u64 {
        self.tries[result as usize].load(Relaxed)
    }
}
