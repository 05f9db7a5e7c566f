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
    /// What is kept of its lines, if anything.
    pub(crate) reader: Option<Box<Reader>>,
    pub(crate) bond: Bond,
    pub(crate) outbox: Outbox,
    pub(crate) rare: Option<Box<Rare>>,
    /// When it will be looked at for its time-outs.
    pub(crate) looks: Standing,
    pub(crate) heard: Time,
    /// When the next frame would be due if frames came evenly.
    rate_next: Time,
    /// Which life of its place it is.
    pub(crate) generation: u32,
    pub(crate) dialect: Option<Dialect>,
    pub(crate) hushed: bool,
    pub(crate) waits: Waits,
    /// The peer has closed; acted on after its last whole line.
    pub(crate) ended: bool,
}

/// What a link waits for until it reads on. Both in one byte: a link has no
/// room for two.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waits(u8);

impl Waits {
    const TURN: u8 = 1;
    const ANSWER: u8 = 2;

    /// Its next turn: it has lines left over.
    pub(crate) const fn for_turn(self) -> bool {
        self.0 & Self::TURN != 0
    }

    /// The answer to its join, which waits among the questions.
    pub(crate) const fn for_answer(self) -> bool {
        self.0 & Self::ANSWER != 0
    }

    pub(crate) const fn set_for_turn(&mut self, waits: bool) {
        self.set(Self::TURN, waits);
    }

    pub(crate) const fn set_for_answer(&mut self, waits: bool) {
        self.set(Self::ANSWER, waits);
    }

    const fn set(&mut self, what: u8, waits: bool) {
        self.0 = if waits { self.0 | what } else { self.0 & !what };
    }
}

/// What is kept from one chunk of bytes to the next.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// Of a line that came in pieces; its buffer is kept for the next one.
    pub(crate) framer: Framer,
    /// What the last line was like.
    pub(crate) again: Option<Again>,
}

impl Reader {
    /// Is it worth keeping?
    pub(crate) fn has_something(&self) -> bool {
        self.again.is_some() || self.framer.has_buffer()
    }
}

/// What most links never have.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    /// Last words that the system may not have taken yet.
    pub(crate) unsure: Unsure,
    /// Stored words reach up to here: they may be more than `max_outbox`.
    spared: u64,
    rate_told: Time,
    errors: VecDeque<Time>,
}

/// What a link is to the sessions.
#[derive(Debug)]
pub(crate) enum Bond {
    /// Nobody has joined on it since it was opened.
    Free { opened: Time },
    /// The link of a session of this core.
    Session(SessionId),
    /// Waits to take a session of this core over, as soon as that is idle.
    Guest(SessionId),
    /// On its way to the core of a session that it will take over.
    Moving(Box<(SessionId, Arrival)>),
}

/// Bytes on their way to the peer.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// All that was ever queued.
    pub(crate) queued: u64,
    /// All that the system took of it.
    pub(crate) sent: u64,
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

    /// Takes those out that were taken with `sent` bytes.
    pub(crate) fn taken(&mut self, sent: u64) -> Vec<Word> {
        let count = self.0.partition_point(|(mark, _)| *mark <= sent);
        self.0.drain(..count).map(|(_, word)| word).collect()
    }
}

impl Outbox {
    pub(crate) fn waiting(&self) -> u64 {
        self.queued - self.sent
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
            reader: None,
            bond: Bond::Free { opened: now },
            outbox: Outbox::default(),
            rare: None,
            looks: Standing::NONE,
            heard: now,
            rate_next: Time(0),
            generation: 0,
            dialect: None,
            hushed: false,
            waits: Waits::default(),
            ended: false,
        }
    }

    /// The session that it is the link of.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.bond {
            Bond::Session(session) => Some(session),
            Bond::Free { .. } | Bond::Guest(_) | Bond::Moving(..) => None,
        }
    }

    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Does more count against `max_outbox` than may?
    pub(crate) fn has_too_much(&self, limit: Option<usize>) -> bool {
        let spared = self.rare.as_ref().map_or(0, |rare| rare.spared);
        let counted = self.outbox.queued - self.outbox.sent.max(spared);
        limit.is_some_and(|limit| counted > limit as u64)
    }

    /// What is queued so far does not count against `max_outbox`, unless an
    /// earlier such lot still waits.
    pub(crate) fn spare(&mut self) {
        let Outbox { queued, sent, .. } = self.outbox;
        let rare = self.rare();
        if rare.spared <= sent {
            rare.spared = queued;
        }
    }

    /// Every word of which it is not known that it was sent.
    pub(crate) fn take_unsure(&mut self) -> Vec<Word> {
        let unsure = self.rare.as_mut().map(|rare| &mut rare.unsure.0);
        let words = unsure.map(std::mem::take).unwrap_or_default();
        words.into_iter().map(|(_, word)| word).collect()
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
        let told = &mut self.rare().rate_told;
        if *told + RATE_TOLD_EVERY > now {
            return Pace::Silent;
        }
        *told = now;
        Pace::Told
    }

    /// One more error. True if it is one too many.
    pub(crate) fn erred(&mut self, now: Time) -> bool {
        let errors = &mut self.rare().errors;
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
            Bond::Free { opened } => at(opened, rules.join_timeout),
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

/// There is one for each connection: grow it knowingly.
const _: () = assert!(size_of::<Option<Link>>() <= 96);

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
