//! What a core tells the metrics, once a turn.

use std::sync::Arc;

use super::Clock;
use crate::engine::ids::CoreId;
use crate::engine::matchmaker::Side;
use crate::engine::shard::Shard;
use crate::engine::{Counts, Line};
use crate::metrics::Metrics;
use crate::ring::Ring;
use crate::wire::message::{Kind, Slug, TABLE};

/// One relayed line in this many turns is measured.
const RELAY_SAMPLE: u32 = 16;

/// See the module.
pub(super) struct Report {
    metrics: Arc<Metrics>,
    core: CoreId,
    overflow: u64,
    turns: u32,
}

impl Report {
    pub(super) fn new(metrics: Arc<Metrics>, core: CoreId) -> Self {
        Report {
            metrics,
            core,
            overflow: 0,
            turns: 0,
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

    pub(super) fn note(&self, to: CoreId) {
        self.metrics.core(self.core).lane_notes(to, 1);
    }

    /// The turn is over: everything else.
    pub(super) fn turn(&mut self, clock: Clock, shard: &Shard, counts: &mut Counts, ring: &Ring) {
        let core = self.metrics.core(self.core);
        let gauges = shard.gauges();
        core.set_sessions(gauges.links as u64);
        core.set_joined(gauges.joined as u64);
        core.set_talks(u64::try_from(gauges.talks).expect("a talk ends after it began"));
        core.set_outbox_bytes(gauges.outbox);
        for (side, waiting) in Side::ALL.into_iter().zip(gauges.waiting) {
            core.set_waiting(side, waiting as u64);
        }
        if ring.overflow() > self.overflow {
            core.cq_overflow(ring.overflow() - self.overflow);
            self.overflow = ring.overflow();
        }
        self.turns = self.turns.wrapping_add(1);
        if let Some(heard) = counts.relayed
            && self.turns.is_multiple_of(RELAY_SAMPLE)
        {
            core.relay(clock.now().since(heard));
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
        if counts.lines_out[Line::Message(Kind::Error).index()] > 0 {
            for slug in Slug::ALL {
                core.error(slug, counts.errors[slug as usize].into());
            }
            core.slow_consumers(counts.errors[Slug::SlowConsumer as usize].into());
        }
    }
}
