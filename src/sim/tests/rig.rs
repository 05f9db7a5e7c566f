//! A rig in the hands of a test: each line arrives as it is said, and what is
//! sent is heard at once.

use std::time::Duration;

pub(super) use crate::sim::moves::Move;
pub(super) use crate::sim::rig::{Asked, Rig};

use crate::engine::profile::Keyring;
use crate::engine::rules::Rules;
use crate::engine::shard::seen::Seen;
use crate::engine::{Event, Room};
use crate::sim::rig::HASH_SEED;

impl Rig {
    /// So many cores, with the usual rules.
    pub(super) fn new(cores: u16) -> Self {
        Self::with(cores, Rules::default())
    }

    /// So many cores.
    pub(super) fn with(cores: u16, rules: Rules) -> Self {
        Rig {
            takes_at_once: true,
            hears_early: true,
            ..Rig::of(cores, &rules, usize::MAX)
        }
    }

    /// A connection to this core, for which there is room.
    pub(super) fn connect(&mut self, core: usize) -> usize {
        self.connect_to(core, Room::Free)
    }

    /// The phone says these lines, and they arrive; notes to other cores stay
    /// in their lanes.
    pub(super) fn say(&mut self, phone: usize, lines: &str) {
        self.write(phone, lines.as_bytes());
        self.write(phone, b"\n");
        self.go(Move::Hear(phone));
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

    /// Time passes, in one piece; then all is quiet again.
    pub(super) fn wait(&mut self, span: Duration) {
        self.now = self.now + span;
        self.run();
    }

    pub(super) fn drain(&mut self, core: usize) {
        self.tell(core, Event::Drain);
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
        usize::from(Keyring::new(HASH_SEED).key(user).pick(cores))
    }

    /// All notes of one lane arrive, also those that they lead to.
    pub(super) fn carry(&mut self, from: usize, to: usize) {
        while self.moves().contains(&Move::Lane { from, to }) {
            self.go(Move::Lane { from, to });
        }
    }

    /// The session of this phone's user, if it is the phone's.
    pub(super) fn session(&self, phone: usize) -> Option<Seen> {
        let (core, link) = self.phones[phone].at?;
        self.shards[core].session_of(link)
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

/// A woman and a man, on two cores if there are, joined in this order.
pub(super) fn two(rig: &mut Rig) -> (usize, usize) {
    let last = rig.shards.len() - 1;
    let (a, b) = (rig.connect(0), rig.connect(last));
    rig.say(a, &join("a", "F", "M", 1));
    rig.run();
    rig.say(b, &join("b", "M", "F", 1));
    rig.run();
    (a, b)
}
