//! Clients that go away without a word, at any step.

use std::thread;
use std::time::Duration;

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Server, Setup};

/// How a client goes.
const WAYS: [fn(Handset); 3] = [Handset::vanish, drop, |handset| {
    handset.shutdown_write();
    // Half closed, it would still listen for a while.
    thread::sleep(Duration::from_millis(20));
}];

#[test]
fn nothing_is_left_of_who_has_gone() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for way in WAYS {
            for n in 0..20 {
                way(Handset::connect(&server));
                let mut half = Handset::connect(&server);
                half.send_bytes(b"1#{\"userId\":\"half\",\"gend");
                way(half);
                let mut joining = Handset::connect(&server);
                joining.join(&format!("user{n}"), "M", "M");
                way(joining);
                let mut room = Handset::connect(&server);
                room.send_bytes(b"cafe\ncafe\n3#{}\nno frame\n1#{");
                way(room);
                way(waiting(&server, &format!("user{n}")));
            }
            expect_empty(&server);
        }
        waiting(&server, "ann");
    });
}

#[test]
fn a_partner_is_told() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        for way in WAYS {
            let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
            for n in 0..5 {
                bob.talk("ann", &n.to_string());
            }
            bob.send_bytes(b"6#{\"yourId\":\"bob\",\"toId\":\"ann\"");
            for n in 0..5 {
                assert_eq!(ann.expect(6)["msg"], n.to_string());
            }
            way(bob);
            let mut gone = ann.expect(9);
            gone["talkId"].take();
            let whole = serde_json::json!({"youId": "bob", "toId": "ann", "nickname": "bob",
                "endmessage": "", "over": 1, "talkId": null});
            assert_eq!(gone, whole);
            expect_alive(&mut ann);
            ann.next_one("bob", "");
            ann.expect(2);
            drop(ann);
            expect_empty(&server);
        }
    });
}

#[test]
fn both_may_go_at_once() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        for way in WAYS {
            let pairs: Vec<_> = (0..10)
                .map(|n| rig::pair(&server, &format!("ann{n}"), &format!("bob{n}")))
                .collect();
            thread::scope(|scope| {
                for (ann, bob) in pairs {
                    scope.spawn(move || way(ann));
                    scope.spawn(move || way(bob));
                }
            });
            expect_empty(&server);
        }
    });
}

#[test]
fn who_is_being_replaced_may_go() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for way in WAYS {
            for _ in 0..10 {
                let older = waiting(&server, "ann");
                let mut newer = Handset::connect(&server);
                newer.join("ann", "F", "M");
                way(older);
                newer.expect(2);
                let mut newest = Handset::connect(&server);
                newest.join("ann", "F", "M");
                way(newest);
                newer.expect_refusal("replaced", None);
                newer.expect_closed();
                expect_empty(&server);
            }
        }
    });
}

#[test]
fn in_a_drain_too() {
    rig::both(|cores| {
        for way in WAYS {
            let mut server = Server::start(cores);
            let pair = rig::pair(&server, "zoe", "zac");
            let handsets: Vec<_> = (0..10)
                .map(|n| waiting(&server, &format!("ann{n}")))
                .collect();
            server.term();
            handsets.into_iter().for_each(way);
            way(pair.0);
            way(pair.1);
            assert_eq!(server.wait_exit().code(), Some(0));
        }
    });
}

#[test]
fn a_half_closed_one_hears_all_that_was_for_it() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let mut handset = Handset::connect(&server);
        // More than one send's worth.
        handset.send_bytes("cafe\n".repeat(20_000).as_bytes());
        handset.shutdown_write();
        for _ in 0..20_000 {
            assert!(handset.expect_line().starts_with("cafe1"));
        }
        handset.expect_end();
    });
}

/// Nobody is there any more.
#[track_caller]
fn expect_empty(server: &Server) {
    for name in ["sessions", "joined", "waiting", "talks", "outbox_bytes"] {
        server.wait_metric(&format!("pairline_{name}"), 0.0);
    }
}
