//! What was told, held against what had to be.

use super::{Model, TalkAt, UserAt};
use crate::limits::{NEAR_PLACES, NEAR_TOLD_EVERY, PASS_PLACES};
use crate::sim::told::Told;

impl Model {
    /// This is what a phone was told. 5s that follow on each other come in any
    /// order, one may overtake the end of a talk with another user, and news of
    /// a place comes at any time.
    ///
    /// # Panics
    ///
    /// If it was told anything else.
    pub(in crate::sim) fn was_told(&mut self, phone: usize, heard: &[Told]) {
        let mut due = std::mem::take(&mut self.phones[phone].due);
        let user = self.phones[phone].user;
        for told in heard {
            let front = due.iter().take_while(|due| may_overtake(told, due));
            let front = front.count() + 1;
            let at = due.iter().take(front).position(|due| self.fits(due, told));
            match (at, told) {
                (Some(at), _) => {
                    let due = due.remove(at);
                    self.learn(user, &due, told);
                }
                (None, Told::Wait(place)) => self.is_news(user, *place),
                (None, told) => panic!("phone {phone} was told {told:?}, and not {due:?}"),
            }
        }
        self.phones[phone].due = due;
    }

    /// Nothing is due any more.
    pub(in crate::sim) fn assert_all_told(&self) {
        for (at, phone) in self.phones.iter().enumerate() {
            assert!(
                phone.due.is_empty(),
                "phone {at} was not told {:?}",
                phone.due
            );
        }
    }

    /// A second after anything happened those who stand in front have been told
    /// where.
    pub(in crate::sim) fn all_know_their_places(&self) {
        if self.now.since(self.changed) < NEAR_TOLD_EVERY {
            return;
        }
        for (at, user) in self.users.iter().enumerate() {
            let Some(place) = self.place(at) else {
                continue;
            };
            let near = place <= NEAR_PLACES;
            assert!(
                !near || user.told == place,
                "{} stands at {place} and was told {}",
                user.name,
                user.told
            );
        }
    }

    fn learn(&mut self, user: Option<UserAt>, due: &Told, told: &Told) {
        match (due, told, user) {
            (Told::Begin { talk, .. }, Told::Begin { talk: id, .. }, _) => {
                self.is_named(usize::try_from(*talk).expect("a number of ours"), *id);
            }
            (_, Told::Wait(place), Some(user)) => self.users[user].told = *place,
            (_, Told::Passed { from, by }, Some(user)) => self.passed(user, *from, *by),
            _ => {}
        }
    }

    fn is_named(&mut self, talk: TalkAt, id: u64) {
        let taken = self.talks.iter().position(|other| other.id == Some(id));
        assert!(
            taken.is_none_or(|other| other == talk),
            "{id} is another talk's"
        );
        let known = *self.talks[talk].id.get_or_insert(id);
        assert_eq!(known, id, "both sides know a talk by the same id");
    }

    fn passed(&mut self, user: UserAt, from: u64, by: u64) {
        let most = from.saturating_sub(self.rules.pass_floor.max(1));
        assert!(
            by <= most.min(PASS_PLACES) && (by > 0 || most == 0),
            "a jump from {from} by {by}"
        );
        self.jump(user, from, by);
        self.users[user].told = from - by;
        if by > 0 {
            self.users[user].memory.pass_after = self.now + self.rules.pass_cooldown;
        }
    }

    fn is_news(&mut self, user: Option<UserAt>, place: u64) {
        // Who has been silent for too long was told before that.
        let Some(user) = user else { return };
        let told = std::mem::replace(&mut self.users[user].told, place);
        assert_ne!(told, place, "a place is told once");
    }

    /// Is that what was due? The number of a talk and the width of a jump are
    /// not known before.
    fn fits(&self, due: &Told, told: &Told) -> bool {
        match (due, told) {
            (
                Told::Begin { to, nickname, .. },
                Told::Begin {
                    to: whom,
                    nickname: name,
                    ..
                },
            ) => (to, nickname) == (whom, name),
            (Told::Passed { from, .. }, Told::Passed { from: place, .. }) => from == place,
            (Told::Wait(_), Told::Wait(_)) if self.hurried => true,
            _ => due == told,
        }
    }
}

/// Two who are told of come on ways of their own.
fn may_overtake(told: &Told, due: &Told) -> bool {
    match (told, due) {
        (Told::Begin { .. }, Told::Begin { .. }) => true,
        (Told::Begin { to, .. }, Told::End { from, .. }) => to != from,
        _ => false,
    }
}
