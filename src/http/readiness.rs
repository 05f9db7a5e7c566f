//! How far the server is, for those who send it traffic.

use std::sync::atomic::{AtomicU8, Ordering};

/// The phases of a server's life, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Not all ports serve yet.
    Starting = 0,
    /// Every port serves.
    Ready = 1,
    /// Going down; new users should go elsewhere.
    Draining = 2,
}

/// The phase as all threads see it. It only moves on, never back.
#[derive(Debug, Default)]
pub struct Readiness(AtomicU8);

impl Readiness {
    /// A server that starts.
    #[must_use]
    pub fn new() -> Self {
        Readiness::default()
    }

    /// Every port serves. Has no effect on a server that drains already.
    pub fn set_ready(&self) {
        self.reach(Phase::Ready);
    }

    /// The server goes down.
    pub fn set_draining(&self) {
        self.reach(Phase::Draining);
    }

    /// Where it stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Draining,
        }
    }

    fn reach(&self, phase: Phase) {
        self.0.fetch_max(phase as u8, Ordering::AcqRel);
    }
}
