//! Handsets that misbehave beside the users that are measured: they flood their
//! partners and read slowly, or send rubbish. What they provoke is counted, but
//! is no error.
//!
//! They look for each other only (M for M), so that nobody measured meets one.
//! A thread of their own moves all of them, a step each few milliseconds.

mod handset;
mod rubbish;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::options::Options;
use crate::exit::Failure;
use handset::{Habit, Handset};

/// Between two steps of a handset.
const STEP: Duration = Duration::from_millis(10);

/// The thread; it ends when this is dropped.
pub(super) struct Unruly {
    stop: Sender<()>,
    thread: JoinHandle<Provoked>,
}

/// What they did, and what came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Provoked {
    pub(super) slow: u32,
    pub(super) rubbish: u32,
    pub(super) connections: u64,
    pub(super) sent_bytes: u64,
    /// How often the server had enough of one.
    pub(super) hung_up: u64,
    /// Errors that they read, by slug.
    #[serde(skip)]
    pub(super) errors: BTreeMap<String, u64>,
    /// What kept them from going on.
    #[serde(skip)]
    pub(super) failure: Option<String>,
}

impl Unruly {
    /// Lets as many loose as were asked for.
    pub(super) fn start(options: &Options, target: SocketAddr) -> Result<Option<Unruly>, Failure> {
        let (slow, rubbish) = (options.slow, options.rubbish);
        if slow + rubbish == 0 {
            return Ok(None);
        }
        let habits = (0..slow).map(|_| Habit::Slow);
        let habits = habits.chain((0..rubbish).map(|_| Habit::Rubbish));
        let seed = options.seed.unwrap_or_default();
        let handsets = (0..).zip(habits);
        let handsets = handsets.map(|(number, habit)| Handset::new(habit, seed, number, target));
        let handsets: Vec<_> = handsets.collect();
        let told = Provoked {
            slow,
            rubbish,
            ..Provoked::default()
        };
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("load-unruly".into())
            .spawn(move || run(handsets, &stopped, told))
            .map_err(|error| Failure::system(format!("starting a thread: {error}")))?;
        Ok(Some(Unruly { stop, thread }))
    }

    /// They stop, and tell.
    pub(super) fn end(self) -> Provoked {
        drop(self.stop);
        self.thread.join().expect("it has no reason to panic")
    }
}

fn run(mut handsets: Vec<Handset>, stopped: &Receiver<()>, mut told: Provoked) -> Provoked {
    while stopped.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
        let now = Instant::now();
        for handset in &mut handsets {
            if let Err(error) = handset.step(now, &mut told) {
                told.failure = Some(format!("unruly: no further connection: {error}"));
                return told;
            }
        }
    }
    told
}
