//! The last lines of a talk as one side of it saw them, kept in memory for the
//! case that it is reported.

use std::collections::VecDeque;

use crate::engine::ids::Time;
use crate::limits::{EVIDENCE_BYTES, EVIDENCE_LINES};

/// See the module. Never more than [`EVIDENCE_LINES`] and [`EVIDENCE_BYTES`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    lines: VecDeque<Spoken>,
    bytes: usize,
}

/// A line of a talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// This side said it.
    pub own: bool,
    /// When it came.
    pub at: Time,
    /// The sender's own bytes, cut where they are too many.
    pub body: Box<[u8]>,
}

impl Lines {
    /// One line more; the oldest go for it.
    pub fn push(&mut self, own: bool, at: Time, body: &[u8]) {
        let body = &body[..body.len().min(EVIDENCE_BYTES)];
        self.bytes += body.len();
        self.lines.push_back(Spoken {
            own,
            at,
            body: body.into(),
        });
        while self.lines.len() > EVIDENCE_LINES || self.bytes > EVIDENCE_BYTES {
            let gone = self.lines.pop_front().expect("what is too much is there");
            self.bytes -= gone.body.len();
        }
    }

    /// Oldest first.
    #[must_use]
    pub fn to_vec(&self) -> Vec<Spoken> {
        self.lines.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_no_more() {
        let mut lines = Lines::default();
        for n in 0..EVIDENCE_LINES + 5 {
            lines.push(n % 2 == 0, Time(n as u64), n.to_string().as_bytes());
        }
        let kept = lines.to_vec();
        assert_eq!(kept.len(), EVIDENCE_LINES);
        assert_eq!((&*kept[0].body, kept[0].own), (&b"5"[..], false));
        assert_eq!(kept[0].at, Time(5));
        assert!(kept.is_sorted_by_key(|line| line.at));
    }

    #[test]
    fn long_lines_are_fewer_and_the_longest_is_cut() {
        let mut lines = Lines::default();
        let third = vec![b'x'; EVIDENCE_BYTES / 3 + 1];
        for n in 0..4 {
            lines.push(true, Time(n), &third);
        }
        assert_eq!(lines.to_vec().len(), 2);
        lines.push(true, Time(9), &vec![b'y'; 3 * EVIDENCE_BYTES]);
        let kept = lines.to_vec();
        assert_eq!((kept.len(), kept[0].body.len()), (1, EVIDENCE_BYTES));
        lines.push(true, Time(10), b"z");
        assert_eq!(
            lines.to_vec().len(),
            1,
            "there is room for no other beside it"
        );
    }
}
