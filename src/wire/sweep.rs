//! Where a run of characters that stand for themselves in a JSON string ends:
//! the inner loop of the scanner and of the writer's escaping.

use wide::u8x16;

/// Bytes to be swept over, sixty-four at a time: what was found in a block
/// serves all strings that begin in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep<'a> {
    bytes: &'a [u8],
    /// Where the block begins that was looked at last.
    start: usize,
    block: Block,
    /// What was looked at so far is ASCII.
    ascii: bool,
}

impl<'a> Sweep<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Sweep {
            bytes,
            start: usize::MAX,
            block: Block {
                stops: 0,
                ascii: true,
            },
            ascii: true,
        }
    }

    /// The first place from `at` on whose byte is a quote, a backslash or a
    /// control character, or the end of the bytes.
    #[inline(always)]
    pub(super) fn plain_until(&mut self, mut at: usize) -> usize {
        loop {
            let start = at & !(BYTES - 1);
            if start != self.start {
                self.start = start;
                self.block = Block::read(self.bytes, start);
                self.ascii &= self.block.ascii;
            }
            let stops = self.block.stops >> (at % BYTES);
            if stops != 0 {
                return at + stops.trailing_zeros() as usize;
            }
            at = start + BYTES;
        }
    }

    /// Is everything ASCII that was swept over? More may have been looked at.
    #[inline]
    pub(super) const fn is_ascii(&self) -> bool {
        self.ascii
    }
}

/// Do all these bytes stand for themselves in a JSON string, and are UTF-8?
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let mut sweep = Sweep::new(bytes);
    sweep.plain_until(0) == bytes.len()
        && (sweep.is_ascii() || simdutf8::basic::from_utf8(bytes).is_ok())
}

/// What there is to know of sixty-four bytes.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// A bit for each byte at which a run ends, the first one lowest. Behind
    /// the last byte there are ends only.
    stops: u64,
    ascii: bool,
}

const BYTES: usize = 64;

impl Block {
    #[inline(never)]
    fn read(bytes: &[u8], start: usize) -> Block {
        let rest = bytes.get(start..).unwrap_or_default();
        if let Some(whole) = rest.first_chunk() {
            return Block::look(whole);
        }
        let Some(last) = bytes.last_chunk() else {
            let mut padded = [0; BYTES];
            padded[..rest.len()].copy_from_slice(rest);
            return Block::look(&padded);
        };
        // Cheaper than a copy: sixty-four bytes up to the end, most of which
        // have been looked at before.
        let Block { stops, ascii } = Block::look(last);
        let stops = stops >> 1 >> (BYTES - 1 - rest.len());
        Block {
            stops: stops | u64::MAX << rest.len(),
            ascii,
        }
    }

    #[inline(always)]
    fn look(bytes: &[u8; BYTES]) -> Block {
        const TOP_CONTROL: u8 = 0x1f;
        let mut stops = 0;
        let mut any = u8x16::ZERO;
        for (place, chunk) in bytes.as_chunks().0.iter().enumerate() {
            let chunk = u8x16::new(*chunk);
            let ends = chunk.simd_eq(u8x16::splat(b'"'))
                | chunk.simd_eq(u8x16::splat(b'\\'))
                | chunk.simd_eq(chunk.min(u8x16::splat(TOP_CONTROL)));
            stops |= u64::from(ends.to_bitmask()) << (16 * place);
            any |= chunk;
        }
        Block {
            stops,
            ascii: any.to_bitmask() == 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_stop(byte: u8) -> bool {
        byte < 0x20 || matches!(byte, b'"' | b'\\')
    }

    #[test]
    fn every_byte_at_every_place() {
        for length in 0..140 {
            for place in 0..length {
                for byte in 0..=255 {
                    let mut bytes = vec![b'x'; length];
                    bytes[place] = byte;
                    let end = if is_stop(byte) { place } else { length };
                    let mut sweep = Sweep::new(&bytes);
                    assert_eq!(sweep.plain_until(0), end, "{byte} at {place} of {length}");
                    assert!(sweep.is_ascii() || !byte.is_ascii());
                    assert!(!sweep.is_ascii() || byte.is_ascii());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn as_the_plain_loop_says(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            steps in proptest::collection::vec(0usize..80, 1..5),
        ) {
            let mut sweep = Sweep::new(&bytes);
            let mut at = 0;
            for step in steps {
                at = (at + step).min(bytes.len());
                let slow = (at..bytes.len()).find(|&i| is_stop(bytes[i])).unwrap_or(bytes.len());
                at = sweep.plain_until(at);
                prop_assert_eq!(at, slow);
            }
        }
    }
}
