//! What the desk shows of the server: figures as they are now, what happened in
//! the last seconds, and how long things took in the last minute.
//!
//! A snapshot is made when somebody asks and the last one is a second old; all
//! who ask meanwhile get the same.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::super::readiness::{Phase, Readiness};
use super::super::reply::{Refusal, Reply, inside};
use super::order::Order;
use crate::limits::{STATS_EVERY, STATS_KEPT_FOR};
use crate::metrics::{Figures, Metrics, Reading};

/// See the module.
pub(super) struct Stats {
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    started: Instant,
    kept: Mutex<Kept>,
}

struct Kept {
    /// The last minute, the oldest first; at first the start, when all was 0.
    samples: VecDeque<(Instant, Figures)>,
    /// The last one as it is told, if there is any but the start.
    told: Option<Arc<str>>,
}

/// The keys of an answer.
#[derive(Serialize)]
struct Told<'a> {
    /// Unix seconds.
    time_at: i64,
    uptime_seconds: u64,
    phase: &'static str,
    /// What `a_second` was counted over: since somebody last asked, at most a
    /// second while somebody listens.
    over_seconds: f64,
    /// What times were observed in: a minute, or since somebody last asked.
    times_over_seconds: f64,
    sessions: u64,
    joined: u64,
    talks: u64,
    joins: Rate,
    lines: Rate,
    matches: Rate,
    requests: Rate,
    waiting: Vec<Waiting>,
    relay: Spread,
    cores: Vec<Core>,
    outbox_bytes: u64,
    slow_consumers: u64,
    errors: Vec<Named<'a>>,
    store: Vec<Op<'a>>,
    store_waiting: u64,
    store_failing: bool,
    sms: Vec<Sms<'a>>,
}

/// Since the start, and lately.
#[derive(Serialize)]
struct Rate {
    total: u64,
    a_second: f64,
}

/// A queue.
#[derive(Serialize)]
struct Waiting {
    pair: &'static str,
    slots: u64,
    oldest_seconds: u64,
    /// How long those waited who were matched.
    waited: Spread,
}

/// Times in seconds; without anything observed, none.
#[derive(Serialize)]
struct Spread {
    count: u64,
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
    p999: Option<f64>,
}

#[derive(Serialize)]
struct Core {
    core: usize,
    sessions: u64,
    joined: u64,
    frames: Rate,
    buffers_exhausted: u64,
    cq_overflow: u64,
}

#[derive(Serialize)]
struct Named<'a> {
    error: &'a str,
    #[serde(flatten)]
    rate: Rate,
}

#[derive(Serialize)]
struct Op<'a> {
    op: &'a str,
    total: u64,
    #[serde(flatten)]
    took: Spread,
}

#[derive(Serialize)]
struct Sms<'a> {
    gateway: &'a str,
    result: &'a str,
    total: u64,
}

/// `GET /admin/stats`
pub(super) async fn stats(order: &Order) -> Result<Reply, Refusal> {
    let told = order.context.admin.stats.told(order.context.now());
    Ok(Reply::of_keys(told.to_string()))
}

impl Stats {
    pub(super) fn new(metrics: Arc<Metrics>, readiness: Arc<Readiness>) -> Stats {
        let started = Instant::now();
        let mut samples = VecDeque::new();
        samples.push_back((started, metrics.figures()));
        Stats {
            metrics,
            readiness,
            started,
            kept: Mutex::new(Kept {
                samples,
                told: None,
            }),
        }
    }

    /// The keys of an answer, at most a second old.
    pub(super) fn told(&self, time_at: i64) -> Arc<str> {
        let now = Instant::now();
        // A panic while it was held has ended the process.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, _) = kept.samples.back().expect("there is the start, at least");
        if let Some(told) = &kept.told
            && now.duration_since(*last) < STATS_EVERY
        {
            return Arc::clone(told);
        }
        let figures = self.metrics.figures();
        let told: Arc<str> = self.tell(&kept.samples, now, &figures, time_at).into();
        kept.samples.push_back((now, figures));
        // Of those that are too old, the newest is what a minute is counted from.
        while kept.samples.len() > 2 && now.duration_since(kept.samples[1].0) >= STATS_KEPT_FOR {
            kept.samples.pop_front();
        }
        kept.told = Some(Arc::clone(&told));
        told
    }

