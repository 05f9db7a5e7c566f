//! Notes between cores, and to a core from threads that are none.
//!
//! Each ordered pair of cores has a lane with one writer and one reader; each
//! core has an inbox that any thread may write. Nothing is dropped as long as its
//! reader is there, and what one core sends another arrives in the order it was
//! sent.
//!
//! Deliberately absent: how a sleeping core is woken. [`Port::flush`] says who
//! must be, and the caller rings its doorbell; an inbox wakes with what it was
//! given. The hand-shake about sleeping is in `parking`, alone.

mod inbox;
mod parking;
mod port;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crossbeam::queue::SegQueue;
use crossbeam::utils::CachePadded;

use crate::engine::ids::CoreId;

pub use inbox::{Inbox, Wake};
pub use port::Port;

use parking::Parking;

/// One core's end of everything.
pub struct End<T> {
    /// For the core itself.
    pub port: Port<T>,
    /// For threads that are no core; clone it.
    pub inbox: Inbox<T>,
}

/// Connects as many cores as there are `wakes`, each with each and itself;
/// `wakes` wake the cores when threads outside write to their inboxes. A lane
/// holds `lane_notes`; what is beyond waits with its sender.
///
/// # Panics
/// With more cores than a [`CoreId`] can name.
#[must_use]
pub fn connect<T>(wakes: Vec<Wake>, lane_notes: usize) -> Vec<End<T>> {
    let cores = wakes.len();
    let parking: Arc<[CachePadded<Parking>]> = (0..cores).map(|_| CachePadded::default()).collect();
    let mut outbound: Vec<Vec<_>> = (0..cores).map(|_| Vec::new()).collect();
    let mut inbound: Vec<Vec<_>> = (0..cores).map(|_| Vec::new()).collect();
    for from in &mut outbound {
        for to in &mut inbound {
            let (producer, consumer) = rtrb::RingBuffer::new(lane_notes);
            from.push(producer);
            to.push(consumer);
        }
    }
    let lanes = outbound.into_iter().zip(inbound);
    (0..)
        .zip(lanes)
        .zip(wakes)
        .map(|((core, (outbound, inbound)), wake)| {
            let core = CoreId(core);
            let notes = Arc::new(SegQueue::new());
            End {
                inbox: Inbox::new(core, Arc::clone(&notes), Arc::clone(&parking), wake),
                port: Port::new(core, outbound, inbound, notes, Arc::clone(&parking)),
            }
        })
        .collect()
}
