//! The result, in the form in which `--json` writes it. The page and the table
//! show the same figures.
//!
//! `schema` is 1. It changes when a key goes away or changes its meaning; new
//! keys may come. Units stand at the end of each name.

pub(super) mod html;
mod svg;
pub(super) mod table;
mod unit;

use std::collections::BTreeMap;

use serde::Serialize;

use super::course::{Outcome, ServerUse};
use super::options::{Options, name};
use super::spread::Spread;
use super::tally::Beat;
use super::unruly::Provoked;
use super::web::step::Step;

/// See the module.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) schema: u32,
    pub(super) scenario: String,
    pub(super) peer: String,
    /// `open` or `closed`.
    #[serde(rename = "loop")]
    pub(super) kind: &'static str,
    /// What latency is counted from: `sending` or `due`.
    pub(super) latency_from: &'static str,
    pub(super) options: Asked,
    /// All checks held and the server refused nothing.
    pub(super) passed: bool,
    pub(super) measured_seconds: f64,
    pub(super) lines: u64,
    pub(super) lines_per_second: f64,
    pub(super) matches: u64,
    pub(super) matches_per_second: f64,
    pub(super) joins: u64,
    pub(super) joins_per_second: f64,
    /// HTTP requests that were answered.
    pub(super) requests: u64,
    pub(super) requests_per_second: f64,
    /// Users of HTTP that did all they had to do.
    pub(super) rounds: u64,
    pub(super) rounds_per_second: f64,
    /// From sending a line, or its due time, to its arrival.
    pub(super) latency: Option<Figures>,
    /// From asking for a partner to having one.
    pub(super) match_time: Option<Figures>,
    /// From connecting to the first answer.
    pub(super) join_time: Option<Figures>,
    /// From sending an HTTP request, or its due time, to its answer.
    pub(super) answer_time: Option<Figures>,
    /// The same by what was asked.
    pub(super) answer_time_by_request: BTreeMap<&'static str, Figures>,
    /// Uploads that the server put off, having too many; they waited and asked
    /// again, and took that much longer.
    pub(super) put_off: u64,
    /// In an open loop: what was due, but nobody was free to do it before the
    /// end; in no other figure.
    pub(super) overdue_at_end: u64,
    /// Errors that the server answered, by slug.
    pub(super) errors: BTreeMap<String, u64>,
    /// Failed checks, by name.
    pub(super) failed_checks: BTreeMap<&'static str, u64>,
    /// What went wrong, in words; only the first of many.
    pub(super) failures: Vec<String>,
    /// Those who misbehaved beside the users.
    pub(super) unruly: Option<Provoked>,
    /// Errors that the server answered them, by slug.
    pub(super) provoked: BTreeMap<String, u64>,
    pub(super) generator: Generator,
    pub(super) server: Option<Server>,
    pub(super) seconds: Vec<Second>,
    /// Which of the times `seconds` and `percentiles` are about.
    pub(super) curve_of: &'static str,
    pub(super) percentiles: Vec<Point>,
}

/// The options in force.
#[derive(Debug, Serialize)]
pub(super) struct Asked {
    pub(super) pairs: u32,
    pub(super) connections: u32,
    /// Users of HTTP.
    pub(super) callers: u32,
    pub(super) window_lines: u32,
    pub(super) size_bytes: usize,
    pub(super) duration_seconds: f64,
    pub(super) warmup_seconds: f64,
    pub(super) rate_per_second: u64,
    pub(super) threads: u32,
    pub(super) processes: u32,
    pub(super) ramp_per_second: u32,
    pub(super) seed: u32,
    /// Whether the generator started the server, without `max_rate`.
    pub(super) own_server: bool,
}

/// Microseconds.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) count: u64,
    pub(super) mean_us: f64,
    pub(super) p50_us: f64,
    pub(super) p90_us: f64,
    pub(super) p99_us: f64,
    pub(super) p99_9_us: f64,
    pub(super) max_us: f64,
}

/// What the generator itself used.
#[derive(Debug, Serialize)]
pub(super) struct Generator {
    /// CPU time of its threads over the measured time; 1 is all of it.
    pub(super) busy_share: f64,
    /// That of its busiest thread.
    pub(super) busiest_share: f64,
    pub(super) cpu_ns_per_line: Option<f64>,
    pub(super) cpu_ns_per_request: Option<f64>,
    /// The busiest was so for more than 0.95: it may be the bottleneck, not the server.
    pub(super) saturated: bool,
}

