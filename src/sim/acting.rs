//! Handsets in action, alone or among others.

use std::time::Duration;

use super::handset::Handset;
use super::phone::Phone;
use super::said::Said;
use super::script::{Act, USERS};
use super::world::World;
use crate::engine::Room;
use crate::engine::ids::Time;
use crate::engine::shard::Shard;

impl World {
    pub(super) fn call(&mut self, phone: usize, core: usize, user: usize, named: bool) {
        while self.handsets.len() < phone {
            self.handsets.push(Handset::new(USERS[0], false));
            self.rig.place_holder();
        }
        self.handsets.push(Handset::new(USERS[user], named));
        self.rig.connect_to(core, Room::Free);
        if let Some(model) = &mut self.model {
            model.call(phone);
        }
    }

    fn talks(&self, phone: usize) -> bool {
        self.rig.phones.get(phone).is_some_and(Phone::talks)
    }

    pub(super) fn act(&mut self, phone: usize, act: Act) {
        if !self.talks(phone) {
            return;
        }
        if let Act::Vanish { unheard } = act {
            let own = &mut self.rig.phones[phone];
            own.hung_up = true;
            if unheard {
                own.saying.clear();
            }
        } else if let Some(said) = self.said(phone, act) {
            self.say(phone, &said);
        }
    }

    fn say(&mut self, phone: usize, said: &Said) {
        let own = &mut self.handsets[phone];
        if let Said::Join { user, .. } = *said {
            if own.joined && user != own.user {
                own.leaves();
            }
            (own.user, own.joined) = (user, true);
        }
        let line = said.line(own.user, own.named);
        self.rig.write(phone, line.as_bytes());
        self.rig.write(phone, b"\n");
    }

    /// Says something that would change much, if it were acted on.
    fn say_in_vain(&mut self, phone: usize) {
        self.say(phone, &Said::Leave);
        if let Some(model) = &mut self.model {
            model.say(phone, &Said::Leave);
        }
    }

    /// Somebody acts while nothing else is under way.
    pub(super) fn alone(&mut self, phone: usize, act: Act, seed: u64) {
        if !self.talks(phone) {
            return;
        }
        // No two time-outs are due at the same moment.
        self.idle_until(self.rig.now + Duration::from_micros(1), seed);
        if !self.talks(phone) {
            return;
        }
        let model = self.model.as_ref();
        if let Act::Vanish { .. } = act {
            self.act(phone, act);
            if let Some(model) = &mut self.model {
                model.close(phone);
            }
        } else if model.is_some_and(|model| model.is_over_rate(phone)) {
            self.say_in_vain(phone);
        } else if let Some(said) = self.said(phone, act) {
            self.say(phone, &said);
            if let Some(model) = &mut self.model {
                model.say(phone, &said);
            }
        }
        self.run(seed);
        if let Some(model) = &mut self.model {
            model.assert_all_told();
        }
        if !self.handsets[phone].sure {
            self.assert_handsets_know_their_talks();
        }
    }

    /// Time goes by; nobody acts, and whatever is due happens in its time.
    pub(super) fn idle(&mut self, milliseconds: u64, seed: u64) {
        self.idle_until(self.rig.now + Duration::from_millis(milliseconds), seed);
        if let Some(model) = &mut self.model {
            model.assert_all_told();
            if milliseconds > 1_000 {
                model.all_know_their_places();
            }
        }
    }

    pub(super) fn idle_until(&mut self, until: Time, seed: u64) {
        loop {
            let deadlines = self.rig.shards.iter().map(Shard::next_deadline);
            let next = deadlines.min().expect("there are cores");
            self.rig.now = self.rig.now.max(next.min(until));
            if let Some(model) = &mut self.model {
                model.wait(self.rig.now);
            }
            self.run(seed);
            if next >= until {
                break;
            }
        }
    }
}
