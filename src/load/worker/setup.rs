//! How users come: connect, greet, find a partner, one worker after the other,
//! so that those of one worker find each other.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use super::user::{State, User};
use super::{Phase, Worker};
use crate::load::clock::SECOND;
use crate::load::options::Scenario;
use crate::load::pace::Pace;
use crate::load::peer::Peer;
use crate::load::tally::Message;

/// Connections under way at once.
const CONNECTING: u32 = 256;
/// How often progress is told.
const TELL_EVERY: u64 = SECOND / 10;

/// How far it has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    begun: u32,
    pub(super) connected: u32,
    pub(super) ready: u32,
    ramp: Option<Pace>,
    told: u64,
}

impl Worker {
    pub(super) fn set_up(&mut self) -> Result<(), String> {
        if self.control.turn.load(Ordering::Acquire) < self.plan.worker {
            return Ok(());
        }
        let all = self.plan.slots();
        if self.plan.scenario == Scenario::Churn {
            self.setup.ready = all;
        } else {
            self.connect_more()?;
        }
        if self.setup.ready == all {
            self.phase = Phase::Ready;
        }
        if self.setup.ready == all || self.now >= self.setup.told + TELL_EVERY {
            self.setup.told = self.now;
            // The end of the run is heard of otherwise.
            let _ = self.to.send(Message::Ready {
                worker: self.plan.worker,
                users: self.setup.ready,
            });
        }
        Ok(())
    }

    fn connect_more(&mut self) -> Result<(), String> {
        // A bare relay pairs by the order of connecting.
        let at_once = match self.plan.peer {
            Peer::Bare => 1,
            _ => CONNECTING,
        };
        let (now, rate) = (self.now, self.plan.ramp);
        let ramp = self
            .setup
            .ramp
            .get_or_insert_with(|| Pace::new(now, rate.into(), 0, 1));
        let mut more = 0;
        while self.setup.begun + more < self.plan.slots()
            && self.setup.begun + more - self.setup.connected < at_once
            && (rate == 0 || ramp.take(now).is_some())
        {
            more += 1;
        }
        for _ in 0..more {
            let slot = self.setup.begun;
            self.setup.begun += 1;
            match slot.checked_sub(self.plan.users) {
                Some(caller) => self.connect_caller(caller)?,
                None => self.connect(slot, now)?,
            }
        }
        Ok(())
    }

    /// Connects a user; `time` is when that was due.
    pub(super) fn connect(&mut self, slot: u32, time: u64) -> Result<(), String> {
        let user = &mut self.users[slot as usize];
        user.state = State::Connecting;
        user.asked = time;
        self.open_link(slot, self.plan.target.chat)
    }

    pub(super) fn open_link(&mut self, slot: u32, target: SocketAddr) -> Result<(), String> {
        self.links.connect(slot, target).map_err(|error| {
            format!("cannot open connection {slot}: {error}; --processes spreads them")
        })
    }

    pub(super) fn connected(&mut self, slot: u32) -> Result<(), String> {
        self.setup.connected += 1;
        let user = &mut self.users[slot as usize];
        user.state = State::Asking;
        let alone = self.plan.scenario == Scenario::Idle;
        let out = self.links.out(slot);
        self.plan.peer.greet(user.name, alone, out);
        if self.plan.peer.is_ready_at_once() {
            self.stand_ready(slot);
        }
        Ok(())
    }

    /// With a foreign peer neighbours are partners.
    pub(super) fn stand_ready(&mut self, slot: u32) {
        let user = &mut self.users[slot as usize];
        let mut partner = user.name;
        partner.number ^= 1;
        user.partner = Some(partner);
        user.state = State::Talking;
        let (peer, size) = (self.plan.peer, self.plan.size);
        user.say = peer.say(user.name, partner, size);
        user.hear = peer.hear(user.name, partner, size);
        self.setup.ready += 1;
    }

    /// A connection is gone after hanging up: the user begins a new life.
    pub(super) fn gone(&mut self, slot: u32) -> Result<(), String> {
        let user = &mut self.users[slot as usize];
        let number = user.name.number.wrapping_add(self.plan.total);
        *user = User::new(self.plan.seed, number);
        let closed = self.plan.rate == 0;
        if self.plan.scenario == Scenario::Churn && self.phase == Phase::Running {
            if closed {
                return self.connect(slot, self.now);
            }
            self.free[0].push_back(slot);
            return self.serve_overdue();
        }
        Ok(())
    }
}
