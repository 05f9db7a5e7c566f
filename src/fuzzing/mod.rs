//! What each fuzz target of `fuzz/` checks: a function that takes any bytes
//! and panics if they show a fault.
//!
//! The targets are only a line each around these functions, and the tests here
//! give the committed corpora and dictionaries to them, so that whatever was
//! found once is looked at again on any toolchain. The inputs are text where
//! that is possible; each function says how it reads them.
//!
//! Deliberately absent: any way for a target to set up what it checks by
//! itself. What is told here about a part is that part's own contract.

mod again;
mod config;
mod console;
mod framer;
mod parser;
mod picture;
mod proxy;
mod reference;
mod session;
mod writer;

pub use again::again;
pub use config::config;
pub use console::console;
pub use framer::framer;
pub use parser::parser;
pub use picture::picture;
pub use proxy::proxy;
pub use session::{session, world};
pub use writer::writer;

/// A target's name and its function.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 10] = [
    ("framer", framer),
    ("parser", parser),
    ("again", again),
    ("writer", writer),
    ("session", session),
    ("world", world),
    ("config", config),
    ("console", console),
    ("proxy", proxy),
    ("picture", picture),
];

/// The lines of an input, without their ends.
fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    data.split(|&byte| byte == b'\n')
}

#[cfg(test)]
mod tests;
