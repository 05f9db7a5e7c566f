//! Users of HTTP: each gets a code, registers, uploads a picture, looks at it
//! and at the feed, likes one, and begins again as somebody new.
//!
//! `caller` is one of them and what it asks, `answer` cuts answers out of what
//! arrives, `hook` is where the server's webhook gateway delivers the codes.
//! They share rings and loops with the users of the chat (`worker::calls`): a
//! client that keeps one connection and has one request under way needs no
//! more of HTTP than is here, and the rings make both halves of `mix` one.
//!
//! Deliberately absent: answers without a `Content-Length`, which the server
//! does not give.

pub(super) mod answer;
pub(super) mod caller;
pub(super) mod hook;
mod reply;
pub(super) mod step;

use std::fs;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The picture that is uploaded unless another is named: 320 by 240.
const PICTURE: &[u8] = include_bytes!("picture.png");

/// A file as a `picture` of an upload. The server goes by its content.
pub(super) fn data_url(file: &str) -> Result<Arc<str>, String> {
    let picture = fs::read(file).map_err(|error| error.to_string())?;
    Ok(encoded(&picture))
}

/// The picture of those who name none.
pub(super) fn small() -> Arc<str> {
    encoded(PICTURE)
}

fn encoded(picture: &[u8]) -> Arc<str> {
    format!("data:image/png;base64,{}", STANDARD.encode(picture)).into()
}
