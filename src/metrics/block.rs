//! What one core counts. Only that core's thread calls the methods that
//! change something.

use std::time::Duration;

use super::cell::{Bounds, Counter, Gauge, Histogram, Reading};
use crate::engine::Line;
use crate::engine::ids::CoreId;
use crate::engine::matchmaker::Side;
use crate::wire::message::Slug;

const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

/// From a lucky moment to an hour.
static WAIT_BOUNDS: Bounds = [
    MILLI,
    10 * MILLI,
    100 * MILLI,
    500 * MILLI,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    20 * SECOND,
    30 * SECOND,
    60 * SECOND,
    120 * SECOND,
    300 * SECOND,
    600 * SECOND,
    1_800 * SECOND,
    3_600 * SECOND,
];

/// From one turn of an idle core to a hopeless jam.
static RELAY_BOUNDS: Bounds = [
    5 * MICRO,
    10 * MICRO,
    25 * MICRO,
    50 * MICRO,
    100 * MICRO,
    250 * MICRO,
    500 * MICRO,
    MILLI,
    2_500 * MICRO,
    5 * MILLI,
    10 * MILLI,
    25 * MILLI,
    50 * MILLI,
    100 * MILLI,
    500 * MILLI,
    SECOND,
];

/// Why a connection was not let in, by the key that decided so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There are as many as may be.
    MaxSessions,
    /// There are as many from its address as may be.
    MaxPerAddress,
    /// It did not begin with a proxy's header.
    ProxyProtocol,
}

impl Refusal {
    /// Every one, in the order of its number.
    pub const ALL: [Refusal; 3] = [
        Refusal::MaxSessions,
        Refusal::MaxPerAddress,
        Refusal::ProxyProtocol,
    ];

    /// The key's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Refusal::MaxSessions => "max_sessions",
            Refusal::MaxPerAddress => "max_per_address",
            Refusal::ProxyProtocol => "proxy_protocol",
        }
    }
}

/// Sixteen lanes' counters with a cache line to themselves.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Lanes([Counter; 16]);

/// One core's counters, on cache lines of their own.
#[derive(Debug)]
#[repr(align(128))]
pub struct CoreMetrics {
    pub(super) sessions: Gauge,
    pub(super) joined: Gauge,
    pub(super) talks: Gauge,
    pub(super) outbox_bytes: Gauge,
    pub(super) bytes_in: Counter,
    pub(super) bytes_out: Counter,
    pub(super) slow_consumers: Counter,
    pub(super) buffers_exhausted: Counter,
    pub(super) cq_overflow: Counter,
    refused: [Counter; Refusal::ALL.len()],
    waiting: [Gauge; 4],
    oldest: [Gauge; 4],
    matches: [Counter; 3],
    frames_in: [Counter; Line::COUNT],
    frames_out: [Counter; Line::COUNT],
    errors: [Counter; Slug::ALL.len()],
    match_wait: [Histogram; 4],
    relay: Histogram,
    lanes: Box<[Lanes]>,
}

impl CoreMetrics {
    /// All zero, with lanes to `cores` cores.
    #[must_use]
    pub fn new(cores: usize) -> Self {
        CoreMetrics {
            sessions: Gauge::default(),
            joined: Gauge::default(),
            talks: Gauge::default(),
            outbox_bytes: Gauge::default(),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
            slow_consumers: Counter::default(),
            buffers_exhausted: Counter::default(),
            cq_overflow: Counter::default(),
            refused: Default::default(),
            waiting: Default::default(),
            oldest: Default::default(),
            matches: Default::default(),
            frames_in: Default::default(),
            frames_out: Default::default(),
            errors: Default::default(),
            match_wait: std::array::from_fn(|_| Histogram::new(&WAIT_BOUNDS)),
            relay: Histogram::new(&RELAY_BOUNDS),
            lanes: (0..cores.div_ceil(16)).map(|_| Lanes::default()).collect(),
        }
    }

    /// Connections that this core has now.
    pub fn set_sessions(&self, n: u64) {
        self.sessions.set(n);
    }

    /// Users at home here now.
    pub fn set_joined(&self, n: u64) {
        self.joined.set(n);
    }

