//! A seeded world: random phones on random cores, notes in any order between
//! the lanes, and what must hold after each step and whenever all is quiet.
//!
//! A failure names its seed; `PAIRLINE_WORLD_SEEDS=17` (or `0..5000`) replays
//! it, or looks for more.

mod handset;
mod quiet;

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use super::rig::{Move, Rig, join};
use crate::engine::rules::Rules;
use handset::Handset;

const STEPS: usize = 400;
const USERS: [&str; 8] = ["ann", "bea", "cat", "dan", "eve", "fay", "gus", "hal"];
const PHONES: usize = 12;

#[test]
fn random_worlds_keep_every_promise() {
    let seeds = std::env::var("PAIRLINE_WORLD_SEEDS").unwrap_or_else(|_| "0..250".into());
    let number = |text: &str| text.parse::<u64>().expect("a seed");
    let seeds = match seeds.split_once("..") {
        Some((first, end)) => number(first)..number(end),
        None => number(&seeds)..number(&seeds) + 1,
    };
    for seed in seeds {
        let life = AssertUnwindSafe(|| World::new(seed).live());
        if let Err(panic) = catch_unwind(life) {
            eprintln!("the world of seed {seed} broke; PAIRLINE_WORLD_SEEDS={seed} replays it");
            resume_unwind(panic);
        }
    }
}

struct World {
    rig: Rig,
    rng: fastrand::Rng,
    /// By phone; a phone of its own for each connection.
    handsets: Vec<Handset>,
    /// Lines under way, by talk and sender: number and phone.
    lines: BTreeMap<(u64, &'static str), VecDeque<(u64, usize)>>,
    said: u64,
    remembers: bool,
    /// Of a hundred steps, how many carry something on.
    pace: u8,
    /// How many of the users come.
    users: usize,
    /// Nothing arrives from this core at that one for a while.
    stalled: Option<(usize, usize)>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let remembers = rng.bool();
        let rules = Rules {
            max_line: 400,
            rematch_pause: Duration::from_secs(if rng.bool() { 10 } else { 0 }),
            pass_cooldown: Duration::from_secs(1),
            max_outbox: if rng.u8(..4) == 0 { Some(3_000) } else { None },
            max_rate: None,
            max_remembered: if remembers { 1000 } else { 0 },
            ..Rules::default()
        };
        let mut rig = Rig::with(rng.u16(1..=4), rules);
        rig.takes_at_once = false;
        World {
            rig,
            handsets: Vec::new(),
            lines: BTreeMap::new(),
            said: 0,
            remembers,
            pace: rng.u8(25..75),
            users: rng.usize(3..=USERS.len()),
            stalled: None,
            rng,
        }
    }

    fn live(mut self) {
        for _ in 0..STEPS {
            match self.rng.u8(..100) {
                dice if dice < self.pace => self.something_moves(),
                0..96 => self.somebody_acts(),
                96 => self.stall(),
                97 => self.rig.now = self.rig.now + Duration::from_millis(self.rng.u64(..50)),
                98 => self.rig.turn(),
                _ => {
                    self.quiet();
                    let pause = Duration::from_millis(self.rng.u64(..12_000));
                    self.rig.now = self.rig.now + pause;
                }
            }
            self.listen();
        }
        self.quiet();
        self.everybody_leaves();
    }

    fn stall(&mut self) {
        let cores = self.rig.shards.len();
        let lane = (self.rng.usize(..cores), self.rng.usize(..cores));
        self.stalled = self.rng.bool().then_some(lane);
    }

    fn something_moves(&mut self) {
        let mut moves = self.rig.moves();
        if let Some((from, to)) = self.stalled {
            moves.retain(|&step| step != Move::Lane { from, to });
        }
        let Some(&step) = self.rng.choice(&moves) else {
            return self.rig.turn();
        };
        match step {
            Move::Hear(phone) if self.rng.u8(..4) == 0 => {
                let most = self.rng.usize(1..60);
                self.rig.hear(phone, most);
            }
            _ => self.rig.go(step),
        }
    }

