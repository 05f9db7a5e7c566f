//! A look through a WebP's chunks before it is decoded: the decoder would make
//! room for whatever length a chunk claims.

use super::Refused;

const HEAD: usize = 8;
/// The first chunk, after `RIFF`, the length and `WEBP`.
const FIRST: usize = 12;

/// The picture without what follows its end, if all of its chunks are whole.
pub(super) fn whole(source: &[u8]) -> Result<&[u8], Refused> {
    let end = HEAD + length_at(source, 4).ok_or(Refused::NotTaken)?;
    let whole = source.get(..end).ok_or(Refused::NotTaken)?;
    let mut at = FIRST;
    while let Some(length) = length_at(whole, at + 4) {
        at += HEAD + length;
        if at > end {
            return Err(Refused::NotTaken);
        }
        // Chunks begin at even places.
        at += length % 2;
    }
    Ok(whole)
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn riff(length: u32, chunks: &[(&[u8; 4], u32, &[u8])]) -> Vec<u8> {
        let mut bytes = [&b"RIFF"[..], &length.to_le_bytes(), b"WEBP"].concat();
        for (name, length, data) in chunks {
            bytes.extend(*name);
            bytes.extend(length.to_le_bytes());
            bytes.extend(*data);
        }
        bytes
    }

    #[test]
    fn what_follows_the_end_is_cut_off() {
        let mut bytes = riff(24, &[(b"VP8 ", 3, b"abc\0"), (b"EXIF", 0, b"")]);
        let length = bytes.len();
        bytes.extend(b"<script>");
        assert_eq!(whole(&bytes), Ok(&bytes[..length]));
        for end in 0..length {
            assert_eq!(whole(&bytes[..end]), Err(Refused::NotTaken), "{end}");
        }
    }

    #[test]
    fn no_chunk_may_claim_more_than_there_is() {
        for (claimed, result) in [(2, true), (3, false), (u32::MAX, false)] {
            let bytes = riff(14, &[(b"EXIF", claimed, b"ab")]);
            assert_eq!(whole(&bytes).is_ok(), result, "{claimed}");
        }
        let bytes = riff(u32::MAX, &[(b"EXIF", u32::MAX, b"ab")]);
        assert_eq!(whole(&bytes), Err(Refused::NotTaken));
    }
}
