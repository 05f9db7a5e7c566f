//! What HTTP does, and who is registered.

use std::collections::BTreeMap;

use super::{Model, Slot, UserAt};
use crate::account_id::is_account_id;
use crate::engine::ids::Time;
use crate::engine::tidings::Live;
use crate::sim::script::{UNREGISTERED, USERS};
use crate::sim::told::Told;

/// Who is registered: how often each has logged out, of which the token is made.
pub(super) struct Accounts(BTreeMap<&'static str, u64>);

/// Who is banned, and until when.
#[derive(Default)]
pub(super) struct Bans(BTreeMap<&'static str, Time>);

impl Bans {
    /// Does nobody get in under this name?
    pub(super) fn bar(&self, user: &str, now: Time) -> bool {
        self.0.get(user).is_some_and(|&until| until > now)
    }
}

impl Accounts {
    pub(super) fn new() -> Self {
        let registered = |user: &&str| is_account_id(user) && *user != UNREGISTERED;
        let users = USERS.into_iter().filter(registered);
        Accounts(users.map(|user| (user, 0)).collect())
    }

    /// What answers a join, if it is refused.
    pub(super) fn refusal(&self, user: &str, token: Option<&str>) -> Option<&'static str> {
        let revoked = self.0.get(user)?;
        match token {
            None => Some("token_required"),
            Some(token) if token == format!("{user}.{revoked}") => None,
            Some(_) => Some("token_invalid"),
        }
    }
}

impl Model {
    /// A user has, or has not, blocked another.
    pub(in crate::sim) fn block(&mut self, by: &'static str, whom: &'static str, on: bool) {
        let [by, whom] = [by, whom].map(|user| self.find_or_add(user));
        self.users[by].memory.block(whom, on);
        if let Some(talk) = self.talk_with(by, whom).filter(|_| on) {
            let at = self.talks[talk].users.iter().position(|&user| user == whom);
            let nickname = self.talks[talk].nicknames[at.expect("one of the two")].clone();
            let over = Told::End {
                from: self.users[whom].name.into(),
                to: self.users[by].name.into(),
                nickname,
                text: String::new(),
                over: true,
                talk: self.id(talk),
            };
            self.tell(by, over);
            self.hang_up(by, talk, "");
        }
        self.pair();
    }

    /// A user is told something, if it is here.
    pub(in crate::sim) fn notice(&mut self, user: &'static str, number: u64) {
        let told = Told::Notice {
            number,
            user: user.into(),
        };
        if let Some(user) = self.find(user) {
            self.tell(user, told);
        }
    }

    /// A user logs out everywhere.
    pub(in crate::sim) fn log_out(&mut self, user: &'static str) {
        if let Some(revoked) = self.accounts.0.get_mut(user) {
            *revoked += 1;
        }
        self.expel(user, "token_invalid");
    }

    /// An account is no more.
    pub(in crate::sim) fn delete(&mut self, user: &'static str) {
        self.accounts.0.remove(user);
        self.expel(user, "token_invalid");
    }

    /// A user is banned until then, and logged out everywhere.
    pub(in crate::sim) fn ban(&mut self, user: &'static str, until: Time) {
        if let Some(revoked) = self.accounts.0.get_mut(user) {
            *revoked += 1;
        }
        self.bans.0.insert(user, until);
        self.expel(user, "banned");
    }

    /// A user is not banned any more.
    pub(in crate::sim) fn unban(&mut self, user: &'static str) {
        self.bans.0.remove(user);
    }

    /// This was said of a user.
    pub(in crate::sim) fn was_seen(&mut self, user: &str, live: Option<&Live>) {
        let here = self.find(user).filter(|&at| self.users[at].phone.is_some());
        assert_eq!(here.is_some(), live.is_some(), "{user} is online, or not");
        let (Some(at), Some(live)) = (here, live) else {
            return;
        };
        let own = &self.users[at];
        assert_eq!(
            (&*live.nickname, live.guys as usize),
            (&*own.nickname, own.guys)
        );
        let waits = |slot: &&Slot| matches!(slot, Slot::Waiting(_));
        assert_eq!(live.waiting.len(), own.slots.iter().filter(waits).count());
        let partner = |talk| self.users[self.partner(at, talk)].name;
        let mut wanted: Vec<&str> = self.talks_of(at).into_iter().map(partner).collect();
        let mut told: Vec<&str> = live.talks.iter().map(|talk| &*talk.user).collect();
        wanted.sort_unstable();
        told.sort_unstable();
        assert_eq!(told, wanted, "with whom {user} talks");
    }

    /// Whoever joins with a banned id is told so, and goes.
    pub(super) fn shut_out(&mut self, phone: usize) {
        self.phones[phone].due.push(Told::Error("banned".into()));
        self.close(phone);
    }

    fn expel(&mut self, user: &str, error: &str) {
        let here = |user: UserAt| self.users[user].phone;
        if let Some(phone) = self
            .users
            .iter()
            .position(|own| own.name == user)
            .and_then(here)
        {
            self.phones[phone].due.push(Told::Error(error.into()));
            self.close(phone);
        }
        self.pair();
    }
}
