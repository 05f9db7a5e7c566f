//! All lanes and inboxes at once.

use std::sync::Arc;

use crossbeam::utils::CachePadded;

use super::inbox::{Inbox, Wake};
use super::parking::Parking;
use super::port::Port;
use super::sync::{RingBuffer, SegQueue};
use crate::engine::ids::CoreId;

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
            let (producer, consumer) = RingBuffer::new(lane_notes);
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
