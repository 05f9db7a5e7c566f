//! Shards, lanes and phones in memory: what the network layer and the mesh do,
//! without sockets, threads or a clock. Nothing moves by itself; a test says
//! what happens next, or [`run`](Rig::run)s everything until it is quiet.

use std::collections::VecDeque;
use std::time::Duration;

use crate::engine::durable::Write;
use crate::engine::ids::{CoreId, LinkId, Socket, Time};
use crate::engine::link::Bond;
use crate::engine::lives::Lives;
use crate::engine::note::{Guest, Note};
use crate::engine::profile::Keyring;
use crate::engine::rules::Rules;
use crate::engine::session::Session;
use crate::engine::shard::{Gauges, Setup, Shard};
use crate::engine::{Effect, Effects, Event, Room};

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
    lanes: Vec<VecDeque<Note>>,
    nets: Vec<Lives<Connection>>,
    later: VecDeque<Later>,
}

/// A peer, at whichever core its connection is.
#[derive(Debug, Default)]
pub(super) struct Phone {
    /// Every line that has arrived, whole.
    pub(super) lines: VecDeque<String>,
    /// Said, but not received yet.
    pub(super) saying: VecDeque<u8>,
    /// The phone has closed its end.
    pub(super) hung_up: bool,
    /// The server has closed.
    pub(super) closed: bool,
    half: Vec<u8>,
    at: Option<(usize, LinkId)>,
    end_told: bool,
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

/// Something that may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The first note of a lane arrives.
    Lane { from: usize, to: usize },
    /// The system takes what is to be sent to a phone.
    Take(usize),
    /// What a phone said arrives.
    Hear(usize),
    /// The end of what a phone says arrives.
    End(usize),
    /// A connection's socket is free to move.
    LetGo(usize),
}

#[derive(Debug)]
struct Connection {
    phone: usize,
    detaching: bool,
    hushed: bool,
    untaken: usize,
}

enum Later {
    Flushed(usize, LinkId, bool),
    Detached(usize, LinkId, Socket),
    Adopted(usize, LinkId, Box<Guest>),
}

impl Rig {
    pub(super) fn new(cores: u16) -> Self {
        Self::with(cores, Rules::default())
    }

