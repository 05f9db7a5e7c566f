//! Errors on purpose, for tests: what the kernel may say but hardly ever does,
//! told in place of what it said.
//!
//! A fault uses up what really came, so that it leaks nothing itself: an
//! accepted descriptor is closed, a lease given back, and a multishot operation
//! cancelled, so that the error is its last completion, as a real one is. A send
//! that is to fail sends no byte, and a doorbell that is to fail is rung at a
//! ring that cannot hear. Which operation of a kind fails, and how, is decided
//! by a seed alone.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;

use fastrand::Rng;

use super::{Bell, Blank, Completion, Key, Op, Outcome, Setup, StartError, Token};

/// What may be wrong with each kind of operation.
const ACCEPTS: &[i32] = &[
    libc::EMFILE,
    libc::ENFILE,
    libc::ENOMEM,
    libc::ENOBUFS,
    libc::ECONNABORTED,
    libc::EPERM,
];
const RECEIVES: &[i32] = &[
    libc::ECONNRESET,
    libc::ETIMEDOUT,
    libc::EHOSTUNREACH,
    libc::ENOMEM,
];
const SENDS: &[i32] = &[
    libc::EPIPE,
    libc::ECONNRESET,
    libc::ETIMEDOUT,
    libc::ENOMEM,
    libc::ENOBUFS,
];
const CLOSES: &[i32] = &[libc::EIO, libc::EINTR, libc::ENOSPC];
const WAKES: &[i32] = &[libc::EINTR, libc::EAGAIN, libc::ENOMEM, libc::ECANCELED];
/// What ends a receive, but not the connection.
const ENDS: &[i32] = &[libc::ENOBUFS, libc::ECANCELED];

/// One in so many operations of each kind fails; none where it is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// Accepted connections.
    pub accepts: Option<u32>,
    /// Receives that brought bytes: their connections break.
    pub receives: Option<u32>,
    /// Receives that brought bytes: they are over, and lose nothing.
    pub receive_ends: Option<u32>,
    /// Sends.
    pub sends: Option<u32>,
    /// Closed descriptors.
    pub closes: Option<u32>,
    /// Uses of a waker.
    pub wakes: Option<u32>,
    /// Doorbells rung.
    pub doorbells: Option<u32>,
}

impl Rates {
    /// Does anything fail at all?
    #[must_use]
    pub fn any(&self) -> bool {
        [
            self.accepts,
            self.receives,
            self.receive_ends,
            self.sends,
            self.closes,
            self.wakes,
            self.doorbells,
        ]
        .iter()
        .any(Option::is_some)
    }
}

/// See the module. What [`Ring::inject`](super::Ring::inject) takes.
pub struct Faults {
    accepts: Schedule,
    receives: Schedule,
    receive_ends: Schedule,
    sends: Schedule,
    closes: Schedule,
    wakes: Schedule,
    doorbells: Schedule,
    /// What the last completion of an operation is going to say.
    doomed: HashMap<Token, i32>,
    /// Nobody ever opens it.
    deaf: Blank,
}

/// What is told in place of a completion, if anything, and which operation is
/// to be cancelled.
pub(super) type Struck = (Option<Completion>, Option<Token>);

impl Faults {
    /// Faults at these rates, as the seed has them.
    ///
    /// # Errors
    /// Why there can be no ring that does not hear.
    pub fn new(seed: u64, rates: &Rates) -> Result<Faults, StartError> {
        let tiny = Setup {
            sq_entries: 1,
            cq_entries_max: 2,
            cq_entries_min: 2,
            buffers: 1,
            buffer_bytes: 1,
        };
        let deaf = tiny.make(1)?.pop().expect("one was asked for");
        let mut seeds = Rng::with_seed(seed);
        let mut schedule = |kind, rate, errnos| Schedule {
            kind,
            rate,
            errnos,
            random: seeds.fork(),
        };
        Ok(Faults {
            accepts: schedule("accept", rates.accepts, ACCEPTS),
            receives: schedule("receive", rates.receives, RECEIVES),
            receive_ends: schedule("receive end", rates.receive_ends, ENDS),
            sends: schedule("send", rates.sends, SENDS),
            closes: schedule("close", rates.closes, CLOSES),
            wakes: schedule("wake", rates.wakes, WAKES),
            doorbells: schedule("doorbell", rates.doorbells, &[libc::EBADFD]),
            doomed: HashMap::new(),
            deaf,
        })
    }

