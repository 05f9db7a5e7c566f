//! The one thread that writes: cores push, it commits. Jobs, for which somebody
//! waits, are committed at once; what comes meanwhile shares the next commit.
//!
//! Writes go to disk in the order in which they were pushed, many to a commit:
//! at once when nothing was written lately, else [`Options::group_for`] after
//! the commit before began. While the disk refuses, they are kept in memory and tried
//! again; the chat goes on and knows nothing of it.

mod desk;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam::channel::{self, Receiver, Sender};

use super::{Job, Store, StoreError};
use crate::engine::durable::Write;
use crate::engine::ids::Time;
use crate::limits::CHANGES_WAITING;
use crate::metrics::Metrics;
use desk::Desk;

/// How the writer works. The default is what a server wants.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// From the beginning of a commit to that of the next, at least.
    pub group_for: Duration,
    /// Writes in one commit, at most.
    pub batch: usize,
    /// Writes kept in memory while the disk refuses; beyond, the oldest are
    /// given up.
    pub backlog: usize,
    /// The pause after a first failure; it doubles with each one more.
    pub retry_first: Duration,
    /// The longest pause after a failure.
    pub retry_most: Duration,
    /// How often old words are dropped.
    pub purge_every: Duration,
    /// For how long a stop keeps trying while the disk refuses.
    pub stop_for: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            group_for: Duration::from_millis(100),
            batch: 4096,
            backlog: 1_000_000,
            retry_first: Duration::from_millis(100),
            retry_most: Duration::from_secs(5),
            purge_every: Duration::from_secs(3600),
            stop_for: Duration::from_secs(5),
        }
    }
}

/// The running thread.
#[derive(Debug)]
pub struct Writer {
    handle: WriteHandle,
    thread: JoinHandle<Stopped>,
}

/// How it went, told at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Writes that did not reach the disk and are gone with the process.
    pub unwritten: usize,
    /// Writes given up before: too many, or refused for good.
    pub given_up: u64,
}

impl Stopped {
    /// Is everything on disk that was pushed?
    #[must_use]
    pub fn all_written(self) -> bool {
        self.unwritten == 0 && self.given_up == 0
    }
}

impl Writer {
    /// Starts the thread. `now` is the engine's time at this moment.
    pub fn start(
        store: impl Store + 'static,
        metrics: Arc<Metrics>,
        now: Time,
    ) -> io::Result<Writer> {
        Writer::start_with(store, metrics, now, Options::default())
    }

    /// Starts the thread with other [`Options`] than the default.
    pub fn start_with(
        store: impl Store + 'static,
        metrics: Arc<Metrics>,
        now: Time,
        options: Options,
    ) -> io::Result<Writer> {
        let (orders, queue) = channel::unbounded();
        let shared = Arc::new(Shared {
            given_up: AtomicU64::new(0),
            changes: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            metrics,
        });
        let handle = WriteHandle {
            orders,
            overflow: queue.clone(),
            // The thread keeps to the limit by itself; only while it is stuck
            // inside the store do the cores see more than that.
            most: options.backlog.saturating_add(options.backlog / 8 + 1),
            shared: Arc::clone(&shared),
        };
        let desk = Desk::new(store, queue, shared, now, options);
        let thread = thread::Builder::new()
            .name("pairline-store".to_owned())
            .spawn(|| desk.run())?;
        Ok(Writer { handle, thread })
    }

    /// Where a core pushes its writes.
    #[must_use]
    pub fn handle(&self) -> WriteHandle {
        self.handle.clone()
    }

    /// Writes down all that was pushed before and ends the thread. Call it when
    /// nobody pushes any more.
    #[must_use]
    pub fn stop(self) -> Stopped {
        self.handle.shared.stopping.store(true, Ordering::Release);
        self.handle.send(Order::Look);
        match self.thread.join() {
            Ok(stopped) => stopped,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Takes writes and never waits: pushing is a queue operation.
#[derive(Clone, Debug)]
pub struct WriteHandle {
    orders: Sender<Order>,
    overflow: Receiver<Order>,
    most: usize,
    shared: Arc<Shared>,
}

impl WriteHandle {
    /// Has one change written.
    pub fn push(&self, write: Write) {
        self.enqueue(Order::One(write));
    }

    /// Has several changes written, in this order.
    pub fn push_all(&self, writes: Vec<Write>) {
        if !writes.is_empty() {
            self.enqueue(Order::Many(writes));
        }
    }

    /// Has a job done. An error says that it will not be.
    pub(super) fn post(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        if self.orders.len() >= CHANGES_WAITING {
            return Err(StoreError::Unavailable("too much is to be written".into()));
        }
        self.send(Order::Job(job));
        Ok(())
    }

    /// Writes that are pushed and not yet on disk.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.metrics.store().waiting()
    }

    /// Goes up with each commit of changes, before anybody is told of it.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.shared.changes.load(Ordering::Acquire)
    }

    fn enqueue(&self, order: Order) {
        let count = order.writes();
        let waiting = self.shared.metrics.store().queued(count);
        if waiting > self.most
            && let Ok(oldest) = self.overflow.try_recv()
        {
            self.shared.settled(oldest.writes());
            self.shared.give_up(oldest.writes());
        }
        self.send(order);
    }

    fn send(&self, order: Order) {
        self.orders
            .send(order)
            .expect("this handle itself holds a receiver");
    }
}

enum Order {
    One(Write),
    Many(Vec<Write>),
    Job(Box<dyn Job>),
    /// Nothing to write, but something else has changed.
    Look,
}

impl Order {
    fn writes(&self) -> usize {
        match self {
            Order::One(_) => 1,
            Order::Many(writes) => writes.len(),
            Order::Job(_) | Order::Look => 0,
        }
    }
}

/// What the thread and those who push know of each other.
#[derive(Debug)]
struct Shared {
    given_up: AtomicU64,
    /// Commits of changes, done or failed.
    changes: AtomicU64,
    stopping: AtomicBool,
    metrics: Arc<Metrics>,
}

impl Shared {
    /// So many wait no longer, whatever became of them.
    fn settled(&self, writes: usize) {
        self.metrics.store().settled(writes);
    }

    /// So many will never be on disk.
    fn give_up(&self, writes: usize) {
        let count = u64::try_from(writes).expect("a count of things in memory fits 64 bits");
        self.given_up.fetch_add(count, Ordering::Relaxed);
        self.metrics.store().error(count);
    }
}
