//! What comes from HTTP, alone or among others.

use std::time::Duration;

use super::accounts::key;
use super::script::{News, USERS};
use super::world::World;
use crate::engine::ids::Time;
use crate::engine::tidings::Tidings;

impl World {
    /// It happens at HTTP, and is on its way to the cores.
    pub(super) fn news(&mut self, news: News) {
        match news {
            News::Block { by, whom, on } => self.block(by, whom, on),
            News::Notice(user) => {
                self.notify(user);
            }
            News::LogOut(user) => self.rig.log_out(USERS[user]),
            News::Delete(user) => self.rig.delete(USERS[user]),
            News::Ban { user, milliseconds } => {
                let until = self.until(milliseconds);
                self.bans.insert(user, until);
                self.rig.ban(USERS[user], until);
            }
            News::Unban(user) => {
                self.bans.remove(&user);
                self.rig.unban(USERS[user]);
            }
            News::Look(user) => {
                let number = self.steps;
                self.looks.insert(number, user);
                self.rig.inquire(USERS[user], None, number);
            }
        }
    }

    /// Each question has one answer, and while nothing else happens it is what
    /// the model knows.
    pub(super) fn take_answers(&mut self) {
        for tidings in self.rig.tidings.drain(..) {
            let Tidings::Sighting(sighting) = tidings else {
                panic!("nothing is looked for: {tidings:?}");
            };
            let user = self.looks.remove(&sighting.number);
            let user = USERS[user.expect("one answer to each question")];
            if let Some(model) = &mut self.model {
                model.was_seen(user, sighting.live.as_ref());
            }
        }
    }

    fn until(&self, milliseconds: Option<u64>) -> Time {
        milliseconds.map_or(Time::NEVER, |milliseconds| {
            // Never at the same time as anything else.
            self.rig.now + Duration::from_millis(milliseconds) + Duration::from_nanos(3)
        })
    }

    /// Users of whom one is being asked whether it meets the other; if there are
    /// none, those who talk.
    pub(super) fn involved(&self) -> Vec<(usize, usize)> {
        let number = |name: &str| USERS.iter().position(|user| *user == name);
        let of = |user| {
            let mut numbers = 0..USERS.len();
            numbers.find(|&at| key(USERS[at]) == user)
        };
        let (mut held, mut talks) = (Vec::new(), Vec::new());
        for session in self.sessions().into_values() {
            let own = number(&session.name);
            let pair = |other| Some((own?, of(other)?));
            held.extend(session.held.iter().copied().filter_map(pair));
            talks.extend(session.talks.iter().map(|talk| talk.user).filter_map(pair));
        }
        if held.is_empty() { talks } else { held }
    }

    /// The same, while nothing else is under way.
    pub(super) fn news_alone(&mut self, news: News, seed: u64) {
        self.idle_until(self.rig.now + Duration::from_micros(1), seed);
        let number = match news {
            News::Notice(user) => self.notify(user),
            _ => 0,
        };
        if !matches!(news, News::Notice(_)) {
            self.news(news);
        }
        let until = match news {
            News::Ban { milliseconds, .. } => self.until(milliseconds),
            _ => Time::NEVER,
        };
        if let Some(model) = &mut self.model {
            match news {
                News::Block { by, whom, on } if by != whom => {
                    model.block(USERS[by], USERS[whom], on);
                }
                News::Block { .. } => {}
                News::Notice(user) => model.notice(USERS[user], number),
                News::LogOut(user) => model.log_out(USERS[user]),
                News::Delete(user) => model.delete(USERS[user]),
                News::Ban { user, .. } => model.ban(USERS[user], until),
                News::Unban(user) => model.unban(USERS[user]),
                News::Look(_) => {}
            }
        }
        self.run(seed);
        if let Some(model) = &mut self.model {
            model.assert_all_told();
        }
    }

    fn block(&mut self, by: usize, whom: usize, on: bool) {
        if by == whom {
            return;
        }
        self.blocks.retain(|&block| block != (by, whom));
        if on {
            self.blocks.push((by, whom));
        }
        self.lifted |= !on;
        self.ledger.bar(USERS[by], USERS[whom]);
        self.rig.block(USERS[by], USERS[whom], on);
    }

    fn notify(&mut self, user: usize) -> u64 {
        let number = self.ledger.notice(USERS[user]);
        let body = format!(r#"{{"kind":"{}","text":"{number}"}}"#, USERS[user]);
        self.rig.notify(USERS[user], &body);
        number
    }
}