    /// Whether the send that is about to start is to fail. Then it must send
    /// nothing.
    pub(super) fn dooms_send(&mut self, key: Key) -> bool {
        let Some(errno) = self.sends.next() else {
            return false;
        };
        let op = Op::Send;
        self.doomed.insert(Token { op, key }, errno);
        true
    }

    /// What is rung in place of another bell, if that is to fail.
    pub(super) fn deaf_bell(&mut self) -> Option<Bell> {
        self.doorbells.next().map(|_| self.deaf.bell())
    }

    /// What is told in place of `done`.
    pub(super) fn strike(&mut self, done: Completion) -> Struck {
        let told = match done {
            Completion::Accepted { key, result, more } => return self.accepted(key, result, more),
            Completion::Received { key, outcome, more } => {
                return self.received(key, outcome, more);
            }
            Completion::Sent {
                key,
                buffer,
                result,
            } => {
                let op = Op::Send;
                let errno = self.doomed.remove(&Token { op, key });
                let result = result.and_then(|sent| errno.map_or(Ok(sent), failed));
                Completion::Sent {
                    key,
                    buffer,
                    result,
                }
            }
            Completion::Closed { key, result } => Completion::Closed {
                key,
                result: result.and_then(|()| self.closes.next().map_or(Ok(()), failed)),
            },
            Completion::Woken { key, result } => Completion::Woken {
                key,
                result: result.and_then(|()| self.wakes.next().map_or(Ok(()), failed)),
            },
            other => other,
        };
        (Some(told), None)
    }

    /// One connection is closed; those that come before the accept has ended
    /// are accepted.
    fn accepted(&mut self, key: Key, result: io::Result<OwnedFd>, more: bool) -> Struck {
        let op = Op::Accept;
        let token = Token { op, key };
        if self.doomed.contains_key(&token) {
            let errno = if more {
                None
            } else {
                self.doomed.remove(&token)
            };
            let result = errno.map_or(result, failed);
            return (Some(Completion::Accepted { key, result, more }), None);
        }
        let errno = result.is_ok().then(|| self.accepts.next()).flatten();
        match errno {
            None => (Some(Completion::Accepted { key, result, more }), None),
            Some(errno) if more => {
                self.doomed.insert(token, errno);
                (None, Some(token))
            }
            Some(errno) => {
                let result = failed(errno);
                (Some(Completion::Accepted { key, result, more }), None)
            }
        }
    }

    /// From a fault to the end of the receive all bytes are gone with the
    /// connection, or none is lost.
    fn received(&mut self, key: Key, outcome: Outcome, more: bool) -> Struck {
        let op = Op::Receive;
        let token = Token { op, key };
        let begins = !self.doomed.contains_key(&token);
        if begins && let Outcome::Got(_) = outcome {
            let errno = self.receives.next().or_else(|| self.receive_ends.next());
            self.doomed.extend(errno.map(|errno| (token, errno)));
        }
        let Some(&errno) = self.doomed.get(&token) else {
            return (Some(Completion::Received { key, outcome, more }), None);
        };
        if !more {
            self.doomed.remove(&token);
        }
        let breaks = !ENDS.contains(&errno);
        let told = match outcome {
            _ if breaks && more => None,
            _ if breaks => Some(Outcome::failed(io::Error::from_raw_os_error(errno))),
            Outcome::Cancelled => Some(Outcome::failed(io::Error::from_raw_os_error(errno))),
            outcome => Some(outcome),
        };
        let told = told.map(|outcome| Completion::Received { key, outcome, more });
        (told, (begins && more).then_some(token))
    }
}

/// Which operations of a kind fail, and how.
struct Schedule {
    kind: &'static str,
    rate: Option<u32>,
    errnos: &'static [i32],
    random: Rng,
}

impl Schedule {
    /// What goes wrong with the next one, if anything does.
    fn next(&mut self) -> Option<i32> {
        if self.random.u32(..self.rate?) > 0 {
            return None;
        }
        let errno = self.random.choice(self.errnos).copied();
        tracing::info!(fault = self.kind, errno, "injected");
        errno
    }
}

fn failed<T>(errno: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(errno))
}
