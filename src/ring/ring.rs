//! One thread's ring: operations in, completions out.
#![allow(unsafe_code)] // Entries point at memory; completions bring descriptors.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

use io_uring::types::{CancelBuilder, Fd};
use io_uring::{cqueue, opcode, squeue};

use super::address::Address;
use super::alarm::{self, Alarm, Need};
use super::held::HeldTable;
use super::pool::{self, Pool};
use super::queues::Queues;
use super::{Bell, Completion, Faults, Key, Op, Outcome, Setup, StartError, Token, Waker};

/// One thread's ring.
///
/// Start operations, call [`turn`](Ring::turn), then [`pop`](Ring::pop) until
/// there is nothing left; repeat. Each operation that was started completes,
/// once without `more` (a doorbell rung in vain excepted, see
/// [`knock`](Ring::knock)). A descriptor given to an operation must stay open
/// until the next turn has taken the operation over; closing it with
/// [`close`](Ring::close) keeps that order by itself.
///
/// The methods that start something fail only if the submission queue is full
/// and the kernel then says that the ring is of no more use; as with `turn`,
/// there is no going on after that.
pub struct Ring {
    // Before all memory that the kernel may use.
    queues: Queues,
    pool: Rc<Pool>,
    held: HeldTable,
    watched: Option<Box<Watched>>,
    bell: Bell,
    alarm: Alarm,
    /// Operations whose last completion has not been popped.
    in_flight: usize,
    /// Only tests have any.
    faults: Option<Box<Faults>>,
}

/// The one wake-up read in flight.
struct Watched {
    value: u64,
    // Keeps the descriptor open.
    _waker: Waker,
}

impl Ring {
    /// A ring of this thread alone. A server makes all of its rings at once,
    /// with [`Setup::make`].
    ///
    /// # Errors
    /// Why not, and what to do about it.
    pub fn new(setup: &Setup) -> Result<Ring, StartError> {
        let blank = setup.make(1)?.pop();
        blank.expect("one was asked for").open()
    }

    pub(super) fn assemble(queues: Queues, pool: Rc<Pool>, bell: Bell) -> Ring {
        Ring {
            queues,
            pool,
            held: HeldTable::default(),
            watched: None,
            bell,
            alarm: Alarm::default(),
            in_flight: 0,
            faults: None,
        }
    }

    /// Hands over what was started and the buffers that came back, and waits
    /// for a completion: until `timeout` is over, for ever with `None`, not at
    /// all with zero or with completions at hand. May return without one.
    ///
    /// # Errors
    /// Those that mean that the ring is of no more use.
    pub fn turn(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.pool.publish();
        self.queues.turn(timeout)
    }

    /// The same until a moment, which is cheaper where that is far away and
    /// seldom comes nearer.
    ///
    /// # Errors
    /// As those of `turn`.
    pub fn turn_until(&mut self, until: Option<Instant>) -> io::Result<()> {
        let need = until.map_or(Need::Nothing, |until| self.alarm.set(until));
        match need {
            Need::Nothing => self.turn(None),
            Need::Now => self.turn(Some(Duration::ZERO)),
            Need::Start(op, entry) => {
                self.start(op, alarm::KEY, entry)?;
                self.turn(None)
            }
        }
    }

    /// From now on these things go wrong.
    pub fn inject(&mut self, faults: Faults) {
        self.faults = Some(Box::new(faults));
    }

    /// The next completion that is there.
    pub fn pop(&mut self) -> Option<Completion> {
        loop {
            let done = self.pop_sound()?;
            let Some(faults) = &mut self.faults else {
                return Some(done);
            };
            let (told, doomed) = faults.strike(done);
            if let Some(Token { op, key }) = doomed {
                // Fails only if the next turn does.
                let _ = self.cancel(key, op);
            }
            if told.is_some() {
                return told;
            }
        }
    }

    /// The next completion that is there, as the kernel has it.
    fn pop_sound(&mut self) -> Option<Completion> {
        loop {
            let entry = self.queues.pop()?;
            let token = Token::unpack(entry.user_data()).expect("the ring packs all tokens");
            let more = cqueue::more(entry.flags());
            if !more && token.op.is_counted() {
                self.in_flight -= 1;
            }
            match token.op {
                Op::Alarm => self.alarm.went_off(),
                Op::Moving => {}
                _ => return Some(self.complete(token, &entry, more)),
            }
        }
    }

    /// Accepts connections on `listener` until told otherwise.
    ///
    /// # Errors
    /// See [`Ring`].
    pub fn accept(&mut self, key: Key, listener: BorrowedFd<'_>) -> io::Result<()> {
        let entry = opcode::AcceptMulti::new(Fd(listener.as_raw_fd())).flags(libc::SOCK_CLOEXEC);
        self.start(Op::Accept, key, entry.build())
    }

