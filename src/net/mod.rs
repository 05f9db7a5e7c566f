//! The cores' loop: completions to events, effects to submissions.
//!
//! One [`Core`] a thread. It owns a ring, a listener, the connections that it
//! accepted or was sent, one end of the lanes, and a
//! [`Shard`](crate::engine::shard::Shard). What the shard
//! asks for is done in order; what it must not know (buffers, short sends,
//! descriptors, wake-ups) stays here.
//!
//! Deliberately absent: any decision about users.

mod accept;
mod admit;
pub mod chat_link;
mod closing;
mod connection;
mod core;
mod drain;
pub mod proxy;
mod report;
mod seats;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use self::core::{Core, Parts};

use crate::engine::ids::{LinkId, Time};
use crate::engine::note::{Note, ToDirectory};
use crate::engine::question::Verdict;
use crate::filter::Filter;
use seats::Seats;

/// What travels between threads and cores.
#[derive(Debug)]
pub enum Message {
    /// From core to core.
    Note(Note),
    /// From core to core: the sender acts on no line any more.
    Fence,
    /// From outside: the server goes down.
    Drain,
    /// From outside, about a user whom this core looks after.
    Outside(ToDirectory),
    /// From outside: what texts are looked through for from now on.
    Filter(Option<Filter>),
    /// From the store: what this core asked is known.
    Answer {
        /// As the question has it.
        link: LinkId,
        /// As the question has it.
        number: u64,
        /// The answer.
        verdict: Verdict,
    },
}

impl Message {
    /// Does it come from beside the chat, but for its end?
    fn is_from_outside(&self) -> bool {
        match self {
            Message::Outside(_) | Message::Filter(_) | Message::Answer { .. } => true,
            Message::Note(_) | Message::Fence | Message::Drain => false,
        }
    }
}

/// What the network layer needs of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For what is queued, when the server goes down.
    pub drain_timeout: Duration,
    /// Connections begin with a proxy's header, which may take so long.
    pub proxy_header: Option<Duration>,
}

/// No core sleeps for longer.
const FAR: Duration = Duration::from_secs(100 * 365 * 86_400);

/// One clock for all cores: the wall clock as it stood at the start, counted on
/// by the monotonic one.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    epoch: Time,
}

impl Clock {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Clock {
            start: Instant::now(),
            epoch: Time(0) + since,
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Time {
        self.epoch + self.start.elapsed()
    }

    /// The same moment as the system's monotonic clock has it.
    #[must_use]
    pub fn instant(&self, time: Time) -> Instant {
        let far = self.start + FAR;
        self.start
            .checked_add(time.since(self.epoch))
            .map_or(far, |instant| instant.min(far))
    }
}

/// The little that all cores share.
#[derive(Debug)]
pub struct Shared {
    seats: Arc<Seats>,
    drained: AtomicUsize,
}

impl Shared {
    /// For all cores of a server, which take so many connections, of them so
    /// many from one address.
    #[must_use]
    pub fn new(max_sessions: usize, max_per_address: Option<u32>) -> Arc<Self> {
        Arc::new(Shared {
            seats: Seats::new(max_sessions, max_per_address),
            drained: AtomicUsize::new(0),
        })
    }

    fn core_drained(&self) {
        self.drained.fetch_add(1, Ordering::Release);
    }

    fn all_drained(&self, cores: usize) -> bool {
        self.drained.load(Ordering::Acquire) >= cores
    }
}
