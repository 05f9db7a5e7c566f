//! One core's end of its lanes.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam::utils::CachePadded;

use super::parking::{self, Parking};
use super::sync::{Consumer, Producer, SegQueue};
use crate::engine::ids::CoreId;

/// Notes taken from one lane before the next has its turn.
const BATCH_NOTES: usize = 256;

/// One core's end of its lanes, for its thread alone.
///
/// A turn: [`receive`](Port::receive) until `None`, [`send`](Port::send) as it
/// comes, [`flush`](Port::flush) and wake whom it names, then
/// [`park`](Port::park) before a sleep and [`unpark`](Port::unpark) after it.
pub struct Port<T> {
    core: CoreId,
    outbound: Vec<Outbound<T>>,
    inbound: Vec<Consumer<T>>,
    inbox: Arc<SegQueue<T>>,
    parking: Arc<[CachePadded<Parking>]>,
    /// Notes that are not in their lanes yet, over all lanes.
    waiting: usize,
    overflowing: bool,
    round: Round,
}

/// The writing end of a lane, and what is on the way into it.
struct Outbound<T> {
    lane: Producer<T>,
    /// Everything goes through here: notes enter the lane in batches.
    waiting: VecDeque<T>,
    published: bool,
}

/// How far a round over the inbound lanes and, last of them, the inbox has come.
struct Round {
    first: usize,
    step: usize,
    left_notes: usize,
}

impl<T> Port<T> {
    pub(super) fn new(
        core: CoreId,
        outbound: Vec<Producer<T>>,
        inbound: Vec<Consumer<T>>,
        inbox: Arc<SegQueue<T>>,
        parking: Arc<[CachePadded<Parking>]>,
    ) -> Self {
        let outbound = outbound.into_iter().map(Outbound::new).collect();
        Port {
            core,
            outbound,
            inbound,
            inbox,
            parking,
            waiting: 0,
            overflowing: false,
            round: Round {
                first: 0,
                step: 0,
                left_notes: BATCH_NOTES,
            },
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn core(&self) -> CoreId {
        self.core
    }

    /// How many cores there are, this one included.
    #[must_use]
    pub fn cores(&self) -> usize {
        self.inbound.len()
    }

    /// Sends `note` to a core, this one included, with the next
    /// [`flush`](Port::flush); later if the lane is full by then. Never
    /// overtakes, and never drops but what a core has left that has ended.
    ///
    /// # Panics
    /// If there is no such core.
    pub fn send(&mut self, to: CoreId, note: T) {
        self.outbound[usize::from(to.0)].waiting.push_back(note);
        self.waiting += 1;
    }

    /// Publishes what was sent, as far as the lanes have room, and names the
    /// sleeping cores that must be woken for it, each to exactly one sender.
    pub fn flush(&mut self, mut wake: impl FnMut(CoreId)) {
        if self.waiting == 0 {
            return;
        }
        self.waiting = 0;
        for lane in &mut self.outbound {
            lane.publish();
            self.waiting += lane.waiting.len();
        }
        self.overflowing = self.waiting > 0;
        parking::published();
        for (to, lane) in (0..).zip(&mut self.outbound) {
            let woken = std::mem::take(&mut lane.published) && self.parking[usize::from(to)].take();
            if woken && to != self.core.0 {
                wake(CoreId(to));
            }
        }
    }

    /// The next note to this core and who sent it (`None`: a thread that is no
    /// core). `None` ends a round, which takes a bounded number from each lane
    /// and from the inbox; there may be more, then [`park`](Port::park) says so.
    pub fn receive(&mut self) -> Option<(Option<CoreId>, T)> {
        let sources = self.inbound.len() + 1;
        while self.round.step < sources {
            let source = (self.round.first + self.round.step) % sources;
            if self.round.left_notes > 0
                && let Some(note) = self.take(source)
            {
                self.round.left_notes -= 1;
                return Some(note);
            }
            self.round.step += 1;
            self.round.left_notes = BATCH_NOTES;
        }
        self.round.first = (self.round.first + 1) % sources;
        self.round.step = 0;
        None
    }

    /// Whether the last flush left notes behind because a lane was full.
    #[must_use]
    pub fn overflowing(&self) -> bool {
        self.overflowing
    }

    /// Notes sent that are in no lane yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether nothing is to be received and nothing waits to be sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting == 0 && self.inbox.is_empty() && self.inbound.iter().all(Consumer::is_empty)
    }

    /// Whether this core may sleep: others will then wake it. `false` if there
    /// is work.
    #[must_use]
    pub fn park(&self) -> bool {
        self.own_parking().park(|| !self.is_empty())
    }

    /// To be called after the sleep, whatever ended it.
    pub fn unpark(&self) {
        self.own_parking().unpark();
    }

    fn take(&mut self, source: usize) -> Option<(Option<CoreId>, T)> {
        match self.inbound.get_mut(source) {
            Some(lane) => {
                let note = lane.pop().ok()?;
                let from = u16::try_from(source).expect("cores are counted in 16 bits");
                Some((Some(CoreId(from)), note))
            }
            None => self.inbox.pop().map(|note| (None, note)),
        }
    }

    fn own_parking(&self) -> &Parking {
        &self.parking[usize::from(self.core.0)]
    }
}

impl<T> Outbound<T> {
    fn new(lane: Producer<T>) -> Self {
        Outbound {
            lane,
            waiting: VecDeque::new(),
            published: false,
        }
    }

    /// Moves into the lane what fits, visible all at once. What nobody reads
    /// any more is dropped: waiting for room would take for ever.
    fn publish(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if self.lane.is_abandoned() {
            self.waiting.clear();
            return;
        }
        let fitting = self.lane.slots().min(self.waiting.len());
        if fitting == 0 {
            return;
        }
        let room = self.lane.write_chunk_uninit(fitting);
        let room = room.expect("the only writer has just seen that many free slots");
        room.fill_from_iter(self.waiting.drain(..fitting));
        self.published = true;
    }
}