    /// Receives from `socket` until told otherwise.
    ///
    /// # Errors
    /// See [`Ring`].
    pub fn receive(&mut self, key: Key, socket: BorrowedFd<'_>) -> io::Result<()> {
        let entry = opcode::RecvMulti::new(Fd(socket.as_raw_fd()), pool::GROUP);
        self.start(Op::Receive, key, entry.build())
    }

    /// Sends `buffer` from the byte `from` on. One send at a time for each slot.
    ///
    /// # Errors
    /// See [`Ring`].
    ///
    /// # Panics
    /// If a send or connect of this slot is in flight, or `from` is past the
    /// end.
    pub fn send(
        &mut self,
        key: Key,
        socket: BorrowedFd<'_>,
        buffer: Vec<u8>,
        from: usize,
    ) -> io::Result<()> {
        let fails = |faults: &mut Box<Faults>| faults.dooms_send(key);
        let from = match self.faults.as_mut().is_some_and(fails) {
            true => buffer.len(),
            false => from,
        };
        let bytes = &self.held.hold_bytes(key.slot, buffer)[from..];
        // What does not fit 32 bits is a short send.
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let entry = opcode::Send::new(Fd(socket.as_raw_fd()), bytes.as_ptr(), len)
            .flags(libc::MSG_NOSIGNAL);
        // The bytes stay held, on the heap and unchanged, until the send's only
        // completion is popped.
        self.start(Op::Send, key, entry.build())
    }

    /// Connects `socket` to `address`.
    ///
    /// # Errors
    /// See [`Ring`].
    ///
    /// # Panics
    /// If a send or connect of this slot is in flight.
    pub fn connect(
        &mut self,
        key: Key,
        socket: BorrowedFd<'_>,
        address: SocketAddr,
    ) -> io::Result<()> {
        let address = self.held.hold_address(key.slot, Address::from(address));
        let entry = opcode::Connect::new(Fd(socket.as_raw_fd()), address.as_ptr(), address.len());
        // As with a send: held until the only completion.
        self.start(Op::Connect, key, entry.build())
    }

    /// Closes `descriptor`, after all that was started before.
    ///
    /// # Errors
    /// See [`Ring`].
    pub fn close(&mut self, key: Key, descriptor: OwnedFd) -> io::Result<()> {
        let entry = opcode::Close::new(Fd(descriptor.into_raw_fd()));
        self.start(Op::Close, key, entry.build())
    }

    /// Cancels the operation `of` that was started with `key`. Both complete.
    ///
    /// # Errors
    /// See [`Ring`].
    pub fn cancel(&mut self, key: Key, of: Op) -> io::Result<()> {
        let target = Token { op: of, key }.pack();
        self.start(Op::Cancel, key, opcode::AsyncCancel::new(target).build())
    }

    /// Completes as soon as `waker` is used, once. One watch at a time.
    ///
    /// # Errors
    /// See [`Ring`].
    ///
    /// # Panics
    /// If a watch is in flight.
    pub fn watch(&mut self, key: Key, waker: &Waker) -> io::Result<()> {
        assert!(self.watched.is_none(), "one watch in flight");
        let watched = self.watched.insert(Box::new(Watched {
            value: 0,
            _waker: waker.clone(),
        }));
        let value = (&raw mut watched.value).cast();
        let entry = opcode::Read::new(Fd(waker.as_fd().as_raw_fd()), value, 8);
        // The box stays until the only completion is popped.
        self.start(Op::Wake, key, entry.build())
    }

    /// Rings `bell`: its ring gets a [`Completion::Doorbell`] with `theirs`.
    /// Here nothing completes, unless it fails: then a
    /// [`Completion::DoorbellFailed`] with `ours`.
    ///
    /// # Errors
    /// See [`Ring`].
    pub fn knock(&mut self, bell: &Bell, theirs: Key, ours: Key) -> io::Result<()> {
        let arrival = Token {
            op: Op::Doorbell,
            key: theirs,
        };
        let deaf = self.faults.as_mut().and_then(|faults| faults.deaf_bell());
        let target = Fd(deaf.as_ref().unwrap_or(bell).as_fd().as_raw_fd());
        let entry = opcode::MsgRingData::new(target, 0, arrival.pack(), None)
            .build()
            .flags(squeue::Flags::SKIP_SUCCESS);
        self.start(Op::Ringing, ours, entry)
    }

