//! When things are due in an open loop: evenly spaced over all workers, each
//! of which has its turn.

use super::clock::SECOND;

/// The schedule of one worker.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    start: u64,
    rate: u64,
    workers: u64,
    next: u64,
}

impl Pace {
    /// `rate` a second over all `workers`, of which this is one.
    pub(super) fn new(start: u64, rate: u64, worker: u32, workers: u32) -> Pace {
        Pace {
            start,
            rate: rate.max(1),
            workers: workers.into(),
            next: worker.into(),
        }
    }

    /// When the next one is due.
    pub(super) fn due(&self) -> u64 {
        let after = u128::from(self.next) * u128::from(SECOND) / u128::from(self.rate);
        self.start
            .saturating_add(u64::try_from(after).unwrap_or(u64::MAX))
    }

    /// The time that was due, if it has come; each once.
    pub(super) fn take(&mut self, now: u64) -> Option<u64> {
        let due = self.due();
        (due <= now).then(|| {
            self.next += self.workers;
            due
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_one_schedule() {
        let mut all = Vec::new();
        for worker in 0..3 {
            let mut pace = Pace::new(100, 1_000_000_000, worker, 3);
            while let Some(due) = pace.take(110) {
                all.push(due);
            }
        }
        all.sort_unstable();
        assert_eq!(all, (100..=110).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_that_was_due_is_left_out() {
        let mut pace = Pace::new(0, 3, 0, 1);
        assert_eq!(pace.take(0), Some(0));
        assert_eq!(pace.take(333_333_332), None);
        let late: Vec<_> = std::iter::from_fn(|| pace.take(SECOND)).collect();
        assert_eq!(late, [333_333_333, 666_666_666, SECOND]);
    }
}
