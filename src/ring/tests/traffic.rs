//! Bytes in and out.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread;

use super::super::socket;
use super::*;

const KEY: Key = Key::new(3, 9);

#[test]
fn a_listener_accepts_receives_and_echoes() {
    let mut ring = Ring::new(&ROOMY).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    ring.accept(Key::new(0, 1), listener.as_fd()).unwrap();
    let clients = thread::spawn(move || {
        for _ in 0..3 {
            let mut client = TcpStream::connect(address).unwrap();
            client.write_all(b"hello").unwrap();
            let mut back = [0; 5];
            client.read_exact(&mut back).unwrap();
            assert_eq!(&back, b"hello");
        }
    });
    let mut open = Vec::new();
    let mut ended = 0;
    run(&mut ring, |ring, done| {
        match done {
            Completion::Accepted { key, result, more } => {
                assert_eq!((key, more), (Key::new(0, 1), true));
                let fd = result.unwrap();
                let key = Key::new(u32::try_from(open.len()).unwrap(), 5);
                ring.receive(key, fd.as_fd()).unwrap();
                open.push(fd);
            }
            Completion::Received { key, outcome, more } => match outcome {
                Outcome::Got(lease) => {
                    assert!(more);
                    let fd = open[key.slot as usize].as_fd();
                    ring.send(key, fd, lease.to_vec(), 0).unwrap();
                }
                Outcome::Ended => {
                    assert!(!more);
                    ended += 1;
                }
                other => panic!("{other:?}"),
            },
            Completion::Sent { buffer, result, .. } => {
                assert_eq!((&buffer[..], result.unwrap()), (&b"hello"[..], 5));
            }
            other => panic!("{other:?}"),
        }
        ended == 3
    });
    clients.join().unwrap();
    assert_eq!(ring.leased(), 0);
    assert_eq!(ring.in_flight(), 1, "the accept goes on");
}

#[test]
fn buffers_that_run_out_lose_no_byte() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let (mut client, server) = pair();
    let sent = pattern(100_000);
    let expected = sent.clone();
    let writing = thread::spawn(move || client.write_all(&sent).unwrap());
    ring.receive(KEY, server.as_fd()).unwrap();
    let mut got = Vec::new();
    let mut kept: VecDeque<Lease> = VecDeque::new();
    let mut ran_out = 0;
    run(&mut ring, |ring, done| {
        let Completion::Received { outcome, more, .. } = done else {
            panic!("{done:?}");
        };
        match outcome {
            Outcome::Got(lease) => {
                got.extend_from_slice(&lease);
                // Keeping all four makes the kernel run out.
                kept.push_back(lease);
                assert_eq!(usize::from(ring.leased()), kept.len());
            }
            Outcome::NoBuffers => {
                assert!(!more);
                ran_out += 1;
                kept.clear();
            }
            Outcome::Ended => return true,
            other => panic!("{other:?}"),
        }
        if !more {
            kept.clear();
            ring.receive(KEY, server.as_fd()).unwrap();
        }
        false
    });
    writing.join().unwrap();
    assert!(ran_out > 10, "{ran_out}");
    assert!(got == expected, "{} bytes", got.len());
    drop(kept);
    assert_eq!((ring.leased(), ring.in_flight()), (0, 0));
}

#[test]
fn short_sends_make_an_exact_stream() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let (mut client, server) = pair();
    socket::set_send_buffer(server.as_fd(), 1).unwrap();
    let all = pattern(100_000);
    let expected = all.clone();
    let reading = thread::spawn(move || {
        let mut got = Vec::new();
        client.read_to_end(&mut got).unwrap();
        got
    });
    ring.send(KEY, server.as_fd(), all, 0).unwrap();
    let (mut from, mut sends) = (0, 0);
    run(&mut ring, |ring, done| match done {
        Completion::Sent {
            key,
            buffer,
            result,
        } => {
            assert_eq!(key, KEY);
            from += result.unwrap();
            sends += 1;
            if from < buffer.len() {
                ring.send(KEY, server.as_fd(), buffer, from).unwrap();
            } else {
                socket::shut_down(server.as_fd(), Shutdown::Write).unwrap();
            }
            from == expected.len()
        }
        other => panic!("{other:?}"),
    });
    assert!(sends > 1, "none was short");
    assert!(reading.join().unwrap() == expected);
}

#[test]
fn more_operations_than_the_queue_holds_all_happen() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let (mut client, server) = pair();
    let mut expected = Vec::new();
    for slot in 0..100 {
        let line = format!("{slot}\n").into_bytes();
        expected.extend_from_slice(&line);
        let key = Key::new(slot, 0);
        ring.send(key, server.as_fd(), line, 0).unwrap();
    }
    let mut sent = 0;
    run(&mut ring, |_, done| {
        assert!(matches!(done, Completion::Sent { result: Ok(_), .. }));
        sent += 1;
        sent == 100
    });
    let mut got = vec![0; expected.len()];
    client.read_exact(&mut got).unwrap();
    assert_eq!(got, expected);
}

#[test]
fn a_small_completion_queue_overflows_without_loss() {
    const MANY: u32 = 300;
    let mut ring = Ring::new(&SMALL).unwrap();
    let pairs: Vec<_> = (0..MANY).map(|_| pair()).collect();
    for (slot, (_, server)) in (0..).zip(&pairs) {
        ring.receive(Key::new(slot, 0), server.as_fd()).unwrap();
    }
    ring.turn(Some(Duration::ZERO)).unwrap();
    let servers: Vec<_> = pairs.into_iter().map(|(_, server)| server).collect();
    // All clients are gone. Entering without popping lets the queue run over.
    for _ in 0..100 {
        ring.turn(Some(Duration::ZERO)).unwrap();
    }
    assert!(ring.overflow() > 0);
    let mut ended = vec![false; servers.len()];
    run(&mut ring, |_, done| {
        let Completion::Received { key, outcome, more } = done else {
            panic!("{done:?}");
        };
        assert!(matches!(outcome, Outcome::Ended) && !more);
        assert!(!std::mem::replace(&mut ended[key.slot as usize], true));
        ended.iter().all(|ended| *ended)
    });
    assert_eq!(ring.in_flight(), 0);
}

#[test]
fn a_send_to_a_closed_connection_fails_and_raises_no_signal() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let (client, server) = pair();
    drop(client);
    let mut failed = false;
    ring.send(KEY, server.as_fd(), b"a".to_vec(), 0).unwrap();
    run(&mut ring, |ring, done| {
        let Completion::Sent { buffer, result, .. } = done else {
            panic!("{done:?}");
        };
        assert_eq!(buffer, b"a");
        failed = result.is_err();
        if !failed {
            ring.send(KEY, server.as_fd(), buffer, 0).unwrap();
        }
        failed
    });
    assert!(failed);
}
