use super::*;
use proptest::prelude::*;
use proptest::sample::Index;

type Lines = Vec<Result<Vec<u8>, TooLong>>;

/// All lines of a stream that comes in these pieces.
fn feed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, max_line: usize) -> (Lines, Framer) {
    let mut framer = Framer::default();
    let mut lines = Vec::new();
    for mut piece in pieces {
        while let Some(line) = framer.next(&mut piece, max_line) {
            lines.push(line.map(<[u8]>::to_vec));
            if line.is_err() {
                return (lines, framer);
            }
        }
        assert!(piece.is_empty(), "a piece is taken up whole");
        assert!(framer.kept() <= max_line + 2);
    }
    (lines, framer)
}

/// The same by the contract's own words, on the stream as a whole.
fn expected(stream: &[u8], max_line: usize) -> Lines {
    let mut lines = Vec::new();
    for line in stream.split_inclusive(|&byte| byte == b'\n') {
        let line = match line.strip_suffix(b"\n") {
            Some(whole) => whole.strip_suffix(b"\r").unwrap_or(whole),
            None if line.len() == max_line + 1 && line.ends_with(b"\r") => return lines,
            None if line.len() <= max_line => return lines,
            None => line,
        };
        if line.len() > max_line {
            lines.push(Err(TooLong));
            return lines;
        }
        lines.push(Ok(line.to_vec()));
    }
    lines
}

fn ok(lines: &[&str]) -> Lines {
    lines
        .iter()
        .map(|line| Ok(line.as_bytes().to_vec()))
        .collect()
}

#[test]
fn lines_are_cut_at_their_ends() {
    for (stream, lines) in [
        ("", &[][..]),
        ("\n", &[""]),
        ("\r\n", &[""]),
        ("\n\n\r\n", &["", "", ""]),
        ("a\nb\r\n", &["a", "b"]),
        ("a\r\r\n", &["a\r"]),
        ("a\rb\n", &["a\rb"]),
        ("a\nhalf", &["a"]),
        ("half", &[]),
        ("6#{}\n\n3#{}\n", &["6#{}", "", "3#{}"]),
    ] {
        let stream = stream.as_bytes();
        assert_eq!(feed([stream], 10).0, ok(lines), "{stream:?}");
        assert_eq!(feed(stream.chunks(1), 10).0, ok(lines), "{stream:?}");
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            assert_eq!(feed([head, tail], 10).0, ok(lines), "{stream:?} at {at}");
        }
    }
}

#[test]
fn the_limit_does_not_count_the_end() {
    let max = 8;
    for length in 0..max + 4 {
        for end in ["\n", "\r\n", "\r\r\n", "\r", ""] {
            for before in ["", "x\n"] {
                let stream = format!("{before}{}{end}", "y".repeat(length)).into_bytes();
                let lines = expected(&stream, max);
                let too_long = length + end.matches("\r\r").count() > max;
                assert_eq!(lines.contains(&Err(TooLong)), too_long, "{length} {end:?}");
                assert_eq!(feed([&stream[..]], max).0, lines);
                assert_eq!(feed(stream.chunks(1), max).0, lines);
                for at in 0..=stream.len() {
                    let (head, tail) = stream.split_at(at);
                    assert_eq!(feed([head, tail], max).0, lines, "{stream:?} at {at}");
                }
            }
        }
    }
}

#[test]
fn too_long_is_told_as_soon_as_it_is_certain() {
    let told_at = |stream: &[u8]| {
        let mut framer = Framer::default();
        stream.iter().position(|byte| {
            let told = framer.next(&mut std::slice::from_ref(byte), 4);
            told == Some(Err(TooLong))
        })
    };
    assert_eq!(told_at(b"12345\n"), Some(4));
    assert_eq!(told_at(b"1234\r\n"), None);
    assert_eq!(told_at(b"1234\rx\n"), Some(5));
    assert_eq!(told_at(b"1234\r\r\n"), Some(5));
    assert_eq!(told_at(b"1234\n12345"), Some(9));
}

#[test]
fn too_long_drops_everything() {
    let mut framer = Framer::default();
    framer.keep(b"a\n123456\nb\n");
    let mut chunk = &b"c\n"[..];
    assert_eq!(framer.next(&mut chunk, 4), Some(Ok(&b"a"[..])));
    assert_eq!(framer.next(&mut chunk, 4), Some(Err(TooLong)));
    assert!(chunk.is_empty() && framer.is_empty());
    assert_eq!(framer.next(&mut chunk, 4), None);
}

