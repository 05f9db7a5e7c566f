//! What a core tells the metrics, once a turn.

use std::sync::Arc;
use std::time::Duration;

use super::Clock;
use crate::engine::ids::{CoreId, Time};
use crate::engine::matchmaker::Side;
use crate::engine::shard::{Gauges, Shard};
use crate::engine::{Counts, Line};
use crate::metrics::{Metrics, Refusal};
use crate::ring::Ring;
use crate::wire::message::{Slug, TABLE};

/// One relayed line is measured in this many turns that relayed any.
const RELAY_SAMPLE: u32 = 16;

/// How often the queues are looked at for their oldest waits.
const OLDEST_EVERY: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Report {
    metrics: Arc<Metrics>,
    core: CoreId,
    overflow: u64,
    relaying_turns: u32,
    /// When the queues may be looked at again for their oldest waits.
    looks: Time,
    /// Something has happened since they were.
    stale: bool,
    gauges: Gauges,
}

impl Report {
    pub(super) fn new(metrics: Arc<Metrics>, core: CoreId) -> Self {
        Report {
            metrics,
            core,
            overflow: 0,
            relaying_turns: 0,
            looks: Time(0),
            stale: true,
            gauges: Gauges::default(),
        }
    }

    pub(super) fn received(&self, bytes: usize) {
        self.metrics.core(self.core).add_bytes_in(bytes as u64);
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.metrics.core(self.core).add_bytes_out(bytes as u64);
    }

    pub(super) fn starved(&self) {
        self.metrics.core(self.core).buffers_exhausted(1);
    }

    pub(super) fn refused(&self, why: Refusal) {
        self.metrics.core(self.core).refused(why, 1);
    }

    pub(super) fn note(&self, to: CoreId) {
        self.metrics.core(self.core).lane_notes(to, 1);
    }

    /// When a turn is due at the latest, though nothing happens.
    pub(super) fn deadline(&self) -> Time {
        if self.stale { self.looks } else { Time::NEVER }
    }

    /// The turn, which began at `now`, is over: everything else.
    pub(super) fn turn(
        &mut self,
        clock: Clock,
        now: Time,
        shard: &Shard,
        counts: &mut Counts,
        ring: &Ring,
    ) {
        let core = self.metrics.core(self.core);
        let gauges = shard.gauges();
        core.set_sessions(gauges.links as u64);
        core.set_joined(gauges.joined as u64);
        core.set_talks(gauges.talks as u64);
        core.set_outbox_bytes(gauges.outbox);
        for (side, waiting) in Side::ALL.into_iter().zip(gauges.waiting) {
            core.set_waiting(side, waiting as u64);
        }
        self.stale |= counts.touched() || gauges != self.gauges;
        self.gauges = gauges;
        if self.stale && now >= self.looks {
            (self.looks, self.stale) = (now + OLDEST_EVERY, false);
            for (side, since) in Side::ALL.into_iter().zip(shard.oldest()) {
                core.set_oldest(side, since.map_or(0, |since| since.0));
            }
        }
        if ring.overflow() > self.overflow {
            core.cq_overflow(ring.overflow() - self.overflow);
            self.overflow = ring.overflow();
        }
        if let Some(heard) = counts.relayed {
            self.relaying_turns = self.relaying_turns.wrapping_add(1);
            if self.relaying_turns.is_multiple_of(RELAY_SAMPLE) {
                core.relay(clock.now().since(heard));
            }
        }
        self.lines(counts);
        counts.clear();
    }

    fn lines(&self, counts: &Counts) {
        let core = self.metrics.core(self.core);
        for &(side, waited) in &counts.waits {
            core.match_wait(side, waited);
        }
        for &side in &counts.matches {
            core.matches(side, 1);
        }
        if !counts.touched() {
            return;
        }
        let messages = TABLE.map(|row| Line::Message(row.0));
        for line in messages
            .into_iter()
            .chain([Line::Heartbeat, Line::Room, Line::Invalid])
        {
            let (came, went) = (
                counts.lines_in[line.index()],
                counts.lines_out[line.index()],
            );
            if came > 0 {
                core.frames_in(line, came.into());
            }
            if went > 0 {
                core.frames_out(line, went.into());
            }
        }
        for slug in Slug::ALL {
            let told = counts.errors[slug as usize];
            if told > 0 {
                core.error(slug, told.into());
            }
        }
        core.slow_consumers(counts.errors[Slug::SlowConsumer as usize].into());
    }
}
