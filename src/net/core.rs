//! The loop of one core, and what it does with each completion and effect.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use super::accept::Acceptor;
use super::admit::Headers;
use super::connection::{Connection, Moving, Receive, Stage};
use super::drain::Drain;
use super::report::Report;
use super::{Clock, Message, Settings, Shared};
use crate::engine::durable::Write;
use crate::engine::ids::{LinkId, Socket, Time};
use crate::engine::lives::Lives;
use crate::engine::note::{Guest, Note};
use crate::engine::question::Question;
use crate::engine::shard::Shard;
use crate::engine::tidings::Tidings;
use crate::engine::{Effect, Effects, Event};
use crate::mesh::Port;
use crate::metrics::Metrics;
use crate::ring::{Bell, Completion, Key, Lease, Outcome, Ring, Waker, socket};

/// After the last connection: how often to look whether the others have ended.
const DRAINED_LOOK: Duration = Duration::from_millis(1);
/// After the last connection: how long the lanes must stay silent.
const QUIET_FOR: Duration = Duration::from_millis(20);
/// Whenever so much more waits for a connection within one turn, it is offered
/// to the system at once: a burst in a single turn is no slow reader's.
const OFFER_BYTES: usize = 32 * 1024;
/// Send buffers kept for the next connection that has something to send.
const SPARE_BUFFERS: usize = 256;
/// A larger one goes back to the allocator.
const SPARE_BYTES: usize = 16 * 1024;
/// Wake-ups that fail in a row before the core gives up.
const WAKE_TRIES: u32 = 32;

/// What a core is made of.
pub struct Parts {
    /// The ring, made on the core's own thread.
    pub ring: Ring,
    /// This core's listener.
    pub listener: OwnedFd,
    /// The engine.
    pub shard: Shard,
    /// This core's end of the lanes.
    pub port: Port<Message>,
    /// The doorbell of each core, by its number.
    pub bells: Vec<Bell>,
    /// Wakes this core from threads that have no ring.
    pub waker: Waker,
    /// Where durable writes go.
    pub store: Box<dyn FnMut(Write) + Send>,
    /// Who is asked about ids and tokens. Must not wait; each question is
    /// answered with a [`Message::Answer`] in this core's inbox.
    pub ask: Box<dyn FnMut(Question) + Send>,
    /// Who is told what concerns somebody beside the chat. Must not wait.
    pub tell: Box<dyn FnMut(Tidings) + Send>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// What is shared by all cores.
    pub shared: Arc<Shared>,
    /// The same for all cores.
    pub clock: Clock,
    /// The same for all cores.
    pub settings: Settings,
}

/// What an effect led to, to be told when all effects have been carried out.
pub(super) enum Later {
    Sent { link: LinkId, bytes: usize },
    Flushed { link: LinkId, whole: bool },
    Detached { link: LinkId, socket: Socket },
    Adopted { link: LinkId, guest: Box<Guest> },
}

/// See the module.
pub struct Core {
    pub(super) ring: Ring,
    pub(super) shard: Shard,
    pub(super) port: Port<Message>,
    pub(super) connections: Lives<Connection>,
    pub(super) acceptor: Acceptor,
    pub(super) headers: Headers,
    /// Connections on their way out, by the end of patience.
    pub(super) closing: BinaryHeap<Reverse<(Time, LinkId)>>,
    /// What the shard is told next.
    pub(super) later: VecDeque<Later>,
    pub(super) shared: Arc<Shared>,
    pub(super) settings: Settings,
    pub(super) now: Time,
    pub(super) drain: Drain,
    pub(super) fx: Effects,
    pub(super) report: Report,
    bells: Vec<Bell>,
    waker: Waker,
    store: Box<dyn FnMut(Write) + Send>,
    ask: Box<dyn FnMut(Question) + Send>,
    tell: Box<dyn FnMut(Tidings) + Send>,
    clock: Clock,
    dirty: Vec<LinkId>,
    starved: VecDeque<LinkId>,
    /// Buffers that are not given back while a lane is full.
    withheld: Vec<Lease>,
    spare: Vec<Vec<u8>>,
    noted: Time,
    failed_wakes: u32,
    drained: bool,
}

