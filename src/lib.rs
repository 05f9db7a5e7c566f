//! pairline pairs strangers on their handsets and carries what they say.
#![deny(unsafe_code)]

pub mod chat;
pub mod engine;
pub mod exit;
pub mod http;
pub mod cli;
pub mod config;
pub mod engine;
pub mod exit;
pub mod limits;
pub mod mesh;
pub mod ring;
pub mod metrics;
pub mod store;
pub mod log;
pub mod wire;
