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

use rig::{Handset, Server};

/// A connection on which nobody has joined.
#[track_caller]
fn fresh(server: &Server) -> Handset {
    Handset::connect(server)
}

/// Somebody who waits, first of her queue or not.
#[track_caller]
fn waiting(server: &Server, user: &str) -> Handset {
    let mut handset = Handset::connect(server);
    handset.join(user, "F", "M");
    handset.expect(2);
    handset
}

/// The connection is open and nothing is left unread on it.
#[track_caller]
fn expect_alive(handset: &mut Handset) {
    handset.send_line("");
    assert_eq!(handset.expect_line(), "");
}
