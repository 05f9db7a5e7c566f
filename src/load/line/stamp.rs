//! What differs from line to line: which it is, when it was sent or due, and a
//! check over both, so that no digit can change unseen.

use super::digits;

/// Bytes that a stamp takes: 16 digits of the sequence number, 16 of the time,
/// 8 of the check.
pub(super) const BYTES: usize = 40;

/// A time with its digits, rendered once for all lines of that time.
#[derive(Clone, Copy, Debug)]
pub(in crate::load) struct Timed {
    time: u64,
    digits: [u8; 16],
}

impl Timed {
    pub(in crate::load) fn new(time: u64) -> Timed {
        Timed {
            time,
            digits: digits::sixteen(time),
        }
    }

    pub(in crate::load) fn time(&self) -> u64 {
        self.time
    }
}

/// A stamp that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load) struct Stamp {
    /// Which line of its direction, from 0.
    pub(in crate::load) seq: u64,
    /// When it was sent, or due.
    pub(in crate::load) time: u64,
}

impl Stamp {
    /// The stamp at the start of `bytes`; `None` if there is none or it does
    /// not agree with its check.
    pub(in crate::load) fn read(bytes: &[u8]) -> Option<Stamp> {
        let bytes = bytes.get(..BYTES)?;
        let stamp = Stamp {
            seq: digits::read(&bytes[..16])?,
            time: digits::read(&bytes[16..32])?,
        };
        (digits::read(&bytes[32..]) == Some(check(stamp.seq, stamp.time).into())).then_some(stamp)
    }
}

/// Writes a stamp over `out`.
pub(super) fn write(out: &mut [u8; BYTES], seq: u64, time: &Timed) {
    out[..16].copy_from_slice(&digits::sixteen(seq));
    out[16..32].copy_from_slice(&time.digits);
    out[32..].copy_from_slice(&digits::eight(check(seq, time.time)));
}

/// Whether `bytes` are the stamp of the line `seq`; `memo` is the time that was
/// read last, which many lines in a row share.
pub(super) fn matches(bytes: &[u8; BYTES], seq: u64, memo: &mut Timed) -> bool {
    if bytes[..16] != digits::sixteen(seq) {
        return false;
    }
    if bytes[16..32] != memo.digits {
        let Some(time) = digits::read(&bytes[16..32]) else {
            return false;
        };
        memo.time = time;
        memo.digits.copy_from_slice(&bytes[16..32]);
    }
    bytes[32..] == digits::eight(check(seq, memo.time))
}

/// Changes with every bit of both.
fn check(seq: u64, time: u64) -> u32 {
    let mixed = (seq ^ time.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let [a, b, c, d, ..] = mixed.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_survives_the_round_trip() {
        for (seq, time) in [(0, 0), (1, 0x1862_0000_dead_beef), (u64::MAX, u64::MAX)] {
            let mut bytes = [0; BYTES];
            write(&mut bytes, seq, &Timed::new(time));
            assert_eq!(Stamp::read(&bytes), Some(Stamp { seq, time }));
            let mut memo = Timed::new(7);
            assert!(matches(&bytes, seq, &mut memo));
            assert_eq!(memo.time(), time);
            assert!(!matches(&bytes, seq.wrapping_add(1), &mut memo));
        }
    }

    #[test]
    fn no_digit_changes_unseen() {
        let mut good = [0; BYTES];
        write(&mut good, 77, &Timed::new(123_456_789));
        for at in 0..BYTES {
            for digit in *b"0123456789abcdefx\n" {
                let mut bad = good;
                bad[at] = digit;
                if bad != good {
                    let mut memo = Timed::new(123_456_789);
                    assert!(!matches(&bad, 77, &mut memo), "{at}");
                    assert_eq!(Stamp::read(&bad), None, "{at}");
                }
            }
        }
    }
}
