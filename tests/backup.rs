//! `pairline backup` and `pairline restore` through the real binary, beside a
//! running server and without one.

pub mod rig;

#[path = "backup/bench.rs"]
mod bench;
#[path = "backup/force.rs"]
mod force;
#[path = "backup/kept.rs"]
mod kept;
#[path = "backup/pictures.rs"]
mod pictures;
#[path = "backup/unfit.rs"]
mod unfit;
