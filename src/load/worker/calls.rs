//! Users of HTTP: their connections, what they ask and when, and what comes
//! back.

use std::collections::{BTreeSet, VecDeque};
use std::mem;

use super::{Phase, Plan, Worker, refused};
use crate::load::clock::SECOND;
use crate::load::links::News;
use crate::load::tally::Check;
use crate::load::web::answer::{Cut, cut};
use crate::load::web::caller::{Caller, Wrong};
use crate::load::web::step::Step;

/// In `mix`, one in so many things that are due is a request.
const ONE_IN: u32 = 50;
/// Seconds that a caller waits when it is put off, at most.
const MOST_PATIENT: u64 = 60;

/// Those of one worker.
#[derive(Debug)]
pub(super) struct Calls {
    callers: Vec<Caller>,
    /// Times at which requests were due when nobody was free.
    pub(super) due: VecDeque<u64>,
    /// Who was put off, and until when.
    put_off: BTreeSet<(u64, u32)>,
    /// In an open loop: who may ask.
    free: VecDeque<u32>,
    /// Things that were due in `mix`.
    turn: u32,
    /// As requests name it.
    host: String,
}

impl Calls {
    pub(super) fn new(plan: &Plan) -> Calls {
        let numbers = plan.first_caller..plan.first_caller + plan.callers;
        Calls {
            callers: numbers
                .map(|number| Caller::new(plan.seed, number.into()))
                .collect(),
            due: VecDeque::new(),
            put_off: BTreeSet::new(),
            free: VecDeque::new(),
            turn: 0,
            host: plan.target.http.to_string(),
        }
    }

    /// Nothing is under way.
    pub(super) fn are_over(&self) -> bool {
        self.callers.iter().all(|caller| caller.asked.is_none())
    }
}

impl Worker {
    pub(super) fn connect_caller(&mut self, caller: u32) -> Result<(), String> {
        self.open_link(self.plan.users + caller, self.plan.target.http)
    }

    pub(super) fn take_in_call(&mut self, caller: u32, news: News) -> Result<(), String> {
        match news {
            News::Bytes(lease) => {
                self.look_at_clock();
                self.last_heard = self.now;
                self.hear_answer(caller, &lease)
            }
            News::Connected => {
                if self.phase == Phase::Setup {
                    self.setup.connected += 1;
                    self.setup.ready += 1;
                }
                self.rest(caller);
                Ok(())
            }
            News::Refused(error) => Err(refused(self.plan.target.http, &error)),
            News::Ended => self.lost_call(caller),
            News::Gone => match self.phase {
                Phase::Draining { .. } => Ok(()),
                _ => self.connect_caller(caller),
            },
        }
    }

    /// Asks what comes next; `time` is when that was due.
    pub(super) fn call(&mut self, caller: u32, time: u64) {
        let out = self.links.out(self.plan.users + caller);
        let asking = &mut self.calls.callers[caller as usize];
        asking.asked = Some(asking.put_off.take().unwrap_or(time));
        asking.ask(&self.calls.host, &self.plan.picture, out);
    }

    /// In `mix`: whether what is due now is a request.
    pub(super) fn is_for_a_caller(&mut self) -> bool {
        if self.plan.callers == 0 {
            return false;
        }
        self.calls.turn = (self.calls.turn + 1) % ONE_IN;
        self.calls.turn == 0
    }

    /// What was due is asked as soon as somebody is free to do it.
    pub(super) fn serve_calls(&mut self) {
        while let Some(due) = self.calls.due.front().copied()
            && let Some(caller) = self.calls.free.pop_front()
        {
            self.calls.due.pop_front();
            self.call(caller, due);
        }
    }

    /// Those who were put off ask again.
    pub(super) fn ask_again(&mut self) {
        while let Some((time, caller)) = self.calls.put_off.first().copied()
            && time <= self.now
        {
            self.calls.put_off.pop_first();
            self.call(caller, time);
        }
    }

    pub(super) fn check_calls(&mut self) {
        for caller in &self.calls.callers {
            if caller.asked.is_some() {
                self.finish
                    .fail(Check::Unanswered, || about(caller, "no answer"));
            }
        }
    }

    /// Nothing is under way, and the connection stands.
    fn rest(&mut self, caller: u32) {
        match (self.phase, self.plan.rate) {
            (Phase::Running, 0) => self.call(caller, self.now),
            (Phase::Draining { .. }, _) => {}
            (_, 0) => {}
            (phase, _) => {
                self.calls.free.push_back(caller);
                if phase == Phase::Running {
                    self.serve_calls();
                }
            }
        }
    }

