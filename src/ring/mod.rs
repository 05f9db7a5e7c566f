//! io_uring with owners: what the cores and the load generator share.
//!
//! The only place that names `io_uring` or `libc`, or is unsafe. A [`Ring`]
//! belongs to one thread. Operations are started with a [`Key`], taken over by
//! the kernel at the next [`turn`](Ring::turn), and come back as
//! [`Completion`]s that own what belongs to them: a descriptor, a [`Lease`] on
//! received bytes, a sent buffer.
//!
//! Deliberately absent: any knowledge of the protocol or of connections; timers
//! (a turn ends in time, that is all); direct descriptors, bundles and zero-copy sends
//! (measured, not worth it); shutting down by way of the ring, which the kernel
//! always gives to a worker thread ([`socket::shut_down`] is a plain call); any
//! fallback for a kernel that lacks something.

mod address;
mod alarm;
mod completion;
mod error;
mod faults;
mod held;
mod limits;
mod pool;
mod queues;
#[expect(clippy::module_inception, reason = "the module is named for the type")]
mod ring;
mod setup;
pub mod socket;
mod token;
mod waker;

#[cfg(test)]
mod tests;

pub use completion::{Completion, Outcome};
pub use error::StartError;
pub use faults::{Faults, Rates};
pub use limits::{Cpu, Limits, allowed_cpus, give_way, pin, survive_file_size_limit};
pub use pool::Lease;
pub use ring::Ring;
pub use setup::{Bell, Blank, Setup};
pub use token::{Key, Op, Token};
pub use waker::Waker;
