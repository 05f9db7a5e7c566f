//! The engine without a network: a core's shard and, of what the loop around
//! it does, as much as the engine's own costs cannot be told without. Bytes
//! are copied from the effects to each connection's own buffer, and all that
//! was queued counts as sent at the end of a turn.

pub mod hall;
pub mod idle;

use pairline::engine::ids::{CoreId, LinkId, Time};
use pairline::engine::note::Note;
use pairline::engine::rules::Rules;
use pairline::engine::shard::{Setup, Shard};
use pairline::engine::{Effect, Effects, Event, Room};
use std::time::Duration;

/// Long after the epoch, as a real clock has it.
const START: Time = Time(1_700_000_000_000_000_000);

/// What the kernel fills before the engine sees it.
pub const CHUNK_BYTES: usize = 2048;

/// One core.
pub struct Core {
    /// The engine.
    pub shard: Shard,
    /// Notes to other cores, in order.
    pub notes: Vec<(CoreId, Note)>,
    now: Time,
    fx: Effects,
    connections: Vec<Connection>,
    free: Vec<u32>,
    dirty: Vec<u32>,
    spare: Vec<Vec<u8>>,
    closed: Vec<LinkId>,
}

#[derive(Default)]
struct Connection {
    generation: u32,
    queued: Vec<u8>,
    dirty: bool,
}

impl Core {
    /// The only core there is.
    pub fn alone(rules: Rules) -> Self {
        Self::new(0, 1, rules)
    }

    /// One of several cores.
    pub fn new(core: u16, cores: u16, rules: Rules) -> Self {
        let setup = Setup {
            core: CoreId(core),
            cores,
            rules,
            hash_seed: (1, 2),
            draw_seed: u64::from(core),
            first_talk: 1,
            first_word: 1,
        };
        Core {
            shard: Shard::new(setup),
            notes: Vec::new(),
            now: START,
            fx: Effects::default(),
            connections: Vec::new(),
            free: Vec::new(),
            dirty: Vec::new(),
            spare: Vec::new(),
            closed: Vec::new(),
        }
    }

    /// A connection is accepted.
    pub fn open(&mut self) -> LinkId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.connections.push(Connection::default());
            u32::try_from(self.connections.len() - 1).expect("few connections")
        });
        let generation = self.connections[slot as usize].generation;
        let link = LinkId { slot, generation };
        let room = Room::Free;
        self.tell(Event::Opened { link, room });
        link
    }

    /// Bytes arrive, no more than a buffer's at once.
    pub fn hear(&mut self, link: LinkId, bytes: &[u8]) {
        for bytes in bytes.chunks(CHUNK_BYTES) {
            self.tell(Event::Bytes { link, bytes });
        }
    }

    /// A connection is closed by its peer.
    pub fn end(&mut self, link: LinkId) {
        self.tell(Event::Ended { link });
    }

    /// A note arrives.
    pub fn note(&mut self, note: Note) {
        self.tell(Event::Note { note });
    }

    /// The end of a turn that began `later` than the last one: the shard's
    /// share of it, then everything that waits is sent.
    pub fn turn(&mut self, later: Duration) {
        self.tell(Event::Turn);
        while let Some(slot) = self.dirty.pop() {
            let connection = &mut self.connections[slot as usize];
            connection.dirty = false;
            let generation = connection.generation;
            let link = LinkId { slot, generation };
            let mut sent = std::mem::take(&mut connection.queued);
            let bytes = sent.len();
            sent.clear();
            self.spare.push(sent);
            self.tell(Event::Sent { link, bytes });
        }
        self.fx.counts.clear();
        self.now = self.now + later;
    }

    /// What waits to be sent.
    pub fn queued(&self, link: LinkId) -> &[u8] {
        &self.connections[link.slot as usize].queued
    }

    fn tell(&mut self, event: Event<'_>) {
        self.shard.handle(self.now, event, &mut self.fx);
        if self.fx.list.is_empty() {
            return;
        }
        let mut list = std::mem::take(&mut self.fx.list);
        for effect in list.drain(..) {
            self.carry_out(effect);
        }
        self.fx.list = list;
        self.fx.clear();
        while let Some(link) = self.closed.pop() {
            self.tell(Event::Flushed { link, whole: true });
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send { link, start, end } => {
                let connection = &mut self.connections[link.slot as usize];
                if connection.queued.capacity() == 0 {
                    connection.queued = self.spare.pop().unwrap_or_default();
                }
                let bytes = &self.fx.bytes[start..end];
                connection.queued.extend_from_slice(bytes);
                if !connection.dirty {
                    connection.dirty = true;
                    self.dirty.push(link.slot);
                }
            }
            Effect::Close { link } => {
                let connection = &mut self.connections[link.slot as usize];
                connection.generation += 1;
                connection.queued.clear();
                self.free.push(link.slot);
                self.closed.push(link);
            }
            Effect::Note { to, note } => self.notes.push((to, note)),
            Effect::Store(_) => {}
            Effect::Hush { .. } | Effect::Listen { .. } => {}
            Effect::Detach { .. } | Effect::Adopt { .. } | Effect::Ask(_) | Effect::Tell(_) => {
                unreachable!("nobody joins twice here, and nobody is registered")
            }
        }
    }
}