/// What the server used while measuring; memory when all users were there.
#[derive(Debug, Serialize)]
pub(super) struct Server {
    pub(super) pid: u32,
    pub(super) cpu_share: Option<f64>,
    pub(super) cpu_ns_per_line: Option<f64>,
    pub(super) cpu_user_ns_per_line: Option<f64>,
    pub(super) cpu_system_ns_per_line: Option<f64>,
    pub(super) cpu_ns_per_match: Option<f64>,
    pub(super) cpu_ns_per_join: Option<f64>,
    pub(super) cpu_ns_per_request: Option<f64>,
    pub(super) memory_bytes: Option<u64>,
    /// Growth of its resident memory by a session, from before the users came
    /// to when all were ready. In `idle` what the server has for whoever is
    /// there, buffers above all, had been touched before and does not count.
    pub(super) memory_bytes_per_session: Option<f64>,
    /// The same with fewer of them there: the slope.
    pub(super) memory_by_sessions: Vec<Weight>,
    /// Growth of the system's slab memory by a session: both ends of it, and
    /// whatever else happened.
    pub(super) slab_bytes_per_session: Option<f64>,
}

/// Growth of the server's resident memory when so many sessions were there.
#[derive(Debug, Serialize)]
pub(super) struct Weight {
    pub(super) sessions: u32,
    pub(super) bytes_per_session: f64,
}

/// One second of the measured time.
#[derive(Debug, Serialize)]
pub(super) struct Second {
    pub(super) second: i64,
    pub(super) lines: u64,
    pub(super) matches: u64,
    pub(super) joins: u64,
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) p50_us: Option<f64>,
    pub(super) p99_us: Option<f64>,
}

/// One point of the curve by percentile.
#[derive(Debug, Serialize)]
pub(super) struct Point {
    pub(super) percentile: f64,
    pub(super) us: f64,
}

impl Report {
    pub(super) fn new(
        options: &Options,
        processes: u32,
        own_server: bool,
        outcome: &Outcome,
        failures: &[String],
    ) -> Report {
        let sum = outcome.measured();
        let seconds = options.duration.as_secs_f64();
        let a_second = |count: u64| rounded(count as f64 / seconds);
        let open = options.is_open_loop();
        let (curve_of, curve) = main_spread(&sum);
        Report {
            schema: 1,
            scenario: name(options.scenario),
            peer: name(options.peer),
            kind: if open { "open" } else { "closed" },
            latency_from: if open { "due" } else { "sending" },
            options: asked(options, processes, own_server),
            passed: failures.is_empty(),
            measured_seconds: seconds,
            lines: sum.lines,
            lines_per_second: a_second(sum.lines),
            matches: sum.matches,
            matches_per_second: a_second(sum.matches),
            joins: sum.joins,
            joins_per_second: a_second(sum.joins),
            requests: sum.requests,
            requests_per_second: a_second(sum.requests),
            rounds: sum.rounds,
            rounds_per_second: a_second(sum.rounds),
            latency: Figures::of(&sum.latency),
            match_time: Figures::of(&sum.matching),
            join_time: Figures::of(&sum.joining),
            answer_time: Figures::of(&sum.answering),
            answer_time_by_request: (Step::ALL.iter().zip(&sum.steps))
                .filter_map(|(step, spread)| Some((step.name(), Figures::of(spread)?)))
                .collect(),
            put_off: outcome.finish.put_off,
            overdue_at_end: outcome.finish.overdue,
            errors: outcome.finish.errors.clone(),
            failed_checks: (outcome.finish.checks.iter())
                .map(|(check, count)| (check.name(), *count))
                .collect(),
            failures: failures.to_vec(),
            provoked: (outcome.unruly.as_ref())
                .map(|unruly| unruly.errors.clone())
                .unwrap_or_default(),
            unruly: outcome.unruly.clone(),
            generator: Generator::of(outcome, &sum),
            server: outcome.server.as_ref().map(|used| {
                let sessions = options.chatters() + options.callers;
                Server::of(used, &sum, seconds, sessions)
            }),
            seconds: (outcome.seconds.range(0..))
                .map(|(_, beat)| Second::of(beat))
                .collect(),
            curve_of,
            percentiles: points(curve),
        }
    }
}

fn asked(options: &Options, processes: u32, own_server: bool) -> Asked {
    Asked {
        pairs: options.pairs,
        connections: options.chatters() + options.callers,
        callers: options.callers,
        window_lines: options.window,
        size_bytes: options.size,
        duration_seconds: options.duration.as_secs_f64(),
        warmup_seconds: options.warmup.as_secs_f64(),
        rate_per_second: options.rate,
        threads: options.threads,
        processes,
        ramp_per_second: options.ramp,
        seed: options.seed.unwrap_or_default(),
        own_server,
    }
}

