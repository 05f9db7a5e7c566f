//! What somebody with ill will may try from the outside, and what comes of it:
//! nothing for them, and no harm to anybody else.

pub mod rig;

#[path = "attacks/collisions.rs"]
mod collisions;
#[path = "attacks/flood.rs"]
mod flood;

use rig::{expect_alive, waiting};