    fn tell(
        &self,
        samples: &VecDeque<(Instant, Figures)>,
        now: Instant,
        figures: &Figures,
        time_at: i64,
    ) -> String {
        let there = "there is the start, at least";
        let (since, first) = samples.front().expect(there);
        let (before, last) = samples.back().expect(there);
        let lately = Lately {
            over: now.duration_since(*before),
            first,
            last,
        };
        inside(&Told {
            time_at,
            uptime_seconds: now.duration_since(self.started).as_secs(),
            phase: match self.readiness.phase() {
                Phase::Starting => "starting",
                Phase::Ready => "ready",
                Phase::Draining => "draining",
            },
            over_seconds: lately.over.as_secs_f64(),
            times_over_seconds: now.duration_since(*since).as_secs_f64(),
            sessions: figures.cores.iter().map(|core| core.sessions).sum(),
            joined: figures.joined,
            talks: figures.talks,
            joins: lately.rate(figures.joins, last.joins),
            lines: lately.rate(figures.lines, last.lines),
            matches: lately.rate(figures.matches, last.matches),
            requests: lately.rate(figures.requests, last.requests),
            waiting: lately.waiting(figures),
            relay: spread(figures.relay, first.relay.as_ref()),
            cores: lately.cores(figures),
            outbox_bytes: figures.outbox_bytes,
            slow_consumers: figures.slow_consumers,
            errors: lately.errors(figures),
            store: lately.store(figures),
            store_waiting: figures.store_waiting,
            store_failing: figures.store_failing,
            sms: sms(figures),
        })
    }
}

/// What figures are compared with.
struct Lately<'a> {
    /// How long ago the last ones were.
    over: Duration,
    /// A minute ago.
    first: &'a Figures,
    last: &'a Figures,
}

impl Lately<'_> {
    fn rate(&self, now: u64, before: u64) -> Rate {
        let grown = now.saturating_sub(before) as f64;
        Rate {
            total: now,
            a_second: grown / self.over.as_secs_f64().max(f64::EPSILON),
        }
    }

    fn waiting(&self, figures: &Figures) -> Vec<Waiting> {
        let both = figures.sides.iter().zip(&self.first.sides);
        let waiting = both.map(|(side, before)| Waiting {
            pair: side.pair,
            slots: side.waiting,
            oldest_seconds: side.oldest.as_secs(),
            waited: spread(side.waits, before.waits.as_ref()),
        });
        waiting.collect()
    }

    fn cores(&self, figures: &Figures) -> Vec<Core> {
        let both = figures.cores.iter().zip(&self.last.cores).enumerate();
        let cores = both.map(|(at, (core, before))| Core {
            core: at,
            sessions: core.sessions,
            joined: core.joined,
            frames: self.rate(core.frames, before.frames),
            buffers_exhausted: core.buffers_exhausted,
            cq_overflow: core.cq_overflow,
        });
        cores.collect()
    }

    /// Those that there were.
    fn errors<'f>(&self, figures: &'f Figures) -> Vec<Named<'f>> {
        let both = figures.errors.iter().zip(&self.last.errors);
        let there = both.filter(|((_, total), _)| *total > 0);
        let named = there.map(|(&(error, total), &(_, before))| Named {
            error,
            rate: self.rate(total, before),
        });
        named.collect()
    }

    fn store<'f>(&self, figures: &'f Figures) -> Vec<Op<'f>> {
        let both = figures.store.iter().zip(&self.first.store);
        let ops = both.map(|((op, reading), (_, before))| Op {
            op,
            total: reading.count(),
            took: spread(Some(*reading), Some(before)),
        });
        ops.collect()
    }
}

fn sms(figures: &Figures) -> Vec<Sms<'_>> {
    let there = figures.sms.iter().filter(|(_, _, total)| *total > 0);
    let told = there.map(|&(gateway, result, total)| Sms {
        gateway,
        result,
        total,
    });
    told.collect()
}

fn spread(now: Option<Reading>, before: Option<&Reading>) -> Spread {
    let lately = match (now, before) {
        (Some(now), Some(before)) => Some(now.since(before)),
        (now, _) => now,
    };
    let at = |share| {
        let time = lately.as_ref().and_then(|lately| lately.quantile(share));
        time.map(|time| time.as_secs_f64())
    };
    Spread {
        count: lately.as_ref().map_or(0, Reading::count),
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
    }
}
