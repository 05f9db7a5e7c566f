//! Bytes in, whole lines out.

/// A line was longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Cuts a stream into lines. A whole line is yielded where it lies in the
/// caller's chunk; only what is left over of a line is copied and kept.
#[derive(Debug, Default)]
pub struct Framer {
    kept: Vec<u8>,
    start: usize,
    scanned: usize,
}

impl Framer {
    /// The next whole line without its end, first out of what is kept, then
    /// out of the front of `chunk`, which is advanced behind it. With `None`,
    /// `chunk` has been taken up whole and the next one may come.
    pub fn next<'a, 'c: 'a>(
        &'a mut self,
        chunk: &mut &'c [u8],
        max_line: usize,
    ) -> Option<Result<&'a [u8], TooLong>> {
        let _ = (&self.kept, self.start, self.scanned, chunk, max_line);
        todo!()
    }

    /// Keeps `rest` for later without looking for lines in it: the caller
    /// cannot act on them yet.
    pub fn keep(&mut self, rest: &[u8]) {
        self.kept.extend_from_slice(rest);
    }

    /// Bytes kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept.len() - self.start
    }
}
