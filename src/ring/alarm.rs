//! The alarm of a ring: one time-out that stays armed over many turns.
//!
//! A time-out of the call itself would be set up and taken down at each turn,
//! though what a server waits for is seconds away and mostly moves on before it
//! is due. An alarm that goes off too early costs one turn; only one that would
//! go off too late is moved.

use std::time::Instant;

use io_uring::types::Timespec;
use io_uring::{opcode, squeue};

use super::{Key, Op, Token};

/// See the module.
#[derive(Default)]
pub(super) struct Alarm {
    /// When it goes off, or earlier.
    armed: Option<Instant>,
    /// What the kernel reads when it takes the entry over.
    time: Box<Timespec>,
}

/// What must be done so that the ring wakes up in time.
pub(super) enum Need {
    /// Nothing.
    Nothing,
    /// It is time already.
    Now,
    /// Starting this operation.
    Start(Op, squeue::Entry),
}

/// Whose operations these are does not matter: there is one alarm.
pub(super) const KEY: Key = Key::new(0, 0);

impl Alarm {
    /// Wakes the ring at `until` or before.
    pub(super) fn set(&mut self, until: Instant) -> Need {
        if self.armed.is_some_and(|armed| armed <= until) {
            return Need::Nothing;
        }
        let wait = until.saturating_duration_since(Instant::now());
        if wait.is_zero() {
            return Need::Now;
        }
        *self.time = Timespec::from(wait);
        let time = &raw const *self.time;
        match self.armed.replace(until) {
            None => Need::Start(Op::Alarm, opcode::Timeout::new(time).build()),
            Some(_) => {
                let alarm = Token {
                    op: Op::Alarm,
                    key: KEY,
                };
                // That it has just gone off is what its own completion says.
                let moved = opcode::TimeoutUpdate::new(alarm.pack(), time)
                    .build()
                    .flags(squeue::Flags::SKIP_SUCCESS);
                Need::Start(Op::Moving, moved)
            }
        }
    }

    /// It went off, or was cancelled.
    pub(super) fn went_off(&mut self) {
        self.armed = None;
    }
}
