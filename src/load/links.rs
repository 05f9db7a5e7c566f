//! Connections on a ring: connect, receive, send once a turn, close.
//!
//! Each user has a fixed slot; a slot's next connection has the next
//! generation, so that nothing late is taken for something new.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use super::source::Sources;
use crate::ring::{Completion, Key, Lease, Outcome, Ring, Setup, socket};

/// Send buffers kept for the next connection that has something to send.
const SPARE_BUFFERS: usize = 256;
/// A larger one goes back to the allocator.
const SPARE_BYTES: usize = 64 * 1024;

/// All connections of one worker.
pub(super) struct Links {
    ring: Ring,
    links: Vec<Link>,
    dirty: Vec<u32>,
    spare: Vec<Vec<u8>>,
    starved: VecDeque<Key>,
    /// Hung up with nothing in flight that could tell.
    silent: VecDeque<Key>,
    sources: Sources,
}

#[derive(Default)]
struct Link {
    socket: Option<OwnedFd>,
    generation: u32,
    connecting: bool,
    receiving: bool,
    sending: bool,
    /// How much of the buffer in flight was taken before.
    from: usize,
    queued: Vec<u8>,
    dirty: bool,
    /// Nothing more can be sent.
    broken: bool,
    /// Is to be closed as soon as nothing is in flight.
    closing: bool,
}

impl Link {
    /// Nothing is in flight.
    fn is_quiet(&self) -> bool {
        !self.connecting && !self.receiving && !self.sending
    }
}

/// What happened to a slot's connection.
pub(super) enum News {
    Connected,
    Refused(io::Error),
    Bytes(Lease),
    Ended,
    /// It is gone after [`Links::hang_up`]: the slot may connect again.
    Gone,
}

impl Links {
    pub(super) fn new(slots: usize, sources: Sources) -> Result<Links, crate::ring::StartError> {
        let buffers = slots.next_power_of_two().clamp(64, 1024);
        let ring = Ring::new(&Setup {
            cq_entries_max: 32_768,
            cq_entries_min: 4096,
            buffers: u16::try_from(buffers).expect("it was clamped"),
            buffer_bytes: 4096,
            ..Setup::default()
        })?;
        Ok(Links {
            ring,
            links: (0..slots).map(|_| Link::default()).collect(),
            dirty: Vec::new(),
            spare: Vec::new(),
            starved: VecDeque::new(),
            silent: VecDeque::new(),
            sources,
        })
    }

    /// Connects a slot that is free.
    pub(super) fn connect(&mut self, slot: u32, target: SocketAddr) -> io::Result<()> {
        let opened = socket::stream(target)?;
        if let Some(source) = self.sources.next() {
            socket::bind(opened.as_fd(), source)?;
        }
        socket::set_nodelay(opened.as_fd())?;
        let link = &mut self.links[slot as usize];
        debug_assert!(link.socket.is_none(), "the slot is free");
        let key = Key::new(slot, link.generation);
        link.connecting = true;
        let opened = link.socket.insert(opened);
        self.ring.connect(key, opened.as_fd(), target)
    }

    /// Where to append what is sent at the end of the turn.
    pub(super) fn out(&mut self, slot: u32) -> &mut Vec<u8> {
        let link = &mut self.links[slot as usize];
        if !link.dirty {
            link.dirty = true;
            self.dirty.push(slot);
            if link.queued.capacity() == 0 {
                link.queued = self.spare.pop().unwrap_or_default();
            }
        }
        &mut link.queued
    }

    /// Closes a slot's connection; with `reset`, rudely.
    pub(super) fn hang_up(&mut self, slot: u32, reset: bool) -> io::Result<()> {
        let link = &mut self.links[slot as usize];
        let Some(open) = &link.socket else {
            return Ok(());
        };
        if reset {
            socket::set_abort_on_close(open.as_fd())?;
        }
        link.closing = true;
        link.queued.clear();
        // Ends what is in flight; fails only if the peer is gone already.
        let _ = socket::shut_down(open.as_fd(), Shutdown::Both);
        if link.is_quiet() {
            self.silent.push_back(Key::new(slot, link.generation));
        }
        Ok(())
    }

    /// Sends what is queued, waits for something to happen or for `timeout`.
    pub(super) fn turn(&mut self, timeout: Duration) -> io::Result<()> {
        while let Some(slot) = self.dirty.pop() {
            self.links[slot as usize].dirty = false;
            self.send(slot)?;
        }
        let mut free = self.ring.buffers() - self.ring.leased();
        while free > 0
            && let Some(key) = self.starved.pop_front()
        {
            self.receive(key)?;
            free -= 1;
        }
        self.ring.turn(Some(timeout))
    }

