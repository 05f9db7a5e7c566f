//! The next time-out and the expired ones.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::ids::{LinkId, Time};

/// Times at which to look at a link again. It never tells a time twice; who is
/// told decides whether anything is due yet and sets the next time.
#[derive(Debug, Default)]
pub struct Deadlines {
    heap: BinaryHeap<Reverse<(Time, LinkId)>>,
}

impl Deadlines {
    /// Look at this link then.
    pub fn set(&mut self, at: Time, link: LinkId) {
        self.heap.push(Reverse((at, link)));
    }

    /// The earliest.
    #[must_use]
    pub fn next(&self) -> Time {
        self.heap.peek().map_or(Time::NEVER, |first| first.0.0)
    }

    /// How many times stand here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// Takes one out that is due, with the time that was set.
    pub fn expired(&mut self, now: Time) -> Option<(Time, LinkId)> {
        if self.next() > now {
            return None;
        }
        self.heap.pop().map(|first| first.0)
    }
}