    /// Slots that wait now in this queue; told by the core that owns the queue.
    pub fn set_waiting(&self, side: Side, n: u64) {
        self.waiting[side as usize].set(n);
    }

    /// Since when the longest-waiting of this queue waits (nanoseconds since the
    /// Unix epoch), or 0; told by the core that owns the queue, now and then.
    pub fn set_oldest(&self, side: Side, since: u64) {
        self.oldest[side as usize].set(since);
    }

    /// Talks on now, each told by one core only.
    pub fn set_talks(&self, n: u64) {
        self.talks.set(n);
    }

    /// Bytes that wait now for this core's connections to take them.
    pub fn set_outbox_bytes(&self, n: u64) {
        self.outbox_bytes.set(n);
    }

    /// `n` matches more of this queue with its opposite.
    pub fn matches(&self, side: Side, n: u64) {
        self.matches[side.pair()].add(n);
    }

    /// `n` frames more came in.
    pub fn frames_in(&self, frame: Line, n: u64) {
        self.frames_in[frame.index()].add(n);
    }

    /// `n` frames more were queued for clients.
    pub fn frames_out(&self, frame: Line, n: u64) {
        self.frames_out[frame.index()].add(n);
    }

    /// `n` bytes more were received.
    pub fn add_bytes_in(&self, n: u64) {
        self.bytes_in.add(n);
    }

    /// `n` bytes more were sent.
    pub fn add_bytes_out(&self, n: u64) {
        self.bytes_out.add(n);
    }

    /// `n` errors more, told to their clients or not.
    pub fn error(&self, slug: Slug, n: u64) {
        self.errors[slug as usize].add(n);
    }

    /// A slot of this queue was matched after `waited`.
    pub fn match_wait(&self, side: Side, waited: Duration) {
        self.match_wait[side as usize].observe(waited);
    }

    /// A sampled line took `spent` from its receipt to its partner's send.
    pub fn relay(&self, spent: Duration) {
        self.relay.observe(spent);
    }

    /// `n` sessions more were closed because they did not read.
    pub fn slow_consumers(&self, n: u64) {
        self.slow_consumers.add(n);
    }

    /// `n` connections more were not let in.
    pub fn refused(&self, why: Refusal, n: u64) {
        self.refused[why as usize].add(n);
    }

    /// `n` receives more found no buffer.
    pub fn buffers_exhausted(&self, n: u64) {
        self.buffers_exhausted.add(n);
    }

    /// `n` completions more did not fit the completion queue.
    pub fn cq_overflow(&self, n: u64) {
        self.cq_overflow.add(n);
    }

    /// `n` notes more went to core `to`.
    pub fn lane_notes(&self, to: CoreId, n: u64) {
        self.lane(to).add(n);
    }

    pub(super) fn waiting(&self, side: Side) -> u64 {
        self.waiting[side as usize].get()
    }

    /// See [`set_oldest`](Self::set_oldest); 0 of an empty queue.
    pub(super) fn oldest(&self, side: Side) -> u64 {
        match self.waiting(side) {
            0 => 0,
            _ => self.oldest[side as usize].get(),
        }
    }

    pub(super) fn matched(&self, side: Side) -> u64 {
        self.matches[side.pair()].get()
    }

    pub(super) fn came_in(&self, frame: Line) -> u64 {
        self.frames_in[frame.index()].get()
    }

    /// All frames that came in.
    pub(super) fn all_came_in(&self) -> u64 {
        self.frames_in.iter().map(Counter::get).sum()
    }

    pub(super) fn went_out(&self, frame: Line) -> u64 {
        self.frames_out[frame.index()].get()
    }

    pub(super) fn errors(&self, slug: Slug) -> u64 {
        self.errors[slug as usize].get()
    }

    pub(super) fn refusals(&self, why: Refusal) -> u64 {
        self.refused[why as usize].get()
    }

    pub(super) fn waits(&self, side: Side) -> Reading {
        self.match_wait[side as usize].read()
    }

    pub(super) fn relays(&self) -> Reading {
        self.relay.read()
    }

    pub(super) fn notes(&self, to: CoreId) -> u64 {
        self.lane(to).get()
    }

    fn lane(&self, to: CoreId) -> &Counter {
        let to = usize::from(to.0);
        &self.lanes[to / 16].0[to % 16]
    }
}
