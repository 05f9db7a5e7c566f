//! Seeded worlds: up to eight shards in memory, with lanes, virtual time and
//! handsets that do whatever handsets do, in any order, while cores stand still
//! and lanes are full.
//!
//! A seed makes a [`plan`] and draws a [`script`], a step at a time; the
//! [`world`] carries the steps out on its [`rig`]. Two things watch it. At
//! first everybody acts alone, and the [`model`], which is section 2 of the
//! protocol as plain lists, knows every line that each handset must be told.
//! Then everything happens at the same time, and what must hold whatever the
//! order is looked at: after each step in the shard that took it and for the
//! handset that heard of it, every 256 steps for the [`whole`] world, and
//! whenever all is [`quiet`].
//!
//! The same seed lives the same life. A [`Failure`] names it, and [`shrink`]
//! finds a script of few steps that breaks in the same place.
//!
//! For a fuzzer, bytes take the place of the seed ([`live_by`]), or are what the
//! handsets say, word for word ([`typed`]).

mod accounts;
mod acting;
mod bytes;
mod draw;
mod failure;
mod handset;
mod lanes;
mod ledger;
mod model;
mod moves;
mod network;
mod news;
mod phone;
mod plan;
mod quiet;
mod rig;
mod said;
mod saying;
mod script;
mod shrink;
mod told;
mod typed;
mod whole;
mod world;

pub use bytes::live_by;
pub use failure::{Failure, live};
pub use ledger::Sums;
pub use typed::typed;

#[cfg(test)]
mod tests;
