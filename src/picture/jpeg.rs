//! A look through a JPEG's segments before it is decoded.
//!
//! The decoder fills up what a cut-off file lacks, and goes over all pixels as
//! often as the file says: both are found here, in one pass over the bytes.

use super::Refused;
use crate::limits::PICTURE_SCANS;

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// Is it whole, from its start to the marker of its end, and with no more scans
/// than somebody needs? What follows that end does not count.
pub(super) fn check(source: &[u8]) -> Result<(), Refused> {
    let mut segments = Segments { rest: source };
    let mut scans = 0;
    while let Some(marker) = segments.next_marker() {
        match marker {
            END_OF_IMAGE if scans > 0 => return Ok(()),
            END_OF_IMAGE => break,
            START_OF_SCAN => scans += 1,
            _ => {}
        }
        if scans > PICTURE_SCANS || !segments.skip(marker) {
            break;
        }
    }
    Err(Refused::NotTaken)
}

struct Segments<'a> {
    rest: &'a [u8],
}

impl Segments<'_> {
    /// The next marker, past entropy-coded data and fill bytes.
    fn next_marker(&mut self) -> Option<u8> {
        loop {
            let at = memchr::memchr(0xff, self.rest)?;
            self.rest = &self.rest[at + 1..];
            match self.rest.first()? {
                // A stuffed byte of data, or fill.
                0x00 => self.rest = &self.rest[1..],
                0xff => {}
                &marker => {
                    self.rest = &self.rest[1..];
                    return Some(marker);
                }
            }
        }
    }

    /// Past the segment that the marker begins. False when it is cut off.
    fn skip(&mut self, marker: u8) -> bool {
        const TEMPORARY: u8 = 0x01;
        const RESTART_OR_START: std::ops::RangeInclusive<u8> = 0xd0..=0xd8;
        if marker == TEMPORARY || RESTART_OR_START.contains(&marker) {
            return true;
        }
        let Some((length, _)) = self.rest.split_first_chunk() else {
            return false;
        };
        match self.rest.get(usize::from(u16::from_be_bytes(*length))..) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A start, so many scans of a few bytes each, an end.
    fn scans(count: usize) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        for _ in 0..count {
            bytes.extend([0xff, 0xda, 0, 3, 9, 1, 0xff, 0, 2, 0xff, 0xd0, 3]);
        }
        bytes.extend([0xff, 0xff, 0xd9]);
        bytes
    }

    #[test]
    fn scans_are_counted() {
        for (count, result) in [
            (0, Err(Refused::NotTaken)),
            (1, Ok(())),
            (PICTURE_SCANS, Ok(())),
            (PICTURE_SCANS + 1, Err(Refused::NotTaken)),
            (100_000, Err(Refused::NotTaken)),
        ] {
            assert_eq!(check(&scans(count)), result, "{count}");
        }
    }

    #[test]
    fn it_must_be_whole_and_may_be_followed_by_anything() {
        let whole = scans(3);
        for end in 0..whole.len() {
            assert_eq!(check(&whole[..end]), Err(Refused::NotTaken), "{end}");
        }
        let mut followed = whole;
        followed.extend(b"\xff\xda<html>");
        assert_eq!(check(&followed), Ok(()));
    }

    #[test]
    fn an_end_inside_a_segment_is_none() {
        // The thumbnail in an EXIF segment has one.
        let app1 = [0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xda, 0xff, 0xd9];
        assert_eq!(check(&app1), Err(Refused::NotTaken));
    }
}