    /// What others ring this ring with.
    #[must_use]
    pub fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Turns that began with completions which the kernel had put aside because
    /// the completion queue was full. None was lost: losing one makes
    /// [`turn`](Ring::turn) fail.
    #[must_use]
    pub fn overflow(&self) -> u64 {
        self.queues.overflowed_turns()
    }

    /// Completion queue entries.
    #[must_use]
    pub fn cq_entries(&self) -> u32 {
        self.queues.cq_entries()
    }

    /// Receive buffers in all.
    #[must_use]
    pub fn buffers(&self) -> u16 {
        self.pool.count()
    }

    /// Receive buffers out on lease.
    #[must_use]
    pub fn leased(&self) -> u16 {
        self.pool.leased()
    }

    /// Operations whose last completion has not been popped yet, an alarm that
    /// is set among them; doorbells do not count.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    fn start(&mut self, op: Op, key: Key, entry: squeue::Entry) -> io::Result<()> {
        let entry = entry.user_data(Token { op, key }.pack());
        if op.is_counted() {
            self.in_flight += 1;
        }
        // SAFETY: each operation above points at nothing, or at memory that is
        // kept until its last completion is popped; if that never happens,
        // `drop` leaks it. What the alarm's point at lives as long as the ring
        // and is read only when they are submitted.
        unsafe { self.queues.push(entry) }
    }

    fn complete(&mut self, token: Token, entry: &cqueue::Entry, more: bool) -> Completion {
        let key = token.key;
        let result = checked(entry.result());
        match token.op {
            Op::Receive => Completion::Received {
                key,
                outcome: self.outcome(result, entry.flags()),
                more,
            },
            Op::Send => Completion::Sent {
                key,
                buffer: self.held.release_bytes(key.slot),
                result: result.map(|sent| sent as usize),
            },
            Op::Accept => Completion::Accepted {
                key,
                result: result.map(accepted),
                more,
            },
            Op::Connect => {
                self.held.release_address(key.slot);
                let result = result.map(drop);
                Completion::Connected { key, result }
            }
            Op::Wake => {
                self.watched = None;
                let result = result.map(drop);
                Completion::Woken { key, result }
            }
            Op::Cancel => Completion::Cancelled {
                key,
                result: result.map(drop),
            },
            Op::Close => Completion::Closed {
                key,
                result: result.map(drop),
            },
            Op::Doorbell => Completion::Doorbell { key },
            Op::Ringing => Completion::DoorbellFailed {
                key,
                error: result.err().unwrap_or_else(|| io::ErrorKind::Other.into()),
            },
            Op::Alarm | Op::Moving => unreachable!("the alarm is the ring's own"),
        }
    }

    fn outcome(&self, result: io::Result<u32>, flags: u32) -> Outcome {
        let buffer = cqueue::buffer_select(flags);
        match result {
            Ok(len) => match buffer.map(|id| self.pool.lease(id, len)) {
                Some(lease) if len > 0 => Outcome::Got(lease),
                // A buffer may come even with the end; the lease gives it back.
                _ => Outcome::Ended,
            },
            Err(error) => {
                drop(buffer.map(|id| self.pool.lease(id, 0)));
                Outcome::failed(error)
            }
        }
    }

    /// Cancels everything and waits, but not for ever, for it to be over.
    fn quiesce(&mut self) -> io::Result<()> {
        const TURNS: usize = 50;
        const PATIENCE: Duration = Duration::from_millis(10);
        for _ in 0..TURNS {
            if self.in_flight == 0 {
                break;
            }
            let everything = CancelBuilder::any().all();
            let entry = opcode::AsyncCancel2::new(everything).build();
            self.start(Op::Cancel, Key::new(0, 0), entry)?;
            self.turn(Some(PATIENCE))?;
            while self.pop().is_some() {}
        }
        Ok(())
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        let quiet = self.quiesce();
        if quiet.is_err() || self.in_flight > 0 {
            // Something may still use the memory, and for longer than the
            // ring's descriptor is open: doorbells and the kernel itself hold
            // on to the ring. Leaking is the only safe thing left.
            mem::forget(Rc::clone(&self.pool));
            mem::forget(mem::take(&mut self.held));
            mem::forget(self.watched.take());
        }
    }
}

/// The kernel's result: negative for an error.
fn checked(result: i32) -> io::Result<u32> {
    u32::try_from(result).map_err(|_| io::Error::from_raw_os_error(-result))
}

fn accepted(fd: u32) -> OwnedFd {
    let fd = i32::try_from(fd).expect("came from an i32");
    // SAFETY: the kernel has just made it for us, and tells nobody else.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
