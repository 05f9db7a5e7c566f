//! What somebody with ill will may try from the outside, and what comes of it:
//! nothing for them, and no harm to anybody else.

pub mod rig;

#[path = "attacks/bombs.rs"]
mod bombs;
#[path = "attacks/collisions.rs"]
mod collisions;
#[path = "attacks/flood.rs"]
mod flood;
#[path = "attacks/logs.rs"]
mod logs;
#[path = "attacks/loris.rs"]
mod loris;
#[path = "attacks/spoofing.rs"]
mod spoofing;
#[path = "attacks/stuffing.rs"]
mod stuffing;
#[path = "attacks/tokens.rs"]
mod tokens;

use rig::{expect_alive, waiting};
