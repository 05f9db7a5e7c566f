//! Whether all is well when everything has become quiet.

use super::user::State;
use super::{Phase, Worker};
use crate::load::clock::SECOND;
use crate::load::options::Scenario;
use crate::load::tally::Check;

/// Nothing may come for so long, even if all has come.
const QUIET: u64 = SECOND / 5;
/// Nothing has come for so long: what is missing is lost.
const SILENT: u64 = 2 * SECOND;
/// For all that is under way.
const PATIENCE: u64 = 15 * SECOND;

impl Worker {
    /// Whether nothing more is to be expected.
    pub(super) fn is_quiet(&self, since: u64) -> bool {
        let quiet = self.now - self.last_heard.min(self.now);
        // A server that looks at pictures is silent for as long as that takes.
        let silent = quiet >= SILENT && self.calls.are_over();
        let over = silent || self.now >= since + PATIENCE;
        let all = (0..self.plan.users).all(|slot| self.has_all(slot)) && self.calls.are_over();
        over || quiet >= QUIET && all
    }

    /// Whether a user lacks nothing.
    fn has_all(&self, slot: u32) -> bool {
        let user = &self.users[slot as usize];
        let pending = [State::Connecting, State::Asking, State::Leaving];
        user.pulses == 0 && !pending.contains(&user.state) && self.lacks(slot).is_none()
    }

    /// The first line that a user has not heard, and how many its partner said,
    /// if the partner is here.
    fn lacks(&self, slot: u32) -> Option<(u64, u64)> {
        let user = &self.users[slot as usize];
        let partner = &self.users[self.local(user.partner?)? as usize];
        if !partner.talks_with(user.name, user.talk) {
            return None;
        }
        let missing = user.heard.first_missing(partner.said)?;
        Some((missing, partner.said))
    }

    pub(super) fn check_all(&mut self) {
        if !matches!(self.phase, Phase::Draining { .. }) {
            return;
        }
        for slot in 0..self.plan.users {
            self.check(slot);
        }
        self.check_calls();
    }

    fn check(&mut self, slot: u32) {
        let user = &self.users[slot as usize];
        let (name, state, talk) = (user.name, user.state, user.talk);
        if matches!(state, State::Asking | State::Waiting) {
            self.finish.waiting[user.side()] += 1;
        }
        let pulses = user.pulses;
        if pulses > 0 && state != State::Dead {
            self.finish.fail(Check::Unanswered, || {
                format!("{name} sent {pulses} heartbeats that were not answered")
            });
        }
        if matches!(state, State::Asking | State::Connecting) {
            self.finish.fail(Check::Unanswered, || {
                format!("{name} asked for a partner and got neither a place nor a partner")
            });
        }
        if let Some((line, said)) = self.lacks(slot) {
            let came = self.users[slot as usize].heard.came();
            let partner = self.users[slot as usize]
                .partner
                .expect("it said something");
            self.finish.fail(Check::Lost, || {
                format!(
                    "pair {name} and {partner}: line {line} from {partner} never came to {name}: expected {said} lines, {came} came"
                )
            });
        }
        self.check_sides(slot, talk);
    }

    /// Of a talk that one side is in, the other must know.
    fn check_sides(&mut self, slot: u32, talk: u64) {
        let user = &self.users[slot as usize];
        let matched = matches!(self.plan.scenario, Scenario::Match | Scenario::Mix);
        if !matched || user.state != State::Talking {
            return;
        }
        let Some(partner) = user.partner else {
            return;
        };
        let name = user.name;
        let here = (partner.number % self.plan.total).checked_sub(self.plan.first);
        let Some(other) = here.and_then(|slot| self.users.get(slot as usize)) else {
            return;
        };
        if !other.talks_with(name, talk) {
            let state = other.state;
            self.finish.fail(Check::OneSided, || {
                format!("pair {name} and {partner}: {name} is in talk {talk}, {partner} is not but {state:?}")
            });
        }
    }
}
