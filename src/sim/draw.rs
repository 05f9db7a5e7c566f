//! Draws the next step of a world.

use super::moves::Move;
use super::script::{Act, Naming, News, RUBBISH, Shows, Step, USERS};
use super::world::World;

/// See the module.
pub(super) struct Draw {
    rng: fastrand::Rng,
    /// A phone that is to hear at once what it has said.
    eager: Option<usize>,
}

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Draw {
            rng: fastrand::Rng::with_seed(seed),
            eager: None,
        }
    }

    /// What it draws next depends on this seed, and not on what it drew.
    pub(super) fn reseed(&mut self, seed: u64) {
        self.rng.seed(seed);
    }

    pub(super) fn step(&mut self, world: &World) -> Step {
        if world.steps < world.plan.alone {
            return self.step_alone(world);
        }
        if let Some(phone) = self.eager.take() {
            return Step::Go(Move::Hear(phone));
        }
        match self.rng.u8(..100) {
            dice if dice < world.plan.pace => self.move_on(world),
            0..93 => self.somebody_acts(world),
            93 => Step::News(self.news(world)),
            94 => self.stall(world),
            95 => self.slow(world),
            96 => Step::Wait(self.rng.u64(..50)),
            97 => Step::Turn,
            98 => Step::Wait(self.rng.u64(..12_000)),
            _ => Step::Quiet(self.rng.u64(..)),
        }
    }

    fn step_alone(&mut self, world: &World) -> Step {
        let seed = self.rng.u64(..);
        let milliseconds = match self.rng.u8(..100) {
            0..6 => self.rng.u64(..500),
            6..10 => self.rng.u64(1_000..12_000),
            10 => self.rng.u64(..200_000),
            11..13 => {
                let news = self.news(world);
                return Step::NewsAlone { news, seed };
            }
            _ => {
                return match self.somebody_acts(world) {
                    Step::Act { phone, act } => {
                        let act = match act {
                            Act::Vanish { .. } => Act::Vanish { unheard: false },
                            act => act,
                        };
                        Step::Alone { phone, act, seed }
                    }
                    step => step,
                };
            }
        };
        Step::Idle { milliseconds, seed }
    }

    fn stall(&mut self, world: &World) -> Step {
        let core = self.rng.usize(..world.rig.shards.len());
        Step::Stall(self.rng.bool().then_some(core))
    }

    fn slow(&mut self, world: &World) -> Step {
        let cores = world.rig.shards.len();
        let lane = (self.rng.usize(..cores), self.rng.usize(..cores));
        Step::Slow(self.rng.bool().then_some(lane))
    }

    fn move_on(&mut self, world: &World) -> Step {
        match self.rng.choice(world.rig.moves()) {
            None => Step::Turn,
            Some(Move::Hear(phone)) if self.rng.u8(..4) == 0 => {
                let most = self.rng.usize(1..60);
                Step::Hear { phone, most }
            }
            Some(Move::Flush(phone)) if self.rng.u8(..4) == 0 => Step::Go(Move::Lose(phone)),
            Some(Move::Read(at)) if self.rng.u8(..16) == 0 => Step::Go(Move::Fail(at)),
            Some(step) => Step::Go(step),
        }
    }

    fn somebody_acts(&mut self, world: &World) -> Step {
        let open = world.rig.open.iter().copied();
        let open: Vec<usize> = open
            .filter(|&phone| world.rig.phones[phone].talks())
            .collect();
        let few = open.len() < 3 || (open.len() < world.plan.phones && self.rng.u8(..6) == 0);
        if few {
            return Step::Call {
                phone: world.rig.phones.len(),
                core: self.rng.usize(..world.rig.shards.len()),
                user: self.user(world),
                named: self.rng.u8(..4) == 0,
            };
        }
        let phone = *self.rng.choice(&open).expect("three at least");
        if self.rng.bool() {
            self.eager = Some(phone);
        }
        let act = self.act(world, phone);
        Step::Act { phone, act }
    }

    fn act(&mut self, world: &World, phone: usize) -> Act {
        let own = &world.handsets[phone];
        let alone = world.model.is_some() && world.steps < world.plan.alone;
        let waits_to_join = alone && self.rng.u8(..8) == 0;
        if !own.joined && !waits_to_join {
            return self.join(number(own.user));
        }
        let naming = match self.rng.u8(..4) {
            0 if alone => Naming::Missing,
            1 if alone => Naming::Wrong,
            _ => Naming::Right,
        };
        let (which, text) = (self.rng.usize(..8), self.rng.bool());
        let refuse = self.rng.u8(..40) == 0;
        match self.rng.u8(..100) {
            0..12 => self.join(number(own.user)),
            12..14 => {
                let user = self.user(world);
                self.join(user)
            }
            14..44 => Act::Talk { which, naming },
            44..54 => Act::End {
                which,
                naming,
                text,
                refuse,
            },
            54..56 if alone => Act::EndWith {
                to: self.user(world),
                text,
                refuse,
            },
            54..72 => Act::Next {
                which: (self.rng.u8(..4) > 0).then_some(which),
                naming,
                text,
            },
            72..78 => Act::Word {
                to: self.user(world),
                naming,
            },
            78..86 => Act::Pass,
            86..88 => Act::Leave,
            88..93 => Act::Vanish {
                unheard: self.rng.bool(),
            },
            93..96 => Act::Beat,
            _ => Act::Rubbish(self.rng.usize(..RUBBISH.len())),
        }
    }

    fn news(&mut self, world: &World) -> News {
        let user = self.user(world);
        match self.rng.u8(..44) {
            0..20 => {
                let few = world.blocks.len() < world.plan.users / 2;
                let on = few && self.rng.bool();
                let (by, whom) = match self.rng.choice(&world.blocks) {
                    Some(&block) if !on => block,
                    _ => match self.rng.choice(world.involved()) {
                        Some(pair) if self.rng.u8(..4) > 0 => pair,
                        _ => (user, self.user(world)),
                    },
                };
                News::Block { by, whom, on }
            }
            20..26 => News::Notice(user),
            26..31 => News::LogOut(user),
            31 => News::Delete(user),
            32..38 => News::Look(user),
            _ => self.ban(world, user),
        }
    }

    /// Few are banned at a time, and not for long: the world is to be a busy
    /// one.
    fn ban(&mut self, world: &World, user: usize) -> News {
        let now = world.rig.now;
        let standing = world.bans.iter().filter(|(_, until)| **until > now);
        let standing: Vec<usize> = standing.map(|(&user, _)| user).collect();
        match self.rng.choice(&standing) {
            Some(&user) if standing.len() > world.plan.users / 8 || self.rng.bool() => {
                News::Unban(user)
            }
            _ => News::Ban {
                user,
                milliseconds: (self.rng.u8(..4) > 0).then(|| self.rng.u64(..20_000)),
            },
        }
    }

    fn user(&mut self, world: &World) -> usize {
        self.rng.usize(..world.plan.users)
    }

    fn join(&mut self, user: usize) -> Act {
        let man = user % 2 == 1;
        let gender = if self.rng.u8(..8) == 0 {
            self.rng.bool()
        } else {
            man
        };
        let find = if self.rng.u8(..5) == 0 {
            gender
        } else {
            !gender
        };
        Act::Join {
            user,
            gender,
            find,
            guys: self.rng.u32(1..=4),
            shows: match self.rng.u8(..12) {
                0 => Shows::Nothing,
                1 => Shows::Wrong,
                _ => Shows::Own,
            },
        }
    }
}

fn number(user: &str) -> usize {
    let at = USERS.iter().position(|&name| name == user);
    at.expect("a handset is one of the users")
}
