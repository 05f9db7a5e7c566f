//! The bare relay on raw io_uring: the limit to come close to.
//!
//! Multishot accept and receives into one ring of buffers, no task run but when
//! asked for, one enter a turn. What a turn brings for a connection leaves at
//! its end in one send; what arrives during that send goes with the next.
#![allow(unsafe_code)] // Sends point at memory; an accept brings a descriptor.

mod buffers;

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

use baselines::WAITING_BYTES;
use baselines::lines::Check;
use baselines::start::Start;
use io_uring::types::Fd;
use io_uring::{IoUring, SubmissionQueue, Submitter, cqueue, opcode, squeue};
use rustix::io::Errno;
use rustix::net::{Shutdown, shutdown};

use buffers::{Buffers, GROUP};

const SQ_ENTRIES: u32 = 4096;
const CQ_ENTRIES: u32 = 16_384;

const ACCEPT: u64 = 0;
const RECEIVE: u64 = 1;
const SEND: u64 = 2;
/// Completions of these mean nothing to us.
const OTHER: u64 = 3;

/// One connection. Its place in the list is its place in the order of
/// connecting, so that its partner's differs in the last bit only.
#[derive(Default)]
struct Side {
    socket: Option<OwnedFd>,
    /// The beginning of a line.
    kept: Vec<u8>,
    /// To be sent next.
    waiting: Vec<u8>,
    /// The kernel's until its send completes.
    sending: Vec<u8>,
    sent: usize,
    receiving: bool,
    /// Not read because too much waits for the partner.
    paused: bool,
    /// Nothing more comes from it.
    ended: bool,
}

struct Relay<'r> {
    submitter: Submitter<'r>,
    queue: SubmissionQueue<'r>,
    buffers: Buffers,
    listener: TcpListener,
    check: Check,
    sides: Vec<Side>,
    arrived: usize,
    /// For these something waits.
    dirty: Vec<usize>,
    /// These found no buffer.
    starved: Vec<usize>,
}

fn main() -> io::Result<()> {
    let Start { listener, check } = Start::from_command_line()?;
    let mut ring: IoUring = IoUring::builder()
        .dontfork()
        .setup_single_issuer()
        .setup_defer_taskrun()
        .setup_submit_all()
        .setup_cqsize(CQ_ENTRIES)
        .build(SQ_ENTRIES)?;
    let (mut submitter, queue, mut completions) = ring.split();
    submitter.register_ring_fd()?;
    let mut relay = Relay {
        buffers: Buffers::register(&submitter)?,
        submitter,
        queue,
        listener,
        check,
        sides: Vec::new(),
        arrived: 0,
        dirty: Vec::new(),
        starved: Vec::new(),
    };
    relay.accept()?;
    loop {
        relay.enter(1)?;
        completions.sync();
        for entry in &mut completions {
            let id = usize::try_from(entry.user_data() >> 2).expect("one of ours");
            match entry.user_data() & 3 {
                ACCEPT => relay.accepted(&entry)?,
                RECEIVE => relay.received(id, &entry)?,
                SEND => relay.sent(id, entry.result())?,
                _ => {}
            }
        }
        relay.end_turn()?;
    }
}

