//! SIGTERM and SIGINT.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use super::waiting;
use crate::rig::{self, Handset, Server, Setup};

#[test]
fn every_session_is_told_and_closed() {
    rig::both(|cores| {
        for signal in ["TERM", "INT"] {
            let mut server = Server::start(cores);
            let (ann, bob) = rig::pair(&server, "ann", "bob");
            let mut named = Handset::connect(&server);
            named.send_line(r#"{"msgType":"leave"}"#);
            named.expect_named("error");
            let mut half = Handset::connect(&server);
            half.send_bytes(b"1#{\"userId\":");
            let strangers = (0..10).map(|_| Handset::connect(&server));
            let mut all = vec![ann, bob, named, half];
            all.extend(strangers);
            all.extend((0..10).map(|n| waiting(&server, &format!("user{n}"))));
            server.wait_metric("pairline_sessions", 24.0);
            server.signal(signal);
            for handset in &mut all {
                // Those who wait hear their places, too.
                while let Some(line) = handset.try_line(rig::PATIENCE) {
                    if !line.starts_with("2#") {
                        assert!(
                            line.contains(r#"{"error":"draining","msgType":null,"#),
                            "{line}"
                        );
                        break;
                    }
                }
                handset.expect_end();
            }
            drop(all);
            assert_eq!(server.wait_exit().code(), Some(0));
            assert!(
                TcpStream::connect(server.chat).is_err(),
                "nobody is accepted"
            );
            let (one_line, rest) = (server.stdout(), server.log());
            assert_eq!(one_line.lines().count(), 1, "{one_line}");
            assert!(!rest.contains("panicked"), "{rest}");
        }
    });
}

#[test]
fn with_no_time_to_drain_everybody_is_still_told() {
    rig::both(|cores| {
        let mut server = Setup::new(cores).set("drain_timeout", "0s").start();
        let users = (0..6).map(|n| waiting(&server, &format!("user{n}")));
        let mut users: Vec<Handset> = users.collect();
        server.term();
        for handset in &mut users {
            handset.expect_past_waits(0);
        }
        assert_eq!(server.wait_exit().code(), Some(0));
    });
}

/// What a core had acted on when the server began to go down arrives, also
/// through the lane to another core.
#[test]
fn lines_on_their_way_arrive() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", "0").start();
        let mut pairs: Vec<_> = (0..8)
            .map(|n| rig::pair(&server, &format!("f{n}"), &format!("m{n}")))
            .collect();
        for (ann, bob) in &mut pairs {
            for n in 0..50 {
                ann.talk(&bob.user, &n.to_string());
            }
        }
        // Everything has been received when the last pair's heartbeats are
        // answered: each is acted on behind the lines before it.
        for (ann, _) in &mut pairs {
            ann.send_line("");
            assert_eq!(ann.expect_line(), "");
        }
        server.term();
        for (_, bob) in &mut pairs {
            for n in 0..50 {
                assert_eq!(bob.expect(6)["msg"], n.to_string());
            }
            bob.expect(0);
        }
    });
}

#[test]
fn one_alone_on_the_server_is_told() {
    rig::both(|cores| {
        let mut server = Server::start(cores);
        let mut ann = waiting(&server, "ann");
        server.term();
        ann.expect_refusal("draining", None);
        ann.expect_end();
        assert_eq!(server.wait_exit().code(), Some(0));
        let mut server = Server::start(cores);
        server.term();
        assert_eq!(server.wait_exit().code(), Some(0), "nobody was there");
    });
}

#[test]
fn nobody_is_let_in_any_more() {
    rig::both(|cores| {
        let mut server = full_of_unread(cores, "3s");
        let mut stuck = unread(&server);
        server.term();
        server.wait_log("draining");
        // Its core may not know yet.
        thread::sleep(Duration::from_millis(200));
        for _ in 0..5 {
            let Ok(stream) = TcpStream::connect(server.chat) else {
                continue;
            };
            drop(stream);
            let mut late = Handset::connect_to(server.chat);
            late.expect_refusal("draining", None);
            late.expect_closed();
        }
        stuck.1.send_line("");
        drop(stuck);
        assert_eq!(server.wait_exit().code(), Some(0));
    });
}

