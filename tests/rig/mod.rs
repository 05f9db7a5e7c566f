//! The loopback rig: the real server in a process of its own, and handsets
//! that talk to it over TCP.
//!
//! A test file declares it as `pub mod rig;` (pub, as no file needs all of it)
//! and says
//!
//! ```ignore
//! #[test]
//! fn a_word_arrives_as_it_was_typed() {
//!     rig::both(|cores| {
//!         let server = Server::start(cores);
//!         let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
//!         ann.talk("bob", "hello");
//!         assert_eq!(bob.expect(6)["msg"], "hello");
//!     });
//! }
//! ```
//!
//! Whatever is expected and does not come within [`PATIENCE`] panics with what
//! the handset sent and heard; the server's log follows in the test's output.

mod handset;
pub mod http;
mod metrics;
pub mod operator;
mod server;
mod threads;
mod told;
pub mod users;
pub mod webhook;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::json;

pub use handset::{Handset, stream_from};
pub use metrics::Samples;
pub use server::{Server, Setup, signal};
pub use threads::Thread;

/// How long anything that must come is waited for, on a machine that may have
/// much else to do.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who waits, first of her queue or not.
#[track_caller]
pub fn waiting(server: &Server, user: &str) -> Handset {
    let mut handset = Handset::connect(server);
    handset.join(user, "F", "M");
    handset.expect(2);
    handset
}

/// The connection is open and nothing is left unread on it.
#[track_caller]
pub fn expect_alive(handset: &mut Handset) {
    handset.send_line("");
    assert_eq!(handset.expect_line(), "");
}

/// Runs the test on one core, then on two.
pub fn both(test: impl Fn(usize)) {
    for cores in [1, 2] {
        eprintln!("--- cores: {cores}");
        test(cores);
    }
}

/// Two users in a talk: `a` a woman, `b` a man, one conversation each. What
/// the server said up to the two 5s is consumed.
#[track_caller]
pub fn pair(server: &Server, a: &str, b: &str) -> (Handset, Handset) {
    let (mut woman, mut man) = (Handset::connect(server), Handset::connect(server));
    woman.join(a, "F", "M");
    woman.expect(2);
    man.join(b, "M", "F");
    assert_eq!(man.expect_past_waits(5)["toId"], json!(a));
    assert_eq!(woman.expect_past_waits(5)["toId"], json!(b));
    (woman, man)
}

/// One GET: the status and the body.
#[track_caller]
pub fn http_get(addr: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect_timeout(&addr, PATIENCE).expect("the HTTP port is open");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("it is not zero");
    // HTTP/1.0: the body comes unchunked and ends with the connection.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {addr}\r\n\r\n").expect("the request is taken");
    let mut reply = String::new();
    stream
        .read_to_string(&mut reply)
        .expect("a reply in UTF-8, to its end");
    let (head, body) = reply.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    (status.expect("a status"), body.to_owned())
}
