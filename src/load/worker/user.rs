//! One simulated user: its name, its partner, and the two directions of its
//! talk.

use crate::load::line::Template;
use crate::load::name::Name;
use crate::load::order::Order;

/// What a user is waiting for, or doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Not connected.
    Off,
    /// Connecting.
    Connecting,
    /// Has asked for a partner and heard nothing yet.
    Asking,
    /// Has been told its place in the queue.
    Waiting,
    /// In a talk.
    Talking,
    /// Between talks, in no queue.
    Idle,
    /// Hanging up.
    Leaving,
    /// The server hung up.
    Dead,
}

#[derive(Debug)]
pub(super) struct User {
    pub(super) name: Name,
    pub(super) state: State,
    /// The partner, or the last one.
    pub(super) partner: Option<Name>,
    /// The talk with it.
    pub(super) talk: u64,
    pub(super) say: Template,
    pub(super) hear: Template,
    /// Lines said in this talk.
    pub(super) said: u64,
    /// Lines heard in this talk.
    pub(super) heard: Order,
    /// When it asked for a partner, or connected, or was due to.
    pub(super) asked: u64,
    /// Heartbeats that were not answered yet.
    pub(super) pulses: u32,
    /// The beginning of a frame.
    pub(super) kept: Vec<u8>,
}

impl User {
    pub(super) fn new(seed: u32, number: u32) -> User {
        User {
            name: Name { seed, number },
            state: State::Off,
            partner: None,
            talk: 0,
            say: Template::default(),
            hear: Template::default(),
            said: 0,
            heard: Order::default(),
            asked: 0,
            pulses: 0,
            kept: Vec::new(),
        }
    }

    /// 0 for F, 1 for M.
    pub(super) fn side(&self) -> usize {
        usize::from(!self.name.number.is_multiple_of(2))
    }

    /// Whether it is in this very talk with `partner`.
    pub(super) fn talks_with(&self, partner: Name, talk: u64) -> bool {
        self.state == State::Talking && self.talk == talk && self.partner == Some(partner)
    }
}
