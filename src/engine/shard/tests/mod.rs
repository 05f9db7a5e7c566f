//! A shard from outside: event in, exact effects out, and nothing left over.

mod basics;
mod limits;
mod rig;
mod world;
