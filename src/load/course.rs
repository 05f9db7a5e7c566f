//! The course of a run as its workers tell it: who is ready, when it begins,
//! what each second brings, and how it ends.

use std::collections::BTreeMap;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::crew::{Crew, Word};
use super::options::{Options, Scenario};
use super::procfs::{self, Cpu};
use super::progress::Progress;
use super::tally::{Beat, Finish, Message};
use super::unruly::Provoked;
use crate::exit::Failure;

/// Without anybody getting ready for so long, nobody will.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// By second; negative during the warm-up.
    pub(super) seconds: BTreeMap<i64, Beat>,
    pub(super) finish: Finish,
    /// Users that were ready when it began, or when it was given up.
    pub(super) ready: u32,
    /// Whether it began.
    pub(super) began: bool,
    pub(super) server: Option<ServerUse>,
    /// By those who misbehaved, if there were any.
    pub(super) unruly: Option<Provoked>,
}

/// What the server used.
#[derive(Clone, Debug)]
pub(super) struct ServerUse {
    pub(super) pid: u32,
    /// At the start and at the end of measuring.
    pub(super) cpu: [Option<Cpu>; 2],
    /// Before the users came (in `idle`, others had come, talked and gone by
    /// then) and when all were ready, bytes.
    pub(super) resident: [Option<u64>; 2],
    /// The same on the way: with how many users there, bytes.
    pub(super) resident_by_users: Vec<(u32, u64)>,
    /// The same of the system's slab memory.
    pub(super) slab: [Option<u64>; 2],
}

impl Outcome {
    /// What was measured, all seconds together.
    pub(super) fn measured(&self) -> Beat {
        let mut sum = Beat::default();
        for beat in self.seconds.range(0..).map(|(_, beat)| beat) {
            sum.merge(beat);
        }
        sum
    }

    /// What went wrong, a line each.
    pub(super) fn failures(&self, options: &Options, own_server: bool) -> Vec<String> {
        let finish = &self.finish;
        let mut failures = finish.failures.clone();
        if !self.began {
            let all = options.chatters() + options.callers;
            failures.push(format!(
                "setup: {} of {all} users became ready, so nothing was measured",
                self.ready
            ));
        }
        let told = failures.len() as u64;
        let failed: u64 = finish.checks.values().sum();
        if failed > told {
            failures.push(format!("… and more: {failed} checks failed in all"));
        }
        for (slug, count) in &finish.errors {
            failures.push(format!("the server answered {slug}, {count} times"));
        }
        let unruly = self.unruly.iter();
        failures.extend(unruly.filter_map(|unruly| unruly.failure.clone()));
        let matched = options.scenario == Scenario::Match && self.began && failures.is_empty();
        if matched && finish.sides != 0 {
            failures.push("one_sided: a talk began for one side only".into());
        }
        let [women, men] = finish.waiting;
        if matched && own_server && women > 0 && men > 0 {
            failures.push(format!(
                "unanswered: {women} users wait for one of {men} who wait for them"
            ));
        }
        failures
    }
}

/// See the module.
pub(super) struct Course<'a> {
    options: &'a Options,
    crew: Crew,
    progress: Progress,
    outcome: Outcome,
    /// Users that are ready, by worker.
    ready: Vec<u32>,
    /// Workers that told of a second.
    told: BTreeMap<i64, u32>,
    finished: u32,
}

