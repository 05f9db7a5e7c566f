//! Bytes to messages and back. Pure: no sockets, no clock, no state but a
//! half-received line.
#![doc = include_str!("PROTOCOL.md")]

pub mod frame;
pub mod message;
pub mod parse;
pub mod scan;
mod sweep;
pub mod text;
pub mod write;
