//! A world of shards and handsets, in which steps happen, and what must hold
//! after each of them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::handset::Handset;
use super::ledger::Ledger;
use super::model::Model;
use super::moves::Move;
use super::plan::Plan;
use super::rig::Rig;
use super::script::{Step, UNREGISTERED, USERS};
use super::told::Told;
use crate::account_id::is_account_id;
use crate::engine::Event;
use crate::engine::ids::Time;

/// See the module.
pub(super) struct World {
    pub(super) rig: Rig,
    pub(super) plan: Plan,
    /// By phone; a phone of its own for each connection.
    pub(super) handsets: Vec<Handset>,
    pub(super) ledger: Ledger,
    /// Who has blocked whom, by their numbers.
    pub(super) blocks: Vec<(usize, usize)>,
    /// Who is banned, by their numbers, and until when.
    pub(super) bans: BTreeMap<usize, Time>,
    /// What was asked about users by their numbers, and has no answer yet.
    pub(super) looks: BTreeMap<u64, usize>,
    /// A block was lifted since all was quiet.
    pub(super) lifted: bool,
    /// As long as nobody did anything while something was under way.
    pub(super) model: Option<Model>,
    /// How much has happened.
    pub(super) steps: u64,
}

/// The whole world is looked at whenever so much has happened.
const WHOLE_EVERY: u64 = 256;

impl World {
    pub(super) fn new(plan: Plan) -> Self {
        let mut rig = Rig::of(plan.cores, &plan.rules, plan.lane_room);
        let registered = |user: &&str| is_account_id(user) && *user != UNREGISTERED;
        for user in USERS.into_iter().filter(registered) {
            rig.accounts.register(user);
        }
        World {
            model: Some(Model::new(plan.rules.clone(), rig.now)),
            blocks: Vec::new(),
            bans: BTreeMap::new(),
            looks: BTreeMap::new(),
            lifted: false,
            rig,
            plan,
            handsets: Vec::new(),
            ledger: Ledger::default(),
            steps: 0,
        }
    }

    /// One step of a script happens, if it can.
    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Call {
                phone,
                core,
                user,
                named,
            } => self.call(phone, core, user, named),
            Step::Alone { phone, act, seed } => self.alone(phone, act, seed),
            Step::NewsAlone { news, seed } => self.news_alone(news, seed),
            Step::Idle { milliseconds, seed } => self.idle(milliseconds, seed),
            step => {
                self.model = None;
                self.step_among_others(step);
            }
        }
        self.passed();
    }

    fn step_among_others(&mut self, step: Step) {
        match step {
            Step::Act { phone, act } => self.act(phone, act),
            Step::Go(step) => {
                if self.rig.moves().contains(&lossless(step)) {
                    self.rig.go(step);
                }
            }
            Step::Hear { phone, most } => {
                if self.rig.moves().contains(&Move::Hear(phone)) {
                    self.rig.hear(phone, most);
                }
            }
            Step::Turn => self.turn(),
            Step::Wait(milliseconds) => self.wait(milliseconds),
            Step::Stall(core) => self.rig.stalled = core,
            Step::Slow(lane) => self.rig.slow_lane = lane,
            Step::News(news) => self.news(news),
            Step::Quiet(seed) => self.quiet(seed),
            Step::Call { .. } | Step::Alone { .. } | Step::NewsAlone { .. } | Step::Idle { .. } => {
                unreachable!("handled by step")
            }
        }
    }

    /// Something has happened.
    fn passed(&mut self) {
        self.listen();
        self.steps += 1;
        if self.steps.is_multiple_of(WHOLE_EVERY) {
            self.assert_whole();
        }
    }

    pub(super) fn wait(&mut self, milliseconds: u64) {
        self.rig.now = self.rig.now + Duration::from_millis(milliseconds);
    }

    fn turn(&mut self) {
        for core in self.rig.awake().collect::<Vec<_>>() {
            self.rig.tell(core, Event::Turn);
        }
    }

    /// Everything arrives that is under way.
    pub(super) fn run(&mut self, seed: u64) {
        let mut rng = fastrand::Rng::with_seed(seed);
        (self.rig.stalled, self.rig.slow_lane) = (None, None);
        for _ in 0..100_000 {
            match rng.choice(self.rig.moves()) {
                Some(step) => self.rig.go(step),
                None => {
                    self.rig.turn();
                    if self.rig.is_quiet() {
                        return self.listen();
                    }
                }
            }
            if self.model.is_none() {
                self.passed();
            } else {
                self.steps += 1;
            }
        }
        panic!("it never gets quiet");
    }

    /// Every handset takes in what has arrived.
    pub(super) fn listen(&mut self) {
        self.ledger.writes(self.rig.stored.drain(..));
        self.take_answers();
        for (phone, bytes) in self.rig.in_doubt.drain(..) {
            let named = self.handsets[phone].named;
            let lines = std::str::from_utf8(&bytes).expect("the server writes UTF-8");
            for line in lines.lines() {
                self.ledger.doubts(&Told::read(line, named));
            }
        }
        for phone in std::mem::take(&mut self.rig.rung) {
            let lines = self.rig.heard(phone);
            let own = &mut self.handsets[phone];
            let heard = lines.iter().map(|line| Told::read(line, own.named));
            let heard: Vec<Told> = heard.collect();
            for told in &heard {
                own.hears(told);
                self.ledger.hears(told, &self.rig.phones, phone);
            }
            if let Some(model) = &mut self.model {
                model.was_told(phone, &heard);
            }
        }
    }
}

/// The move whose possibility this one depends on.
fn lossless(step: Move) -> Move {
    match step {
        Move::Lose(phone) => Move::Flush(phone),
        Move::Fail(at) => Move::Read(at),
        step => step,
    }
}
