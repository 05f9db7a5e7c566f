//! Notes to a core from threads that are none: HTTP, signals, the store.

use std::sync::Arc;

use crossbeam::utils::CachePadded;

use super::parking::{self, Parking};
use super::sync::SegQueue;
use crate::engine::ids::CoreId;

/// Wakes a core from any thread.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// The way into one core from outside. Clones are the same one.
pub struct Inbox<T> {
    core: CoreId,
    notes: Arc<SegQueue<T>>,
    parking: Arc<[CachePadded<Parking>]>,
    wake: Arc<Wake>,
}

impl<T> Inbox<T> {
    pub(super) fn new(
        core: CoreId,
        notes: Arc<SegQueue<T>>,
        parking: Arc<[CachePadded<Parking>]>,
        wake: Wake,
    ) -> Self {
        Inbox {
            core,
            notes,
            parking,
            wake: Arc::new(wake),
        }
    }

    /// Leaves `note`, and wakes the core if it sleeps. Notes of one thread
    /// arrive in order.
    pub fn send(&self, note: T) {
        self.notes.push(note);
        parking::published();
        if self.parking[usize::from(self.core.0)].take() {
            (self.wake)();
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn core(&self) -> CoreId {
        self.core
    }
}

impl<T> Clone for Inbox<T> {
    fn clone(&self) -> Self {
        Inbox {
            core: self.core,
            notes: Arc::clone(&self.notes),
            parking: Arc::clone(&self.parking),
            wake: Arc::clone(&self.wake),
        }
    }
}
