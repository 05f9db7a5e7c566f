//! One connection as the ring sees it: what is in flight, what waits.

use std::net::IpAddr;
use std::os::fd::OwnedFd;

use super::seats::{Seat, Standing};

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
    pub(super) place: Place,
}

/// What a connection takes of what there is for all; it goes with the socket.
#[derive(Debug)]
pub(super) enum Place {
    Seat(Seat),
    /// It is turned away.
    Standing(#[expect(dead_code, reason = "held until it is dropped")] Standing),
    /// It is turned away without a word.
    None,
}

impl Place {
    /// Counts it among those from `address`; false if that is one too many.
    pub(super) fn comes_from(&mut self, address: IpAddr) -> bool {
        match self {
            Place::Seat(seat) => seat.comes_from(address),
            Place::Standing(_) | Place::None => true,
        }
    }
}

/// A socket on its way to another core.
#[derive(Debug)]
pub(super) struct Moving {
    pub(super) socket: OwnedFd,
    pub(super) place: Place,
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
    /// The shard does not know it yet: a proxy's header comes first.
    Header,
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
const _: () = assert!(size_of::<Connection>() <= 80);

impl Connection {
    pub(super) fn new(socket: OwnedFd, place: Place) -> Self {
        Connection {
            socket,
            receive: Receive::Off,
            wanted: true,
            send: Send::default(),
            dirty: false,
            stage: Stage::Open,
            place,
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
