//! One connection as the ring sees it: what is in flight, what waits.

use std::os::fd::OwnedFd;

/// See the module.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: OwnedFd,
    pub(super) receive: Receive,
    /// The shard wants what arrives.
    pub(super) wanted: bool,
    pub(super) send: Send,
    /// Waits for the end of the turn to be sent.
    pub(super) dirty: bool,
    pub(super) stage: Stage,
    /// Takes one of the `max_sessions` places; who is turned away does not.
    pub(super) counted: bool,
}

/// The multishot receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receive {
    /// None in flight.
    Off,
    /// In flight.
    On,
    /// In flight, its cancellation too.
    Stopping,
    /// None in flight until buffers come back.
    Starved,
    /// The peer has closed, or the connection broke.
    Over,
}

/// One send at a time; what comes meanwhile waits for the next.
#[derive(Debug, Default)]
pub(super) struct Send {
    pub(super) queued: Vec<u8>,
    pub(super) in_flight: bool,
    /// How much of the buffer in flight was taken before.
    pub(super) from: usize,
    /// The connection broke: nothing more can be sent.
    pub(super) broken: bool,
    /// Bytes that were queued were not sent.
    pub(super) lossy: bool,
}

/// How far the connection's life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A link of the shard.
    Open,
    /// A link of the shard that is about to move to another core.
    Detaching,
    /// The shard has forgotten it. First everything is sent, then the sending
    /// half is closed, then what still arrives is dropped until the peer
    /// closes too, or patience ends.
    Closing {
        /// The sending half is closed.
        half: bool,
        /// Patience has ended.
        cut: bool,
    },
}

/// There is one for each peer: grow it knowingly.
const _: () = assert!(size_of::<Connection>() <= 56);

impl Connection {
    pub(super) fn new(socket: OwnedFd) -> Self {
        Connection {
            socket,
            receive: Receive::Off,
            wanted: true,
            send: Send::default(),
            dirty: false,
            stage: Stage::Open,
            counted: true,
        }
    }

    /// Everything that was queued has been taken, or never will be.
    pub(super) fn flushed(&self) -> bool {
        !self.send.in_flight && (self.send.queued.is_empty() || self.send.broken)
    }

    /// No operation is in flight.
    pub(super) fn quiet(&self) -> bool {
        !self.send.in_flight
            && matches!(
                self.receive,
                Receive::Off | Receive::Over | Receive::Starved
            )
    }
}
