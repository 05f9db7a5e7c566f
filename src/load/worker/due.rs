//! How a run begins, and what falls due in an open loop.

use super::Worker;
use super::user::State;
use crate::load::clock::SECOND;
use crate::load::line::Timed;
use crate::load::options::Scenario;
use crate::load::pace::Pace;

/// In `idle`: each user sends a heartbeat this often, against time-outs.
const PULSE_SECONDS: u64 = 100;
/// In `mix`: users that are asked whether they can do something now.
const ASKED: u32 = 32;

impl Worker {
    /// All are ready: the first lines.
    pub(super) fn open(&mut self) -> Result<(), String> {
        let (now, rate) = (self.now, self.plan.rate);
        let (worker, workers) = (self.plan.worker, self.plan.workers);
        if rate > 0 {
            self.pace = Some(Pace::new(now, rate, worker, workers));
        }
        let all = 0..self.plan.users;
        let stamp = self.stamp;
        match (self.plan.scenario, rate) {
            (Scenario::Relay | Scenario::Pingpong, 0) => {
                self.answering = true;
                let begins =
                    |user: u32| self.plan.scenario == Scenario::Relay || user.is_multiple_of(2);
                let first: Vec<u32> = all.filter(|slot| begins(*slot)).collect();
                for slot in first {
                    for _ in 0..self.plan.window {
                        self.say_first(slot, &stamp);
                    }
                }
            }
            (Scenario::Match, _) => {
                for slot in all.filter(|slot| slot.is_multiple_of(2)) {
                    self.end_by_talk(slot)?;
                }
            }
            (Scenario::Churn, 0) => {
                for slot in all {
                    self.connect(slot, now)?;
                }
            }
            (Scenario::Churn, _) => self.free[0].extend(all),
            (Scenario::Idle, _) => {
                let rate = (u64::from(self.plan.total) / PULSE_SECONDS).max(1);
                let first = now + PULSE_SECONDS * SECOND;
                self.pace = Some(Pace::new(first, rate, worker, workers));
            }
            (Scenario::Http, 0) => {
                for caller in 0..self.plan.callers {
                    self.call(caller, now);
                }
            }
            (Scenario::Http, _) => {}
            (Scenario::Relay | Scenario::Pingpong | Scenario::Mix, _) => {}
        }
        Ok(())
    }

    /// Whoever has lost its connection has nothing to say.
    fn say_first(&mut self, slot: u32, stamp: &Timed) {
        if self.users[slot as usize].state == State::Talking {
            self.say(slot, stamp);
        }
    }

    /// Also when the time has come and gone, but nothing that is due from
    /// `end` on.
    pub(super) fn do_what_is_due(&mut self, end: u64) -> Result<(), String> {
        let until = self.now.min(end - 1);
        while let Some(due) = self.pace.as_mut().and_then(|pace| pace.take(until)) {
            let scenario = self.plan.scenario;
            match scenario {
                Scenario::Relay | Scenario::Pingpong => {
                    let slot = self.next_user();
                    self.say_first(slot, &Timed::new(due));
                }
                Scenario::Idle => {
                    let slot = self.next_user();
                    self.pulse(slot);
                }
                Scenario::Http => self.calls.due.push_back(due),
                Scenario::Mix if self.is_for_a_caller() => self.calls.due.push_back(due),
                Scenario::Match | Scenario::Churn | Scenario::Mix => self.overdue.push_back(due),
            }
        }
        self.ask_again();
        self.serve_calls();
        self.serve_overdue()
    }

    /// What was due is done as soon as somebody is free to do it.
    pub(super) fn serve_overdue(&mut self) -> Result<(), String> {
        while let Some(due) = self.overdue.front().copied() {
            let served = match self.plan.scenario {
                Scenario::Match => self.ask_for_two(due),
                Scenario::Churn => self.come(due)?,
                _ => self.do_something(due)?,
            };
            if !served {
                break;
            }
            self.overdue.pop_front();
        }
        Ok(())
    }

    fn ask_for_two(&mut self, due: u64) -> bool {
        if self.free.iter().any(std::collections::VecDeque::is_empty) {
            return false;
        }
        for side in 0..2 {
            if let Some(slot) = self.free[side].pop_front() {
                self.ask(slot, due);
            }
        }
        true
    }

    fn come(&mut self, due: u64) -> Result<bool, String> {
        let Some(slot) = self.free[0].pop_front() else {
            return Ok(false);
        };
        self.connect(slot, due).map(|()| true)
    }

    /// In `mix`: the next user that can does what its state suggests.
    fn do_something(&mut self, due: u64) -> Result<bool, String> {
        for _ in 0..ASKED {
            let slot = self.next_user();
            let user = &self.users[slot as usize];
            match user.state {
                State::Off => self.connect(slot, due)?,
                State::Waiting => self.pulse(slot),
                State::Talking => self.go_on(slot, due)?,
                _ => continue,
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// Nine in ten say something; some end the talk, a few vanish.
    fn go_on(&mut self, slot: u32, due: u64) -> Result<(), String> {
        let user = &self.users[slot as usize];
        match (self.chance.u32(0..100), user.side()) {
            (0, _) => self.vanish(slot),
            (1..10, 0) => self.end(slot, user.said),
            _ => {
                self.say(slot, &Timed::new(due));
                Ok(())
            }
        }
    }

    fn pulse(&mut self, slot: u32) {
        self.users[slot as usize].pulses += 1;
        self.links.out(slot).push(b'\n');
    }

    fn next_user(&mut self) -> u32 {
        let slot = self.turn;
        self.turn = (self.turn + 1) % self.plan.users;
        slot
    }
}
