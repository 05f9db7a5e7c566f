//! The writer's thread: what is queued, when to commit it, what to do when
//! that fails.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError};

use super::{Options, Order, Shared, Stopped};
use crate::engine::durable::Write;
use crate::engine::ids::Time;
use crate::metrics::StoreOp;
use crate::store::{Job, Store, StoreError};

/// Says the same trouble at most this often.
const TOLD_EVERY: Duration = Duration::from_secs(10);

pub(super) struct Desk<S> {
    store: S,
    queue: Receiver<Order>,
    shared: Arc<Shared>,
    options: Options,
    /// Taken out of the queue and not yet on disk, oldest first.
    backlog: VecDeque<Write>,
    /// Taken out of the queue; somebody waits for each.
    jobs: Vec<Box<dyn Job>>,
    started: (Instant, Time),
    next_commit: Instant,
    next_purge: Instant,
    /// Commits that failed in a row.
    failures: u32,
    /// While stopping: when to give up.
    deadline: Option<Instant>,
    complaints: Complaints,
}

impl<S: Store> Desk<S> {
    pub(super) fn new(
        store: S,
        queue: Receiver<Order>,
        shared: Arc<Shared>,
        now: Time,
        options: Options,
    ) -> Self {
        let start = Instant::now();
        Desk {
            store,
            queue,
            shared,
            options,
            backlog: VecDeque::new(),
            jobs: Vec::new(),
            started: (start, now),
            next_commit: start,
            next_purge: start,
            failures: 0,
            deadline: None,
            complaints: Complaints::default(),
        }
    }

    pub(super) fn run(mut self) -> Stopped {
        loop {
            self.wait();
            self.look_whether_to_stop();
            self.take_all();
            if !self.jobs.is_empty() {
                self.change();
            }
            let now = Instant::now();
            if now >= self.next_purge {
                self.purge(now);
            }
            if !self.backlog.is_empty() && now >= self.next_commit {
                self.commit(now);
            }
            // A slow disk that still takes what it is given is waited for.
            let overdue = self.deadline.is_some_and(|deadline| now >= deadline);
            if (overdue && self.failures > 0)
                || (self.deadline.is_some() && self.backlog.is_empty())
            {
                return self.stopped();
            }
        }
    }

