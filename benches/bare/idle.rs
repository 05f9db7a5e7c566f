//! A shard whose users have joined and wait, one conversation wanted each, and
//! nothing beside it: what it takes of memory is the engine's own.

use super::join;
use pairline::engine::ids::{CoreId, LinkId, Time};
use pairline::engine::rules::Rules;
use pairline::engine::shard::{Setup, Shard};
use pairline::engine::{Effect, Effects, Event, Room};
use std::time::Duration;

/// From one user to the next.
const PAUSE: Duration = Duration::from_micros(10);

/// See the module.
pub struct Idle {
    /// The engine.
    pub shard: Shard,
    now: Time,
    fx: Effects,
    sent: Vec<(LinkId, usize)>,
    users: u32,
}

impl Idle {
    /// Nobody has come yet.
    pub fn nobody() -> Self {
        let setup = Setup {
            core: CoreId(0),
            cores: 1,
            rules: Rules::default(),
            hash_seed: (1, 2),
            draw_seed: 1,
            first_talk: 1,
            first_word: 1,
        };
        Idle {
            shard: Shard::new(setup),
            now: super::START,
            fx: Effects::default(),
            sent: Vec::new(),
            users: 0,
        }
    }

    /// So many more come, join, and take what they are told.
    pub fn come(&mut self, count: u32) {
        for _ in 0..count {
            let slot = self.users;
            self.users += 1;
            let generation = 1;
            let link = LinkId { slot, generation };
            let room = Room::Free;
            self.tell(Event::Opened { link, room });
            let bytes = join(&format!("penny{slot:07}"), 'F');
            let bytes = &bytes;
            self.tell(Event::Bytes { link, bytes });
            self.tell(Event::Turn);
            self.now = self.now + PAUSE;
        }
    }

    fn tell(&mut self, event: Event<'_>) {
        self.shard.handle(self.now, event, &mut self.fx);
        let sends = self.fx.list.iter().filter_map(|effect| match *effect {
            Effect::Send { link, start, end } => Some((link, end - start)),
            _ => None,
        });
        self.sent.extend(sends);
        self.fx.clear();
        while let Some((link, bytes)) = self.sent.pop() {
            let sent = Event::Sent { link, bytes };
            self.shard.handle(self.now, sent, &mut self.fx);
        }
    }
}
