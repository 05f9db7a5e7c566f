//! One thread of the generator: its ring, its users, and the loop.
//!
//! The loop knows phases and completions. What arrives is understood in
//! `hear`, what users do about it in `act`, what is due in `due`, how they
//! come in `setup`, and whether all is well in the end in `finish`. Users of
//! HTTP, whose slots come after the others', have `calls` for all of that.

mod act;
mod calls;
mod due;
mod finish;
mod hear;
mod setup;
mod user;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::clock::{Clock, SECOND};
use super::line::Timed;
use super::links::{Links, News};
use super::options::{Scenario, Target};
use super::pace::Pace;
use super::peer::Peer;
use super::procfs;
use super::source::{Listed, Sources};
use super::tally::{Beat, Check, Finish, Message};
use super::web::hook::Codes;
use crate::ring::{Cpu, pin};
use user::{State, User};

/// At least this often the loop looks at the time.
const GLANCE: Duration = Duration::from_millis(10);

/// What one worker is to do.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pub(super) peer: Peer,
    pub(super) target: Target,
    pub(super) seed: u32,
    pub(super) window: u32,
    pub(super) size: usize,
    /// Over all workers; 0 for a closed loop.
    pub(super) rate: u64,
    /// Nanoseconds.
    pub(super) warmup: u64,
    /// Nanoseconds.
    pub(super) duration: u64,
    /// Connections a second; 0 for no limit.
    pub(super) ramp: u32,
    pub(super) worker: u32,
    pub(super) workers: u32,
    /// The number of its first user.
    pub(super) first: u32,
    pub(super) users: u32,
    /// Users of all workers.
    pub(super) total: u32,
    /// The number of its first user of HTTP.
    pub(super) first_caller: u32,
    pub(super) callers: u32,
    pub(super) all_callers: u32,
    /// What those upload.
    pub(super) picture: Arc<str>,
    pub(super) cpu: Option<Cpu>,
    pub(super) sources: Option<Listed>,
}

/// What all workers of a process are told.
#[derive(Debug, Default)]
pub(super) struct Control {
    /// The worker with this number, and those below, may let users join.
    pub(super) turn: AtomicU32,
    pub(super) go: AtomicBool,
    /// Finish at once.
    pub(super) stop: AtomicBool,
    /// What the server has sent to numbers.
    pub(super) codes: Codes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Users connect and find their partners.
    Setup,
    /// All have; the others are awaited.
    Ready,
    Running,
    /// Nobody says anything new; what is under way arrives.
    Draining {
        since: u64,
    },
}

pub(super) struct Worker {
    plan: Plan,
    control: Arc<Control>,
    to: Sender<Message>,
    clock: Clock,
    now: u64,
    /// `now`, as it stands in lines.
    stamp: Timed,
    /// The time that was read last.
    memo: Timed,
    links: Links,
    users: Vec<User>,
    calls: calls::Calls,
    phase: Phase,
    /// Each line that arrives is answered by one.
    answering: bool,
    /// When measuring begins.
    measure: u64,
    busy_before: u64,
    beat: Beat,
    finish: Finish,
    last_heard: u64,
    setup: setup::Progress,
    pace: Option<Pace>,
    /// Times that were due when nobody was free.
    overdue: VecDeque<u64>,
    /// Users that are free, in turn: F, M.
    free: [VecDeque<u32>; 2],
    turn: u32,
    chance: fastrand::Rng,
}

/// Runs one worker to its end and tells how it went.
pub(super) fn run(plan: Plan, control: Arc<Control>, clock: Clock, to: Sender<Message>) {
    let tell = |last| {
        // Nobody listens any more: there is nothing left to tell.
        let _ = to.send(last);
    };
    match Worker::new(plan, control, clock, to.clone()) {
        Ok(mut worker) => {
            tell(match worker.run() {
                Ok(()) => Message::Finished(Box::new(std::mem::take(&mut worker.finish))),
                Err(why) => Message::Broken(why),
            });
            worker.links.end();
        }
        Err(why) => tell(Message::Broken(why)),
    }
}

impl Plan {
    /// Connections, one a user.
    fn slots(&self) -> u32 {
        self.users + self.callers
    }
}

impl Worker {
    fn new(
        plan: Plan,
        control: Arc<Control>,
        clock: Clock,
        to: Sender<Message>,
    ) -> Result<Worker, String> {
        if let Some(cpu) = plan.cpu {
            pin(cpu).map_err(|error| format!("--core {}: {error}", cpu.0))?;
        }
        let sources = Sources::new(plan.target.chat, plan.worker, plan.sources.clone());
        let links =
            Links::new(plan.slots() as usize, sources).map_err(|error| error.to_string())?;
        let now = clock.now();
        Ok(Worker {
            users: (0..plan.users)
                .map(|slot| User::new(plan.seed, plan.first + slot))
                .collect(),
            chance: fastrand::Rng::with_seed(u64::from(plan.seed) << 32 | u64::from(plan.worker)),
            calls: calls::Calls::new(&plan),
            setup: setup::Progress::default(),
            control,
            to,
            clock,
            now,
            stamp: Timed::new(now),
            memo: Timed::new(now),
            links,
            phase: Phase::Setup,
            answering: false,
            measure: u64::MAX,
            busy_before: 0,
            beat: Beat::default(),
            finish: Finish::default(),
            last_heard: now,
            pace: None,
            overdue: VecDeque::new(),
            free: Default::default(),
            turn: 0,
            plan,
        })
    }

