//! The load generator: simulated users on rings of their own, every line that
//! they receive checked, and a report.
//!
//! - [`options`] is what can be asked for, `crew` the threads and processes,
//!   `worker` one thread: its users and their phases (setup, run, drain).
//! - `line` renders and recognises the lines of a talk, `peer` speaks the
//!   dialects, `order` is the order of one direction.
//! - `tally` is what workers tell each second, `report` what becomes of it.
//!
//! In a closed loop each line that arrives is answered by one, so that the
//! number of lines under way stays the same; latency is counted from sending.
//! In an open loop it is counted from when a line was due.
//!
//! `unruly` are handsets that misbehave beside them; what they provoke is
//! counted apart.
//!
//! `web` are users of HTTP: all there are in `http`, a few beside the others in
//! `mix`.

mod clock;
mod course;
mod crew;
mod line;
mod links;
mod name;
pub mod options;
mod order;
mod pace;
pub mod peer;
mod procfs;
mod progress;
mod report;
mod run;
mod server;
mod source;
mod spread;
mod tally;
mod unruly;
mod web;
mod worker;

pub use options::Options;
pub use run::run;