impl Figures {
    fn of(spread: &Spread) -> Option<Figures> {
        let at = |share| spread.quantile(share).map(micros);
        Some(Figures {
            count: spread.count(),
            mean_us: rounded(spread.mean()? / 1e3),
            p50_us: at(0.5)?,
            p90_us: at(0.9)?,
            p99_us: at(0.99)?,
            p99_9_us: at(0.999)?,
            max_us: at(1.0)?,
        })
    }
}

impl Generator {
    fn of(outcome: &Outcome, sum: &Beat) -> Generator {
        let finish = &outcome.finish;
        let busy = finish.busy_ns as f64 / finish.wall_ns.max(1) as f64;
        Generator {
            busy_share: rounded(busy),
            busiest_share: rounded(finish.busiest),
            cpu_ns_per_line: each(finish.busy_ns as f64, sum.lines),
            cpu_ns_per_request: each(finish.busy_ns as f64, sum.requests),
            saturated: finish.busiest > 0.95,
        }
    }
}

impl Server {
    fn of(used: &ServerUse, sum: &Beat, seconds: f64, sessions: u32) -> Server {
        let cpu = match used.cpu {
            [Some(before), Some(after)] => Some(after.since(&before)),
            _ => None,
        };
        let total = cpu.map(|(user, system)| user + system);
        let growth = |[before, after]: [Option<u64>; 2], sessions: u32| {
            let grown = after?.saturating_sub(before?);
            each(grown as f64, sessions.into())
        };
        let by_sessions = used.resident_by_users.iter().filter_map(|&(users, bytes)| {
            Some(Weight {
                sessions: users,
                bytes_per_session: growth([used.resident[0], Some(bytes)], users)?,
            })
        });
        Server {
            pid: used.pid,
            cpu_share: total.map(|ns| rounded(ns / 1e9 / seconds)),
            cpu_ns_per_line: total.and_then(|ns| each(ns, sum.lines)),
            cpu_user_ns_per_line: cpu.and_then(|(user, _)| each(user, sum.lines)),
            cpu_system_ns_per_line: cpu.and_then(|(_, system)| each(system, sum.lines)),
            cpu_ns_per_match: total.and_then(|ns| each(ns, sum.matches)),
            cpu_ns_per_join: total.and_then(|ns| each(ns, sum.joins)),
            cpu_ns_per_request: total.and_then(|ns| each(ns, sum.requests)),
            memory_bytes: used.resident[1],
            memory_bytes_per_session: growth(used.resident, sessions),
            memory_by_sessions: by_sessions.collect(),
            slab_bytes_per_session: growth(used.slab, sessions),
        }
    }
}

impl Second {
    fn of(beat: &Beat) -> Second {
        let (_, spread) = main_spread(beat);
        Second {
            second: beat.second,
            lines: beat.lines,
            matches: beat.matches,
            joins: beat.joins,
            requests: beat.requests,
            errors: beat.errors,
            p50_us: spread.quantile(0.5).map(micros),
            p99_us: spread.quantile(0.99).map(micros),
        }
    }
}

/// The times that there are: of lines, else of joins, matches or requests.
fn main_spread(beat: &Beat) -> (&'static str, &Spread) {
    let spreads = [
        ("latency", &beat.latency),
        ("join_time", &beat.joining),
        ("match_time", &beat.matching),
        ("answer_time", &beat.answering),
    ];
    let mut any = spreads.iter().filter(|(_, spread)| spread.count() > 0);
    *any.next().unwrap_or(&spreads[0])
}

/// Closer and closer to 100, as far as there are values to tell.
fn points(spread: &Spread) -> Vec<Point> {
    const STEPS_A_DECADE: i32 = 8;
    const DECADES: i32 = 7;
    let rest = (0..STEPS_A_DECADE * DECADES)
        .map(|step| 10_f64.powf(-f64::from(step) / f64::from(STEPS_A_DECADE)));
    let shown = rest.take_while(|rest| rest * spread.count() as f64 >= 1.0);
    shown
        .map(|rest| 1.0 - rest)
        .chain((spread.count() > 0).then_some(1.0))
        .filter_map(|share| {
            let us = micros(spread.quantile(share)?);
            let percentile = (share * 1e9).round() / 1e7;
            Some(Point { percentile, us })
        })
        .collect()
}

fn each(total: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| rounded(total / count as f64))
}

fn micros(nanos: u64) -> f64 {
    rounded(nanos as f64 / 1e3)
}

/// To a thousandth: more is noise.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests;
