//! Shards, lanes and phones in memory: what the network layer and the mesh do,
//! without sockets, threads or a clock. Nothing moves by itself; whoever has
//! the rig says what happens next.

use std::collections::VecDeque;

use super::accounts::Accounts;
use super::lanes::Lanes;
use super::phone::{Connection, Phone};
use crate::engine::durable::Write;
use crate::engine::ids::{CoreId, LinkId, Socket, Time};
use crate::engine::lives::Lives;
use crate::engine::note::Guest;
use crate::engine::rules::Rules;
use crate::engine::shard::{Gauges, Setup, Shard};
use crate::engine::tidings::Tidings;
use crate::engine::{Event, Room};

/// The key of the user ids' hash in every rig.
pub(super) const HASH_SEED: (u64, u64) = (1, 2);

/// See the module.
pub(super) struct Rig {
    pub(super) shards: Vec<Shard>,
    pub(super) now: Time,
    pub(super) phones: Vec<Phone>,
    /// What was to be written down.
    pub(super) stored: Vec<Write>,
    /// What was asked of the network layer, but for sends.
    pub(super) asked: Vec<Asked>,
    /// The system takes what is sent at once.
    pub(super) takes_at_once: bool,
    /// A phone hears what is sent before the system takes it, and a connection
    /// that is closed ends at once.
    pub(super) hears_early: bool,
    /// Nothing happens at this core for a while.
    pub(super) stalled: Option<usize>,
    /// Nothing arrives from this core at that one for a while.
    pub(super) slow_lane: Option<(usize, usize)>,
    pub(super) lanes: Lanes,
    pub(super) nets: Vec<Lives<Connection>>,
    /// Phones at which something has arrived.
    pub(super) rung: Vec<usize>,
    /// Phones that the server has not closed.
    pub(super) open: Vec<usize>,
    pub(super) closing: Vec<Closing>,
    /// What was on its way to a phone when its connection was closed.
    pub(super) in_doubt: Vec<(usize, Vec<u8>)>,
    pub(super) later: VecDeque<Later>,
    pub(super) accounts: Accounts,
    /// What was to be told beside the chat.
    pub(super) tidings: Vec<Tidings>,
}

/// One request to the network layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Close(usize),
    Hush(usize),
    Listen(usize),
    Detach(usize),
    Adopt(usize),
}

/// A connection that the shard has forgotten.
pub(super) struct Closing {
    pub(super) phone: usize,
    pub(super) core: usize,
    pub(super) link: LinkId,
    pub(super) untaken: Vec<u8>,
}

pub(super) enum Later {
    Flushed(usize, LinkId, bool),
    Detached(usize, LinkId, Socket),
    Adopted(usize, LinkId, Box<Guest>),
}

impl Rig {
    /// So many cores, with room for so many notes in each lane.
    pub(super) fn of(cores: u16, rules: &Rules, room: usize) -> Self {
        let shard = |core| {
            Shard::new(Setup {
                core: CoreId(core),
                cores,
                rules: rules.clone(),
                hash_seed: HASH_SEED,
                draw_seed: u64::from(core) + 7,
                first_talk: 1,
                first_word: 1,
            })
        };
        let count = usize::from(cores);
        Rig {
            shards: (0..cores).map(shard).collect(),
            now: Time(1_000_000 * 1_000_000_000),
            phones: Vec::new(),
            stored: Vec::new(),
            asked: Vec::new(),
            takes_at_once: false,
            hears_early: false,
            stalled: None,
            slow_lane: None,
            lanes: Lanes::new(count, room),
            nets: (0..count).map(|_| Lives::default()).collect(),
            rung: Vec::new(),
            open: Vec::new(),
            closing: Vec::new(),
            in_doubt: Vec::new(),
            later: VecDeque::new(),
            accounts: Accounts::new(count),
            tidings: Vec::new(),
        }
    }

    /// A connection to this core; nothing is said on it.
    pub(super) fn connect_to(&mut self, core: usize, room: Room) -> usize {
        let phone = self.phones.len();
        self.phones.push(Phone::default());
        self.open.push(phone);
        let link = self.link(core, phone);
        self.tell(core, Event::Opened { link, room });
        phone
    }

    /// A number is given to a phone that never calls.
    pub(super) fn place_holder(&mut self) {
        let closed = true;
        self.phones.push(Phone {
            closed,
            ..Phone::default()
        });
    }

    /// The phone says these bytes; they have not arrived yet.
    pub(super) fn write(&mut self, phone: usize, bytes: &[u8]) {
        self.phones[phone].saying.extend(bytes);
    }

    /// A turn of every core's loop is over.
    pub(super) fn turn(&mut self) {
        for core in 0..self.shards.len() {
            self.tell(core, Event::Turn);
        }
    }

    /// What has arrived at a phone since this was asked last.
    pub(super) fn heard(&mut self, phone: usize) -> Vec<String> {
        self.phones[phone].lines.drain(..).collect()
    }

    /// Everybody has left, and nothing of them is anywhere but in the
    /// directories.
    pub(super) fn assert_nobody(&self) {
        for shard in &self.shards {
            assert_eq!(shard.gauges(), Gauges::default());
            assert_eq!(shard.lives(), (0, 0), "sessions and links");
            shard.invariants();
        }
    }

    /// Users of which anything is known, on all cores.
    pub(super) fn known(&self) -> usize {
        self.shards.iter().map(Shard::known).sum()
    }

    pub(super) fn link(&mut self, core: usize, phone: usize) -> LinkId {
        let (slot, generation) = self.nets[core].insert(Connection::new(phone));
        let link = LinkId { slot, generation };
        self.phones[phone].at = Some((core, link));
        link
    }

    pub(super) fn tell(&mut self, core: usize, event: Event<'_>) {
        self.tell_one(core, event);
        self.tell_later();
    }

    pub(super) fn tell_later(&mut self) {
        while let Some(later) = self.later.pop_front() {
            match later {
                Later::Flushed(core, link, whole) => {
                    self.tell_one(core, Event::Flushed { link, whole });
                }
                Later::Detached(core, link, socket) => {
                    self.tell_one(core, Event::Detached { link, socket });
                }
                Later::Adopted(core, link, guest) => {
                    self.tell_one(core, Event::Adopted { link, guest });
                }
            }
        }
    }
}
