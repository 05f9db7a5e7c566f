//! What may happen next in a [`Rig`], one at a time.

use super::phone::{Connection, Phone};
use super::rig::{Later, Rig};
use crate::engine::Event;
use crate::engine::ids::{LinkId, Socket};
use crate::engine::shard::Shard;

/// Something that may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// The first note of a lane arrives.
    Lane { from: usize, to: usize },
    /// What did not fit into the lanes of a core goes under way.
    Publish(usize),
    /// The system takes what is to be sent to a phone.
    Take(usize),
    /// What a phone said arrives.
    Hear(usize),
    /// The end of what a phone says arrives.
    End(usize),
    /// A connection's socket is free to move.
    LetGo(usize),
    /// What was on its way to a phone when its connection was closed arrives.
    Flush(usize),
    /// Or is lost.
    Lose(usize),
    /// The store reads a question.
    Read(usize),
    /// Or fails to.
    Fail(usize),
    /// The answer to a question arrives.
    Answer(usize),
    /// What lies first in a core's inbox arrives.
    Outside(usize),
}

impl Rig {
    /// Everything that can happen now.
    pub(super) fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        let busy = self.lanes.busy().map(|(from, to)| Move::Lane { from, to });
        moves.extend(busy.filter(|&step| !self.is_held_up(step)));
        for core in self.awake() {
            if self.lanes.is_publishable(core) {
                moves.push(Move::Publish(core));
            }
        }
        for &index in &self.open {
            let phone = &self.phones[index];
            if let Some((core, link)) = phone.at.filter(|at| self.stalled != Some(at.0)) {
                self.moves_of(index, phone, core, link, &mut moves);
            }
        }
        for closing in &self.closing {
            if self.stalled != Some(closing.core) {
                moves.push(Move::Flush(closing.phone));
            }
        }
        self.moves_beside(&mut moves);
        moves
    }

    fn moves_beside(&self, moves: &mut Vec<Move>) {
        for (at, asked) in self.accounts.asked.iter().enumerate() {
            if asked.verdict.is_none() {
                moves.push(Move::Read(at));
            } else if self.stalled != Some(asked.core) {
                moves.push(Move::Answer(at));
            }
        }
        for core in self.awake() {
            if !self.accounts.inboxes[core].is_empty() {
                moves.push(Move::Outside(core));
            }
        }
    }

    fn moves_of(
        &self,
        index: usize,
        phone: &Phone,
        core: usize,
        link: LinkId,
        moves: &mut Vec<Move>,
    ) {
        let connection = self.nets[core].get(link.slot, link.generation);
        let connection = connection.expect("a phone's connection is there");
        if !connection.untaken.is_empty() {
            moves.push(Move::Take(index));
        } else if connection.detaching {
            moves.push(Move::LetGo(index));
        }
        if !connection.hushed && !phone.saying.is_empty() && !self.lanes.is_overflowing(core) {
            moves.push(Move::Hear(index));
        }
        let said_all = phone.hung_up && phone.saying.is_empty() && !phone.end_told;
        if !connection.hushed && said_all {
            moves.push(Move::End(index));
        }
    }

    /// One of [`moves`](Self::moves) happens.
    pub(super) fn go(&mut self, step: Move) {
        match step {
            Move::Lane { from, to } => {
                let note = self.lanes.take(from, to).expect("a note is there");
                self.tell(to, Event::Note { note });
            }
            Move::Publish(core) => self.lanes.publish(core),
            Move::Take(phone) => {
                let (core, link) = self.phones[phone].at.expect("it is connected");
                let taken = std::mem::take(&mut self.connection(core, link).untaken);
                let bytes = taken.len();
                if !self.hears_early {
                    self.arrives(phone, &taken);
                }
                self.tell(core, Event::Sent { link, bytes });
            }
            Move::Hear(phone) => self.hear(phone, usize::MAX),
            Move::End(phone) => {
                let (core, link) = self.phones[phone].at.expect("it is connected");
                self.phones[phone].end_told = true;
                self.tell(core, Event::Ended { link });
            }
            Move::LetGo(phone) => self.let_go(phone),
            Move::Flush(phone) => self.close(phone, true),
            Move::Lose(phone) => self.close(phone, false),
            Move::Read(at) => self.read_question(at),
            Move::Fail(at) => self.fail_question(at),
            Move::Answer(at) => self.answer_question(at),
            Move::Outside(core) => self.take_from_inbox(core),
        }
    }

    /// Everything happens that can, until all is quiet.
    pub(super) fn run(&mut self) {
        for _ in 0..100_000 {
            let Some(&step) = self.moves().first() else {
                self.turn();
                if self.is_quiet() {
                    return;
                }
                continue;
            };
            self.go(step);
        }
        panic!("it never gets quiet");
    }

    /// Nothing can happen, and nobody has lines left over for the next turn.
    pub(super) fn is_quiet(&self) -> bool {
        self.moves().is_empty() && !self.shards.iter().any(Shard::is_behind)
    }

    /// At most so many bytes of what a phone said arrive.
    pub(super) fn hear(&mut self, phone: usize, most: usize) {
        let Some((core, link)) = self.phones[phone].at else {
            return;
        };
        let saying = &mut self.phones[phone].saying;
        let bytes: Vec<u8> = saying.drain(..most.min(saying.len())).collect();
        let bytes = &bytes;
        self.tell(core, Event::Bytes { link, bytes });
    }

    fn let_go(&mut self, phone: usize) {
        let (core, link) = self.phones[phone].at.take().expect("it is connected");
        self.phones[phone].end_told = false;
        let gone = self.nets[core].remove(link.slot, link.generation);
        gone.expect("it was there");
        let socket = Socket(Box::new(phone));
        self.later.push_back(Later::Detached(core, link, socket));
        self.tell_later();
    }

    /// A connection that the shard has closed comes to its end.
    fn close(&mut self, phone: usize, whole: bool) {
        let at = self.closing.iter().position(|own| own.phone == phone);
        let closing = self.closing.remove(at.expect("it is being closed"));
        if whole {
            self.phones[phone].flushed = true;
            self.arrives(phone, &closing.untaken);
        }
        let whole = whole || closing.untaken.is_empty();
        let later = Later::Flushed(closing.core, closing.link, whole);
        self.later.push_back(later);
        self.tell_later();
    }

    fn is_held_up(&self, step: Move) -> bool {
        let Move::Lane { from, to } = step else {
            return false;
        };
        self.stalled == Some(to) || self.slow_lane == Some((from, to))
    }

    pub(super) fn awake(&self) -> impl Iterator<Item = usize> {
        let stalled = self.stalled;
        (0..self.shards.len()).filter(move |&core| stalled != Some(core))
    }

    pub(super) fn connection(&mut self, core: usize, link: LinkId) -> &mut Connection {
        self.nets[core]
            .get_mut(link.slot, link.generation)
            .expect("the shard names only connections that are there")
    }
}
