//! Errors on purpose: what came is used up, and nothing else is told.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;

use super::super::{Faults, Rates, Waker};
use super::*;

const KEY: Key = Key::new(2, 5);
const EACH: Option<u32> = Some(1);

fn spoilt(seed: u64, rates: &Rates) -> Ring {
    let mut ring = Ring::new(&ROOMY).unwrap();
    ring.inject(Faults::new(seed, rates).unwrap());
    ring
}

#[test]
fn an_accept_fails_last_and_closes_the_connection() {
    let accepts = EACH;
    let mut ring = spoilt(
        1,
        &Rates {
            accepts,
            ..Rates::default()
        },
    );
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    ring.accept(KEY, listener.as_fd()).unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut failed = 0;
    run_dry(&mut ring, |_, done| match done {
        Completion::Accepted { result, more, .. } => {
            assert!(result.is_err() && !more);
            failed += 1;
        }
        Completion::Cancelled { .. } => {}
        other => panic!("{other:?}"),
    });
    assert_eq!(failed, 1);
    assert_eq!(client.read(&mut [0]).unwrap(), 0, "it is closed");
}

#[test]
fn a_receive_fails_last_and_gives_its_buffers_back() {
    let receives = EACH;
    let mut ring = spoilt(
        1,
        &Rates {
            receives,
            ..Rates::default()
        },
    );
    let (mut client, server) = pair();
    ring.receive(KEY, server.as_fd()).unwrap();
    client.write_all(b"gone").unwrap();
    let mut failed = 0;
    run_dry(&mut ring, |ring, done| match done {
        Completion::Received { outcome, more, .. } => {
            assert!(matches!(outcome, Outcome::Failed(_)) && !more);
            assert_eq!(ring.leased(), 0);
            failed += 1;
        }
        Completion::Cancelled { .. } => {}
        other => panic!("{other:?}"),
    });
    assert_eq!(failed, 1);
}

#[test]
fn a_receive_that_ends_early_loses_no_byte() {
    let receive_ends = Some(2);
    let mut ring = spoilt(
        1,
        &Rates {
            receive_ends,
            ..Rates::default()
        },
    );
    let (mut client, server) = pair();
    let sent = pattern(50_000);
    let mut pieces = sent.chunks(1_000);
    // A piece a time: each may be where the receive ends.
    client.write_all(pieces.next().unwrap()).unwrap();
    ring.receive(KEY, server.as_fd()).unwrap();
    let (mut got, mut ends) = (Vec::new(), 0);
    run(&mut ring, |ring, done| {
        let Completion::Received { outcome, more, .. } = done else {
            return false;
        };
        match outcome {
            Outcome::Got(lease) => {
                got.extend_from_slice(&lease);
                match pieces.next() {
                    Some(piece) => client.write_all(piece).unwrap(),
                    None => client.shutdown(Shutdown::Write).unwrap(),
                }
            }
            Outcome::NoBuffers | Outcome::Cancelled => ends += 1,
            Outcome::Ended => return true,
            other @ Outcome::Failed(_) => panic!("{other:?}"),
        }
        if !more {
            ring.receive(KEY, server.as_fd()).unwrap();
        }
        false
    });
    assert!(got == sent, "{} bytes", got.len());
    assert!(ends > 5, "{ends}");
    assert_eq!(ring.leased(), 0);
}

#[test]
fn a_send_fails_and_has_sent_nothing() {
    let sends = EACH;
    let mut ring = spoilt(
        1,
        &Rates {
            sends,
            ..Rates::default()
        },
    );
    let (mut client, server) = pair();
    ring.send(KEY, server.as_fd(), b"never".to_vec(), 0)
        .unwrap();
    run_dry(&mut ring, |_, done| {
        let Completion::Sent { buffer, result, .. } = done else {
            panic!("{done:?}");
        };
        assert_eq!(buffer, b"never");
        assert!(result.is_err());
    });
    drop(server);
    let mut got = Vec::new();
    client.read_to_end(&mut got).unwrap();
    assert!(got.is_empty(), "{got:?}");
}

#[test]
fn a_close_and_a_wake_fail_and_have_happened() {
    let (closes, wakes) = (EACH, EACH);
    let mut ring = spoilt(
        1,
        &Rates {
            closes,
            wakes,
            ..Rates::default()
        },
    );
    let (mut client, server) = pair();
    let waker = Waker::new().unwrap();
    ring.close(KEY, OwnedFd::from(server)).unwrap();
    ring.watch(KEY, &waker).unwrap();
    waker.wake();
    let mut failed = 0;
    run_dry(&mut ring, |_, done| match done {
        Completion::Closed { result, .. } | Completion::Woken { result, .. } => {
            assert!(result.is_err());
            failed += 1;
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(failed, 2);
    assert_eq!(client.read(&mut [0]).unwrap(), 0, "it is closed");
}

#[test]
fn a_doorbell_fails_aloud() {
    let doorbells = EACH;
    let mut ring = spoilt(
        1,
        &Rates {
            doorbells,
            ..Rates::default()
        },
    );
    let bell = ring.bell();
    ring.knock(&bell, Key::new(1, 1), KEY).unwrap();
    run(&mut ring, |_, done| {
        assert!(matches!(done, Completion::DoorbellFailed { key, .. } if key == KEY));
        true
    });
}

#[test]
fn the_seed_alone_decides() {
    let failures = |seed| {
        let sends = Some(3);
        let mut ring = spoilt(
            seed,
            &Rates {
                sends,
                ..Rates::default()
            },
        );
        let (_client, server) = pair();
        let mut errnos = Vec::new();
        for _ in 0..50 {
            ring.send(KEY, server.as_fd(), b"x".to_vec(), 0).unwrap();
            run_dry(&mut ring, |_, done| match done {
                Completion::Sent { result, .. } => {
                    errnos.push(result.err().and_then(|error| error.raw_os_error()));
                }
                other => panic!("{other:?}"),
            });
        }
        errnos
    };
    let first = failures(1);
    assert_eq!(first, failures(1));
    assert_ne!(first, failures(2));
    assert!(first.contains(&None) && first.iter().any(Option::is_some));
}
