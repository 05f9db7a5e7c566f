//! What kind of world a seed makes.

use std::time::Duration;

use super::script::USERS;
use crate::engine::rules::Rules;

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) cores: u16,
    pub(super) rules: Rules,
    /// Notes that a lane holds.
    pub(super) lane_room: usize,
    /// How many of the users come.
    pub(super) users: usize,
    /// Phones that are connected at once.
    pub(super) phones: usize,
    /// Of a hundred steps among others, how many carry something on.
    pub(super) pace: u8,
    /// So long everybody acts alone, and the model knows what follows.
    pub(super) alone: u64,
}

impl Plan {
    /// Of `steps` steps in all.
    pub(super) fn of(seed: u64, steps: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x5eed);
        let alone = match rng.u8(..4) {
            0 => 0,
            1 => steps,
            _ => steps / 4,
        };
        let all_alone = alone == steps;
        let mut rules = Rules {
            max_line: 400,
            max_guys: rng.u32(1..=4),
            pass_floor: rng.u64(1..=3),
            rematch_pause: match rng.u8(..4) {
                0 if alone == 0 => Duration::ZERO,
                1 => Duration::from_secs(1),
                _ => Duration::from_secs(10),
            },
            pass_cooldown: Duration::from_secs(rng.u64(1..=10)),
            // Never at the same time as anything else.
            idle_timeout: Some(Duration::from_millis(300_000) + Duration::from_nanos(1)),
            join_timeout: Some(Duration::from_millis(30_000) + Duration::from_nanos(2)),
            max_outbox: (rng.u8(..4) == 0).then_some(3_000),
            max_rate: all_alone.then(|| rng.u32(2..10)),
            max_remembered: if alone > 0 || rng.bool() { 1000 } else { 0 },
            ..Rules::default()
        };
        let users = rng.usize(3..=USERS.len());
        let cores = rng.u16(1..=8);
        let lane_room = [1, 3, 4096][rng.usize(..3)];
        let pace = rng.u8(25..75);
        rules.turn_lines = [1, 2, 256][rng.usize(..3)];
        Plan {
            cores,
            rules,
            lane_room,
            users,
            phones: users + users / 2,
            pace,
            alone,
        }
    }
}
