//! Pairs of sessions that must not meet for now, and until when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use crate::engine::ids::{SessionId, Time};

/// See the module. Forgets a pair as soon as one of the two has gone.
#[derive(Debug, Default)]
pub(super) struct Apart {
    until: FxHashMap<(SessionId, SessionId), Time>,
    others: FxHashMap<SessionId, Vec<SessionId>>,
    timers: BinaryHeap<Reverse<(Time, SessionId, SessionId)>>,
}

impl Apart {
    /// Keeps two apart until then, whatever was said before.
    pub(super) fn keep(&mut self, a: SessionId, b: SessionId, until: Time) {
        if self.until.insert(pair(a, b), until).is_none() {
            self.others.entry(a).or_default().push(b);
            self.others.entry(b).or_default().push(a);
        }
        if until != Time::NEVER {
            let (a, b) = pair(a, b);
            self.timers.push(Reverse((until, a, b)));
        }
    }

    pub(super) fn contains(&self, a: SessionId, b: SessionId) -> bool {
        !self.until.is_empty() && self.until.contains_key(&pair(a, b))
    }

    /// From whom a session is kept.
    pub(super) fn others(&self, session: SessionId) -> &[SessionId] {
        self.others.get(&session).map_or(&[], Vec::as_slice)
    }

    /// Nothing is known against these two any more.
    pub(super) fn free(&mut self, a: SessionId, b: SessionId) {
        if self.until.remove(&pair(a, b)).is_some() {
            self.unlist(a, b);
            self.unlist(b, a);
        }
    }

    /// A session waits no longer.
    pub(super) fn gone(&mut self, session: SessionId) {
        for other in self.others.remove(&session).unwrap_or_default() {
            self.until.remove(&pair(session, other));
            self.unlist(other, session);
        }
    }

    pub(super) fn deadline(&self) -> Time {
        self.timers.peek().map_or(Time::NEVER, |timer| timer.0.0)
    }

    /// The next pair whose time is over; it is free from now on.
    pub(super) fn expired(&mut self, now: Time) -> Option<(SessionId, SessionId)> {
        while let Some(&Reverse((until, a, b))) = self.timers.peek() {
            if until > now {
                break;
            }
            self.timers.pop();
            if self.until.get(&(a, b)) == Some(&until) {
                self.free(a, b);
                return Some((a, b));
            }
        }
        None
    }

    fn unlist(&mut self, from: SessionId, gone: SessionId) {
        if let Some(list) = self.others.get_mut(&from) {
            list.retain(|&other| other != gone);
            if list.is_empty() {
                self.others.remove(&from);
            }
        }
    }
}

fn pair(a: SessionId, b: SessionId) -> (SessionId, SessionId) {
    (a.min(b), a.max(b))
}
