//! What a worker tells: a beat each second, what went wrong, and a last word.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spread::Spread;
use super::web::step::Step;

/// From a worker to whoever sums up.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Message {
    /// So many of its users are ready to begin; with all, it awaits the start.
    Ready { worker: u32, users: u32 },
    /// A second of the run.
    Beat(Box<Beat>),
    /// It is done.
    Finished(Box<Finish>),
    /// It could not go on.
    Broken(String),
}

/// What happened within a second.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Beat {
    /// Which second after the warm-up; negative during it.
    pub(super) second: i64,
    /// Lines that arrived.
    pub(super) lines: u64,
    /// Talks that began.
    pub(super) matches: u64,
    /// Users that came and were answered.
    pub(super) joins: u64,
    /// HTTP requests that were answered.
    pub(super) requests: u64,
    /// Users of HTTP that did all they had to do.
    pub(super) rounds: u64,
    /// Errors and failed checks.
    pub(super) errors: u64,
    /// From sending a line, or the time it was due, to its arrival.
    pub(super) latency: Spread,
    /// From asking for a partner to getting one.
    pub(super) matching: Spread,
    /// From connecting to the first answer.
    pub(super) joining: Spread,
    /// From sending an HTTP request, or its due time, to its answer.
    pub(super) answering: Spread,
    /// The same by what was asked.
    pub(super) steps: [Spread; Step::ALL.len()],
}

impl Beat {
    pub(super) fn settle(&mut self) {
        self.latency.settle();
        self.matching.settle();
        self.joining.settle();
        self.answering.settle();
        self.steps.iter_mut().for_each(Spread::settle);
    }

    /// Adds what another worker, or another second, has.
    pub(super) fn merge(&mut self, other: &Beat) {
        self.lines += other.lines;
        self.matches += other.matches;
        self.joins += other.joins;
        self.errors += other.errors;
        self.latency.merge(&other.latency);
        self.matching.merge(&other.matching);
        self.joining.merge(&other.joining);
        self.requests += other.requests;
        self.rounds += other.rounds;
        self.answering.merge(&other.answering);
        for (own, other) in self.steps.iter_mut().zip(&other.steps) {
            own.merge(other);
        }
    }
}

/// A worker's last word.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Finish {
    /// Errors of the server, by slug.
    pub(super) errors: BTreeMap<String, u64>,
    /// Failed checks, by name.
    pub(super) checks: BTreeMap<Check, u64>,
    /// The first few of them, in words.
    pub(super) failures: Vec<String>,
    /// CPU time while measuring, nanoseconds.
    pub(super) busy_ns: u64,
    /// How long that was, nanoseconds.
    pub(super) wall_ns: u64,
    /// One over the other; of several workers the highest.
    pub(super) busiest: f64,
    /// What was due but for which nobody was free before the end.
    pub(super) overdue: u64,
    /// The sum over all talks that began, + for one side and − for the other:
    /// 0 over all workers if both sides of each heard of it.
    pub(super) sides: u64,
    /// Users that waited for a partner at the end: F, M.
    pub(super) waiting: [u64; 2],
    /// Lines sent and heard in all, warm-up and drain included.
    pub(super) sent: u64,
    pub(super) heard: u64,
    /// Answers over HTTP, likewise.
    pub(super) answered: u64,
    /// Uploads that the server put off.
    pub(super) put_off: u64,
}

/// Failures told in words, at most.
pub(super) const TOLD: usize = 10;

impl Finish {
    pub(super) fn fail(&mut self, check: Check, text: impl FnOnce() -> String) {
        *self.checks.entry(check).or_default() += 1;
        if self.failures.len() < TOLD {
            self.failures.push(format!("{}: {}", check.name(), text()));
        }
    }

    /// Adds what another worker has.
    pub(super) fn merge(&mut self, other: Finish) {
        for (slug, count) in other.errors {
            *self.errors.entry(slug).or_default() += count;
        }
        for (check, count) in other.checks {
            *self.checks.entry(check).or_default() += count;
        }
        self.failures.extend(other.failures);
        self.failures.truncate(TOLD);
        self.busy_ns += other.busy_ns;
        self.wall_ns += other.wall_ns;
        self.overdue += other.overdue;
        self.busiest = self.busiest.max(other.busiest);
        self.sides = self.sides.wrapping_add(other.sides);
        self.waiting[0] += other.waiting[0];
        self.waiting[1] += other.waiting[1];
        self.sent += other.sent;
        self.heard += other.heard;
        self.answered += other.answered;
        self.put_off += other.put_off;
    }
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    /// A line never came.
    Lost,
    /// A line came twice.
    Repeated,
    /// A line came after a later one.
    Reordered,
    /// A line came to somebody else, or from somebody else.
    Misrouted,
    /// A line came, but not as it was sent.
    Corrupted,
    /// A frame came that nothing had asked for, or that is none.
    Unexpected,
    /// Something that was asked for never came.
    Unanswered,
    /// Only one side heard of a talk, or of its end.
    OneSided,
    /// The server hung up.
    Disconnected,
}

impl Check {
    pub(super) fn name(self) -> &'static str {
        match self {
            Check::Lost => "lost",
            Check::Repeated => "repeated",
            Check::Reordered => "reordered",
            Check::Misrouted => "misrouted",
            Check::Corrupted => "corrupted",
            Check::Unexpected => "unexpected",
            Check::Unanswered => "unanswered",
            Check::OneSided => "one_sided",
            Check::Disconnected => "disconnected",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finishes_add_up() {
        let mut a = Finish {
            sides: 5,
            busy_ns: 1,
            ..Finish::default()
        };
        a.errors.insert("rate_limited".into(), 2);
        a.fail(Check::Lost, || "line 3".into());
        let mut b = Finish {
            sides: 5_u64.wrapping_neg(),
            waiting: [1, 2],
            ..Finish::default()
        };
        b.errors.insert("rate_limited".into(), 3);
        for line in 0..20 {
            b.fail(Check::Lost, || format!("line {line}"));
        }
        a.merge(b);
        assert_eq!(a.errors["rate_limited"], 5);
        assert_eq!(a.checks[&Check::Lost], 21);
        assert_eq!(a.failures.len(), TOLD);
        assert_eq!((a.sides, a.waiting, a.busy_ns), (0, [1, 2], 1));
    }

    #[test]
    fn beats_travel_and_add_up() {
        let mut beat = Beat {
            second: -1,
            lines: 2,
            ..Beat::default()
        };
        beat.latency.record(1_000);
        beat.settle();
        let text = serde_json::to_string(&Message::Beat(Box::new(beat))).unwrap();
        let Message::Beat(got) = serde_json::from_str(&text).unwrap() else {
            panic!("{text}");
        };
        let mut sum = Beat::default();
        sum.merge(&got);
        sum.merge(&got);
        assert_eq!((sum.lines, sum.latency.count()), (4, 2));
    }
}
