//! How a connection ends: flush, half-close, drain, close; or moves away.

use std::cmp::Reverse;
use std::io;
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::time::Duration;

use super::connection::{Connection, Moving, Receive, Stage};
use super::core::{Core, Later, key};
use crate::engine::ids::{LinkId, Socket, Time};
use crate::limits::CLOSING_FOR;
use crate::ring::{Op, socket};

impl Core {
    /// The shard has forgotten this link.
    pub(super) fn close(&mut self, id: LinkId) -> io::Result<()> {
        let by = self.now + self.closing_for();
        let Some(connection) = self.connection(id) else {
            return Ok(());
        };
        connection.stage = Stage::Closing {
            half: false,
            cut: false,
        };
        connection.wanted = true;
        self.closing.push(Reverse((by, id)));
        self.listen_to(id)?;
        self.mark_dirty(id);
        Ok(())
    }

    /// The shard wants this link's socket.
    pub(super) fn detach(&mut self, id: LinkId) -> io::Result<()> {
        if let Some(connection) = self.connection(id) {
            connection.stage = Stage::Detaching;
            connection.wanted = false;
            self.stop_listening(id)?;
            self.mark_dirty(id);
        }
        Ok(())
    }

    /// Ends a connection that the shard does not know, without a word.
    pub(super) fn hang_up(&mut self, id: LinkId) -> io::Result<()> {
        if let Some(connection) = self.connection(id) {
            connection.stage = Stage::Closing {
                half: true,
                cut: true,
            };
            // The receive in flight ends now.
            let _ = socket::shut_down(connection.socket.as_fd(), Shutdown::Both);
        }
        self.step_out(id)
    }

    /// One step on, if the connection is on its way out: called whenever one of
    /// its operations has ended, and once a turn while it is dirty.
    pub(super) fn step_out(&mut self, id: LinkId) -> io::Result<()> {
        let now = self.now;
        let Some(connection) = self.connection(id) else {
            return Ok(());
        };
        match connection.stage {
            Stage::Header | Stage::Open => Ok(()),
            Stage::Detaching if connection.quiet() && connection.flushed() => self.let_go(id),
            Stage::Detaching => Ok(()),
            Stage::Closing { half: false, cut } if connection.flushed() => {
                connection.stage = Stage::Closing { half: true, cut };
                let whole = connection.send.queued.is_empty() && !connection.send.lossy;
                // Fails only if the peer is gone, and then the receive ends.
                let _ = socket::shut_down(connection.socket.as_fd(), Shutdown::Write);
                // When the server goes down, only flushing may take longer.
                self.closing.push(Reverse((now + CLOSING_FOR, id)));
                self.later.push_back(Later::Flushed { link: id, whole });
                self.step_out(id)
            }
            Stage::Closing { half, cut, .. } => {
                let over = cut || (half && connection.receive == Receive::Over);
                if over && connection.quiet() {
                    self.finish(id)?;
                }
                Ok(())
            }
        }
    }

    /// Ends the patience with whoever has had its time.
    pub(super) fn cut_overdue(&mut self) -> io::Result<()> {
        while self.closing_deadline() <= self.now {
            let Some(Reverse((_, id))) = self.closing.pop() else {
                break;
            };
            let Some(connection) = self.connection(id) else {
                continue;
            };
            if let Stage::Closing { half, cut: false } = connection.stage {
                connection.stage = Stage::Closing { half, cut: true };
                connection.send.broken = true;
                // Whatever is in flight completes now.
                let _ = socket::shut_down(connection.socket.as_fd(), Shutdown::Both);
                self.step_out(id)?;
            }
        }
        Ok(())
    }

    /// When [`cut_overdue`](Self::cut_overdue) has something to do.
    pub(super) fn closing_deadline(&self) -> Time {
        self.closing.peek().map_or(Time::NEVER, |first| first.0.0)
    }

    fn closing_for(&self) -> Duration {
        if self.is_draining() {
            self.drain_for()
        } else {
            CLOSING_FOR
        }
    }

    /// Nothing is in flight any more: the place is free.
    fn finish(&mut self, id: LinkId) -> io::Result<()> {
        let connection = self
            .connections
            .remove(id.slot, id.generation)
            .expect("it was just found");
        self.ring.close(key(id), connection.socket)
    }

    /// Nothing is in flight any more: the socket moves.
    fn let_go(&mut self, id: LinkId) -> io::Result<()> {
        let connection = self
            .connections
            .remove(id.slot, id.generation)
            .expect("it was just found");
        let Connection { socket, place, .. } = connection;
        let socket = Socket(Box::new(Moving { socket, place }));
        self.later.push_back(Later::Detached { link: id, socket });
        Ok(())
    }

    pub(super) fn stop_listening(&mut self, id: LinkId) -> io::Result<()> {
        if let Some(connection) = self.connection(id)
            && connection.receive == Receive::On
        {
            connection.receive = Receive::Stopping;
            self.ring.cancel(key(id), Op::Receive)?;
        }
        Ok(())
    }
}