    fn run(&mut self) -> Result<(), String> {
        let ring = |error: io::Error| format!("the generator's ring: {error}");
        loop {
            let done = self.advance()?;
            if done || self.control.stop.load(Ordering::Relaxed) {
                self.close_beat();
                self.check_all();
                return Ok(());
            }
            self.links.turn(self.timeout()).map_err(ring)?;
            self.look_at_clock();
            while let Some((slot, news)) = self.links.next().map_err(ring)? {
                self.take_in(slot, news)?;
            }
        }
    }

    /// What the time has come for; `true` when all is done.
    fn advance(&mut self) -> Result<bool, String> {
        match self.phase {
            Phase::Setup => self.set_up()?,
            Phase::Ready => {
                if self.control.go.load(Ordering::Acquire) {
                    self.start()?;
                }
            }
            Phase::Running => {
                let end = self.measure.saturating_add(self.plan.duration);
                if self.now < end {
                    self.roll_over();
                }
                self.do_what_is_due(end)?;
                if self.now >= end {
                    self.stop_talking();
                }
            }
            Phase::Draining { since } => return Ok(self.is_quiet(since)),
        }
        // A run that has gone wrong before it began need not begin.
        let early = matches!(self.phase, Phase::Setup | Phase::Ready);
        Ok(early && (!self.finish.errors.is_empty() || !self.finish.checks.is_empty()))
    }

    fn start(&mut self) -> Result<(), String> {
        self.phase = Phase::Running;
        self.look_at_clock();
        self.measure = self.now + self.plan.warmup;
        self.beat = Beat {
            second: self.second(),
            ..Beat::default()
        };
        self.note_measuring();
        self.open()
    }

    fn stop_talking(&mut self) {
        self.close_beat();
        let measured = self.now.saturating_sub(self.measure);
        self.finish.wall_ns = measured;
        self.finish.overdue = (self.overdue.len() + self.calls.due.len()) as u64;
        self.finish.busy_ns = procfs::own_thread().saturating_sub(self.busy_before);
        self.finish.busiest = self.finish.busy_ns as f64 / measured.max(1) as f64;
        self.answering = false;
        self.phase = Phase::Draining { since: self.now };
        self.last_heard = self.now;
    }

    fn timeout(&self) -> Duration {
        match (&self.pace, self.phase) {
            (Some(pace), Phase::Running) => {
                let left = pace.due().saturating_sub(self.clock.now());
                GLANCE.min(Duration::from_nanos(left))
            }
            (_, Phase::Setup | Phase::Ready) => Duration::from_millis(1),
            _ => GLANCE,
        }
    }

    fn look_at_clock(&mut self) {
        self.now = self.clock.now();
        self.stamp = Timed::new(self.now);
    }

    fn take_in(&mut self, slot: u32, news: News) -> Result<(), String> {
        if let Some(caller) = slot.checked_sub(self.plan.users) {
            return self.take_in_call(caller, news);
        }
        match news {
            News::Bytes(lease) => {
                self.look_at_clock();
                self.last_heard = self.now;
                self.hear(slot, &lease)
            }
            News::Connected => self.connected(slot),
            News::Gone => self.gone(slot),
            News::Refused(error) => Err(refused(self.plan.target.chat, &error)),
            News::Ended => {
                self.last_heard = self.now;
                self.lost_connection(slot)
            }
        }
    }

    fn lost_connection(&mut self, slot: u32) -> Result<(), String> {
        let user = &mut self.users[slot as usize];
        let state = std::mem::replace(&mut user.state, State::Dead);
        // After an error the server closes; the error has been counted.
        if self.finish.errors.is_empty() {
            self.beat.errors += 1;
            let name = user.name;
            self.finish.fail(Check::Disconnected, || {
                format!("the server closed the connection of {name}, who was {state:?}")
            });
        }
        Ok(())
    }

    /// Which second of the measured time this is.
    fn second(&self) -> i64 {
        let (now, measure) = (i128::from(self.now), i128::from(self.measure));
        let second = (now - measure).div_euclid(i128::from(SECOND));
        i64::try_from(second).expect("a run is not centuries long")
    }

    fn roll_over(&mut self) {
        let second = self.second();
        if second != self.beat.second {
            self.close_beat();
            self.beat.second = second;
            self.note_measuring();
        }
    }

    fn note_measuring(&mut self) {
        if self.beat.second == 0 {
            self.busy_before = procfs::own_thread();
        }
    }

    /// Tells of the second that ends. What comes after the end belongs to the
    /// last second, in an open loop only: there it was due before.
    fn close_beat(&mut self) {
        let mut beat = std::mem::take(&mut self.beat);
        self.beat.second = beat.second;
        beat.settle();
        let late = matches!(self.phase, Phase::Draining { .. }) && self.plan.rate > 0;
        if self.phase == Phase::Running || late {
            // The end of the run is heard of otherwise.
            let _ = self.to.send(Message::Beat(Box::new(beat)));
        }
    }
}

fn refused(target: SocketAddr, error: &io::Error) -> String {
    format!("cannot connect to {target}: {error}")
}
