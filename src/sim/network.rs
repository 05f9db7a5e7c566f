//! The part of the network layer: what a shard asks for is done.

use super::moves::Move;
use super::phone::Connection;
use super::rig::{Asked, Closing, Later, Rig};
use crate::engine::ids::LinkId;
use crate::engine::{Effect, Effects, Event};

impl Rig {
    pub(super) fn tell_one(&mut self, core: usize, event: Event<'_>) {
        let mut fx = Effects::default();
        self.shards[core].handle(self.now, event, &mut fx);
        self.shards[core].invariants();
        for effect in fx.list.drain(..) {
            self.carry_out(core, effect, &fx.bytes);
        }
        if self.takes_at_once {
            let takes = |step: &Move| matches!(step, Move::Take(_));
            while let Some(step) = self.moves().into_iter().find(takes) {
                self.go(step);
            }
        }
    }

    fn carry_out(&mut self, core: usize, effect: Effect, bytes: &[u8]) {
        match effect {
            Effect::Send { link, start, end } => {
                let connection = self.connection(core, link);
                connection.untaken.extend(&bytes[start..end]);
                let phone = connection.phone;
                if self.hears_early {
                    self.arrives(phone, &bytes[start..end]);
                }
            }
            Effect::Close { link } => self.closed(core, link),
            Effect::Hush { link } => {
                let connection = self.connection(core, link);
                assert!(!connection.hushed, "hushed once");
                connection.hushed = true;
                let phone = connection.phone;
                self.asked.push(Asked::Hush(phone));
            }
            Effect::Listen { link } => {
                let connection = self.connection(core, link);
                assert!(connection.hushed, "heard again once");
                connection.hushed = false;
                let phone = connection.phone;
                self.asked.push(Asked::Listen(phone));
            }
            Effect::Detach { link } => {
                let connection = self.connection(core, link);
                assert!(!connection.detaching, "detached once");
                connection.detaching = true;
                let phone = connection.phone;
                self.asked.push(Asked::Detach(phone));
            }
            Effect::Adopt { socket, guest } => {
                let phone = *socket.0.downcast::<usize>().expect("the rig's own socket");
                self.asked.push(Asked::Adopt(phone));
                let link = self.link(core, phone);
                self.later.push_back(Later::Adopted(core, link, guest));
            }
            Effect::Note { to, note } => self.lanes.send(core, usize::from(to.0), note),
            Effect::Store(write) => self.stored.push(write),
            Effect::Ask(question) => self.ask(core, question),
            Effect::Tell(tidings) => self.tidings.push(*tidings),
        }
    }

    pub(super) fn arrives(&mut self, phone: usize, bytes: &[u8]) {
        self.phones[phone].receive(bytes);
        self.rung.push(phone);
    }

    fn closed(&mut self, core: usize, link: LinkId) {
        let gone = self.nets[core].remove(link.slot, link.generation);
        let Connection { phone, untaken, .. } = gone.expect("a connection is closed once");
        self.phones[phone].at = None;
        self.phones[phone].closed = true;
        self.open.retain(|&open| open != phone);
        self.asked.push(Asked::Close(phone));
        if self.hears_early {
            let whole = untaken.is_empty();
            self.later.push_back(Later::Flushed(core, link, whole));
        } else {
            self.in_doubt.push((phone, untaken.clone()));
            self.closing.push(Closing {
                phone,
                core,
                link,
                untaken,
            });
        }
    }
}