    fn somebody_acts(&mut self) {
        let open =
            |&phone: &usize| self.rig.phones[phone].is_open() && !self.rig.phones[phone].hung_up;
        let open: Vec<usize> = (0..self.handsets.len()).filter(open).collect();
        if open.len() < 3 || (open.len() < PHONES && self.rng.u8(..6) == 0) {
            return self.connect();
        }
        let phone = *self.rng.choice(&open).expect("three at least");
        match self.rng.u8(..100) {
            0..12 => self.join(phone, self.handsets[phone].user),
            12..14 => {
                let user = *self
                    .rng
                    .choice(&USERS[..self.users])
                    .expect("there are names");
                self.join(phone, user);
            }
            14..44 => self.talk(phone),
            44..56 => self.end(phone),
            56..72 => self.next(phone),
            72..78 => self.last_word(phone),
            78..86 => self.say(phone, r#"3#{"youId":"ME"}"#),
            86..88 => self.leave(phone),
            88..94 => self.vanish(phone),
            94..96 => self.say(phone, ""),
            _ => {
                let rubbish = ["6#{", "99#{}", "what?", "7#{}", &"x".repeat(500)];
                let line = *self.rng.choice(&rubbish).expect("there is some");
                if line.len() < 100 || self.rng.u8(..4) == 0 {
                    self.say(phone, line);
                }
            }
        }
    }

    fn connect(&mut self) {
        let core = self.rng.usize(..self.rig.shards.len());
        let phone = self.rig.connect(core);
        let user = *self
            .rng
            .choice(&USERS[..self.users])
            .expect("there are names");
        self.handsets.push(Handset::new(user));
        self.join(phone, user);
    }

    fn join(&mut self, phone: usize, user: &'static str) {
        let own = &mut self.handsets[phone];
        if user != own.user {
            own.leaves();
            own.user = user;
        }
        let gender = if self.rng.u8(..8) == 0 {
            ["F", "M"][self.rng.usize(..2)]
        } else {
            ["F", "M"][(user.len() % 2) ^ usize::from(user.as_bytes()[0] % 2)]
        };
        let find = if self.rng.u8(..5) == 0 {
            gender
        } else if gender == "F" {
            "M"
        } else {
            "F"
        };
        let line = join(user, gender, find, self.rng.u32(1..=3));
        self.say(phone, &line);
    }

    fn talk(&mut self, phone: usize) {
        let own = &self.handsets[phone];
        let talks: Vec<_> = own.talks.iter().filter(|_| own.sure).collect();
        let Some(&(&talk, partner)) = self.rng.choice(&talks) else {
            return;
        };
        self.said += 1;
        let (number, user) = (self.said, own.user);
        let line = format!(
            r#"6#{{"yourId":"{user}","toId":"{partner}","talkId":"{talk}","msg":"{number}"}}"#
        );
        self.lines
            .entry((talk, user))
            .or_default()
            .push_back((number, phone));
        self.say(phone, &line);
    }

    fn end(&mut self, phone: usize) {
        let Some((talk, partner)) = self.pick_talk(phone) else {
            return;
        };
        let again = u8::from(self.rng.u8(..40) == 0);
        let text = self.text();
        self.handsets[phone].ends(talk);
        self.say(
            phone,
            &format!(r#"7#{{"yourId":"ME","toId":"{partner}","talkId":"{talk}","msg":"{text}","seeAgain":{again}}}"#),
        );
    }

    fn next(&mut self, phone: usize) {
        let text = self.text();
        match self.pick_talk(phone) {
            Some((talk, partner)) if self.rng.u8(..4) > 0 => {
                self.handsets[phone].ends(talk);
                self.say(
                    phone,
                    &format!(r#"10#{{"youId":"ME","toId":"{partner}","talkId":"{talk}","endmessage":"{text}"}}"#),
                );
            }
            _ => self.say(phone, r#"10#{"youId":"ME"}"#),
        }
    }

    fn last_word(&mut self, phone: usize) {
        let to = *self
            .rng
            .choice(&USERS[..self.users])
            .expect("there are names");
        self.said += 1;
        let text = self.said;
        self.say(
            phone,
            &format!(r#"8#{{"youId":"ME","toId":"{to}","endmessage":"{text}"}}"#),
        );
    }

    fn leave(&mut self, phone: usize) {
        self.handsets[phone].leaves();
        self.say(phone, r#"13#{"youId":"ME"}"#);
    }

    fn vanish(&mut self, phone: usize) {
        if self.rng.bool() {
            self.rig.phones[phone].saying.clear();
        }
        self.rig.phones[phone].hung_up = true;
    }

    fn say(&mut self, phone: usize, line: &str) {
        let line = line.replace("ME", self.handsets[phone].user);
        self.rig.write(phone, line.as_bytes());
        self.rig.write(phone, b"\n");
        if self.rng.bool() && self.rig.moves().contains(&Move::Hear(phone)) {
            self.rig.go(Move::Hear(phone));
        }
    }

    fn pick_talk(&mut self, phone: usize) -> Option<(u64, String)> {
        let talks = self.handsets[phone].talks.clone().into_iter();
        self.rng.choice(talks.collect::<Vec<_>>())
    }

    fn text(&mut self) -> String {
        match self.rng.bool() {
            true => String::new(),
            false => {
                self.said += 1;
                self.said.to_string()
            }
        }
    }
}