    pub(super) fn with(cores: u16, rules: Rules) -> Self {
        let shard = |core| {
            Shard::new(Setup {
                core: CoreId(core),
                cores,
                rules: rules.clone(),
                hash_seed: (1, 2),
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
            takes_at_once: true,
            lanes: (0..count * count).map(|_| VecDeque::new()).collect(),
            nets: (0..count).map(|_| Lives::default()).collect(),
            later: VecDeque::new(),
        }
    }

    /// A connection to this core; nothing is said on it.
    pub(super) fn connect(&mut self, core: usize) -> usize {
        self.connect_to(core, Room::Free)
    }

    pub(super) fn connect_to(&mut self, core: usize, room: Room) -> usize {
        let phone = self.phones.len();
        self.phones.push(Phone::default());
        let link = self.open(core, phone);
        self.tell(core, Event::Opened { link, room });
        phone
    }

    /// The phone says these lines, and they arrive; notes to other cores stay
    /// in their lanes.
    pub(super) fn say(&mut self, phone: usize, lines: &str) {
        self.write(phone, lines.as_bytes());
        self.write(phone, b"\n");
        self.go(Move::Hear(phone));
    }

    /// The phone says these bytes; they have not arrived yet.
    pub(super) fn write(&mut self, phone: usize, bytes: &[u8]) {
        self.phones[phone].saying.extend(bytes);
    }

    /// The phone closes, and that arrives behind what it had said.
    pub(super) fn hang_up(&mut self, phone: usize) {
        self.phones[phone].hung_up = true;
        for step in [Move::Hear(phone), Move::End(phone)] {
            if self.moves().contains(&step) {
                self.go(step);
            }
        }
    }

    /// Everything that can happen now.
    pub(super) fn moves(&self) -> Vec<Move> {
        let cores = self.shards.len();
        let lanes = (0..self.lanes.len())
            .filter(|&lane| !self.lanes[lane].is_empty())
            .map(|lane| Move::Lane {
                from: lane / cores,
                to: lane % cores,
            });
        let mut moves: Vec<Move> = lanes.collect();
        for (index, phone) in self.phones.iter().enumerate() {
            let Some((core, link)) = phone.at else {
                continue;
            };
            let connection = self.nets[core]
                .get(link.slot, link.generation)
                .expect("a phone's connection is there");
            if connection.untaken > 0 {
                moves.push(Move::Take(index));
            }
            if connection.detaching && connection.untaken == 0 {
                moves.push(Move::LetGo(index));
            }
            if !connection.hushed && !phone.saying.is_empty() {
                moves.push(Move::Hear(index));
            }
            let said_all = phone.hung_up && phone.saying.is_empty() && !phone.end_told;
            if !connection.hushed && said_all {
                moves.push(Move::End(index));
            }
        }
        moves
    }

    /// One of [`moves`](Self::moves) happens.
    pub(super) fn go(&mut self, step: Move) {
        match step {
            Move::Lane { from, to } => {
                let lane = from * self.shards.len() + to;
                let note = self.lanes[lane].pop_front().expect("a note is there");
                self.tell(to, Event::Note { note });
            }
            Move::Take(phone) => {
                let (core, link) = self.phones[phone].at.expect("it is connected");
                let bytes = std::mem::take(&mut self.connection(core, link).untaken);
                self.tell(core, Event::Sent { link, bytes });
            }
            Move::Hear(phone) => self.hear(phone, usize::MAX),
            Move::End(phone) => {
                let (core, link) = self.phones[phone].at.expect("it is connected");
                self.phones[phone].end_told = true;
                self.tell(core, Event::Ended { link });
            }
            Move::LetGo(phone) => {
                let (core, link) = self.phones[phone].at.take().expect("it is connected");
                self.phones[phone].end_told = false;
                self.nets[core]
                    .remove(link.slot, link.generation)
                    .expect("it was there");
                let socket = Socket(Box::new(phone));
                self.later.push_back(Later::Detached(core, link, socket));
                self.tell_later();
            }
        }
    }

    /// At most so many bytes of what a phone said arrive.
    pub(super) fn hear(&mut self, phone: usize, most: usize) {
        let Some((core, link)) = self.phones[phone].at else {
            return;
        };
        let saying = &mut self.phones[phone].saying;
        let bytes: Vec<u8> = saying.drain(..most.min(saying.len())).collect();
        self.tell(
            core,
            Event::Bytes {
                link,
                bytes: &bytes,
            },
        );
    }

    /// A turn of every core's loop is over.
    pub(super) fn turn(&mut self) {
        for core in 0..self.shards.len() {
            self.tell(core, Event::Turn);
        }
    }

    /// Everything happens that can, until all is quiet.
    pub(super) fn run(&mut self) {
        for _ in 0..100_000 {
            let Some(&step) = self.moves().first() else {
                self.turn();
                if self.moves().is_empty() {
                    return;
                }
                continue;
            };
            self.go(step);
        }
        panic!("it never gets quiet");
    }

    /// Time passes, in one piece; then all is quiet again.
    pub(super) fn wait(&mut self, span: Duration) {
        self.now = self.now + span;
        self.run();
    }

    pub(super) fn drain(&mut self, core: usize) {
        self.tell(core, Event::Drain);
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
            assert_eq!(shard.sessions.len(), 0, "sessions");
            assert_eq!(shard.links.len(), 0, "links");
            shard.invariants();
        }
    }

    /// A user id that this core looks after.
    pub(super) fn user_of(&self, core: usize) -> String {
        let mut names = (0..).map(|n| format!("u{n}"));
        let of = |name: &String| self.directory_of(name) == core;
        names.find(of).expect("every core looks after some")
    }

    /// The core that looks after this user id.
    pub(super) fn directory_of(&self, user: &str) -> usize {
        let cores = u16::try_from(self.shards.len()).unwrap();
        usize::from(Keyring::new((1, 2)).key(user).pick(cores))
    }

    /// All notes of one lane arrive, also those that they lead to.
    pub(super) fn carry(&mut self, from: usize, to: usize) {
        while self.moves().contains(&Move::Lane { from, to }) {
            self.go(Move::Lane { from, to });
        }
    }

    /// Users of which anything is known, on all cores.
    pub(super) fn known(&self) -> usize {
        self.shards.iter().map(|shard| shard.directory.len()).sum()
    }

    /// The session of this phone's user, if it is the phone's.
    pub(super) fn session(&self, phone: usize) -> Option<&Session> {
        let (core, link) = self.phones[phone].at?;
        let shard = &self.shards[core];
        match shard.links.get(link)?.bond {
            Bond::Session(id) => shard.sessions.get(id.slot, id.generation),
            _ => None,
        }
    }

    fn open(&mut self, core: usize, phone: usize) -> LinkId {
        let (slot, generation) = self.nets[core].insert(Connection {
            phone,
            detaching: false,
            hushed: false,
            untaken: 0,
        });
        let link = LinkId { slot, generation };
        self.phones[phone].at = Some((core, link));
        link
    }

    fn connection(&mut self, core: usize, link: LinkId) -> &mut Connection {
        self.nets[core]
            .get_mut(link.slot, link.generation)
            .expect("the shard names only connections that are there")
    }

    fn tell(&mut self, core: usize, event: Event<'_>) {
        self.tell_one(core, event);
        self.tell_later();
    }

    fn tell_later(&mut self) {
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

    fn tell_one(&mut self, core: usize, event: Event<'_>) {
        let mut fx = Effects::default();
        self.shards[core].handle(self.now, event, &mut fx);
        self.shards[core].invariants();
        for effect in fx.list.drain(..) {
            self.carry_out(core, effect, &fx.bytes);
        }
        if self.takes_at_once {
            let takes = |step: &Move| matches!(step, Move::Take(_));
            while let Some(step) = self.moves().into_iter().find(takes) {
                self.go(step);
            }
        }
    }

    fn carry_out(&mut self, core: usize, effect: Effect, bytes: &[u8]) {
        match effect {
            Effect::Send { link, start, end } => {
                let connection = self.connection(core, link);
                connection.untaken += end - start;
                let phone = connection.phone;
                self.phones[phone].receive(&bytes[start..end]);
            }
            Effect::Close { link } => {
                let connection = self.nets[core]
                    .remove(link.slot, link.generation)
                    .expect("a connection is closed once");
                let phone = &mut self.phones[connection.phone];
                phone.at = None;
                phone.closed = true;
                self.asked.push(Asked::Close(connection.phone));
                let whole = connection.untaken == 0;
                self.later.push_back(Later::Flushed(core, link, whole));
            }
            Effect::Hush { link } => {
                let connection = self.connection(core, link);
                assert!(!connection.hushed, "hushed once");
                connection.hushed = true;
                let phone = connection.phone;
                self.asked.push(Asked::Hush(phone));
            }
            Effect::Listen { link } => {
                let connection = self.connection(core, link);
                assert!(connection.hushed, "heard again once");
                connection.hushed = false;
                let phone = connection.phone;
                self.asked.push(Asked::Listen(phone));
            }
            Effect::Detach { link } => {
                let connection = self.connection(core, link);
                assert!(!connection.detaching, "detached once");
                connection.detaching = true;
                let phone = connection.phone;
                self.asked.push(Asked::Detach(phone));
            }
            Effect::Adopt { socket, guest } => {
                let phone = *socket.0.downcast::<usize>().expect("the rig's own socket");
                self.asked.push(Asked::Adopt(phone));
                let link = self.open(core, phone);
                self.later.push_back(Later::Adopted(core, link, guest));
            }
            Effect::Note { to, note } => {
                assert_ne!(usize::from(to.0), core, "no note to oneself leaves");
                let lane = core * self.shards.len() + usize::from(to.0);
                self.lanes[lane].push_back(note);
            }
            Effect::Store(write) => self.stored.push(write),
        }
    }
}

impl Shard {
    pub(super) fn all_sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter().map(|(_, session)| session)
    }
}

impl Phone {
    /// Is it connected, to a core or on its way to one?
    pub(super) fn is_open(&self) -> bool {
        !self.closed
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.half.extend_from_slice(bytes);
        while let Some(end) = self.half.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.half.drain(..=end).collect();
            let line = String::from_utf8(line).expect("the server writes UTF-8");
            self.lines.push_back(line.trim_end().to_owned());
        }
    }
}

/// What the errors among these lines say.
pub(super) fn errors(lines: &[String]) -> Vec<&str> {
    let lines = lines.iter();
    lines
        .filter_map(|line| line.strip_prefix(r#"0#{"error":""#)?.split('"').next())
        .collect()
}

/// A join, with `guys` conversations wanted.
pub(super) fn join(user: &str, gender: &str, find: &str, guys: u32) -> String {
    format!(r#"1#{{"userId":"{user}","gender":"{gender}","findGender":"{find}","guys":{guys}}}"#)
}
