//! Finds whole lines and looks at them, as much as was asked for.

use pairline::limits::{LINE_BYTES, TYPE_DIGITS};
use pairline::wire::parse::parse;

/// A line that is no frame, or longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// How much of a line is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The digits before the first `#`.
    Digits,
    /// These, and then everything, as the server does it.
    Everything,
}

impl Check {
    /// The length of the whole lines that `bytes` begins with, each of them
    /// looked at. No line ends within the first `scanned` bytes.
    ///
    /// # Errors
    /// If there is a line among them that may not be forwarded, or what is left
    /// will become one.
    pub fn whole(self, bytes: &[u8], scanned: usize) -> Result<usize, Refused> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &bytes[scanned..]) {
            let end = scanned + end;
            self.line(&bytes[start..end])?;
            start = end + 1;
        }
        if bytes.len() - start > LINE_BYTES {
            return Err(Refused);
        }
        Ok(start)
    }

    /// Appends to `out` the whole lines of what was `kept` and `chunk` behind
    /// it, and keeps the rest.
    ///
    /// # Errors
    /// As [`whole`](Self::whole).
    pub fn cut(
        self,
        kept: &mut Vec<u8>,
        mut chunk: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        if !kept.is_empty() {
            let scanned = kept.len();
            let head = memchr::memchr(b'\n', chunk).map_or(chunk.len(), |end| end + 1);
            kept.extend_from_slice(&chunk[..head]);
            chunk = &chunk[head..];
            if self.whole(kept, scanned)? > 0 {
                out.append(kept);
            }
        }
        let whole = self.whole(chunk, 0)?;
        out.extend_from_slice(&chunk[..whole]);
        kept.extend_from_slice(&chunk[whole..]);
        Ok(())
    }

    fn line(self, line: &[u8]) -> Result<(), Refused> {
        let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let framed = (1..=TYPE_DIGITS).contains(&digits) && line.get(digits) == Some(&b'#');
        let good = framed && line.len() <= LINE_BYTES && (self == Check::Digits || says(line));
        if good { Ok(()) } else { Err(Refused) }
    }
}

fn says(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    parse(line).content.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[u8] = b"6#{\"yourId\":\"a\",\"toId\":\"b\",\"msg\":\"#\"}\n";

    #[test]
    fn whole_lines_are_counted_and_the_rest_is_left() {
        for check in [Check::Digits, Check::Everything] {
            let mut bytes = GOOD.repeat(3);
            bytes.extend_from_slice(b"6#{");
            assert_eq!(check.whole(&bytes, 0), Ok(3 * GOOD.len()));
            assert_eq!(check.whole(&bytes[..GOOD.len() - 1], 0), Ok(0));
            assert_eq!(check.whole(GOOD, GOOD.len() - 1), Ok(GOOD.len()));
            assert_eq!(check.whole(b"", 0), Ok(0));
        }
    }

    #[test]
    fn each_check_refuses_its_lines() {
        let long = format!("6#{}\n", "x".repeat(LINE_BYTES));
        for bad in [
            "\n",
            "#{}\n",
            "hello\n",
            "{\"msgType\":\"x\"}\n",
            "1234#\n",
            &long,
            &long[..LINE_BYTES + 1],
        ] {
            assert_eq!(
                Check::Digits.whole(bad.as_bytes(), 0),
                Err(Refused),
                "{bad:.20}"
            );
            let second = [GOOD, bad.as_bytes()].concat();
            assert_eq!(Check::Digits.whole(&second, 0), Err(Refused), "{bad:.20}");
        }
        for half in [
            "6#\n",
            "6#{\"yourId\":\"a\",\"toId\":\"b\",\"msg\":\"\"\n",
            "99#{}\n",
        ] {
            assert_eq!(Check::Digits.whole(half.as_bytes(), 0), Ok(half.len()));
            assert_eq!(Check::Everything.whole(half.as_bytes(), 0), Err(Refused));
        }
    }

    #[test]
    fn a_stream_cut_anywhere_comes_out_whole() {
        let stream = [
            GOOD,
            b"7#{\"yourId\":\"a\",\"toId\":\"b\",\"msg\":\"\"}\r\n",
            GOOD,
        ]
        .concat();
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let (mut kept, mut out) = (Vec::new(), Vec::new());
                for chunk in [&stream[..first], &stream[first..second], &stream[second..]] {
                    Check::Everything.cut(&mut kept, chunk, &mut out).unwrap();
                    assert!(out.is_empty() || out.ends_with(b"\n"));
                }
                assert_eq!(out, stream);
                assert!(kept.is_empty());
            }
        }
    }
}