/// Carries notes between the cores until all are quiet.
pub fn exchange(cores: &mut [Core]) {
    while let Some(from) = cores.iter().position(|core| !core.notes.is_empty()) {
        let mut notes = std::mem::take(&mut cores[from].notes);
        for (to, note) in notes.drain(..) {
            cores[usize::from(to.0)].note(note);
        }
        // Nobody sends notes to itself, so none has come meanwhile.
        cores[from].notes = notes;
    }
}

/// The line with which a user of this gender looks for the other.
pub fn join(user: &str, gender: char) -> Vec<u8> {
    let find = if gender == 'F' { 'M' } else { 'F' };
    format!(
        r#"1#{{"userId":"{user}","nickname":"{user}","gender":"{gender}","findGender":"{find}","picId":"4","location":"Beijing","gps":"116.3,39.9","guys":"1"}}"#
    )
    .into_bytes()
    .into_iter()
    .chain(*b"\n")
    .collect()
}

/// A `talking` line of 160 bytes.
pub fn talking(from: &str, to: &str) -> Vec<u8> {
    const LINE_BYTES: usize = 160;
    let head = format!(r#"6#{{"yourId":"{from}","toId":"{to}","msg":""#);
    let text = "hello there, how are you ".chars().cycle();
    let text: String = text.take(LINE_BYTES - head.len() - 2).collect();
    format!("{head}{text}\"}}\n").into_bytes()
}

/// What one of two says to the other, over and over.
pub struct Voice {
    /// The speaker's connection.
    pub from: LinkId,
    /// The listener's.
    pub to: LinkId,
    /// A line of 160 bytes.
    pub line: Vec<u8>,
}

/// So many pairs meet on one core: the voices of the women, then those of the
/// men. If all speak in turn, none is silent for long.
pub fn pairs(core: &mut Core, count: usize) -> Vec<Voice> {
    let pairs = (0..count).map(|n| {
        let [woman, man] = ["penny", "tom"].map(|name| format!("{name}186000{n:05}"));
        let her = core.open();
        core.hear(her, &join(&woman, 'F'));
        let him = core.open();
        core.hear(him, &join(&man, 'M'));
        core.turn(Duration::from_millis(1));
        let voice = |from, to, line| Voice { from, to, line };
        (
            voice(her, him, talking(&woman, &man)),
            voice(him, her, talking(&man, &woman)),
        )
    });
    let (mut women, men): (Vec<_>, Vec<_>) = pairs.unzip();
    women.extend(men);
    women
}
