//! Where a run of characters that stand for themselves in a JSON string ends:
//! the inner loop of the scanner and of the writer's escaping.

/// The first place from `at` on whose byte is a quote, a backslash or a
/// control character, or the end of `bytes`.
#[inline(always)]
pub(super) fn plain_until(bytes: &[u8], mut at: usize) -> usize {
    // Most strings are shorter than the long way's preparations are worth.
    let short = at + SHORT_BYTES;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let hits = eight(*chunk);
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
        if at == short {
            return at + long(&bytes[at..]);
        }
    }
    at + tail(bytes.get(at..).unwrap_or_default())
}

const SHORT_BYTES: usize = 32;

/// The same, for the last few bytes there are.
#[inline(never)]
fn tail(bytes: &[u8]) -> usize {
    position(bytes, is_special)
}

/// The same with wide registers: two searches, the second of which finds
/// nothing but in what is about to be refused or escaped.
#[inline(never)]
fn long(bytes: &[u8]) -> usize {
    let end = memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
    let run = &bytes[..end];
    // Without an early exit this is done sixteen bytes at a time.
    match run.iter().fold(false, |any, &byte| any | is_control(byte)) {
        true => position(run, is_control),
        false => end,
    }
}

fn position(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let found = bytes.iter().position(|&byte| is(byte));
    found.unwrap_or(bytes.len())
}

const fn is_control(byte: u8) -> bool {
    byte < 0x20
}

const fn is_special(byte: u8) -> bool {
    is_control(byte) || matches!(byte, b'"' | b'\\')
}

/// The top bit of each special byte. Above the lowest one there may be false
/// ones (a borrow runs on), below it none.
#[inline]
const fn eight(chunk: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let word = u64::from_le_bytes(chunk);
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let hits = (quote.wrapping_sub(ONES) & !quote)
        | (backslash.wrapping_sub(ONES) & !backslash)
        | (word.wrapping_sub(ONES * 0x20) & !word);
    hits & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_byte_at_every_place() {
        for length in 0..80 {
            for place in 0..length {
                for byte in 0..=255 {
                    let mut bytes = vec![b'x'; length];
                    bytes[place] = byte;
                    let end = if is_special(byte) { place } else { length };
                    assert_eq!(plain_until(&bytes, 0), end, "{byte} at {place} of {length}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn as_the_plain_loop_says(bytes in proptest::collection::vec(any::<u8>(), 0..70), skip in 0usize..80) {
            let at = skip.min(bytes.len());
            let slow = (at..bytes.len()).find(|&i| is_special(bytes[i])).unwrap_or(bytes.len());
            prop_assert_eq!(plain_until(&bytes, at), slow);
        }

        #[test]
        fn eight_finds_the_lowest(chunk in any::<[u8; 8]>()) {
            let slow = chunk.iter().position(|&byte| is_special(byte)).unwrap_or(8);
            prop_assert_eq!((eight(chunk).trailing_zeros() / 8) as usize, slow);
        }
    }
}
