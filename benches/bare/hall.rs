//! A core at which women wait and men come.

use super::{Core, join};
use pairline::engine::ids::LinkId;
use pairline::engine::rules::Rules;
use std::collections::VecDeque;
use std::time::Duration;

/// See the module.
pub struct Hall {
    /// Where it all happens.
    pub core: Core,
    /// The longest-waiting first.
    women: VecDeque<(LinkId, String)>,
    came: usize,
}

/// A man who has connected and not joined yet.
pub struct Man {
    link: LinkId,
    line: Vec<u8>,
}

impl Hall {
    /// So many women wait.
    pub fn with(waiting: usize) -> Self {
        let rules = Rules {
            idle_timeout: None,
            ..Rules::default()
        };
        let mut core = Core::alone(rules);
        let woman = |n| {
            let name = format!("penny{n:08}");
            let link = core.open();
            core.hear(link, &join(&name, 'F'));
            if n % 64 == 0 {
                core.turn(Duration::from_micros(100));
            }
            (link, name)
        };
        let women = (0..waiting).map(woman).collect();
        core.turn(Duration::from_secs(10));
        let came = 0;
        Hall { core, women, came }
    }

    /// A man connects.
    pub fn man(&mut self) -> Man {
        self.came += 1;
        let name = format!("tom{:08}", self.came);
        let link = self.core.open();
        let line = join(&name, 'M');
        Man { link, line }
    }

    /// He joins, and meets the woman who has waited longest.
    pub fn meet(&mut self, man: &Man) {
        self.core.hear(man.link, &man.line);
    }

    /// The men go and the women whom they met queue again. They take their
    /// time, or the rate limit would stop them where few wait.
    pub fn part(&mut self, men: Vec<Man>) {
        assert_eq!(self.core.shard.gauges().talks, men.len(), "each met one");
        for man in men {
            self.core.end(man.link);
            let (link, name) = self.women.pop_front().expect("as many as have met");
            let next = format!("10#{{\"youId\":\"{name}\"}}\n");
            self.core.hear(link, next.as_bytes());
            self.women.push_back((link, name));
        }
        self.core.turn(Duration::from_secs(1));
    }
}
