//! One direction of a talk, rendered but for the stamp.

use super::stamp::{self, BYTES, Stamp, Timed};

/// See the module. The empty one matches nothing.
#[derive(Debug, Default)]
pub(in crate::load) struct Template {
    bytes: Box<[u8]>,
    stamp: usize,
}

impl Template {
    /// The stamp stands between these two.
    pub(in crate::load) fn new(before: &[u8], after: &[u8]) -> Template {
        let stamp = before.len();
        let bytes = [before, &[b'0'; BYTES], after].concat();
        Template {
            bytes: bytes.into(),
            stamp,
        }
    }

    /// Bytes of a whole line with all that frames it.
    pub(in crate::load) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends the line `seq`.
    pub(in crate::load) fn write(&self, out: &mut Vec<u8>, seq: u64, time: &Timed) {
        let start = out.len() + self.stamp;
        out.extend_from_slice(&self.bytes);
        let place = out[start..].first_chunk_mut();
        stamp::write(place.expect("a template has a stamp"), seq, time);
    }

    /// The stamp of `line`, if it has one at the place.
    pub(in crate::load) fn stamp_of(&self, line: &[u8]) -> Option<Stamp> {
        Stamp::read(line.get(self.stamp..)?)
    }

    /// Whether `bytes` begin with the line `seq`; its time is in `memo` then.
    pub(in crate::load) fn matches(&self, bytes: &[u8], seq: u64, memo: &mut Timed) -> bool {
        let Some(line) = bytes.get(..self.bytes.len()) else {
            return false;
        };
        let (Some((before, rest)), Some((own_before, own_rest))) = (
            line.split_at_checked(self.stamp),
            self.bytes.split_at_checked(self.stamp),
        ) else {
            return false;
        };
        let (Some((digits, after)), Some((_, own_after))) = (
            rest.split_first_chunk(),
            own_rest.split_first_chunk::<BYTES>(),
        ) else {
            return false;
        };
        stamp::matches(digits, seq, memo) && before == own_before && after == own_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_line_matches() {
        let template = Template::new(b"6#{\"msg\":\"", b"\"}\n");
        let mut line = Vec::new();
        template.write(&mut line, 5, &Timed::new(99));
        assert_eq!(line.len(), template.len());
        let mut memo = Timed::new(0);
        assert!(template.matches(&line, 5, &mut memo));
        assert_eq!(memo.time(), 99);
        assert!(!template.matches(&line, 6, &mut memo));
        assert!(!template.matches(&line[..line.len() - 1], 5, &mut memo));
        for at in 0..line.len() {
            let mut bad = line.clone();
            bad[at] ^= 1;
            assert!(!template.matches(&bad, 5, &mut memo), "{at}");
        }
        line.extend_from_slice(b"more");
        assert!(template.matches(&line, 5, &mut memo));
    }

    #[test]
    fn the_empty_one_matches_nothing() {
        let mut memo = Timed::new(0);
        assert!(!Template::default().matches(b"", 0, &mut memo));
        assert!(!Template::default().matches(b"6#{}\n", 0, &mut memo));
    }
}
