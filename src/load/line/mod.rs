//! The lines that pairs exchange: everything in them but a stamp is rendered
//! beforehand, and everything that arrives is compared to the last byte.
//!
//! Deliberately absent: JSON. A line that does not match its template goes to
//! the peer's dialect, which says what is wrong with it.

mod digits;
mod stamp;
mod template;

pub(super) use stamp::Timed;
pub(super) use template::Template;
