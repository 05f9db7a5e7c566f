//! All that the desk shows, as it is at one moment: counts since the start, from
//! two of which follows what happened in between.

use std::time::Duration;

use super::cell::Reading;
use super::{CoreMetrics, Metrics, SmsDenial, SmsResult, StoreOp};
use crate::config::Gateway;
use crate::engine::Line;
use crate::engine::matchmaker::Side;
use crate::wire::message::{Kind, Slug};

/// See the module.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Each core, by its number.
    pub cores: Vec<CoreFigures>,
    /// Each queue.
    pub sides: Vec<SideFigures>,
    /// Users that are joined.
    pub joined: u64,
    /// Talks that are on.
    pub talks: u64,
    /// Joins that came in.
    pub joins: u64,
    /// Lines of talks that came in.
    pub lines: u64,
    /// Talks begun.
    pub matches: u64,
    /// Bytes that wait for clients to take them.
    pub outbox_bytes: u64,
    /// Sessions closed because they did not read.
    pub slow_consumers: u64,
    /// Errors by their name.
    pub errors: Vec<(&'static str, u64)>,
    /// From a line's receipt to its partner's send.
    pub relay: Option<Reading>,
    /// How long the store's operations took, by their name.
    pub store: Vec<(&'static str, Reading)>,
    /// Writes that are not on disk yet.
    pub store_waiting: u64,
    /// Whether what is written reaches the disk.
    pub store_failing: bool,
    /// What became of codes: gateway, result, how often.
    pub sms: Vec<(&'static str, &'static str, u64)>,
    /// Requests over HTTP that were answered.
    pub requests: u64,
}

/// A core.
#[derive(Clone, Copy, Debug)]
pub struct CoreFigures {
    /// Its connections.
    pub sessions: u64,
    /// Users at home there.
    pub joined: u64,
    /// Frames that it received.
    pub frames: u64,
    /// Receives that found no buffer.
    pub buffers_exhausted: u64,
    /// Completions that did not fit their queue.
    pub cq_overflow: u64,
}

/// A queue.
#[derive(Clone, Copy, Debug)]
pub struct SideFigures {
    /// Own and wanted gender.
    pub pair: &'static str,
    /// Slots that wait.
    pub waiting: u64,
    /// How long the longest-waiting has waited.
    pub oldest: Duration,
    /// How long slots waited until they were matched.
    pub waits: Option<Reading>,
}

impl Metrics {
    /// Everything as it is now.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let heard = |kind| self.sum(|core| core.came_in(Line::Message(kind)));
        let couples = [Side::FM, Side::MM, Side::FF];
        let matched = couples.map(|side| self.sum(|core| core.matched(side)));
        let store = StoreOp::ALL.map(|op| (op.as_str(), self.store.times(op)));
        let reads = self.store.reads().map(|reads| ("read", reads));
        Figures {
            cores: self.cores.iter().map(CoreMetrics::figures).collect(),
            sides: Side::ALL.into_iter().map(|side| self.side(side)).collect(),
            joined: self.sum(|core| core.joined.get()),
            talks: self.sum(|core| core.talks.get()),
            joins: heard(Kind::Join),
            lines: heard(Kind::Talking),
            matches: matched.into_iter().sum(),
            outbox_bytes: self.sum(|core| core.outbox_bytes.get()),
            slow_consumers: self.sum(|core| core.slow_consumers.get()),
            errors: self.all_errors(),
            relay: self.merged(CoreMetrics::relays),
            store: store.into_iter().chain(reads).collect(),
            store_waiting: self.store.waiting() as u64,
            store_failing: self.store.is_failing(),
            sms: self.sms_results(),
            requests: self.http.requests().map(|(_, _, count)| count).sum(),
        }
    }

    fn side(&self, side: Side) -> SideFigures {
        SideFigures {
            pair: side.as_str(),
            waiting: self.sum(|core| core.waiting(side)),
            oldest: self.oldest_wait(side),
            waits: self.merged(|core| core.waits(side)),
        }
    }

    fn all_errors(&self) -> Vec<(&'static str, u64)> {
        let told = |slug: Slug| (slug.as_str(), self.sum(|core| core.errors(slug)));
        let store = ("store", self.store.errors());
        Slug::ALL.into_iter().map(told).chain([store]).collect()
    }

    fn sms_results(&self) -> Vec<(&'static str, &'static str, u64)> {
        let results = Gateway::ALL.into_iter().flat_map(|gateway| {
            SmsResult::ALL.map(|result| {
                let count = self.sms.results(gateway, result);
                (gateway.name(), result.as_str(), count)
            })
        });
        let denials = SmsDenial::ALL.map(|why| ("none", why.as_str(), self.sms.denials(why)));
        results.chain(denials).collect()
    }
}

impl CoreMetrics {
    fn figures(&self) -> CoreFigures {
        CoreFigures {
            sessions: self.sessions.get(),
            joined: self.joined.get(),
            frames: self.all_came_in(),
            buffers_exhausted: self.buffers_exhausted.get(),
            cq_overflow: self.cq_overflow.get(),
        }
    }
}
