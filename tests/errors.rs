//! Each error of the chat port: what it answers, in which order the checks
//! come, whether the connection stays, and that nobody else notices.

pub mod rig;

#[path = "errors/closing.rs"]
mod closing;
#[path = "errors/order.rs"]
mod order;
#[path = "errors/others.rs"]
mod others;
#[path = "errors/staying.rs"]
mod staying;

use rig::{Handset, Server, expect_alive, waiting};

/// A connection on which nobody has joined.
#[track_caller]
fn fresh(server: &Server) -> Handset {
    Handset::connect(server)
}
