//! What users do about what they hear: partners come and go.

use super::user::State;
use super::{Phase, Worker};
use crate::load::line::Timed;
use crate::load::name::Name;
use crate::load::options::Scenario;
use crate::load::order::Order;
use crate::load::peer::{begin_next, end_talk};
use crate::load::tally::Check;

/// What the one who ends a talk says before its number.
const BYE: &str = "bye ";

impl Worker {
    /// Says the next line to the partner.
    pub(super) fn say(&mut self, slot: u32, time: &Timed) {
        let user = &mut self.users[slot as usize];
        user.say.write(self.links.out(slot), user.said, time);
        user.said += 1;
        self.finish.sent += 1;
    }

    pub(super) fn waits(&mut self, slot: u32, frame: &[u8]) -> Result<(), String> {
        let user = &mut self.users[slot as usize];
        match user.state {
            State::Asking => {
                user.state = State::Waiting;
                // Nobody meets anybody there.
                self.setup.ready += u32::from(self.plan.scenario == Scenario::Idle);
            }
            State::Waiting => return Ok(()),
            _ => {
                self.unexpected(slot, frame);
                return Ok(());
            }
        }
        self.joined(slot)
    }

    pub(super) fn begins(&mut self, slot: u32, partner: &str, talk: &str) -> Result<(), String> {
        let user = &self.users[slot as usize];
        let Some(partner) = Name::read(partner).filter(|name| suits(user.name, *name)) else {
            let came = format!("a talk with {partner}, who is none of our users or no match");
            self.fail(slot, Check::Misrouted, &came);
            return Ok(());
        };
        let asked = matches!(user.state, State::Asking | State::Waiting);
        let talk = talk.parse().expect("it was read as a number");
        if !asked {
            self.fail(slot, Check::Unexpected, &format!("a talk with {partner}"));
            return Ok(());
        }
        let first = user.state == State::Asking;
        self.take_partner(slot, partner, talk);
        if first {
            self.joined(slot)?;
        }
        let ends = self.plan.scenario == Scenario::Match && self.phase == Phase::Running;
        if ends && self.users[slot as usize].side() == 0 {
            self.end_by_talk(slot)?;
        }
        Ok(())
    }

    fn take_partner(&mut self, slot: u32, partner: Name, talk: u64) {
        let (peer, size, now) = (self.plan.peer, self.plan.size, self.now);
        let user = &mut self.users[slot as usize];
        let me = user.name;
        user.state = State::Talking;
        user.partner = Some(partner);
        user.talk = talk;
        user.said = 0;
        user.heard = Order::default();
        if self.plan.scenario != Scenario::Match && self.plan.scenario != Scenario::Churn {
            user.say = peer.say(me, partner, size);
            user.hear = peer.hear(me, partner, size);
        }
        let asked = user.asked;
        self.beat.matching.record(now.saturating_sub(asked));
        let sum = side_sum(me, partner, talk);
        if self.users[slot as usize].side() == 0 {
            self.beat.matches += u64::from(self.phase == Phase::Running);
            self.finish.sides = self.finish.sides.wrapping_add(sum);
        } else {
            self.finish.sides = self.finish.sides.wrapping_sub(sum);
        }
        if self.phase == Phase::Setup {
            self.setup.ready += 1;
        }
        let local = self.local(partner);
        if local.is_none() && self.plan.scenario.keeps_pairs() {
            let came = format!("a talk with {partner}, a user of another thread");
            self.fail(slot, Check::Misrouted, &came);
        }
        let other = local.map(|slot| &self.users[slot as usize]);
        if let Some(other) = other
            && other.state == State::Talking
            && other.talk == talk
            && other.partner != Some(me)
        {
            let came = format!("talk {talk} with {partner}, who has it with another");
            self.fail(slot, Check::Misrouted, &came);
        }
    }

    /// The first answer to a join or to asking for the next.
    fn joined(&mut self, slot: u32) -> Result<(), String> {
        if self.plan.scenario != Scenario::Churn {
            return Ok(());
        }
        let asked = self.users[slot as usize].asked;
        self.beat.joins += u64::from(self.phase == Phase::Running);
        self.beat.joining.record(self.now.saturating_sub(asked));
        self.vanish(slot)
    }

