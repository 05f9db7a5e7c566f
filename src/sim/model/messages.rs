//! What each message does.

use super::{Model, Slot, TalkAt, User, UserAt};
use crate::sim::said::Said;
use crate::sim::told::Told;

impl Model {
    /// A phone says something.
    pub(in crate::sim) fn say(&mut self, phone: usize, said: &Said) {
        self.hurried = false;
        if !self.admits(phone) {
            return;
        }
        match (said, self.phones[phone].user) {
            (Said::Beat, _) => self.phones[phone].due.push(Told::Beat),
            (Said::Rubbish(_, "missing_field"), None) => self.refuse(phone, "not_joined"),
            (Said::Rubbish(_, error), _) => self.refuse(phone, error),
            (&Said::Join { user, .. }, _) if self.bans.bar(user, self.now) => self.shut_out(phone),
            (
                &Said::Join {
                    user,
                    gender,
                    find,
                    guys,
                    ref token,
                },
                _,
            ) => match self.accounts.refusal(user, token.as_deref()) {
                Some(error) => self.refuse(phone, error),
                None => self.join(phone, user, gender, find, guys),
            },
            (_, None) => self.refuse(phone, "not_joined"),
            (said, Some(user)) => self.act(phone, user, said),
        }
        self.pair();
    }

    fn act(&mut self, phone: usize, user: UserAt, said: &Said) {
        let done = match said {
            Said::Talk { to, talk, number } => {
                self.talk(user, to, *talk, *number);
                Ok(())
            }
            Said::End {
                to,
                talk,
                text,
                refuse,
            } => self.end(user, to, *talk, text, *refuse),
            Said::Word { to, talk, text } => self.word(user, to, *talk, text),
            Said::Next { to, talk, text } => self.next(user, to.as_deref(), *talk, text),
            Said::Pass => self.pass(user),
            Said::Leave => {
                self.leave(user);
                Ok(())
            }
            Said::Beat | Said::Rubbish(..) | Said::Join { .. } => {
                unreachable!("does not need a join")
            }
        };
        if let Err(error) = done {
            self.refuse(phone, error);
        }
    }

    fn join(&mut self, phone: usize, name: &'static str, gender: bool, find: bool, guys: u32) {
        let user = self.find_or_add(name);
        let before = self.phones[phone].user;
        if before != Some(user) {
            if let Some(other) = before {
                self.hurried = true;
                self.gone(other);
            }
            self.phones[phone].user = Some(user);
            match self.users[user].phone.replace(phone) {
                Some(holder) => self.take_over(user, holder),
                None => {
                    for (from, word) in std::mem::take(&mut self.users[user].words) {
                        if !self.users[user].memory.has_blocked(from) {
                            self.tell(user, word);
                        }
                    }
                }
            }
        }
        let own = &mut self.users[user];
        let side = (usize::from(gender), usize::from(find));
        let anew = side != (own.gender, own.find);
        let max_guys = self.rules.max_guys;
        own.nickname = format!("{name} {guys}");
        self.resize(user, guys.clamp(1, max_guys) as usize);
        if anew {
            self.stop_waiting(user);
        }
        (self.users[user].gender, self.users[user].find) = side;
        self.queue_all_idle(user);
    }

    fn take_over(&mut self, user: UserAt, holder: usize) {
        let old = &mut self.phones[holder];
        old.due.push(Told::Error("replaced".into()));
        (old.closed, old.user) = (true, None);
        for talk in self.talks_of(user) {
            self.tell_begin(user, talk);
        }
    }

    fn talk(&mut self, user: UserAt, to: &str, talk: Option<u64>, number: u64) {
        let from = self.users[user].name;
        match self.on(user, to, talk) {
            Some(on) => {
                let line = Told::Line {
                    from: from.into(),
                    to: to.into(),
                    talk,
                    number,
                };
                self.tell(self.partner(user, on), line);
            }
            None => {
                let over = Told::End {
                    from: to.into(),
                    to: from.into(),
                    nickname: String::new(),
                    text: String::new(),
                    over: true,
                    talk,
                };
                self.tell(user, over);
            }
        }
    }

