//! Queues: who waits, who meets whom, and what becomes of the slots.

use super::{Model, Slot, Talk, TalkAt, UserAt, Waiting};
use crate::sim::told::Told;

impl Model {
    /// The longest-waiting meets the longest-waiting whom it may meet, until no
    /// two are left who may.
    pub(super) fn pair(&mut self) {
        while let Some((a, b)) = self.next_pair() {
            let talk = self.talks.len();
            let users = [a.user, b.user];
            self.talks.push(Talk {
                users,
                nicknames: users.map(|user| self.users[user].nickname.clone()),
                id: None,
            });
            for (own, other) in [(a, b), (b, a)] {
                self.unqueue(own.ticket);
                let user = &mut self.users[own.user];
                user.memory.met(other.user, talk);
                let waiting = Slot::Waiting(own.ticket);
                let slot = user.slots.iter_mut().find(|slot| **slot == waiting);
                *slot.expect("a ticket is a slot's") = Slot::Talking(talk);
                self.tell_begin(own.user, talk);
            }
        }
    }

    /// The 5 of a talk, with its number in the model for its id.
    pub(super) fn tell_begin(&mut self, user: UserAt, talk: TalkAt) {
        let partner = self.partner(user, talk);
        let Talk {
            users, nicknames, ..
        } = &self.talks[talk];
        let begin = Told::Begin {
            to: self.users[partner].name.into(),
            nickname: nicknames[usize::from(users[1] == partner)].clone(),
            talk: talk as u64,
        };
        self.tell(user, begin);
    }

    fn next_pair(&self) -> Option<(Waiting, Waiting)> {
        for (gender, find) in [(0, 1), (0, 0), (1, 1)] {
            for &a in &self.queues[gender][find] {
                for &b in &self.queues[find][gender] {
                    if self.may_meet(a.user, b.user) {
                        return Some((a, b));
                    }
                }
            }
        }
        None
    }

    fn may_meet(&self, a: UserAt, b: UserAt) -> bool {
        a != b
            && self.talk_with(a, b).is_none()
            && !self.users[a].memory.bars(b, self.now)
            && !self.users[b].memory.bars(a, self.now)
    }

    /// Idle slots go to the end of the queue; then the answer is due.
    pub(super) fn queue(&mut self, user: UserAt, slots: &[usize]) {
        let own = &mut self.users[user];
        for &slot in slots {
            let ticket = self.next_ticket;
            self.next_ticket += 1;
            self.changed = self.now;
            own.slots[slot] = Slot::Waiting(ticket);
            self.queues[own.gender][own.find].push(Waiting { user, ticket });
        }
        if !self.waits(user) {
            return;
        }
        self.pair();
        if let Some(place) = self.place(user) {
            self.tell(user, Told::Wait(place));
        }
    }

    pub(super) fn queue_all_idle(&mut self, user: UserAt) {
        let slots = &self.users[user].slots;
        let idle = |&at: &usize| matches!(slots[at], Slot::Idle { .. });
        let idle: Vec<usize> = (0..slots.len()).filter(idle).collect();
        self.queue(user, &idle);
    }

    /// Waiting slots become idle.
    pub(super) fn stop_waiting(&mut self, user: UserAt) {
        for slot in 0..self.users[user].slots.len() {
            if let Slot::Waiting(ticket) = self.users[user].slots[slot] {
                self.unqueue(ticket);
                self.users[user].slots[slot] = Slot::Idle { last: None };
            }
        }
    }

    /// So many slots: more are idle; of fewer, idle ones go first, then the
    /// worst-placed, and who talks stays.
    pub(super) fn resize(&mut self, user: UserAt, guys: usize) {
        self.users[user].guys = guys;
        while self.users[user].slots.len() < guys {
            self.users[user].slots.push(Slot::Idle { last: None });
        }
        while self.users[user].slots.len() > guys {
            let slots = &self.users[user].slots;
            let idle = slots
                .iter()
                .rposition(|slot| matches!(slot, Slot::Idle { .. }));
            let worst = self.worst(user);
            let Some(at) = idle.or(worst) else { return };
            if let Slot::Waiting(ticket) = self.users[user].slots.remove(at) {
                self.unqueue(ticket);
            }
        }
    }

    fn worst(&self, user: UserAt) -> Option<usize> {
        let own = &self.users[user];
        let queue = &self.queues[own.gender][own.find];
        let last = queue.iter().rev().find(|waiting| waiting.user == user)?;
        let waiting = Slot::Waiting(last.ticket);
        own.slots.iter().position(|slot| *slot == waiting)
    }

    /// This side of a talk is over.
    pub(super) fn part(&mut self, user: UserAt, talk: TalkAt) {
        let (now, until) = (self.now, self.now + self.rules.rematch_pause);
        let partner = self.partner(user, talk);
        let own = &mut self.users[user];
        own.memory.parted(partner, talk, now, until);
        let at = own
            .slots
            .iter()
            .position(|slot| *slot == Slot::Talking(talk));
        let at = at.expect("a talk that is on has a slot");
        if own.slots.len() > own.guys {
            own.slots.remove(at);
        } else {
            own.slots[at] = Slot::Idle {
                last: Some(partner),
            };
        }
    }

    /// Brings a user's best slot forward.
    pub(super) fn jump(&mut self, user: UserAt, from: u64, by: u64) {
        let own = &self.users[user];
        let queue = &mut self.queues[own.gender][own.find];
        let place = |number: u64| usize::try_from(number).expect("a place") - 1;
        self.changed = self.now;
        let waiting = queue.remove(place(from));
        queue.insert(place(from - by), waiting);
    }

    fn unqueue(&mut self, ticket: u64) {
        self.changed = self.now;
        for queue in self.queues.iter_mut().flatten() {
            queue.retain(|waiting| waiting.ticket != ticket);
        }
    }
}
