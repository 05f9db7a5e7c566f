//! A shard from outside: event in, exact effects out, and nothing left over.

mod accounts;
mod asking;
mod bans;
mod basics;
mod blocks;
mod filtering;
mod limits;
mod races;
mod rig;
mod unsure;
mod words;
mod worlds;
