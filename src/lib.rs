//! pairline pairs strangers on their handsets and carries what they say.
#![deny(unsafe_code)]

pub mod account_id;
pub mod archive;
pub mod chat;
pub mod cli;
pub mod client;
pub mod config;
pub mod engine;
pub mod exit;
pub mod filter;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod http;
pub mod limits;
pub mod load;
pub mod log;
pub mod lucky;
pub mod mesh;
pub mod metrics;
pub mod net;
pub mod operator;
pub mod picture;
pub mod ring;
pub mod server;
#[cfg(any(test, feature = "sim"))]
pub mod sim;
pub mod sms;
pub mod store;
pub mod wire;
