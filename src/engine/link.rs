//! One connection: what it has half said, what it is owed, and its limits.

use std::collections::VecDeque;
use std::time::Duration;

use super::deadlines::Standing;
use super::durable::Word;
use super::ids::{SessionId, Time};
use super::note::Arrival;
use super::rules::Rules;
use crate::limits::{ERROR_WINDOW, ERRORS, RATE_BURST_SECONDS, RATE_TOLD_EVERY};
use crate::wire::again::Again;
use crate::wire::frame::Framer;
use crate::wire::message::Dialect;

/// See the module. Travels whole when a takeover moves the connection to
/// another core.
#[derive(Debug)]
pub struct Link {
    pub(crate) framer: Framer,
    pub(crate) dialect: Option<Dialect>,
    /// What its last line was like.
    pub(crate) again: Option<Box<Again>>,
    pub(crate) bond: Bond,
    pub(crate) hushed: bool,
    /// The peer has closed; acted on after its last whole line.
    pub(crate) ended: bool,
    pub(crate) heard: Time,
    pub(crate) outbox: Outbox,
    /// Last words that the system may not have taken yet.
    pub(crate) unsure: Option<Box<Unsure>>,
    /// When it will be looked at for its time-outs.
    pub(crate) looks: Standing,
    opened: Time,
    /// When the next frame would be due if frames came evenly.
    rate_next: Time,
    rate_told: Time,
    errors: VecDeque<Time>,
}

/// What a link is to the sessions.
#[derive(Debug)]
pub(crate) enum Bond {
    /// Nobody has joined on it.
    Free,
    /// The link of a session of this core.
    Session(SessionId),
    /// Waits to take a session of this core over, as soon as that is idle.
    Guest(SessionId),
    /// On its way to the core of a session that it will take over.
    Moving(SessionId, Box<Arrival>),
}

/// Bytes on their way to the peer.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// All that was ever queued.
    pub(crate) queued: u64,
    /// All that the system took of it.
    pub(crate) sent: u64,
    /// Stored words reach up to here: they may be more than `max_outbox`.
    pub(crate) spared: u64,
    /// When it last took some, or the oldest waiting byte was queued.
    pub(crate) moved: Time,
}

/// Words said to a link, oldest first. Until the system has taken all bytes up
/// to its mark, a word may be lost with the connection.
#[derive(Debug, Default)]
pub(crate) struct Unsure(VecDeque<(u64, Word)>);

impl Unsure {
    pub(crate) fn push(&mut self, mark: u64, word: Word) {
        self.0.push_back((mark, word));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes those out that were taken with `sent` bytes.
    pub(crate) fn taken(&mut self, sent: u64) -> Vec<Word> {
        let count = self.0.partition_point(|(mark, _)| *mark <= sent);
        self.0.drain(..count).map(|(_, word)| word).collect()
    }

    pub(crate) fn into_words(self) -> Vec<Word> {
        self.0.into_iter().map(|(_, word)| word).collect()
    }
}

impl Outbox {
    pub(crate) fn waiting(&self) -> u64 {
        self.queued - self.sent
    }

    /// Does more count against this limit than may?
    pub(crate) fn is_over(&self, limit: Option<usize>) -> bool {
        let counted = self.queued - self.sent.max(self.spared);
        limit.is_some_and(|limit| counted > limit as u64)
    }
}

/// What a rate limit says to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Kept,
    /// Refused, and told so.
    Told,
    /// Refused in silence.
    Silent,
}

impl Link {
    pub(crate) fn new(now: Time) -> Self {
        Link {
            framer: Framer::default(),
            dialect: None,
            again: None,
            bond: Bond::Free,
            hushed: false,
            ended: false,
            heard: now,
            outbox: Outbox::default(),
            unsure: None,
            looks: Standing::NONE,
            opened: now,
            rate_next: Time(0),
            rate_told: Time(0),
            errors: VecDeque::new(),
        }
    }

    /// The session that it is the link of.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.bond {
            Bond::Session(session) => Some(session),
            Bond::Free | Bond::Guest(_) | Bond::Moving(..) => None,
        }
    }

    /// One more frame: a leaky bucket as a meter (the generic cell rate
    /// algorithm of ITU-T I.371).
    pub(crate) fn pace(&mut self, now: Time, max_rate: Option<u32>) -> Pace {
        let Some(rate) = max_rate else {
            return Pace::Kept;
        };
        let rate = u64::from(rate);
        let gap = 1_000_000_000 / rate;
        let next = self.rate_next.0.max(now.0) + gap;
        if next - now.0 <= gap * rate * u64::from(RATE_BURST_SECONDS) {
            self.rate_next = Time(next);
            return Pace::Kept;
        }
        if self.rate_told + RATE_TOLD_EVERY > now {
            return Pace::Silent;
        }
        self.rate_told = now;
        Pace::Told
    }

    /// One more error. True if it is one too many.
    pub(crate) fn erred(&mut self, now: Time) -> bool {
        let errors = &mut self.errors;
        while errors
            .front()
            .is_some_and(|&first| now.since(first) >= ERROR_WINDOW)
        {
            errors.pop_front();
        }
        errors.push_back(now);
        errors.len() >= ERRORS
    }

    /// When the next of its time-outs is due, as things stand.
    pub(crate) fn due(&self, rules: &Rules) -> (Time, Due) {
        let at = |from: Time, span: Option<Duration>| span.map_or(Time::NEVER, |span| from + span);
        let idle = (at(self.heard, rules.idle_timeout), Due::Idle);
        let join = match self.bond {
            Bond::Free => at(self.opened, rules.join_timeout),
            _ => Time::NEVER,
        };
        let stuck = match self.outbox.waiting() {
            0 => Time::NEVER,
            _ => at(self.outbox.moved, rules.outbox_timeout),
        };
        [idle, (join, Due::Join), (stuck, Due::Stuck)]
            .into_iter()
            .min_by_key(|due| due.0)
            .expect("three of them")
    }
}

/// A time-out of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing was heard.
    Idle,
    /// Nobody joined.
    Join,
    /// Nothing was taken of what waits.
    Stuck,
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_hundred_at_once_then_fifty_a_second() {
        let mut link = Link::new(Time(0));
        let kept = |link: &mut Link, now, n| {
            (0..n)
                .filter(|_| link.pace(now, Some(50)) == Pace::Kept)
                .count()
        };
        assert_eq!(kept(&mut link, Time(9 * SECOND), 200), 100);
        assert_eq!(kept(&mut link, Time(10 * SECOND), 200), 50);
        assert_eq!(kept(&mut link, Time(60 * SECOND), 200), 100);
    }

    #[test]
    fn refusals_are_told_once_a_second() {
        let mut link = Link::new(Time(0));
        let now = Time(5 * SECOND);
        while link.pace(now, Some(1)) == Pace::Kept {}
        assert_eq!(link.pace(now, Some(1)), Pace::Silent);
        assert_eq!(link.pace(Time(now.0 + SECOND - 1), Some(1)), Pace::Silent);
        assert_eq!(link.pace(now, None), Pace::Kept, "no limit");
    }

    #[test]
    fn thirty_two_errors_in_ten_seconds_are_too_many() {
        let mut link = Link::new(Time(0));
        for n in 0..31 {
            assert!(!link.erred(Time(n)));
        }
        assert!(
            !link.erred(Time(10 * SECOND)),
            "the first has left the window"
        );
        assert!(link.erred(Time(10 * SECOND)));
    }
}