impl Core {
    /// Puts a core together; nothing runs yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let now = parts.clock.now();
        Core {
            ring: parts.ring,
            shard: parts.shard,
            report: Report::new(parts.metrics, parts.port.core()),
            port: parts.port,
            connections: Lives::default(),
            acceptor: Acceptor::new(parts.listener),
            headers: Headers::default(),
            closing: BinaryHeap::new(),
            later: VecDeque::new(),
            shared: parts.shared,
            settings: parts.settings,
            now,
            drain: Drain::default(),
            fx: Effects::default(),
            bells: parts.bells,
            waker: parts.waker,
            store: parts.store,
            ask: parts.ask,
            tell: parts.tell,
            clock: parts.clock,
            dirty: Vec::new(),
            starved: VecDeque::new(),
            withheld: Vec::new(),
            spare: Vec::new(),
            noted: now,
            failed_wakes: 0,
            drained: false,
        }
    }

    /// Runs until the server has been drained.
    ///
    /// # Errors
    ///
    /// What the kernel said when the ring became unusable.
    pub fn run(mut self) -> io::Result<()> {
        self.ring.watch(Key::new(0, 0), &self.waker)?;
        while !self.is_done() {
            self.arm_accept()?;
            self.sleep()?;
            self.now = self.clock.now();
            while let Some(done) = self.ring.pop() {
                self.complete(done)?;
                self.tell_later()?;
            }
            self.take_notes()?;
            self.tell(Event::Turn)?;
            self.cut_overdue()?;
            self.refuse_late_headers()?;
            self.tell_later()?;
            self.send_dirty()?;
            self.feed_starved()?;
            self.publish()?;
            let counts = &mut self.fx.counts;
            self.report
                .turn(self.clock, self.now, &self.shard, counts, &self.ring);
        }
        Ok(())
    }

    fn sleep(&mut self) -> io::Result<()> {
        let parked = self.port.park();
        let timeout = if parked {
            self.time_to_sleep()
        } else {
            Some(Duration::ZERO)
        };
        let turned = self.ring.turn(timeout);
        self.port.unpark();
        turned
    }

    fn time_to_sleep(&self) -> Option<Duration> {
        if !self.starved.is_empty() && self.free_buffers() > 0 {
            return Some(Duration::ZERO);
        }
        let deadlines = [
            self.shard.next_deadline(),
            self.acceptor.deadline(),
            self.headers.deadline(),
            self.closing_deadline(),
            self.report.deadline(),
        ];
        let next = deadlines.into_iter().min().expect("five of them");
        let next = if self.drained {
            next.min(self.now + DRAINED_LOOK)
        } else {
            next
        };
        (next != Time::NEVER).then(|| next.since(self.clock.now()))
    }

    fn complete(&mut self, done: Completion) -> io::Result<()> {
        match done {
            Completion::Received { key, outcome, more } => self.received(link(key), outcome, more),
            Completion::Sent {
                key,
                buffer,
                result,
            } => self.sent(link(key), buffer, result),
            Completion::Accepted { result, more, .. } => self.accepted(result, more),
            Completion::Woken { result, .. } => self.woken(result),
            Completion::DoorbellFailed { key, error } => {
                tracing::debug!(%error, core = key.slot, "a doorbell failed; ringing again");
                self.ring.knock(&self.bells[key.slot as usize], key, key)
            }
            Completion::Cancelled { .. }
            | Completion::Closed { .. }
            | Completion::Doorbell { .. }
            | Completion::Connected { .. } => Ok(()),
        }
    }

    /// A failure costs nothing, since each turn looks for what came, but there
    /// must be an end of trying.
    fn woken(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Ok(()) => self.failed_wakes = 0,
            Err(error) if self.failed_wakes < WAKE_TRIES => {
                tracing::warn!(%error, "a wake-up failed; waiting for the next");
                self.failed_wakes += 1;
            }
            Err(error) => return Err(error),
        }
        self.ring.watch(Key::new(0, 0), &self.waker)
    }

    fn received(&mut self, id: LinkId, outcome: Outcome, more: bool) -> io::Result<()> {
        let acts = self.acts();
        let Some(connection) = self.connection(id) else {
            return Ok(());
        };
        if !more {
            connection.receive = Receive::Off;
        }
        let open = !matches!(connection.stage, Stage::Closing { .. });
        let header = matches!(connection.stage, Stage::Header);
        match outcome {
            Outcome::Got(lease) => {
                self.report.received(lease.len());
                if header {
                    self.read_header(id, &lease)?;
                } else if open && acts {
                    self.tell(Event::Bytes {
                        link: id,
                        bytes: &lease,
                    })?;
                }
                if self.port.overflowing() {
                    self.withheld.push(lease);
                }
            }
            Outcome::NoBuffers => {
                connection.receive = Receive::Starved;
                self.starved.push_back(id);
                self.report.starved();
            }
            Outcome::Cancelled => {}
            Outcome::Ended | Outcome::Failed(_) => {
                connection.receive = Receive::Over;
                connection.send.broken |= matches!(outcome, Outcome::Failed(_));
                if header {
                    self.await_no_header(id)?;
                } else if open {
                    self.tell(Event::Ended { link: id })?;
                }
            }
        }
        self.listen_to(id)?;
        self.step_out(id)
    }

    fn sent(
        &mut self,
        id: LinkId,
        mut buffer: Vec<u8>,
        result: io::Result<usize>,
    ) -> io::Result<()> {
        let connection = self.connections.get_mut(id.slot, id.generation);
        let connection = connection.expect("a connection lives until its send is over");
        connection.send.in_flight = false;
        match result {
            Ok(bytes) => {
                let Connection { socket, send, .. } = connection;
                send.from += bytes;
                let rest = send.from < buffer.len();
                send.lossy |= rest && send.broken;
                if rest && !send.broken {
                    send.in_flight = true;
                    let buffer = std::mem::take(&mut buffer);
                    self.ring.send(key(id), socket.as_fd(), buffer, send.from)?;
                }
                self.report.sent(bytes);
                self.tell(Event::Sent { link: id, bytes })?;
            }
            Err(_) => {
                connection.send.broken = true;
                connection.send.lossy = true;
                connection.send.queued = Vec::new();
                // Not every error ends the receive by itself.
                let _ = socket::shut_down(connection.socket.as_fd(), Shutdown::Both);
                if connection.stage != Stage::Detaching && connection.receive == Receive::Off {
                    self.tell(Event::Ended { link: id })?;
                }
            }
        }
        self.keep_spare(buffer);
        self.mark_dirty(id);
        self.step_out(id)
    }

    /// Hands an event to the shard and does what it asks for, and what that
    /// leads to at once.
    pub(super) fn tell(&mut self, event: Event<'_>) -> io::Result<()> {
        self.tell_one(event)?;
        self.tell_later()
    }

    fn tell_one(&mut self, event: Event<'_>) -> io::Result<()> {
        self.shard.handle(self.now, event, &mut self.fx);
        if self.fx.list.is_empty() {
            return Ok(());
        }
        let mut list = std::mem::take(&mut self.fx.list);
        for effect in list.drain(..) {
            self.carry_out(effect)?;
        }
        self.fx.list = list;
        self.fx.clear();
        Ok(())
    }

    fn tell_later(&mut self) -> io::Result<()> {
        while let Some(later) = self.later.pop_front() {
            match later {
                Later::Detached { link, socket } => {
                    self.tell_one(Event::Detached { link, socket })?;
                }
                Later::Sent { link, bytes } => self.tell_one(Event::Sent { link, bytes })?,
                Later::Flushed { link, whole } => self.tell_one(Event::Flushed { link, whole })?,
                Later::Adopted { link, guest } => self.tell_one(Event::Adopted { link, guest })?,
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Send { link, start, end } => self.queue(link, start, end),
            Effect::Note { to, note } => {
                self.report.note(to);
                self.port.send(to, Message::Note(note));
            }
            Effect::Store(write) => (self.store)(write),
            Effect::Ask(question) => (self.ask)(question),
            Effect::Tell(tidings) => (self.tell)(*tidings),
            Effect::Close { link } => self.close(link)?,
            Effect::Hush { link } => {
                if let Some(connection) = self.connection(link) {
                    connection.wanted = false;
                    self.stop_listening(link)?;
                }
            }
            Effect::Listen { link } => {
                if let Some(connection) = self.connection(link) {
                    connection.wanted = true;
                    self.listen_to(link)?;
                }
            }
            Effect::Detach { link } => self.detach(link)?,
            Effect::Adopt { socket, guest } => {
                let moving = socket
                    .0
                    .downcast::<Moving>()
                    .expect("only this layer makes sockets");
                let link = self.take_up(moving.socket, moving.place)?;
                self.later.push_back(Later::Adopted { link, guest });
            }
        }
        Ok(())
    }

    fn take_notes(&mut self) -> io::Result<()> {
        while let Some((_, message)) = self.port.receive() {
            let outside = message.is_from_outside();
            if !outside {
                self.noted = self.now;
            }
            match message {
                // Whoever goes down acts on nothing new.
                _ if outside && !self.acts() => {}
                Message::Note(note) => self.tell(Event::Note { note })?,
                Message::Filter(filter) => self.tell(Event::Filter { filter })?,
                Message::Drain => self.begin_drain()?,
                Message::Fence => self.fenced()?,
                Message::Outside(note) => {
                    let note = Note::Directory(note);
                    self.tell(Event::Note { note })?;
                }
                Message::Answer {
                    link,
                    number,
                    verdict,
                } => self.tell(Event::Answered {
                    link,
                    number,
                    verdict,
                })?,
            }
        }
        Ok(())
    }

    fn queue(&mut self, id: LinkId, start: usize, end: usize) {
        let Some(connection) = self.connections.get_mut(id.slot, id.generation) else {
            return;
        };
        if connection.send.broken {
            connection.send.lossy = true;
            return;
        }
        let queued = &mut connection.send.queued;
        if queued.capacity() == 0 {
            *queued = self.spare.pop().unwrap_or_default();
        }
        let before = queued.len();
        let bytes = &mut self.fx.bytes;
        if before == 0 && start == 0 && end == bytes.len() {
            // All that was said goes to one: no need for a copy.
            std::mem::swap(queued, bytes);
        } else {
            queued.extend_from_slice(&bytes[start..end]);
        }
        if before / OFFER_BYTES < queued.len() / OFFER_BYTES {
            self.offer(id);
        }
        self.mark_dirty(id);
    }

    /// Sends at once what the system takes. What is wrong with the connection,
    /// if anything is, the send at the end of the turn finds out.
    fn offer(&mut self, id: LinkId) {
        let Some(connection) = self.connections.get_mut(id.slot, id.generation) else {
            return;
        };
        let Connection { socket, send, .. } = connection;
        if send.in_flight {
            return;
        }
        if let Ok(bytes) = socket::send_now(socket.as_fd(), &send.queued) {
            send.queued.drain(..bytes);
            self.report.sent(bytes);
            self.later.push_back(Later::Sent { link: id, bytes });
        }
    }

    /// Sends what the turn has gathered, one send a connection.
    fn send_dirty(&mut self) -> io::Result<()> {
        while let Some(id) = self.dirty.pop() {
            let Some(connection) = self.connections.get_mut(id.slot, id.generation) else {
                continue;
            };
            connection.dirty = false;
            let send = &mut connection.send;
            if !send.in_flight && !send.broken && !send.queued.is_empty() {
                send.in_flight = true;
                send.from = 0;
                let buffer = std::mem::take(&mut send.queued);
                self.ring
                    .send(key(id), connection.socket.as_fd(), buffer, 0)?;
            }
            self.step_out(id)?;
            self.tell_later()?;
        }
        Ok(())
    }

    /// Buffers have come back: of those who found none as many receive again.
    /// The next ones have their chance in the next turn, which comes at once:
    /// those who are fed may have nothing to receive.
    fn feed_starved(&mut self) -> io::Result<()> {
        if !self.port.overflowing() {
            self.withheld.clear();
        }
        let mut free = self.free_buffers();
        while free > 0 {
            let Some(id) = self.starved.pop_front() else {
                break;
            };
            if let Some(connection) = self.connection(id) {
                connection.receive = Receive::Off;
                self.listen_to(id)?;
                free -= 1;
            }
        }
        Ok(())
    }

    fn free_buffers(&self) -> usize {
        usize::from(self.ring.buffers() - self.ring.leased())
    }

    fn publish(&mut self) -> io::Result<()> {
        let Core {
            port, ring, bells, ..
        } = self;
        let mut rung = Ok(());
        port.flush(|core| {
            let key = Key::new(u32::from(core.0), 0);
            if rung.is_ok() {
                rung = ring.knock(&bells[usize::from(core.0)], key, key);
            }
        });
        rung
    }

    /// Receives from a connection, if that is wanted and nothing is in the way.
    pub(super) fn listen_to(&mut self, id: LinkId) -> io::Result<()> {
        let Some(connection) = self.connections.get_mut(id.slot, id.generation) else {
            return Ok(());
        };
        let cut = matches!(connection.stage, Stage::Closing { cut: true, .. });
        if connection.wanted && !cut && connection.receive == Receive::Off {
            connection.receive = Receive::On;
            self.ring.receive(key(id), connection.socket.as_fd())?;
        }
        Ok(())
    }

    pub(super) fn mark_dirty(&mut self, id: LinkId) {
        if let Some(connection) = self.connections.get_mut(id.slot, id.generation)
            && !connection.dirty
        {
            connection.dirty = true;
            self.dirty.push(id);
        }
    }

    pub(super) fn connection(&mut self, id: LinkId) -> Option<&mut Connection> {
        self.connections.get_mut(id.slot, id.generation)
    }

    fn keep_spare(&mut self, mut buffer: Vec<u8>) {
        if (1..=SPARE_BYTES).contains(&buffer.capacity()) && self.spare.len() < SPARE_BUFFERS {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// Drained, as all other cores are, and nothing moves on the lanes.
    fn is_done(&mut self) -> bool {
        // What still waits for room in a lane, its reader does not know of.
        let idle = self.connections.is_empty() && self.port.waiting() == 0;
        if self.is_draining() && idle && !self.drained {
            self.drained = true;
            self.shared.core_drained();
        }
        self.drained
            && self.connections.is_empty()
            && self.shared.all_drained(self.port.cores())
            && self.port.is_empty()
            && self.now.since(self.noted) >= QUIET_FOR
    }
}

pub(super) fn key(id: LinkId) -> Key {
    Key::new(id.slot, id.generation)
}

fn link(key: Key) -> LinkId {
    LinkId {
        slot: key.slot,
        generation: key.generation,
    }
}
