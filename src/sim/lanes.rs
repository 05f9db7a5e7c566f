//! The lanes between the cores: notes in the order in which they were sent. A
//! lane holds so many; what does not fit waits with its sender, which hears no
//! handset meanwhile.

use std::collections::VecDeque;

use crate::engine::note::Note;

/// See the module.
#[derive(Debug)]
pub(super) struct Lanes {
    cores: usize,
    room: usize,
    lanes: Vec<Lane>,
}

#[derive(Debug, Default)]
struct Lane {
    under_way: VecDeque<Note>,
    waiting: VecDeque<Note>,
}

impl Lanes {
    /// Lanes from every core to every other, with room for so many notes each.
    pub(super) fn new(cores: usize, room: usize) -> Self {
        Lanes {
            cores,
            room,
            lanes: (0..cores * cores).map(|_| Lane::default()).collect(),
        }
    }

    pub(super) fn send(&mut self, from: usize, to: usize, note: Note) {
        assert_ne!(from, to, "no note to oneself leaves");
        let lane = &mut self.lanes[from * self.cores + to];
        lane.waiting.push_back(note);
        if lane.waiting.len() == 1 {
            lane.publish(self.room);
        }
    }

    /// The first note that is under way arrives.
    pub(super) fn take(&mut self, from: usize, to: usize) -> Option<Note> {
        let lane = &mut self.lanes[from * self.cores + to];
        lane.under_way.pop_front()
    }

    /// What waits at a core goes under way, as far as there is room.
    pub(super) fn publish(&mut self, from: usize) {
        for to in 0..self.cores {
            self.lanes[from * self.cores + to].publish(self.room);
        }
    }

    /// Could a core publish something?
    pub(super) fn is_publishable(&self, from: usize) -> bool {
        let mut own = self.of(from);
        own.any(|lane| !lane.waiting.is_empty() && lane.under_way.len() < self.room)
    }

    /// Does anything wait at a core because a lane was full?
    pub(super) fn is_overflowing(&self, from: usize) -> bool {
        self.of(from).any(|lane| !lane.waiting.is_empty())
    }

    /// Lanes on which something is under way, as pairs from and to.
    pub(super) fn busy(&self) -> impl Iterator<Item = (usize, usize)> {
        let lanes = self.lanes.iter().enumerate();
        lanes
            .filter(|(_, lane)| !lane.under_way.is_empty())
            .map(|(at, _)| (at / self.cores, at % self.cores))
    }

    /// Every note that has not arrived.
    pub(super) fn notes(&self) -> impl Iterator<Item = &Note> {
        let lanes = self.lanes.iter();
        lanes.flat_map(|lane| lane.under_way.iter().chain(&lane.waiting))
    }

    fn of(&self, from: usize) -> impl Iterator<Item = &Lane> {
        self.lanes[from * self.cores..][..self.cores].iter()
    }
}

impl Lane {
    fn publish(&mut self, room: usize) {
        let fitting = room.saturating_sub(self.under_way.len());
        let fitting = fitting.min(self.waiting.len());
        self.under_way.extend(self.waiting.drain(..fitting));
    }
}
