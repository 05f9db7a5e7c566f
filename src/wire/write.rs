//! [`Outgoing`] appended to a buffer: the only writer of the format.

use super::message::{Dialect, Outgoing};

/// Appends one whole line, its `\n` included.
pub fn write(out: &mut Vec<u8>, dialect: Dialect, message: &Outgoing<'_>) {
    let _ = (out, dialect, message);
    todo!()
}
