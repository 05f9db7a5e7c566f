//! The limits of a session: rate, time-outs, slow readers, memory; and how
//! everything ends when the server drains or a client vanishes.

pub mod rig;

#[path = "limits/drain.rs"]
mod drain;
#[path = "limits/memory.rs"]
mod memory;
#[path = "limits/rate.rs"]
mod rate;
#[path = "limits/slow.rs"]
mod slow;
#[path = "limits/timeouts.rs"]
mod timeouts;
#[path = "limits/tiny.rs"]
mod tiny;
#[path = "limits/vanish.rs"]
mod vanish;

use rig::{Handset, Server};

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
