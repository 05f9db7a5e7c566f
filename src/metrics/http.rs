//! What HTTP counts: requests by their type and how they were answered, and who
//! was turned away.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The highest `error_no` with a counter of its own; all above share one.
const LAST: u16 = 15;
const ANSWERS: usize = LAST as usize + 2;
/// What is told for the answers above [`LAST`].
const FAILED: u16 = 500;

/// The HTTP side's counters; anybody may count.
#[derive(Debug, Default)]
pub struct HttpMetrics {
    names: &'static [&'static str],
    /// For each name, and then for what has none.
    requests: Box<[[AtomicU64; ANSWERS]]>,
    turned_away: AtomicU64,
}

impl HttpMetrics {
    /// All zero, for requests of these names.
    pub(super) fn new(names: &'static [&'static str]) -> Self {
        HttpMetrics {
            names,
            requests: (0..=names.len()).map(|_| Default::default()).collect(),
            turned_away: AtomicU64::default(),
        }
    }

    /// One more request, by its place among the names, was answered with this
    /// `error_no`.
    pub fn request(&self, name: Option<usize>, error_no: u16) {
        let row = name.unwrap_or(self.names.len());
        let answer = usize::from(error_no.min(LAST + 1));
        if let Some(row) = self.requests.get(row) {
            row[answer].fetch_add(1, Relaxed);
        }
    }

    /// A connection was closed at once: its address has too many.
    pub fn turn_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }

    /// Connections that were closed at once.
    pub(super) fn turned_away(&self) -> u64 {
        self.turned_away.load(Relaxed)
    }

    /// Name (empty for none), `error_no` and count of all that were seen.
    pub(super) fn requests(&self) -> impl Iterator<Item = (&'static str, u16, u64)> {
        let names = self.names.iter().copied().chain([""]);
        names.zip(&self.requests).flat_map(|(name, row)| {
            let answers = (0..=LAST).chain([FAILED]).zip(row);
            let counts = answers.map(move |(number, count)| (name, number, count.load(Relaxed)));
            counts.filter(|&(_, _, count)| count > 0)
        })
    }
}
