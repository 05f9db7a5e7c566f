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

use rig::{expect_alive, waiting};