impl Relay<'_> {
    fn accept(&mut self) -> io::Result<()> {
        let listener = Fd(self.listener.as_raw_fd());
        self.push(opcode::AcceptMulti::new(listener).build(), ACCEPT, 0)
    }

    fn accepted(&mut self, entry: &cqueue::Entry) -> io::Result<()> {
        let descriptor = checked(entry.result())?;
        // SAFETY: a descriptor that the kernel has just made for us.
        let socket = unsafe { OwnedFd::from_raw_fd(descriptor) };
        let id = self.arrived;
        self.arrived += 1;
        if id.is_multiple_of(2) {
            self.sides.extend([Side::default(), Side::default()]);
        }
        self.sides[id].socket = Some(socket);
        self.dirty.push(id);
        self.listen(id)?;
        self.finish(id)?;
        if cqueue::more(entry.flags()) {
            return Ok(());
        }
        self.accept()
    }

    /// Receives from `id`, if that is wanted and not so already.
    fn listen(&mut self, id: usize) -> io::Result<()> {
        let side = &mut self.sides[id];
        let unwanted = side.receiving || side.paused || side.ended;
        let Some(socket) = side.socket.as_ref().filter(|_| !unwanted) else {
            return Ok(());
        };
        side.receiving = true;
        let receive = opcode::RecvMulti::new(Fd(socket.as_raw_fd()), GROUP);
        self.push(receive.build(), RECEIVE, id)
    }

    fn received(&mut self, id: usize, entry: &cqueue::Entry) -> io::Result<()> {
        let (result, flags) = (entry.result(), entry.flags());
        self.sides[id].receiving = cqueue::more(flags);
        let mut good = true;
        if let Some(buffer) = cqueue::buffer_select(flags) {
            let [side, to] = self
                .sides
                .get_disjoint_mut([id, id ^ 1])
                .expect("sides come in pairs");
            let chunk = self.buffers.filled(buffer, result);
            if to.waiting.is_empty() {
                self.dirty.push(id ^ 1);
            }
            good = side.ended
                || self
                    .check
                    .cut(&mut side.kept, chunk, &mut to.waiting)
                    .is_ok();
            self.buffers.offer(buffer);
        }
        match result {
            1.. if !good => self.close_pair(id),
            1.. => self.mind(id),
            _ if result == -Errno::NOBUFS.raw_os_error() => {
                self.starved.push(id);
                Ok(())
            }
            _ if result == -Errno::CANCELED.raw_os_error() => self.listen(id),
            _ => {
                self.sides[id].ended = true;
                self.finish(id ^ 1)
            }
        }
    }

    /// Stops or goes on receiving, depending on what waits for the partner.
    fn mind(&mut self, id: usize) -> io::Result<()> {
        if self.sides[id].paused || self.sides[id ^ 1].waiting.len() <= WAITING_BYTES {
            return self.listen(id);
        }
        self.sides[id].paused = true;
        let receive = RECEIVE | (id as u64) << 2;
        self.push(opcode::AsyncCancel::new(receive).build(), OTHER, 0)
    }

    fn sent(&mut self, id: usize, result: i32) -> io::Result<()> {
        let side = &mut self.sides[id];
        let Ok(bytes) = checked(result) else {
            side.sending.clear();
            return self.close_pair(id);
        };
        side.sent += usize::try_from(bytes).expect("checked");
        if side.sent < side.sending.len() {
            return self.send(id);
        }
        side.sending.clear();
        side.sent = 0;
        self.dirty.push(id);
        self.finish(id)
    }

    fn end_turn(&mut self) -> io::Result<()> {
        while let Some(id) = self.dirty.pop() {
            let side = &mut self.sides[id];
            if side.socket.is_none() || side.waiting.is_empty() || !side.sending.is_empty() {
                continue;
            }
            std::mem::swap(&mut side.waiting, &mut side.sending);
            self.send(id)?;
            self.sides[id ^ 1].paused = false;
            self.listen(id ^ 1)?;
        }
        self.buffers.publish();
        while let Some(id) = self.starved.pop() {
            self.listen(id)?;
        }
        Ok(())
    }

    fn send(&mut self, id: usize) -> io::Result<()> {
        let side = &self.sides[id];
        let Some(socket) = &side.socket else {
            return Ok(());
        };
        let bytes = &side.sending[side.sent..];
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let send = opcode::Send::new(Fd(socket.as_raw_fd()), bytes.as_ptr(), len);
        self.push(send.build(), SEND, id)
    }

    /// Ends the stream to `to` if its partner has ended and all was sent.
    fn finish(&mut self, to: usize) -> io::Result<()> {
        let idle = |side: &Side| side.waiting.is_empty() && side.sending.is_empty();
        let (side, from) = (&self.sides[to], &self.sides[to ^ 1]);
        let Some(socket) = side.socket.as_ref().filter(|_| from.ended && idle(side)) else {
            return Ok(());
        };
        let _ = shutdown(socket, Shutdown::Write);
        if side.ended && idle(from) {
            return self.close_pair(to);
        }
        Ok(())
    }

    fn close_pair(&mut self, id: usize) -> io::Result<()> {
        for id in [id, id ^ 1] {
            let side = &mut self.sides[id];
            side.ended = true;
            side.waiting = Vec::new();
            side.kept = Vec::new();
            if let Some(socket) = side.socket.take() {
                let _ = shutdown(&socket, Shutdown::Both);
                // By the ring, since something before it in the queue may
                // still name the descriptor.
                let close = opcode::Close::new(Fd(socket.into_raw_fd()));
                self.push(close.build(), OTHER, 0)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, entry: squeue::Entry, operation: u64, id: usize) -> io::Result<()> {
        let entry = entry.user_data(operation | (id as u64) << 2);
        // SAFETY: a send's bytes stay in `sending`, unchanged, until its
        // completion; nothing else points at memory.
        while unsafe { self.queue.push(&entry) }.is_err() {
            self.enter(0)?;
        }
        Ok(())
    }

    fn enter(&mut self, want: usize) -> io::Result<()> {
        self.queue.sync();
        let entered = self.submitter.submit_and_wait(want);
        self.queue.sync();
        match entered.map_err(|error| Errno::from_io_error(&error)) {
            Ok(_) | Err(Some(Errno::INTR | Errno::BUSY | Errno::AGAIN)) => Ok(()),
            Err(error) => Err(error.unwrap_or(Errno::IO).into()),
        }
    }
}

fn checked(result: i32) -> io::Result<i32> {
    if result < 0 {
        return Err(io::Error::from_raw_os_error(-result));
    }
    Ok(result)
}
