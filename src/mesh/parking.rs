//! The hand-shake between a core that goes to sleep and those that send to it.
//!
//! The sleeper says so, then looks once more; a sender publishes, then looks
//! whether the other sleeps. A fence lies between the two steps on both sides,
//! so at least one of them sees the other: no wake-up is lost. Whoever takes the
//! flag down wakes the sleeper, so it is woken once.

use super::sync::{AtomicBool, Ordering, fence};

/// Whether one core sleeps, or is about to.
#[derive(Default)]
pub(super) struct Parking {
    parked: AtomicBool,
}

impl Parking {
    /// The sleeper's side: whether it may sleep. `has_work` looks at all that
    /// it could be woken for.
    pub(super) fn park(&self, has_work: impl FnOnce() -> bool) -> bool {
        self.parked.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if has_work() {
            self.unpark();
            return false;
        }
        true
    }

    /// The sleeper is up, whatever woke it.
    pub(super) fn unpark(&self) {
        self.parked.store(false, Ordering::Relaxed);
    }

    /// The sender's side, after [`published`]: whether it has to wake the other.
    pub(super) fn take(&self) -> bool {
        // Reading first leaves the line shared while the other is awake.
        self.parked.load(Ordering::Relaxed) && self.parked.swap(false, Ordering::Relaxed)
    }
}

/// Comes between publishing and [`Parking::take`]; once for several of each.
pub(super) fn published() {
    fence(Ordering::SeqCst);
}