    /// Hangs up without a word.
    pub(super) fn vanish(&mut self, slot: u32) -> Result<(), String> {
        self.users[slot as usize].state = State::Leaving;
        let reset = self.chance.bool();
        self.links
            .hang_up(slot, reset)
            .map_err(|error| format!("cannot hang up: {error}"))
    }

    pub(super) fn ends(
        &mut self,
        slot: u32,
        from: &str,
        to: &str,
        text: &str,
    ) -> Result<(), String> {
        let user = &self.users[slot as usize];
        let came = format!("the end of a talk: {from} says {text:?} to {to}");
        let meant = to == user.name.to_string();
        let partner = user
            .partner
            .is_some_and(|partner| from == partner.to_string());
        if !meant || !partner {
            self.fail(slot, Check::Misrouted, &came);
            return Ok(());
        }
        let bye = text
            .strip_prefix(BYE)
            .and_then(|number| number.parse().ok());
        match (self.plan.scenario, user.state, bye) {
            (Scenario::Match, State::Talking, Some(talk)) if talk == user.talk => self.part(slot),
            (Scenario::Mix, State::Talking, Some(said)) => {
                if user.heard.first_missing(said).is_some() {
                    let came = format!("the end after {said} lines");
                    self.fail(slot, Check::Lost, &came);
                }
                self.part(slot)
            }
            // The partner vanished.
            (Scenario::Mix, State::Talking, None) if text.is_empty() => self.part(slot),
            // A line crossed the end of the talk.
            (Scenario::Mix, State::Asking | State::Waiting | State::Idle, _) => Ok(()),
            _ => {
                self.fail(slot, Check::Unexpected, &came);
                Ok(())
            }
        }
    }

    /// In `match`: F ends the talk.
    pub(super) fn end_by_talk(&mut self, slot: u32) -> Result<(), String> {
        let talk = self.users[slot as usize].talk;
        self.end(slot, talk)
    }

    /// Ends the talk, and asks for the next where that is not due later.
    pub(super) fn end(&mut self, slot: u32, number: u64) -> Result<(), String> {
        let user = &self.users[slot as usize];
        let partner = user.partner.expect("a talk has a partner");
        let text = format!("{BYE}{number}");
        end_talk(user.name, partner, &text, self.links.out(slot));
        self.part(slot)
    }

    /// The talk is over.
    fn part(&mut self, slot: u32) -> Result<(), String> {
        let user = &mut self.users[slot as usize];
        user.state = State::Idle;
        let side = user.side();
        if self.phase != Phase::Running {
            return Ok(());
        }
        if self.plan.scenario == Scenario::Match && self.plan.rate > 0 {
            self.free[side].push_back(slot);
            return self.serve_overdue();
        }
        self.ask(slot, self.now);
        Ok(())
    }

    /// Asks for the next partner; `time` is when that was due.
    pub(super) fn ask(&mut self, slot: u32, time: u64) {
        let user = &mut self.users[slot as usize];
        user.state = State::Asking;
        user.asked = time;
        begin_next(user.name, self.links.out(slot));
    }

    /// The slot of a user, if it is one of this worker's and still in that
    /// life.
    pub(super) fn local(&self, name: Name) -> Option<u32> {
        let slot = (name.number % self.plan.total).checked_sub(self.plan.first)?;
        let user = self.users.get(slot as usize)?;
        (user.name == name).then_some(slot)
    }
}

/// Whether these two may meet.
fn suits(me: Name, partner: Name) -> bool {
    me.seed == partner.seed && me.number % 2 != partner.number % 2
}

/// The same from both sides, and different for all else.
fn side_sum(me: Name, partner: Name, talk: u64) -> u64 {
    let (low, high) = (me.number.min(partner.number), me.number.max(partner.number));
    let pair = u64::from(low) << 32 | u64::from(high);
    let mixed = (pair ^ talk.rotate_left(24)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}
