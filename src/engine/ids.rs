//! Names of things. An id says who owns it and which life it is in.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use crate::wire::text::Text;

/// A moment: nanoseconds since the Unix epoch, read once at the start and
/// counted on from there by a clock that never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

impl Time {
    /// Later than everything.
    pub const NEVER: Time = Time(u64::MAX);

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;

    fn add(self, span: Duration) -> Time {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Time(self.0.saturating_add(nanos))
    }
}

/// One core: a thread, its ring and its shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CoreId(pub u16);

/// A connection of this core. The network layer hands them out; the
/// generation tells a slot's lives apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId {
    /// Place in the network layer's table.
    pub slot: u32,
    /// Which life of that place.
    pub generation: u32,
}

/// A joined user, wherever it is at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId {
    /// The home: the core whose slab it lives in, for all its life.
    pub core: CoreId,
    /// Place in that slab.
    pub slot: u32,
    /// Which life of that place.
    pub generation: u32,
}

/// One waiting slot of a session: what stands in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    /// Whose it is.
    pub session: SessionId,
    /// Counts a session's tickets; a later one is always farther back.
    pub serial: u32,
}

/// One talk; the core that began it stands in the upper 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TalkId(pub u64);

impl TalkId {
    /// The `count`th talk that `core` began.
    #[must_use]
    pub const fn new(core: CoreId, count: u64) -> Self {
        TalkId((core.0 as u64) << 48 | count)
    }

    /// Does this text name it?
    #[must_use]
    pub fn is(self, text: &Text<'_>) -> bool {
        let text = text.decoded();
        text.starts_with(|first| matches!(first, '1'..='9')) && text.parse() == Ok(self.0)
    }
}

impl fmt::Display for TalkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A connection's socket on its way from one core to another. Only the network
/// layer knows what it is; whoever drops it closes it.
#[derive(Debug)]
pub struct Socket(pub Box<dyn Any + Send>);
