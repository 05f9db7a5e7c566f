//! Wherever a stream is cut, its lines are the same.

use crate::wire::frame::{Framer, TooLong};

type Lines = Vec<Result<Vec<u8>, TooLong>>;

/// The first line says how to cut the rest: its first byte is `max_line`, each
/// other one a piece (see [`Piece`]), again from the first when they run out.
pub fn framer(data: &[u8]) {
    let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
    let (plan, stream) = data.split_at(end);
    let stream = stream.get(1..).unwrap_or_default();
    let (max_line, cuts) = match plan {
        [max_line, cuts @ ..] => (usize::from(max_line & 63), cuts),
        [] => (10, plan),
    };
    let expected = by_contract(stream, max_line);
    assert_eq!(cut(stream, max_line, &[Piece::WHOLE]), expected);
    assert_eq!(cut(stream, max_line, &[Piece::BYTE]), expected);
    let pieces: Vec<_> = cuts.iter().map(|&byte| Piece::of(byte)).collect();
    if !pieces.is_empty() {
        assert_eq!(cut(stream, max_line, &pieces), expected);
    }
}

/// A piece of the stream, and what is done with it.
struct Piece {
    bytes: usize,
    /// After so many of its lines the rest is kept for later.
    at_once: usize,
}

impl Piece {
    const WHOLE: Piece = Piece {
        bytes: usize::MAX,
        at_once: usize::MAX,
    };
    const BYTE: Piece = Piece {
        bytes: 1,
        at_once: usize::MAX,
    };

    /// The lower five bits are its length, the upper ones how many lines of it
    /// are taken at once: 3 and more are all of them.
    fn of(byte: u8) -> Self {
        Piece {
            bytes: 1 + usize::from(byte & 31),
            at_once: match byte >> 5 {
                few @ 0..3 => usize::from(few),
                _ => usize::MAX,
            },
        }
    }
}

/// All lines of a stream that comes in these pieces.
fn cut(stream: &[u8], max_line: usize, pieces: &[Piece]) -> Lines {
    let mut framer = Framer::default();
    let mut lines = Vec::new();
    let mut rest = stream;
    for piece in pieces.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (mut chunk, later) = rest.split_at(piece.bytes.min(rest.len()));
        rest = later;
        if take(&mut framer, &mut chunk, max_line, piece.at_once, &mut lines) {
            return lines;
        }
        framer.keep(chunk);
    }
    take(&mut framer, &mut &b""[..], max_line, usize::MAX, &mut lines);
    assert!(framer.kept() <= max_line + 1, "half a line is kept");
    lines
}

/// Takes at most so many lines; true when one was too long.
fn take(
    framer: &mut Framer,
    chunk: &mut &[u8],
    max_line: usize,
    most: usize,
    lines: &mut Lines,
) -> bool {
    for _ in 0..most {
        match framer.next(chunk, max_line) {
            None => {
                assert!(chunk.is_empty(), "a piece is taken up whole");
                return false;
            }
            Some(Ok(line)) => lines.push(Ok(line.to_vec())),
            Some(Err(TooLong)) => {
                lines.push(Err(TooLong));
                assert!(framer.is_empty() && chunk.is_empty());
                assert_eq!(framer.next(chunk, max_line), None);
                return true;
            }
        }
    }
    false
}

/// The lines by the contract's own words, of the stream as a whole.
fn by_contract(stream: &[u8], max_line: usize) -> Lines {
    let mut lines = Vec::new();
    for line in stream.split_inclusive(|&byte| byte == b'\n') {
        let whole = line.strip_suffix(b"\n");
        let shown = whole.unwrap_or(line);
        let shown = shown.strip_suffix(b"\r").unwrap_or(shown);
        if shown.len() > max_line {
            lines.push(Err(TooLong));
            return lines;
        }
        if whole.is_some() {
            lines.push(Ok(shown.to_vec()));
        }
    }
    lines
}
