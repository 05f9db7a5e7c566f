//! The order of the lines of one direction, as its receiver sees it.

use std::collections::BTreeSet;

/// Lines that may be missing at once before the count is given up.
const MOST: u64 = 1 << 16;

/// What a line's place in the order says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the next one.
    Next,
    /// Lines before it have not come, so far.
    Early,
    /// It was missing, and comes after a later one.
    Late,
    /// It came before.
    Again,
    /// No such line can have been sent.
    Nonsense,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The next line.
    pub(super) next: u64,
    missing: BTreeSet<u64>,
}

impl Order {
    /// Takes note of the line `seq`.
    pub(super) fn take(&mut self, seq: u64) -> Place {
        if seq == self.next {
            self.next += 1;
            return Place::Next;
        }
        if seq > self.next {
            if seq - self.next > MOST {
                return Place::Nonsense;
            }
            self.missing.extend(self.next..seq);
            self.next = seq + 1;
            return Place::Early;
        }
        match self.missing.remove(&seq) {
            true => Place::Late,
            false => Place::Again,
        }
    }

    /// Lines that came, each once.
    pub(super) fn came(&self) -> u64 {
        self.next - self.missing.len() as u64
    }

    /// The first that is missing when `sent` were sent.
    pub(super) fn first_missing(&self, sent: u64) -> Option<u64> {
        let after = (self.next < sent).then_some(self.next);
        self.missing.first().copied().or(after)
    }
}

#[cfg(test)]
mod tests {
    use super::Place::{Again, Early, Late, Next, Nonsense};
    use super::*;

    #[test]
    fn each_line_has_its_place() {
        type Row = (&'static [(u64, Place)], u64, Option<u64>);
        let table: [Row; 6] = [
            (&[(0, Next), (1, Next), (2, Next)], 3, None),
            (&[(0, Next), (2, Early)], 2, Some(1)),
            (&[(0, Next), (2, Early), (1, Late)], 3, None),
            (&[(0, Next), (0, Again)], 1, Some(1)),
            (&[(1, Early), (0, Late), (0, Again)], 2, Some(2)),
            (&[(u64::MAX, Nonsense)], 0, Some(0)),
        ];
        for (lines, came, missing) in table {
            let mut order = Order::default();
            for (seq, place) in lines {
                assert_eq!(order.take(*seq), *place, "{lines:?}");
            }
            assert_eq!(order.came(), came, "{lines:?}");
            assert_eq!(order.first_missing(3), missing, "{lines:?}");
        }
    }
}