impl<'a> Course<'a> {
    pub(super) fn new(
        options: &'a Options,
        crew: Crew,
        progress: Progress,
        pid: Option<u32>,
    ) -> Course<'a> {
        let server = pid.map(|pid| ServerUse {
            pid,
            cpu: [None; 2],
            resident: [procfs::resident(pid), None],
            resident_by_users: Vec::new(),
            slab: [procfs::slab(), None],
        });
        let ready = vec![0; crew.users.len()];
        Course {
            options,
            crew,
            progress,
            outcome: Outcome {
                server,
                ..Outcome::default()
            },
            ready,
            told: BTreeMap::new(),
            finished: 0,
        }
    }

    /// To the end of the run.
    pub(super) fn follow(mut self) -> Result<Outcome, Failure> {
        self.crew.tell(Word::Turn(0));
        self.set_up()?;
        if self.finished == 0 && self.outcome.ready == self.all() {
            self.run()?;
        }
        self.crew.tell(Word::Stop);
        while (self.finished as usize) < self.crew.users.len() {
            let message = self.crew.messages.recv_timeout(PATIENCE);
            self.take(message.map_err(|_| Failure::other("a worker never finished"))?)?;
        }
        self.progress.end();
        Ok(self.outcome)
    }

    fn set_up(&mut self) -> Result<(), Failure> {
        let all = self.all();
        let mut last = (0, Instant::now());
        while self.finished == 0 && self.outcome.ready < all {
            match self.crew.messages.recv_timeout(PATIENCE) {
                Ok(message) => self.take(message)?,
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::other("the workers are gone"));
                }
            }
            if self.outcome.ready > last.0 {
                last = (self.outcome.ready, Instant::now());
            } else if last.1.elapsed() > PATIENCE {
                return Ok(());
            }
        }
        Ok(())
    }

    fn run(&mut self) -> Result<(), Failure> {
        if self.options.scenario != Scenario::Churn
            && let Some(server) = &mut self.outcome.server
        {
            server.resident[1] = procfs::resident(server.pid);
            server.slab[1] = procfs::slab();
        }
        self.outcome.began = true;
        self.crew.tell(Word::Go);
        let begin = Instant::now() + self.options.warmup;
        let moments = [begin, begin + self.options.duration];
        let mut passed = 0;
        while (self.finished as usize) < self.crew.users.len() {
            let next = moments.get(passed);
            let left = next.map_or(PATIENCE, |moment| {
                moment.saturating_duration_since(Instant::now())
            });
            match self.crew.messages.recv_timeout(left) {
                Ok(message) => self.take(message)?,
                Err(_) if passed == moments.len() => {
                    return Err(Failure::other("a worker never finished"));
                }
                Err(_) => {
                    if let Some(server) = &mut self.outcome.server {
                        server.cpu[passed] = Cpu::of(server.pid);
                    }
                    passed += 1;
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, message: Message) -> Result<(), Failure> {
        match message {
            Message::Ready { worker, users } => {
                self.ready[worker as usize] = users;
                self.outcome.ready = self.ready.iter().sum();
                self.weigh();
                self.progress.ready(self.outcome.ready, self.all());
                let full = self.ready.iter().zip(&self.crew.users);
                let full = full.filter(|(ready, users)| ready == users);
                let next = u32::try_from(full.count()).expect("workers are few");
                self.crew.tell(Word::Turn(next));
            }
            Message::Beat(beat) => {
                let second = beat.second;
                let sum = self.outcome.seconds.entry(second).or_insert_with(|| Beat {
                    second,
                    ..Beat::default()
                });
                sum.merge(&beat);
                let told = self.told.entry(second).or_default();
                *told += 1;
                if *told as usize == self.crew.users.len() {
                    self.progress.beat(sum);
                }
            }
            Message::Finished(finish) => {
                self.finished += 1;
                self.outcome.finish.merge(*finish);
            }
            Message::Broken(why) => return Err(Failure::system(why)),
        }
        Ok(())
    }

    /// Notes the server's memory at each quarter of the way.
    fn weigh(&mut self) {
        let (ready, all) = (self.outcome.ready, self.all());
        let Some(server) = &mut self.outcome.server else {
            return;
        };
        let before = server.resident_by_users.last().map_or(0, |last| last.0);
        let quarter = |users: u32| u64::from(users) * 4 / u64::from(all);
        if quarter(ready) > quarter(before)
            && ready < all
            && let Some(bytes) = procfs::resident(server.pid)
        {
            server.resident_by_users.push((ready, bytes));
        }
    }

    /// The users of all workers.
    fn all(&self) -> u32 {
        self.crew.users.iter().sum()
    }
}
