//! The joins of one core that wait for an answer, or for their turn after it.
//! A link has one at most; it goes with its link.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::ids::{LinkId, Time};
use super::note::Arrival;
use crate::limits::ANSWER_WITHIN;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    joins: FxHashMap<LinkId, Join>,
    /// When each unanswered one is given up, the first to come first.
    due: VecDeque<(Time, LinkId, u64)>,
    asked: u64,
}

/// A join that waits.
#[derive(Debug)]
struct Join {
    arrival: Arrival,
    /// A token came with it.
    token: bool,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// For the answer to this question.
    Asked(u64),
    /// For the link's session to have nothing else to do.
    Admitted,
}

impl Questions {
    /// A join must wait. Gives the question's number.
    pub(crate) fn ask(&mut self, link: LinkId, arrival: Arrival, token: bool, now: Time) -> u64 {
        self.asked += 1;
        let stage = Stage::Asked(self.asked);
        let join = Join {
            arrival,
            token,
            stage,
        };
        let before = self.joins.insert(link, join);
        assert!(before.is_none(), "a link that waits reads no line");
        self.due.push_back((now + ANSWER_WITHIN, link, self.asked));
        self.asked
    }

    /// Is this one still to be answered? If so, did a token come with it?
    pub(crate) fn is_open(&self, link: LinkId, number: u64) -> Option<bool> {
        let join = self.joins.get(&link)?;
        (join.stage == Stage::Asked(number)).then_some(join.token)
    }

    /// The answer was good.
    pub(crate) fn admit(&mut self, link: LinkId) {
        if let Some(join) = self.joins.get_mut(&link) {
            join.stage = Stage::Admitted;
        }
        self.tidy();
    }

    /// Was the answer good?
    pub(crate) fn is_admitted(&self, link: LinkId) -> bool {
        let join = self.joins.get(&link);
        join.is_some_and(|join| join.stage == Stage::Admitted)
    }

    /// The link waits no longer, for whatever reason.
    pub(crate) fn close(&mut self, link: LinkId) -> Option<Arrival> {
        let join = self.joins.remove(&link);
        self.tidy();
        join.map(|join| join.arrival)
    }

    /// One that has waited for too long for its answer.
    pub(crate) fn overdue(&self, now: Time) -> Option<(LinkId, u64)> {
        let &(due, link, number) = self.due.front()?;
        (due <= now).then_some((link, number))
    }

    /// When [`overdue`](Self::overdue) has one.
    pub(crate) fn deadline(&self) -> Time {
        self.due.front().map_or(Time::NEVER, |first| first.0)
    }

    /// How many links wait.
    pub(crate) fn len(&self) -> usize {
        self.joins.len()
    }

    /// The first that is due is one that is still to be answered.
    fn tidy(&mut self) {
        while let Some(&(_, link, number)) = self.due.front()
            && self.is_open(link, number).is_none()
        {
            self.due.pop_front();
        }
    }
}
