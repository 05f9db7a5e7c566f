//! Connections: how many an address may have, whatever it does with them.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use crate::rig::http::Request;
use crate::rig::{PATIENCE, Server, Setup};
use serde_json::json;
use socket2::{Domain, Socket, Type};

/// Connections that one address may have, as HANDSETS.md says.
const SHARE: usize = 128;

const HALF: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le";

/// From an address of its own on loopback.
#[track_caller]
pub(crate) fn connect_from(last: u8, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0));
    socket.bind(&from.into()).expect("all of 127/8 is here");
    socket.connect(&to.into()).expect("the HTTP port is open");
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
    stream
}

/// So many half-sent requests from one address.
#[track_caller]
fn half_sent(count: usize, last: u8, server: &Server) -> Vec<TcpStream> {
    let one = |_| {
        let mut stream = connect_from(last, server.http);
        // Some are closed before they have said anything.
        let _ = stream.write_all(HALF);
        stream
    };
    (0..count).map(one).collect()
}

/// Is it open, with nothing to be read from it?
pub(crate) fn is_open(mut stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).expect("it is TCP");
    let read = stream.read(&mut [0; 1]);
    matches!(read, Err(error) if error.kind() == ErrorKind::WouldBlock)
}

#[test]
fn an_address_that_sends_half_requests_takes_its_share_only() {
    let server = Server::start(1);
    let refused = || server.metric("pairline_http_connections_refused_total");
    let half = half_sent(SHARE + 50, 2, &server);
    server.wait_metric("pairline_http_connections_refused_total", 50.0);
    for _ in 0..3 {
        let reply = Request::json(&json!({"type": "profile_request"})).send(server.http);
        assert_eq!(reply.json()["error_no"], 8);
    }
    assert_eq!(half.iter().filter(|stream| is_open(stream)).count(), SHARE);
    // Places that are given back are there to be taken again.
    drop(half);
    let whole = |stream: &mut TcpStream| {
        let request = b"GET /healthz HTTP/1.0\r\n\r\n";
        let mut reply = String::new();
        stream.write_all(request).is_ok()
            && stream.read_to_string(&mut reply).is_ok()
            && reply.ends_with("ok\n")
    };
    crate::wait_until(|| whole(&mut connect_from(2, server.http)));
    assert!(refused() >= 50.0);
}

#[test]
fn a_trusted_proxy_may_have_more() {
    let setup = Setup::new(1).set("trusted_proxies", "127.0.0.2");
    let server = setup.start();
    let half = half_sent(SHARE + 50, 2, &server);
    let others = half_sent(SHARE + 50, 3, &server);
    // The last of them have been looked at.
    server.wait_metric("pairline_http_connections_refused_total", 50.0);
    assert!(half.iter().all(is_open));
    assert_eq!(
        others.iter().filter(|stream| is_open(stream)).count(),
        SHARE
    );
}

#[test]
fn a_head_has_a_limit() {
    let server = Server::start(1);
    for (length, status) in [(60, 200), (70, 431)] {
        let request = Request::new("GET", "/healthz").header("X", &"x".repeat(length * 1024));
        assert_eq!(request.send(server.http).status, status, "{length} KiB");
    }
}
