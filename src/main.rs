//! The `pairline` command.
#![deny(unsafe_code)]

fn main() {}
