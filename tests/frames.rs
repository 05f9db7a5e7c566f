//! The chat port line by line: what is a frame, where it is cut, in which
//! dialect it is answered, and what stands in it.

pub mod rig;

#[path = "frames/cutting.rs"]
mod cutting;
#[path = "frames/dialects.rs"]
mod dialects;
#[path = "frames/fields.rs"]
mod fields;
#[path = "frames/json.rs"]
mod json;
#[path = "frames/limits.rs"]
mod limits;
#[path = "frames/rooms.rs"]
mod rooms;
#[path = "frames/types.rs"]
mod types;

use rig::{Handset, Server, Setup};

/// A server without a limit on the rate and without a pause between two talks
/// of the same two: these tests send much, and meet often.
#[track_caller]
fn start(cores: usize) -> Server {
    Setup::new(cores)
        .set("max_rate", 0)
        .set("rematch_pause", "0s")
        .start()
}

/// A connection of its own, on which this line has been sent.
#[track_caller]
fn after(server: &Server, line: impl AsRef<[u8]>) -> Handset {
    let mut handset = Handset::connect(server);
    let mut bytes = line.as_ref().to_vec();
    bytes.push(b'\n');
    handset.send_bytes(&bytes);
    handset
}

/// The line is answered with this error, and the connection stays open: the
/// error's detail.
#[track_caller]
fn refused(
    server: &Server,
    line: impl AsRef<[u8]>,
    slug: &str,
    msg_type: impl Into<Option<u16>>,
) -> String {
    let mut handset = after(server, line);
    let detail = handset.expect_refusal(slug, msg_type.into());
    expect_alive(&mut handset);
    detail
}

/// The line is a join that is taken: somebody waits.
#[track_caller]
fn joins(server: &Server, line: impl AsRef<[u8]>) -> Handset {
    let mut handset = after(server, line);
    handset.expect(2);
    handset
}

/// The connection is open and nothing is left unread on it.
#[track_caller]
fn expect_alive(handset: &mut Handset) {
    handset.send_line("");
    assert_eq!(handset.expect_line(), "");
}

/// A join of F looking for M with more members in it.
fn join(user: &str, more: &str) -> String {
    format!(r#"1#{{"userId":"{user}","gender":"F","findGender":"M"{more}}}"#)
}
