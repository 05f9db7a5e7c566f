//! In place of the mesh's `sync`: atomics whose every order and every stale
//! read is tried, and lanes and inboxes on them that let a reader see no more
//! than the real ones do.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use loom::sync::atomic::AtomicUsize;
pub use loom::sync::atomic::Ordering;

const UNBROKEN: &str = "a model that panics is over";

thread_local! {
    /// All threads of a model run on one thread of the system.
    static FENCED: Cell<bool> = const { Cell::new(true) };
}

/// From now on this test's fences do nothing.
pub fn tear_fences_down() {
    FENCED.set(false);
}

/// A fence, as long as they stand.
pub fn fence(order: Ordering) {
    if FENCED.get() {
        loom::sync::atomic::fence(order);
    }
}

/// A flag whose changes have one order. The model's own ones have not: it lets a
/// store come between what a swap reads and what it writes, as if it were late.
/// So storing is swapping here; what is read may still be as old as it likes.
#[derive(Default)]
pub struct AtomicBool(loom::sync::atomic::AtomicBool);

impl AtomicBool {
    /// What it is, or was.
    pub fn load(&self, order: Ordering) -> bool {
        self.0.load(order)
    }

    /// Changes it.
    pub fn store(&self, value: bool, order: Ordering) {
        self.0.swap(value, order);
    }

    /// Changes it; what it was.
    pub fn swap(&self, value: bool, order: Ordering) -> bool {
        self.0.swap(value, order)
    }
}

/// What both ends of a lane share. How notes lie in their places is the real
/// lane's care, and not tried here.
struct Lane<T> {
    places: Mutex<VecDeque<T>>,
    room: usize,
    /// Notes taken out so far.
    head: AtomicUsize,
    /// Notes put in so far.
    tail: AtomicUsize,
}

/// Makes lanes.
pub struct RingBuffer;

impl RingBuffer {
    /// The two ends of a lane.
    #[expect(clippy::new_ret_no_self, reason = "so does the real one")]
    pub fn new<T>(room: usize) -> (Producer<T>, Consumer<T>) {
        let lane = Arc::new(Lane {
            places: Mutex::default(),
            room,
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
        });
        let writer = Producer {
            lane: Arc::clone(&lane),
            written: 0,
        };
        let reader = Consumer {
            lane,
            taken: 0,
            seen: Cell::new(0),
        };
        (writer, reader)
    }
}

/// The writing end.
pub struct Producer<T> {
    lane: Arc<Lane<T>>,
    written: usize,
}

impl<T> Producer<T> {
    /// Whether the reader is gone.
    pub fn is_abandoned(&self) -> bool {
        Arc::strong_count(&self.lane) < 2
    }

    /// Free places.
    pub fn slots(&self) -> usize {
        let taken = self.lane.head.load(Ordering::Acquire);
        self.lane.room - (self.written - taken)
    }

    /// So many places at once.
    pub fn write_chunk_uninit(&mut self, places: usize) -> Option<Chunk<'_, T>> {
        (places <= self.slots()).then_some(Chunk(self))
    }
}

/// Places to be filled.
pub struct Chunk<'a, T>(&'a mut Producer<T>);

impl<T> Chunk<'_, T> {
    /// Fills them, visible all at once.
    pub fn fill_from_iter(self, notes: impl Iterator<Item = T>) {
        let Producer { lane, written } = self.0;
        let mut places = lane.places.lock().expect(UNBROKEN);
        let before = places.len();
        places.extend(notes);
        *written += places.len() - before;
        drop(places);
        lane.tail.store(*written, Ordering::Release);
    }
}

/// There was nothing to take.
#[derive(Debug)]
pub struct Empty;

/// The reading end.
pub struct Consumer<T> {
    lane: Arc<Lane<T>>,
    taken: usize,
    /// Looked at again only when all of these are taken.
    seen: Cell<usize>,
}

impl<T> Consumer<T> {
    /// Whether there is nothing to take.
    pub fn is_empty(&self) -> bool {
        if self.seen.get() == self.taken {
            self.seen.set(self.lane.tail.load(Ordering::Acquire));
        }
        self.seen.get() == self.taken
    }

    /// The next note.
    pub fn pop(&mut self) -> Result<T, Empty> {
        if self.is_empty() {
            return Err(Empty);
        }
        let note = self.lane.places.lock().expect(UNBROKEN).pop_front();
        self.taken += 1;
        self.lane.head.store(self.taken, Ordering::Release);
        note.ok_or(Empty)
    }
}

/// A queue with many writers.
pub struct SegQueue<T> {
    notes: Mutex<VecDeque<T>>,
    head: AtomicUsize,
    tail: AtomicUsize,
}

impl<T> SegQueue<T> {
    /// An empty one.
    #[expect(clippy::new_without_default, reason = "nobody needs one")]
    pub fn new() -> Self {
        SegQueue {
            notes: Mutex::default(),
            head: AtomicUsize::new(0),
            tail: AtomicUsize::new(0),
        }
    }

    /// Adds a note behind all others.
    pub fn push(&self, note: T) {
        self.notes.lock().expect(UNBROKEN).push_back(note);
        self.tail.fetch_add(1, Ordering::Release);
    }

    /// Takes the first note.
    pub fn pop(&self) -> Option<T> {
        if self.is_empty() {
            return None;
        }
        let note = self.notes.lock().expect(UNBROKEN).pop_front();
        self.head.fetch_add(1, Ordering::Release);
        note
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.head.load(Ordering::Acquire) == self.tail.load(Ordering::Acquire)
    }
}