#[test]
fn a_whole_line_is_not_copied() {
    let stream = b"first\nsecond\r\n";
    let mut chunk = &stream[..];
    let mut framer = Framer::default();
    let first = framer.next(&mut chunk, 10).unwrap().unwrap();
    assert_eq!(first.as_ptr(), stream.as_ptr());
    let second = framer.next(&mut chunk, 10).unwrap().unwrap();
    assert_eq!(second.as_ptr(), stream[6..].as_ptr());
    assert_eq!(framer.kept.capacity(), 0);
}

#[test]
fn what_is_kept_comes_first_and_in_order() {
    let mut framer = Framer::default();
    let mut chunk = &b"a\nb\nc"[..];
    assert_eq!(framer.next(&mut chunk, 10), Some(Ok(&b"a"[..])));
    framer.keep(chunk);
    framer.keep(b"c\nd\ne");
    assert_eq!(framer.kept(), 8);
    let mut chunk = &b"e\nf\n"[..];
    for line in ["b", "cc", "d", "ee", "f"] {
        assert_eq!(framer.next(&mut chunk, 10), Some(Ok(line.as_bytes())));
    }
    assert_eq!(framer.next(&mut chunk, 10), None);
    assert!(framer.is_empty());
}

#[test]
fn a_large_buffer_is_given_back() {
    let mut framer = Framer::default();
    let half = vec![b'x'; KEPT_SPARE_BYTES + 1];
    assert_eq!(framer.next(&mut &half[..], 9000), None);
    assert!(framer.kept.capacity() > KEPT_SPARE_BYTES);
    assert!(framer.next(&mut &b"\n"[..], 9000).is_some());
    assert_eq!(framer.next(&mut &b""[..], 9000), None);
    assert_eq!(framer.kept.capacity(), 0);

    assert_eq!(framer.next(&mut &b"small"[..], 9000), None);
    assert!(framer.next(&mut &b"\n"[..], 9000).is_some());
    assert_eq!(framer.next(&mut &b""[..], 9000), None);
    assert_ne!(framer.kept.capacity(), 0);
}

/// Yielded lines do not pile up in front of what is kept.
#[test]
fn keeping_again_and_again_stays_small() {
    let mut framer = Framer::default();
    framer.keep(b"first\n");
    for _ in 0..10_000 {
        framer.keep(b"another\n");
        assert!(framer.next(&mut &b""[..], 10).is_some());
    }
    assert!(framer.kept.capacity() < 100);
}

/// Looking for an end costs each byte once, however it arrives: a rescan of
/// what is kept would take this test from moments to minutes.
#[test]
fn nothing_is_scanned_twice() {
    let max = 1 << 20;
    let line = vec![b'x'; max];
    let (lines, framer) = feed(line.chunks(1), max);
    assert!(lines.is_empty());
    assert_eq!((framer.kept(), framer.scanned), (max, max));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn chunking_changes_nothing(
        stream in proptest::collection::vec(proptest::sample::select(b"\n\n\r\rxyz#{}".to_vec()), 0..80),
        cuts in proptest::collection::vec(any::<Index>(), 0..8),
        max_line in 0usize..12,
    ) {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|ends| &stream[ends[0]..ends[1]]);
        prop_assert_eq!(feed(pieces, max_line).0, expected(&stream, max_line));
    }

    /// Whatever is kept for later, and whenever, the lines are the same.
    #[test]
    fn keeping_changes_nothing(
        pieces in proptest::collection::vec(
            (proptest::collection::vec(proptest::sample::select(b"\n\rxyz".to_vec()), 0..20), 0usize..6),
            0..10,
        ),
    ) {
        let max_line = 10;
        let mut framer = Framer::default();
        let mut lines = Vec::new();
        // Acts on at most so many lines of each piece and keeps the rest.
        'stream: for (piece, at_once) in pieces.iter().map(|(piece, n)| (&piece[..], *n)).chain([(&b""[..], 1000)]) {
            let mut chunk = piece;
            for _ in 0..at_once {
                let Some(line) = framer.next(&mut chunk, max_line) else { break };
                lines.push(line.map(<[u8]>::to_vec));
                if line.is_err() {
                    break 'stream;
                }
            }
            framer.keep(chunk);
        }
        let stream: Vec<u8> = pieces.iter().flat_map(|(piece, _)| piece.clone()).collect();
        prop_assert_eq!(lines, expected(&stream, max_line));
    }
}