#[test]
fn who_never_reads_is_waited_for_no_longer_than_allowed() {
    rig::both(|cores| {
        let mut server = full_of_unread(cores, "1s");
        let (mut ann, _bob) = unread(&server);
        let begin = Instant::now();
        server.term();
        ann.expect_refusal("draining", None);
        ann.expect_end();
        assert_eq!(server.wait_exit().code(), Some(0));
        let took = begin.elapsed();
        assert!(
            took >= Duration::from_millis(900),
            "he had his time: {took:?}"
        );
        assert!(took < rig::PATIENCE, "{took:?}");
    });
}

#[test]
fn what_is_queued_is_flushed() {
    rig::both(|cores| {
        let mut server = full_of_unread(cores, "60s");
        let (mut ann, mut bob) = unread(&server);
        server.term();
        ann.expect_refusal("draining", None);
        thread::sleep(Duration::from_millis(1200));
        for n in 0..UNREAD {
            let said = bob.expect(6);
            assert_eq!(
                said["msg"].as_str().map(|text| &text[..4]),
                Some(&*format!("{n:04}"))
            );
        }
        bob.expect_refusal("draining", None);
        bob.expect_end();
        drop((ann, bob));
        let begin = Instant::now();
        assert_eq!(server.wait_exit().code(), Some(0));
        assert!(begin.elapsed() < rig::PATIENCE, "nobody else is waited for");
    });
}

#[test]
fn it_drains_under_traffic() {
    rig::both(|cores| {
        let mut server = Setup::new(cores).set("max_rate", 0).start();
        let pairs: Vec<_> = (0..4)
            .map(|n| rig::pair(&server, &format!("ann{n}"), &format!("bob{n}")))
            .collect();
        thread::scope(|scope| {
            for (n, (mut ann, mut bob)) in pairs.into_iter().enumerate() {
                scope.spawn(move || {
                    let to = format!("bob{n}");
                    let body = format!(r#"6#{{"yourId":"ann{n}","toId":"{to}","msg":"x"}}"#) + "\n";
                    while ann.try_send(body.repeat(10).as_bytes()).is_ok() {
                        match bob.try_line(Duration::from_millis(50)) {
                            Some(line) if line.contains("draining") => break,
                            _ => {}
                        }
                    }
                    while let Some(line) = bob.try_line(rig::PATIENCE) {
                        assert!(
                            line.starts_with("6#") || line.contains("draining"),
                            "{line}"
                        );
                    }
                    bob.expect_end();
                    ann.expect_refusal("draining", None);
                });
            }
            thread::sleep(Duration::from_millis(200));
            server.term();
        });
        assert_eq!(server.wait_exit().code(), Some(0));
    });
}

/// Lines that wait for somebody who does not read them.
const UNREAD: usize = 500;

/// A server in which much may wait for somebody.
fn full_of_unread(cores: usize, drain_timeout: &str) -> Server {
    Setup::new(cores)
        .set("max_rate", 0)
        .set("max_outbox", "8MiB")
        .set("drain_timeout", drain_timeout)
        .set("test_mode", true)
        .set("test.send_buffer", "64KiB")
        .start()
}

/// A talk whose second side has not read what was said; more than what the
/// buffers hold.
#[track_caller]
fn unread(server: &Server) -> (Handset, Handset) {
    let (mut ann, bob) = rig::pair(server, "ann", "bob");
    for n in 0..UNREAD {
        ann.talk("bob", &format!("{n:04}{}", "x".repeat(4 << 10)));
    }
    // All of it is queued for him.
    let queued = r#"pairline_frames_total{type="talking",direction="out"}"#;
    server.wait_metric(queued, UNREAD as f64);
    (ann, bob)
}
