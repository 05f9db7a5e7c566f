//! What the bare relays have in common: how they start and what they look at
//! in a line.
//!
//! A bare relay pairs connections by the order of connecting (the first with
//! the second, the third with the fourth) and forwards whole lines unchanged to
//! the partner. What arrives before the partner, or faster than the partner
//! reads, waits up to a bound. There are no sessions, no messages and no
//! answers; a line that is no numbered frame closes its connection.
//!
//! How bytes are moved is the whole difference between the relays, so each has
//! that to itself, in `src/bin`. They are to be as fast as their engine allows:
//! nothing is allocated a line, what a turn brings for a connection leaves in
//! one send, and `TCP_NODELAY` is set.

pub mod lines;
pub mod start;

/// What may wait for one connection before its partner is not read any more.
pub const WAITING_BYTES: usize = 256 * 1024;