    fn hear_answer(&mut self, caller: u32, bytes: &[u8]) -> Result<(), String> {
        let hearing = &mut self.calls.callers[caller as usize];
        let mut kept = mem::take(&mut hearing.kept);
        kept.extend_from_slice(bytes);
        let (outcome, last) = match cut(&kept) {
            Cut::Part => {
                hearing.kept = kept;
                return Ok(());
            }
            Cut::Whole { length, .. } if length < kept.len() || hearing.asked.is_none() => {
                let came = "an answer to nothing".to_owned();
                (Err(Wrong::Failed(Check::Unexpected, came)), true)
            }
            Cut::Whole { answer, .. } => (hearing.hear(&answer), answer.last),
            Cut::Broken(why) => (Err(Wrong::Failed(Check::Corrupted, why)), true),
        };
        self.answered(caller, outcome);
        kept.clear();
        self.calls.callers[caller as usize].kept = kept;
        if last {
            return self.hang_up_call(caller);
        }
        if self.calls.callers[caller as usize].put_off.is_none() {
            self.rest(caller);
        }
        Ok(())
    }

    fn answered(&mut self, caller: u32, outcome: Result<(), Wrong>) {
        let answered = &mut self.calls.callers[caller as usize];
        let step = answered.step;
        if let Err(Wrong::Later(seconds)) = outcome {
            answered.put_off = answered.asked.take();
            let again = self.now + seconds.min(MOST_PATIENT) * SECOND;
            self.calls.put_off.insert((again, caller));
            self.finish.put_off += 1;
            return;
        }
        if let Some(asked) = answered.asked.take() {
            let took = self.now.saturating_sub(asked);
            self.finish.answered += 1;
            self.beat.answering.record(took);
            self.beat.steps[step as usize].record(took);
            self.beat.requests += u64::from(self.phase == Phase::Running);
        }
        let outcome = outcome.and_then(|()| self.collect_code(caller, step));
        match (outcome, step.next()) {
            (Ok(()), Some(next)) => self.calls.callers[caller as usize].step = next,
            (Ok(()), None) => {
                self.beat.rounds += u64::from(self.phase == Phase::Running);
                self.calls.callers[caller as usize].reborn(self.plan.all_callers);
            }
            (Err(wrong), _) => self.went_wrong(caller, wrong),
        }
    }

    /// The gateway has the code before the answer is here.
    fn collect_code(&mut self, caller: u32, step: Step) -> Result<(), Wrong> {
        if step != Step::Code {
            return Ok(());
        }
        let asking = &mut self.calls.callers[caller as usize];
        let code = self.control.codes.take(&asking.tel());
        let missing = || Wrong::Failed(Check::Unanswered, "no code came".into());
        asking.code = code.ok_or_else(missing)?;
        Ok(())
    }

    fn went_wrong(&mut self, caller: u32, wrong: Wrong) {
        self.beat.errors += 1;
        let wronged = &mut self.calls.callers[caller as usize];
        match wrong {
            Wrong::Later(_) => {}
            Wrong::Refused(slug) => *self.finish.errors.entry(slug).or_default() += 1,
            Wrong::Failed(check, came) => self.finish.fail(check, || about(wronged, &came)),
        }
        wronged.reborn(self.plan.all_callers);
    }

    /// The server hung up. It may do so when nobody asks anything for long.
    fn lost_call(&mut self, caller: u32) -> Result<(), String> {
        if self.calls.callers[caller as usize].asked.take().is_some() {
            let came = "the server closed the connection".to_owned();
            self.went_wrong(caller, Wrong::Failed(Check::Disconnected, came));
        }
        self.hang_up_call(caller)
    }

    fn hang_up_call(&mut self, caller: u32) -> Result<(), String> {
        self.calls.free.retain(|free| *free != caller);
        self.calls.put_off.retain(|(_, waiting)| *waiting != caller);
        self.links
            .hang_up(self.plan.users + caller, false)
            .map_err(|error| format!("cannot hang up: {error}"))
    }
}

fn about(caller: &Caller, came: &str) -> String {
    let (tel, asked) = (caller.tel(), caller.step.name());
    format!("{tel} asked for {asked} and got {came}")
}
