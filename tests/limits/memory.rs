//! What sessions can make the server keep, roughly.

use std::thread;
use std::time::Duration;

use crate::rig::{Handset, Server, Setup};

const KIB: u64 = 1024;
const LINE: usize = 8192;

/// Few receive buffers: else what counts is how many of them were ever used.
fn small(cores: usize) -> Setup {
    Setup::new(cores)
        .set("max_rate", 0)
        .set("test_mode", true)
        .set("test.ring_buffers", 256)
}

/// What it grows by while `work` is done.
#[track_caller]
fn grown<T>(server: &Server, work: impl FnOnce() -> T) -> (u64, T) {
    let before = server.resident();
    let done = work();
    (server.resident().saturating_sub(before), done)
}

#[test]
fn half_lines_are_kept_and_nothing_more() {
    for cores in [1, 2] {
        let server = small(cores).start();
        let many: u16 = 200;
        let (bytes, mut handsets) = grown(&server, || {
            let mut handsets: Vec<_> = (0..many).map(|_| Handset::connect(&server)).collect();
            for handset in &mut handsets {
                for piece in vec![b'a'; LINE].chunks(1000) {
                    handset.send_bytes(piece);
                }
            }
            server.wait_metric("pairline_sessions", f64::from(many));
            thread::sleep(Duration::from_millis(200));
            handsets
        });
        // A line each, in a buffer that grew by doubling, and the session.
        let most = u64::from(many) * 24 * KIB + 2048 * KIB;
        assert!(bytes < most, "{bytes} bytes more, at most {most}");
        for handset in &mut handsets {
            handset.send_line("");
            handset.expect_refusal("bad_frame", None);
        }
    }
}

#[test]
fn an_unread_flood_is_bounded() {
    let server = small(1).set("max_outbox", "64KiB").start();
    let many: u16 = 8;
    let (bytes, handsets) = grown(&server, || {
        let mut handsets: Vec<_> = (0..many).map(|_| Handset::connect(&server)).collect();
        // The answers to these are never read; most are cut off for it.
        let room = [b"E830829840239932\n".repeat(4096)].concat();
        for handset in &mut handsets {
            for _ in 0..200 {
                if handset.try_send(&room).is_err() {
                    break;
                }
            }
        }
        handsets
    });
    let most = u64::from(many) * 256 * KIB + 4096 * KIB;
    assert!(bytes < most, "{bytes} bytes more, at most {most}");
    drop(handsets);
    server.wait_metric("pairline_sessions", 0.0);
}
