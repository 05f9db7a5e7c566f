//! The bare relay on plain epoll, edge-triggered.
//!
//! One receive a ready connection and turn, into one buffer that they all
//! share; what it brought goes to the partner from there, with one send. Only
//! what the partner's socket does not take is copied.

use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;

use baselines::WAITING_BYTES;
use baselines::lines::Check;
use baselines::start::Start;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, SocketFlags};

const LISTENER: u64 = u64::MAX;
const EVENTS: usize = 1024;
const TURN_BYTES: usize = 64 * 1024;

/// One connection. Its place in the list is its place in the order of
/// connecting, so that its partner's differs in the last bit only.
#[derive(Default)]
struct Side {
    socket: Option<OwnedFd>,
    /// The beginning of a line.
    kept: Vec<u8>,
    /// What its socket would not take.
    waiting: Vec<u8>,
    /// Not read because too much waits for the partner.
    paused: bool,
    /// An edge told of its end, behind what is there to be read.
    hung_up: bool,
    /// Nothing more comes from it.
    ended: bool,
}

struct Relay {
    epoll: OwnedFd,
    check: Check,
    sides: Vec<Side>,
    arrived: usize,
    /// To be read though no edge will tell.
    again: Vec<usize>,
    scratch: Vec<u8>,
}

fn main() -> io::Result<()> {
    let Start { listener, check } = Start::from_command_line()?;
    listener.set_nonblocking(true)?;
    let mut relay = Relay {
        epoll: epoll::create(CreateFlags::CLOEXEC)?,
        check,
        sides: Vec::new(),
        arrived: 0,
        again: Vec::new(),
        scratch: vec![0; TURN_BYTES],
    };
    epoll::add(
        &relay.epoll,
        &listener,
        EventData::new_u64(LISTENER),
        EventFlags::IN,
    )?;
    let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
    let mut again = Vec::new();
    loop {
        events.clear();
        let at_once = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let timeout = (!relay.again.is_empty()).then_some(&at_once);
        match epoll::wait(
            &relay.epoll,
            rustix::buffer::spare_capacity(&mut events),
            timeout,
        ) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            match event.data.u64() {
                LISTENER => relay.accept(&listener)?,
                id => relay.ready(usize::try_from(id).expect("one of ours"), event.flags),
            }
        }
        std::mem::swap(&mut again, &mut relay.again);
        for id in again.drain(..) {
            relay.read(id);
        }
    }
}

impl Relay {
    fn accept(&mut self, listener: &TcpListener) -> io::Result<()> {
        loop {
            let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
            let socket = match rustix::net::accept_with(listener, flags) {
                Ok(socket) => socket,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::CONNABORTED | Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            let id = self.arrived;
            self.arrived += 1;
            if id.is_multiple_of(2) {
                self.sides.extend([Side::default(), Side::default()]);
            }
            let wanted = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
            epoll::add(&self.epoll, &socket, EventData::new_u64(id as u64), wanted)?;
            // The first edges are there already and bring it to `ready`.
            self.sides[id].socket = Some(socket);
        }
    }

    fn ready(&mut self, id: usize, flags: EventFlags) {
        if flags.contains(EventFlags::OUT)
            && (!self.sides[id].waiting.is_empty() || self.sides[id ^ 1].ended)
        {
            self.flush(id);
        }
        if flags.intersects(!EventFlags::OUT) {
            self.sides[id].hung_up |= flags.intersects(!(EventFlags::IN | EventFlags::OUT));
            self.read(id);
        }
    }

    /// Forwards what one receive brings.
    fn read(&mut self, id: usize) {
        let side = &mut self.sides[id];
        let wanted = !side.paused && !side.ended;
        let Some(socket) = side.socket.as_ref().filter(|_| wanted) else {
            return;
        };
        let kept = side.kept.len();
        self.scratch[..kept].copy_from_slice(&side.kept);
        let room = &mut self.scratch[kept..];
        let room_bytes = room.len();
        let bytes = match rustix::net::recv(socket, room, RecvFlags::empty()) {
            Ok((bytes @ 1.., _)) => bytes,
            Err(Errno::AGAIN | Errno::INTR) => return,
            Ok(_) | Err(_) => return self.end(id),
        };
        // A short receive has emptied the socket; what comes later is an edge.
        if bytes == room_bytes || side.hung_up {
            self.again.push(id);
        }
        let Ok(whole) = self.check.whole(&self.scratch[..kept + bytes], kept) else {
            return self.close_pair(id);
        };
        side.kept.clear();
        side.kept
            .extend_from_slice(&self.scratch[whole..kept + bytes]);
        self.forward(id ^ 1, whole);
        self.sides[id].paused = self.sides[id ^ 1].waiting.len() > WAITING_BYTES;
    }

    /// Sends the first `bytes` of the scratch to `to`, behind what waits.
    fn forward(&mut self, to: usize, bytes: usize) {
        let Side {
            socket, waiting, ..
        } = &mut self.sides[to];
        let mut sent = 0;
        if let Some(socket) = socket.as_ref().filter(|_| waiting.is_empty() && bytes > 0) {
            match rustix::net::send(socket, &self.scratch[..bytes], SendFlags::NOSIGNAL) {
                Ok(some) => sent = some,
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(_) => return self.close_pair(to),
            }
        }
        waiting.extend_from_slice(&self.scratch[sent..bytes]);
    }

    /// Sends what waits, and the end of the stream behind it.
    fn flush(&mut self, to: usize) {
        let pair = self.sides.get_disjoint_mut([to, to ^ 1]);
        let [side, from] = pair.expect("sides come in pairs");
        let Some(socket) = &side.socket else { return };
        let mut sent = 0;
        while sent < side.waiting.len() {
            match rustix::net::send(socket, &side.waiting[sent..], SendFlags::NOSIGNAL) {
                Ok(some) => sent += some,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(_) => return self.close_pair(to),
            }
        }
        side.waiting.drain(..sent);
        if !side.waiting.is_empty() {
            return;
        }
        if from.paused {
            from.paused = false;
            self.again.push(to ^ 1);
        } else if from.ended {
            let _ = rustix::net::shutdown(socket, Shutdown::Write);
            if side.ended && from.waiting.is_empty() {
                self.close_pair(to);
            }
        }
    }

    fn end(&mut self, id: usize) {
        self.sides[id].ended = true;
        self.flush(id ^ 1);
    }

    fn close_pair(&mut self, id: usize) {
        for id in [id, id ^ 1] {
            let ended = true;
            self.sides[id] = Side {
                ended,
                ..Side::default()
            };
        }
    }
}