    /// Sleeps until something is to be done.
    fn wait(&mut self) {
        let wake = match self.deadline {
            _ if self.backlog.is_empty() => self.next_purge,
            Some(deadline) => self.next_commit.min(deadline),
            None => self.next_commit,
        };
        match self.queue.recv_deadline(wake) {
            Ok(order) => self.take(order),
            Err(RecvTimeoutError::Timeout) => {}
            // Nobody can push any more: as good as a stop.
            Err(RecvTimeoutError::Disconnected) if self.deadline.is_none() => {
                self.shared.stopping.store(true, Ordering::Release);
            }
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(wake.saturating_duration_since(Instant::now()));
            }
        }
    }

    /// The flag is read before the queue: what was pushed before the stop is in
    /// the queue by then.
    fn look_whether_to_stop(&mut self) {
        if self.deadline.is_none() && self.shared.stopping.load(Ordering::Acquire) {
            let now = Instant::now();
            self.deadline = Some(now + self.options.stop_for);
            self.next_commit = now;
        }
    }

    /// Takes what is queued now, and no more: who pushes without a pause must
    /// not keep the thread from its commits.
    fn take_all(&mut self) {
        for _ in 0..self.queue.len() {
            match self.queue.try_recv() {
                Ok(order) => self.take(order),
                Err(_) => break,
            }
        }
        let over = self.backlog.len().saturating_sub(self.options.backlog);
        if over > 0 {
            self.backlog.drain(..over);
            self.shared.settled(over);
            self.shared.give_up(over);
            if let Some(hushed) = self.complaints.overflow.due() {
                let kept = self.backlog.len();
                tracing::error!(
                    kept,
                    hushed,
                    "the store is too far behind: the oldest writes are lost"
                );
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::One(write) => self.backlog.push_back(write),
            Order::Many(writes) => self.backlog.extend(writes),
            Order::Job(job) => self.jobs.push(job),
            Order::Look => {}
        }
    }

    /// Does all jobs in one commit and answers whoever waits.
    fn change(&mut self) {
        let start = Instant::now();
        let result = self.store.change(&mut self.jobs);
        self.shared.changes.fetch_add(1, Ordering::Release);
        let metrics = self.shared.metrics.store();
        metrics.took(StoreOp::Change, start.elapsed());
        if let Err(error) = &result {
            metrics.error(1);
            if let Some(hushed) = self.complaints.change.due() {
                tracing::error!(%error, hushed, "cannot make changes in the store");
            }
        }
        metrics.set_failing(result.is_err() || self.failures > 0);
        for job in self.jobs.drain(..) {
            job.finish(result.as_ref().copied().map_err(StoreError::again));
        }
    }

    fn commit(&mut self, now: Instant) {
        let backlog = std::mem::take(&mut self.backlog);
        let (front, _) = backlog.as_slices();
        let count = front.len().min(self.options.batch);
        let (done, trouble) = self.settle(&front[..count]);
        self.backlog = backlog;
        self.backlog.drain(..done);
        self.shared.settled(done);
        match trouble {
            Some(error) => self.failed(&error),
            None => self.succeeded(now),
        }
    }

    /// Applies `writes`, in halves if need be, so that one that is refused for
    /// good is found, given up and holds up nobody. Says how many of them need
    /// no more care, and what stopped it.
    fn settle(&mut self, writes: &[Write]) -> (usize, Option<StoreError>) {
        match self.apply(writes) {
            Ok(()) => (writes.len(), None),
            Err(error @ StoreError::Unavailable(_)) => (0, Some(error)),
            Err(error) if writes.len() == 1 => {
                self.refused(&writes[0], &error);
                (1, None)
            }
            Err(_) => {
                let (first, second) = writes.split_at(writes.len() / 2);
                let (done, trouble) = self.settle(first);
                if trouble.is_some() {
                    return (done, trouble);
                }
                let (more, trouble) = self.settle(second);
                (done + more, trouble)
            }
        }
    }

    fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let start = Instant::now();
        let result = self.store.apply(writes);
        let spent = start.elapsed();
        self.shared.metrics.store().took(StoreOp::Apply, spent);
        result
    }

    /// What came while a slow disk was busy has waited long enough: the next
    /// commit is due by when this one began.
    fn succeeded(&mut self, began: Instant) {
        if self.failures > 0 {
            self.failures = 0;
            self.shared.metrics.store().set_failing(false);
            let behind = self.backlog.len();
            tracing::info!(behind, "the store writes again");
        }
        self.next_commit = began;
        // Behind by more than a commit, or about to stop: no pause.
        if self.backlog.is_empty() && self.deadline.is_none() {
            self.next_commit += self.options.group_for;
            self.backlog.shrink_to(self.options.batch);
        }
    }

    fn failed(&mut self, error: &StoreError) {
        self.next_commit = Instant::now() + self.pause();
        self.failures = self.failures.saturating_add(1);
        self.shared.metrics.store().error(1);
        self.shared.metrics.store().set_failing(true);
        if let Some(hushed) = self.complaints.failure.due() {
            let waiting = self.shared.metrics.store().waiting();
            let failures = self.failures;
            tracing::error!(
                %error, failures, waiting, hushed,
                "cannot write to the store; what waits is kept and tried again"
            );
        }
    }

    /// How long to wait after one more failure.
    fn pause(&self) -> Duration {
        if self.deadline.is_some() {
            return self.options.retry_first;
        }
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let pause = self.options.retry_first.saturating_mul(factor);
        pause.min(self.options.retry_most)
    }

    fn refused(&mut self, write: &Write, error: &StoreError) {
        self.shared.give_up(1);
        if let Some(hushed) = self.complaints.refusal.due() {
            let what = match write {
                Write::Refuse { .. } => "a refusal",
                Write::Keep(_) => "a stored word",
                Write::Forget(_) => "a delivery",
            };
            tracing::error!(%error, what, hushed, "the store does not take a write; it is lost");
        }
    }

    fn purge(&mut self, now: Instant) {
        self.next_purge = now + self.options.purge_every;
        let (start, at_start) = self.started;
        let result = self.store.purge(at_start + now.duration_since(start));
        let spent = now.elapsed();
        self.shared.metrics.store().took(StoreOp::Purge, spent);
        match result {
            Ok(0) => {}
            Ok(dropped) => tracing::info!(dropped, "stored words grew too old"),
            Err(error) => {
                self.shared.metrics.store().error(1);
                tracing::warn!(%error, "cannot drop old words; tried again later");
            }
        }
    }

    fn stopped(self) -> Stopped {
        Stopped {
            unwritten: self.backlog.len(),
            given_up: self.shared.given_up.load(Ordering::Relaxed),
        }
    }
}

/// Keeps a broken disk from filling the log as well.
#[derive(Default)]
struct Complaints {
    failure: Complaint,
    change: Complaint,
    refusal: Complaint,
    overflow: Complaint,
}

#[derive(Default)]
struct Complaint {
    last: Option<Instant>,
    hushed: u64,
}

impl Complaint {
    /// Is it time to say it, and how often was it not said since?
    fn due(&mut self) -> Option<u64> {
        let now = Instant::now();
        let fresh = |last| now.duration_since(last) < TOLD_EVERY;
        if self.last.is_some_and(fresh) {
            self.hushed += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.hushed))
    }
}
