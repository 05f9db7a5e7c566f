//! Accepting: a multishot on the core's own listener, armed again when it ends.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use super::connection::{Connection, Place};
use super::core::Core;
use crate::engine::Room;
use crate::engine::ids::{LinkId, Time};
use crate::metrics::Refusal;
use crate::ring::{Key, socket};

/// After a failure for want of descriptors or memory.
const BACK_OFF: Duration = Duration::from_millis(100);

/// A core's listener.
#[derive(Debug)]
pub(super) struct Acceptor {
    listener: Option<OwnedFd>,
    armed: bool,
    again: Time,
}

impl Acceptor {
    pub(super) fn new(listener: OwnedFd) -> Self {
        Acceptor {
            listener: Some(listener),
            armed: false,
            again: Time(0),
        }
    }

    /// When to try again.
    pub(super) fn deadline(&self) -> Time {
        if self.listener.is_some() && !self.armed {
            self.again
        } else {
            Time::NEVER
        }
    }
}

impl Core {
    pub(super) fn arm_accept(&mut self) -> io::Result<()> {
        if self.acceptor.deadline() <= self.now
            && let Some(listener) = &self.acceptor.listener
        {
            self.ring.accept(Key::new(0, 0), listener.as_fd())?;
            self.acceptor.armed = true;
        }
        Ok(())
    }

    pub(super) fn accepted(&mut self, result: io::Result<OwnedFd>, more: bool) -> io::Result<()> {
        self.acceptor.armed = more;
        match result {
            Ok(socket) => self.welcome(socket),
            Err(error) => {
                if self.acceptor.listener.is_some() {
                    tracing::warn!(%error, "accepting failed; trying again shortly");
                }
                self.acceptor.again = self.now + BACK_OFF;
                Ok(())
            }
        }
    }

    /// Accepts nobody any more.
    pub(super) fn stop_accepting(&mut self) {
        if let Some(listener) = self.acceptor.listener.take() {
            // Ends the multishot; the port's other listeners do the same.
            let _ = socket::shut_down(listener.as_fd(), std::net::Shutdown::Both);
        }
    }

    fn welcome(&mut self, socket: OwnedFd) -> io::Result<()> {
        if let Err(error) = socket::set_nodelay(socket.as_fd()) {
            tracing::debug!(%error, "a connection was gone before it began");
        }
        let Some(seat) = self.shared.seats.take() else {
            let link = self.take_up(socket, Place::None)?;
            return self.turn_away(link, Room::Full, Refusal::MaxSessions);
        };
        let link = self.take_up(socket, Place::Seat(seat))?;
        match self.settings.proxy_header {
            Some(patience) => self.await_header(link, patience),
            None => self.admit(link, None),
        }
    }

    /// Gives a socket a place here and listens to it.
    pub(super) fn take_up(&mut self, socket: OwnedFd, place: Place) -> io::Result<LinkId> {
        let connection = Connection::new(socket, place);
        let (slot, generation) = self.connections.insert(connection);
        let link = LinkId { slot, generation };
        self.listen_to(link)?;
        Ok(link)
    }
}
