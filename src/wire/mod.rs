//! Bytes to messages and back. Pure: no sockets, no clock, no state but a
//! half-received line and what the last one was like.
#![doc = include_str!("PROTOCOL.md")]

pub mod again;
pub mod frame;
pub mod message;
pub mod parse;
pub mod scan;
mod sweep;
pub mod text;
pub mod write;