    /// The next thing that happened, and to which slot.
    pub(super) fn next(&mut self) -> io::Result<Option<(u32, News)>> {
        if let Some(key) = self.silent.pop_front() {
            return self.close(key).map(|()| Some((key.slot, News::Gone)));
        }
        while let Some(done) = self.ring.pop() {
            if let Some(news) = self.complete(done)? {
                return Ok(Some(news));
            }
        }
        Ok(None)
    }

    /// Hangs up everywhere. Cancelling what is in flight, as a ring does when it
    /// is dropped, takes the kernel much longer with many connections.
    pub(super) fn end(mut self) {
        const TURNS: usize = 200;
        for open in self.links.iter().filter_map(|link| link.socket.as_ref()) {
            // Fails only if the peer is gone already.
            let _ = socket::shut_down(open.as_fd(), Shutdown::Both);
        }
        for _ in 0..TURNS {
            let turned = self.ring.turn(Some(Duration::from_millis(10)));
            while self.ring.pop().is_some() {}
            if turned.is_err() || self.ring.in_flight() == 0 {
                break;
            }
        }
    }

    fn complete(&mut self, done: Completion) -> io::Result<Option<(u32, News)>> {
        let (key, news) = match done {
            Completion::Received { key, outcome, more } => {
                (key, self.received(key, outcome, more)?)
            }
            Completion::Sent {
                key,
                buffer,
                result,
            } => {
                self.sent(key, buffer, result)?;
                (key, None)
            }
            Completion::Connected { key, result } => {
                self.links[key.slot as usize].connecting = false;
                let news = match result {
                    Ok(()) => {
                        self.receive(key)?;
                        News::Connected
                    }
                    Err(error) => News::Refused(error),
                };
                (key, Some(news))
            }
            _ => return Ok(None),
        };
        let link = &mut self.links[key.slot as usize];
        if link.closing && link.is_quiet() {
            return self.close(key).map(|()| Some((key.slot, News::Gone)));
        }
        let news = news.filter(|_| !self.links[key.slot as usize].closing);
        Ok(news.map(|news| (key.slot, news)))
    }

    fn received(&mut self, key: Key, outcome: Outcome, more: bool) -> io::Result<Option<News>> {
        let link = &mut self.links[key.slot as usize];
        link.receiving = more;
        Ok(match outcome {
            Outcome::Got(lease) => {
                if !more && !link.closing {
                    self.receive(key)?;
                }
                Some(News::Bytes(lease))
            }
            Outcome::NoBuffers => {
                self.starved.push_back(key);
                None
            }
            Outcome::Cancelled | Outcome::Ended | Outcome::Failed(_) => {
                link.broken = true;
                Some(News::Ended)
            }
        })
    }

    fn sent(&mut self, key: Key, mut buffer: Vec<u8>, result: io::Result<usize>) -> io::Result<()> {
        let link = &mut self.links[key.slot as usize];
        link.sending = false;
        match result {
            Ok(bytes) => link.from += bytes,
            Err(_) => link.broken = true,
        }
        if link.from < buffer.len() && !link.broken && !link.closing {
            let open = link.socket.as_ref().expect("it is open while it sends");
            link.sending = true;
            return self.ring.send(key, open.as_fd(), buffer, link.from);
        }
        if buffer.capacity() <= SPARE_BYTES && self.spare.len() < SPARE_BUFFERS {
            buffer.clear();
            self.spare.push(buffer);
        }
        let link = &mut self.links[key.slot as usize];
        if !link.queued.is_empty() && !link.dirty {
            link.dirty = true;
            self.dirty.push(key.slot);
        }
        Ok(())
    }

    /// Sends what is queued, unless a send is in flight: then that one's end
    /// leads here again.
    fn send(&mut self, slot: u32) -> io::Result<()> {
        let link = &mut self.links[slot as usize];
        if link.broken || link.closing {
            link.queued.clear();
        }
        let Some(open) = &link.socket else {
            return Ok(());
        };
        if link.sending || link.connecting || link.queued.is_empty() {
            return Ok(());
        }
        link.sending = true;
        link.from = 0;
        let buffer = std::mem::take(&mut link.queued);
        let key = Key::new(slot, link.generation);
        self.ring.send(key, open.as_fd(), buffer, 0)
    }

    fn receive(&mut self, key: Key) -> io::Result<()> {
        let link = &mut self.links[key.slot as usize];
        if link.generation != key.generation || link.closing {
            return Ok(());
        }
        if let Some(open) = &link.socket {
            link.receiving = true;
            self.ring.receive(key, open.as_fd())?;
        }
        Ok(())
    }

    fn close(&mut self, key: Key) -> io::Result<()> {
        let link = &mut self.links[key.slot as usize];
        let spent = link.socket.take().expect("it was open until now");
        *link = Link {
            generation: link.generation.wrapping_add(1),
            dirty: link.dirty,
            ..Link::default()
        };
        self.ring.close(key, spent)
    }
}
