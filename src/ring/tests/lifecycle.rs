//! Cancelling, closing, and dropping with operations in flight.

use std::io::Read;
use std::net::Shutdown;
use std::os::fd::OwnedFd;

use super::super::{Op, socket};
use super::*;

const KEY: Key = Key::new(1, 2);

#[test]
fn a_cancelled_receive_and_its_cancellation_both_complete() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let (_client, server) = pair();
    ring.receive(KEY, server.as_fd()).unwrap();
    ring.turn(Some(Duration::ZERO)).unwrap();
    ring.cancel(KEY, Op::Receive).unwrap();
    let (mut cancelled, mut received) = (false, false);
    run(&mut ring, |_, done| {
        match done {
            Completion::Cancelled { key, result } => {
                assert_eq!(key, KEY);
                result.unwrap();
                cancelled = true;
            }
            Completion::Received { key, outcome, more } => {
                assert_eq!(key, KEY);
                assert!(matches!(outcome, Outcome::Cancelled) && !more);
                received = true;
            }
            other => panic!("{other:?}"),
        }
        cancelled && received
    });
    assert_eq!(ring.in_flight(), 0);
}

#[test]
fn a_send_that_nobody_reads_can_be_cancelled_and_returns_its_buffer() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let (_client, server) = pair();
    let big = vec![7; 16 << 20];
    ring.send(KEY, server.as_fd(), big, 0).unwrap();
    let mut cancelling = false;
    run(&mut ring, |ring, done| match done {
        Completion::Sent { buffer, result, .. } => {
            assert_eq!(buffer.len(), 16 << 20);
            match result {
                Ok(_) => {
                    ring.send(KEY, server.as_fd(), buffer, 0).unwrap();
                    ring.turn(Some(Duration::ZERO)).unwrap();
                    ring.cancel(KEY, Op::Send).unwrap();
                    cancelling = true;
                    false
                }
                Err(error) => {
                    assert_eq!(error.raw_os_error(), Some(libc::ECANCELED));
                    assert!(cancelling);
                    true
                }
            }
        }
        Completion::Cancelled { .. } => false,
        other => panic!("{other:?}"),
    });
}

#[test]
fn cancelling_what_is_not_there_says_so() {
    let mut ring = Ring::new(&SMALL).unwrap();
    ring.cancel(KEY, Op::Send).unwrap();
    run(&mut ring, |_, done| {
        let Completion::Cancelled { result, .. } = done else {
            panic!("{done:?}");
        };
        assert_eq!(result.unwrap_err().raw_os_error(), Some(libc::ENOENT));
        true
    });
}

#[test]
fn teardown_in_order_ends_every_operation() {
    let mut ring = Ring::new(&ROOMY).unwrap();
    let (mut client, server) = pair();
    let server = OwnedFd::from(server);
    ring.receive(KEY, server.as_fd()).unwrap();
    let bye = b"bye".to_vec();
    ring.send(KEY, server.as_fd(), bye, 0).unwrap();
    let mut server = Some(server);
    run_dry(&mut ring, |ring, done| match done {
        Completion::Sent { result, .. } => {
            assert_eq!(result.unwrap(), 3);
            let fd = server.as_ref().unwrap().as_fd();
            socket::shut_down(fd, Shutdown::Write).unwrap();
            ring.cancel(KEY, Op::Receive).unwrap();
        }
        Completion::Received { outcome, more, .. } => {
            assert!(matches!(outcome, Outcome::Cancelled) && !more);
            ring.close(KEY, server.take().unwrap()).unwrap();
        }
        Completion::Cancelled { result, .. } => {
            result.unwrap();
        }
        Completion::Closed { key, result } => {
            assert_eq!(key, KEY);
            result.unwrap();
        }
        other => panic!("{other:?}"),
    });
    assert!(server.is_none(), "closed");
    let mut got = Vec::new();
    client.read_to_end(&mut got).unwrap();
    assert_eq!(got, b"bye");
}

#[test]
fn a_socket_connects_or_says_why_not() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let listener = TcpListener::bind("[::1]:0").unwrap();
    let address = listener.local_addr().unwrap();
    for (up, generation) in [(true, 0), (false, 1)] {
        let key = Key::new(4, generation);
        let fd = socket::stream(address).unwrap();
        if up {
            ring.connect(key, fd.as_fd(), address).unwrap();
        } else {
            // A claim holds its port without listening on it.
            let claim = socket::Claim::take("[::1]:0".parse().unwrap(), Duration::ZERO).unwrap();
            ring.connect(key, fd.as_fd(), claim.address()).unwrap();
            ring.turn(Some(A_WHILE)).unwrap();
        }
        run(&mut ring, |_, done| {
            let Completion::Connected { key: of, result } = done else {
                panic!("{done:?}");
            };
            assert_eq!((of, result.is_ok()), (key, up));
            true
        });
    }
}

#[test]
fn dropping_a_ring_ends_what_is_in_flight() {
    let (client, server) = pair();
    let mut peer = client.try_clone().unwrap();
    let mut ring = Ring::new(&ROOMY).unwrap();
    ring.receive(KEY, server.as_fd()).unwrap();
    let big = vec![7; 16 << 20];
    ring.send(KEY, server.as_fd(), big, 0).unwrap();
    ring.turn(Some(Duration::ZERO)).unwrap();
    let bell = ring.bell();
    let before = Instant::now();
    drop(ring);
    assert!(before.elapsed() < A_WHILE / 10, "waits for nobody");
    // Nobody sends or receives any more, though the bell keeps the kernel's
    // side alive.
    server.shutdown(Shutdown::Write).unwrap();
    let mut got = Vec::new();
    peer.read_to_end(&mut got).unwrap();
    assert!(got.len() < 16 << 20);
    drop(bell);
}

#[test]
fn a_lease_outlives_its_ring() {
    use std::io::Write;
    let (mut client, server) = pair();
    client.write_all(b"kept").unwrap();
    let mut ring = Ring::new(&SMALL).unwrap();
    ring.receive(KEY, server.as_fd()).unwrap();
    let mut kept = None;
    run(&mut ring, |_, done| {
        if let Completion::Received {
            outcome: Outcome::Got(lease),
            ..
        } = done
        {
            kept = Some(lease);
        }
        kept.is_some()
    });
    drop(ring);
    assert_eq!(&kept.unwrap()[..], b"kept");
}

#[test]
fn shutting_down_ends_a_receive_and_a_send() {
    let mut ring = Ring::new(&SMALL).unwrap();
    let (_client, server) = pair();
    ring.receive(KEY, server.as_fd()).unwrap();
    // Sends fill the socket until one waits.
    loop {
        ring.send(KEY, server.as_fd(), vec![7; 16 << 20], 0)
            .unwrap();
        ring.turn(Some(Duration::ZERO)).unwrap();
        match ring.pop() {
            Some(Completion::Sent { .. }) => {}
            None => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(ring.in_flight(), 2);
    socket::shut_down(server.as_fd(), Shutdown::Both).unwrap();
    run_dry(&mut ring, |_, done| match done {
        Completion::Received { outcome, more, .. } => {
            assert!(matches!(outcome, Outcome::Ended) && !more);
        }
        Completion::Sent { result, .. } => assert!(result.is_err()),
        other => panic!("{other:?}"),
    });
}
