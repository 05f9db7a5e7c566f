//! The hand-shake between a core that goes to sleep and those that send to it.
//!
//! The sleeper says so, then looks once more; a sender publishes, then looks
//! whether the other sleeps. A fence lies between the two steps on both sides,
//! so at least one of them sees the other: no wake-up is lost. Whoever takes the
//! flag down wakes the sleeper, so it is woken once.

use std::sync::atomic::{AtomicBool, Ordering, fence};

/// Whether one core sleeps, or is about to.
#[derive(Default)]
pub(super) struct Parking {
    parked: AtomicBool,
}

impl Parking {
    /// The sleeper's side: whether it may sleep. `has_work` looks at all that
    /// it could be woken for.
    pub(super) fn park(&self, has_work: impl FnOnce() -> bool) -> bool {
        self.parked.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if has_work() {
            self.unpark();
            return false;
        }
        true
    }

    /// The sleeper is up, whatever woke it.
    pub(super) fn unpark(&self) {
        self.parked.store(false, Ordering::Relaxed);
    }

    /// The sender's side, after [`published`]: whether it has to wake the other.
    pub(super) fn take(&self) -> bool {
        // Reading first leaves the line shared while the other is awake.
        self.parked.load(Ordering::Relaxed) && self.parked.swap(false, Ordering::Relaxed)
    }
}

/// Comes between publishing and [`Parking::take`]; once for several of each.
pub(super) fn published() {
    fence(Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    /// Starts both threads of each round together, as closely as can be.
    fn meet(arrived: &AtomicUsize, round: usize) {
        arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0_u32;
        while arrived.load(Ordering::Acquire) < 2 * round {
            spins += 1;
            if spins.is_multiple_of(1000) {
                thread::yield_now();
            }
            std::hint::spin_loop();
        }
    }

    #[test]
    fn a_sleeper_sees_the_work_or_is_seen() {
        const ROUNDS: usize = 20_000;
        let arrived = AtomicUsize::new(0);
        let parking: Vec<_> = (0..ROUNDS).map(|_| Parking::default()).collect();
        let work: Vec<_> = (0..ROUNDS).map(|_| AtomicBool::new(false)).collect();
        let (slept, woken) = thread::scope(|scope| {
            let sleeper = scope.spawn(|| {
                let rounds = (1..).zip(parking.iter().zip(&work));
                rounds
                    .map(|(round, (parking, work))| {
                        meet(&arrived, round);
                        parking.park(|| work.load(Ordering::Relaxed))
                    })
                    .collect::<Vec<_>>()
            });
            let sender = scope.spawn(|| {
                let rounds = (1..).zip(parking.iter().zip(&work));
                rounds
                    .map(|(round, (parking, work))| {
                        meet(&arrived, round);
                        work.store(true, Ordering::Relaxed);
                        published();
                        parking.take()
                    })
                    .collect::<Vec<_>>()
            });
            (sleeper.join().unwrap(), sender.join().unwrap())
        });
        for (round, (slept, woken)) in slept.into_iter().zip(woken).enumerate() {
            assert!(!slept || woken, "round {round} sleeps for ever");
        }
    }
}