    fn end(
        &mut self,
        user: UserAt,
        to: &str,
        talk: Option<u64>,
        text: &str,
        refuse: bool,
    ) -> Result<(), &'static str> {
        let on = self.on(user, to, talk);
        let other = self.lately_met(user, to)?;
        if refuse {
            self.users[user].memory.refused.push(other);
        }
        match on {
            Some(on) => self.hang_up(user, on, text),
            None if !text.is_empty() => self.word(user, to, talk, text)?,
            None => {}
        }
        Ok(())
    }

    fn word(
        &mut self,
        user: UserAt,
        to: &str,
        talk: Option<u64>,
        text: &str,
    ) -> Result<(), &'static str> {
        let other = self.lately_met(user, to)?;
        let last = self.users[user].memory.last_talk(other, self.now);
        let word = Told::End {
            from: self.users[user].name.into(),
            to: to.into(),
            nickname: self.users[user].nickname.clone(),
            text: text.into(),
            over: false,
            talk: talk.or_else(|| self.id(last?)),
        };
        let barred = |by: UserAt, whom| self.users[by].memory.has_blocked(whom);
        match self.users[other].phone {
            _ if barred(user, other) || barred(other, user) => {}
            Some(_) => self.tell(other, word),
            None => self.users[other].words.push((user, word)),
        }
        Ok(())
    }

    fn next(
        &mut self,
        user: UserAt,
        to: Option<&str>,
        talk: Option<u64>,
        text: &str,
    ) -> Result<(), &'static str> {
        let mut with = None;
        if let Some(to) = to {
            match self.on(user, to, talk) {
                Some(on) => self.hang_up(user, on, text),
                None if text.is_empty() => {
                    self.lately_met(user, to)?;
                }
                None => self.word(user, to, talk, text)?,
            }
            with = self.find(to);
        }
        let slots = &self.users[user].slots;
        let idle = |slot: &Slot| matches!(slot, Slot::Idle { .. });
        let used = |slot: &Slot| with.is_some() && *slot == Slot::Idle { last: with };
        let slot = slots.iter().position(used);
        let slot = slot.or_else(|| slots.iter().position(idle));
        match slot {
            Some(slot) => self.queue(user, &[slot]),
            None if self.waits(user) => self.queue(user, &[]),
            None => return Err("not_partner"),
        }
        Ok(())
    }

    /// How far is drawn; the verdict sees to the rest.
    fn pass(&mut self, user: UserAt) -> Result<(), &'static str> {
        let from = self.place(user).ok_or("not_waiting")?;
        if self.now < self.users[user].memory.pass_after {
            return Err("rate_limited");
        }
        self.tell(user, Told::Passed { from, by: 0 });
        Ok(())
    }

    fn leave(&mut self, user: UserAt) {
        self.stop_waiting(user);
        for talk in self.talks_of(user) {
            self.hang_up(user, talk, "");
        }
    }

    /// A user's connection has ended.
    pub(super) fn gone(&mut self, user: UserAt) {
        self.leave(user);
        self.users[user].slots.clear();
        self.users[user].phone = None;
    }

    pub(super) fn hang_up(&mut self, user: UserAt, talk: TalkAt, text: &str) {
        let partner = self.partner(user, talk);
        self.part(user, talk);
        let end = Told::End {
            from: self.users[user].name.into(),
            to: self.users[partner].name.into(),
            nickname: self.users[user].nickname.clone(),
            text: text.into(),
            over: true,
            talk: self.id(talk),
        };
        self.tell(partner, end);
        self.part(partner, talk);
    }

    /// The talk that is on with this user, unless another is named.
    fn on(&mut self, user: UserAt, to: &str, talk: Option<u64>) -> Option<TalkAt> {
        let with = self.find(to)?;
        let on = self.talk_with(user, with)?;
        (talk.is_none() || talk == self.id(on)).then_some(on)
    }

    fn lately_met(&mut self, user: UserAt, to: &str) -> Result<UserAt, &'static str> {
        let now = self.now;
        let other = self.find(to).ok_or("not_partner")?;
        let last = self.users[user].memory.last_talk(other, now);
        last.map(|_| other).ok_or("not_partner")
    }
}

impl User {
    pub(super) fn new(name: &'static str) -> Self {
        User {
            name,
            phone: None,
            nickname: String::new(),
            gender: 0,
            find: 0,
            guys: 0,
            slots: Vec::new(),
            memory: Default::default(),
            words: Vec::new(),
            told: 0,
        }
    }
}
