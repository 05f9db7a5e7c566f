//! Nobody reads on and on: after so many lines of one connection the others
//! have their turn. What is left over waits with the connection, in order.

use super::Shard;
use crate::engine::Effects;
use crate::engine::ids::LinkId;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Who has lines left over, first come, first served.
    pub(super) behind: Vec<LinkId>,
    /// Who was the last to read.
    reader: Option<LinkId>,
    /// Lines that it has read since the turn began, or since another did.
    lines: u32,
}

impl Turns {
    /// How many of so many lines a link may still act on.
    pub(super) fn left(&self, id: LinkId, most: u32) -> u32 {
        match self.reader == Some(id) {
            true => most.saturating_sub(self.lines),
            false => most,
        }
    }

    /// A link has acted on so many lines.
    pub(super) fn spend(&mut self, id: LinkId, lines: u32) {
        if self.reader != Some(id) {
            self.reader = Some(id);
            self.lines = 0;
        }
        self.lines += lines;
    }
}

impl Shard {
    /// The next turn of everybody who has lines left over.
    pub(super) fn read_on(&mut self, fx: &mut Effects) {
        self.turns.reader = None;
        for id in std::mem::take(&mut self.turns.behind) {
            if let Some(link) = self.links.get_mut(id) {
                link.waits.set_for_turn(false);
                self.read(id, &[], fx);
                self.settle(fx);
                self.turns.reader = None;
            }
        }
    }
}
