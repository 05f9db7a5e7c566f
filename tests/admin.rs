//! The operator's desk: who may come to it, and what is done there.

pub mod rig;

#[path = "admin/entering.rs"]
mod entering;
#[path = "admin/token.rs"]
mod token;
