//! What belongs to a user id, here or away.

use super::{TalkAt, UserAt};
use crate::engine::ids::Time;
use crate::limits::{LAST_PARTNERS, LAST_WORD_FOR};

#[derive(Default)]
pub(super) struct Memory {
    pub(super) refused: Vec<UserAt>,
    blocked: Vec<UserAt>,
    met: Vec<Met>,
    pauses: Vec<(UserAt, Time)>,
    pub(super) pass_after: Time,
}

/// `ended` is `None` while the talk is on.
struct Met {
    user: UserAt,
    talk: TalkAt,
    ended: Option<Time>,
}

impl Memory {
    pub(super) fn met(&mut self, user: UserAt, talk: TalkAt) {
        self.met.retain(|met| met.user != user);
        let ended = None;
        self.met.push(Met { user, talk, ended });
        while self.met.len() > LAST_PARTNERS {
            let Some(oldest) = self.met.iter().position(|met| met.ended.is_some()) else {
                return;
            };
            self.met.remove(oldest);
        }
    }

    pub(super) fn parted(&mut self, user: UserAt, talk: TalkAt, now: Time, until: Time) {
        if let Some(at) = self.met.iter().position(|met| met.talk == talk) {
            let mut met = self.met.remove(at);
            met.ended = Some(now);
            self.met.push(met);
        }
        self.pauses.push((user, until));
    }

    pub(super) fn block(&mut self, user: UserAt, on: bool) {
        self.blocked.retain(|&other| other != user);
        if on {
            self.blocked.push(user);
        }
    }

    pub(super) fn has_blocked(&self, user: UserAt) -> bool {
        self.blocked.contains(&user)
    }

    /// The last talk with a user to whom a last word may still be said.
    pub(super) fn last_talk(&self, user: UserAt, now: Time) -> Option<TalkAt> {
        let met = self.met.iter().find(|met| met.user == user)?;
        let fresh = met.ended.is_none_or(|at| now.since(at) <= LAST_WORD_FOR);
        fresh.then_some(met.talk)
    }

    pub(super) fn bars(&self, user: UserAt, now: Time) -> bool {
        let paused = |pause: &(UserAt, Time)| pause.0 == user && pause.1 > now;
        self.refused.contains(&user) || self.has_blocked(user) || self.pauses.iter().any(paused)
    }

    pub(super) fn next_pause(&self, now: Time) -> Time {
        let ends = self.pauses.iter().map(|pause| pause.1);
        ends.filter(|&end| end > now).min().unwrap_or(Time::NEVER)
    }
}
