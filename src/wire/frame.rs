//! Bytes in, whole lines out.
//!
//! What a line means is not looked at here, nor what time it is: how long a
//! half line may stay half is the caller's business.

use crate::limits::KEPT_SPARE_BYTES;

/// A line was longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Cuts a stream into lines. A whole line is yielded where it lies in the
/// caller's chunk; only what is left over of a line is copied and kept.
///
/// Call [`next`](Framer::next) until it answers `None`, then again with the
/// next chunk; or [`keep`](Framer::keep) what is left of the chunk and come
/// back with an empty one. After [`TooLong`] the stream has no further lines.
#[derive(Debug, Default)]
pub struct Framer {
    kept: Vec<u8>,
    /// Where what is kept begins; before it stand lines that were yielded.
    start: usize,
    /// No line ends between `start` and here.
    scanned: usize,
}

impl Framer {
    /// The next whole line without its end (`\n` or `\r\n`), first out of what
    /// is kept, then out of the front of `chunk`, which is advanced behind it.
    /// With `None`, `chunk` has been taken up whole and the next one may come.
    ///
    /// A line longer than `max_line` is refused as soon as that is certain:
    /// never are more than `max_line` bytes and a `\r` kept of one. What is
    /// kept and what is left of `chunk` are dropped then.
    pub fn next<'a, 'c: 'a>(
        &'a mut self,
        chunk: &mut &'c [u8],
        max_line: usize,
    ) -> Option<Result<&'a [u8], TooLong>> {
        self.tidy();
        if self.is_empty() {
            return self.next_of_chunk(chunk, max_line);
        }
        if let Some(end) = memchr::memchr(b'\n', &self.kept[self.scanned..]) {
            return self.yield_kept(self.scanned + end, chunk, max_line);
        }
        self.scanned = self.kept.len();
        let (taken, whole) = match memchr::memchr(b'\n', chunk) {
            Some(end) => (end, true),
            None => (chunk.len(), false),
        };
        let last = chunk[..taken].last().or(self.kept.last());
        if is_too_long(self.kept() + taken, last, max_line) {
            return Some(Err(self.give_up(chunk)));
        }
        let (head, rest) = chunk.split_at(taken + usize::from(whole));
        self.keep(head);
        *chunk = rest;
        self.scanned = self.kept.len() - usize::from(whole);
        if !whole {
            return None;
        }
        self.yield_kept(self.scanned, chunk, max_line)
    }

    /// Keeps `rest` for later without looking for lines in it: the caller
    /// cannot act on them yet.
    pub fn keep(&mut self, rest: &[u8]) {
        self.tidy();
        self.kept.drain(..self.start);
        self.scanned -= self.start;
        self.start = 0;
        self.kept.extend_from_slice(rest);
    }

    /// Bytes kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept.len() - self.start
    }

    /// Is nothing kept?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept() == 0
    }

    /// Is there a buffer, perhaps empty?
    #[must_use]
    pub fn has_buffer(&self) -> bool {
        self.kept.capacity() > 0
    }

    fn next_of_chunk<'a>(
        &mut self,
        chunk: &mut &'a [u8],
        max_line: usize,
    ) -> Option<Result<&'a [u8], TooLong>> {
        let Some(end) = memchr::memchr(b'\n', chunk) else {
            if is_too_long(chunk.len(), chunk.last(), max_line) {
                return Some(Err(self.give_up(chunk)));
            }
            self.keep(chunk);
            self.scanned = self.kept.len();
            *chunk = &[];
            return None;
        };
        let line = &chunk[..end];
        if is_too_long(end, line.last(), max_line) {
            return Some(Err(self.give_up(chunk)));
        }
        *chunk = &chunk[end + 1..];
        Some(Ok(without_return(line)))
    }

    /// The first line that is kept; it ends at `end`.
    fn yield_kept<'a>(
        &'a mut self,
        end: usize,
        chunk: &mut &[u8],
        max_line: usize,
    ) -> Option<Result<&'a [u8], TooLong>> {
        let line = self.start..end;
        if is_too_long(line.len(), self.kept[line.clone()].last(), max_line) {
            return Some(Err(self.give_up(chunk)));
        }
        self.start = end + 1;
        self.scanned = self.start;
        Some(Ok(without_return(&self.kept[line])))
    }

    fn give_up(&mut self, chunk: &mut &[u8]) -> TooLong {
        self.start = self.kept.len();
        self.scanned = self.start;
        self.tidy();
        *chunk = &[];
        TooLong
    }

    /// Forgets lines that were yielded, and a large buffer with them, once
    /// nothing else is kept.
    fn tidy(&mut self) {
        if self.start < self.kept.len() {
            return;
        }
        self.start = 0;
        self.scanned = 0;
        match self.kept.capacity() > KEPT_SPARE_BYTES {
            true => self.kept = Vec::new(),
            false => self.kept.clear(),
        }
    }
}

/// Is a line too long of which `bytes` are known, the last of them `last`? A
/// `\r` there belongs to its end, or may still turn out to.
fn is_too_long(bytes: usize, last: Option<&u8>, max_line: usize) -> bool {
    bytes > max_line && !(bytes == max_line + 1 && last == Some(&b'\r'))
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests;
