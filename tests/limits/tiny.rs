//! Everything still arrives when the server's own buffers, queues and lanes
//! are far too small.

use std::thread;

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Server, Setup};

fn tiny(cores: usize) -> Setup {
    Setup::new(cores).set("max_rate", 0).set("test_mode", true)
}

#[test]
fn receive_buffers() {
    rig::both(|cores| {
        let server = tiny(cores)
            .set("test.ring_buffers", 2)
            .set("test.ring_buffer_size", 16)
            .start();
        talk_all_at_once(&server, 6, 60);
    });
}

#[test]
fn the_completion_queue() {
    rig::both(|cores| {
        let server = tiny(cores).set("test.cq_entries", 4).start();
        talk_all_at_once(&server, 6, 200);
        let many: Vec<Handset> = (0..60)
            .map(|n| waiting(&server, &format!("user{n}")))
            .collect();
        many.into_iter().for_each(Handset::vanish);
        server.wait_metric("pairline_sessions", 0.0);
        server.wait_metric("pairline_waiting", 0.0);
        expect_alive(&mut Handset::connect(&server));
    });
}

#[test]
fn the_lanes_between_cores() {
    let server = tiny(2).set("test.lane_entries", 1).start();
    talk_all_at_once(&server, 8, 300);
    let mut server = server;
    server.term();
    assert_eq!(server.wait_exit().code(), Some(0));
}

#[test]
fn send_buffers() {
    rig::both(|cores| {
        let server = tiny(cores).set("test.send_buffer", 1).start();
        talk_all_at_once(&server, 4, 200);
    });
}

/// So many pairs, of whom both sides say so many lines at once and hear all
/// that the other says, in order.
#[track_caller]
fn talk_all_at_once(server: &Server, pairs: usize, lines: usize) {
    let talks: Vec<_> = (0..pairs)
        .map(|n| rig::pair(server, &format!("ann{n}"), &format!("bob{n}")))
        .collect();
    thread::scope(|scope| {
        for (ann, bob) in talks {
            let (a, b) = (ann.user.clone(), bob.user.clone());
            scope.spawn(move || say_and_hear(ann, &b, lines));
            scope.spawn(move || say_and_hear(bob, &a, lines));
        }
    });
}

fn say_and_hear(mut own: Handset, other: &str, lines: usize) {
    let text = |n| format!("{n:04}{}", "x".repeat(n % 7 * 30));
    let say = |n| {
        let body = serde_json::json!({"yourId": own.user, "toId": other, "msg": text(n)});
        format!("6#{body}\n")
    };
    let said: String = (0..lines).map(say).collect();
    own.send_bytes(said.as_bytes());
    for n in 0..lines {
        assert_eq!(own.expect(6)["msg"], text(n));
    }
    own.send_line("");
    // The other may have gone by now.
    while own.expect_line() != "" {}
}
