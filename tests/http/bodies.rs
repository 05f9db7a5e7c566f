//! Bodies: how long they may be, how they may arrive, and how many of them.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::rig::http::{Reply, Request};
use crate::rig::{PATIENCE, Server, Setup};
use serde_json::json;

const KIB: usize = 1024;

/// An object of this many bytes.
fn padded(kind: &str, length: usize) -> String {
    let plain = json!({"type": kind, "padding": ""}).to_string();
    let padding = "x".repeat(length - plain.len());
    json!({"type": kind, "padding": padding}).to_string()
}

#[test]
fn a_body_has_a_limit() {
    let server = Server::start(1);
    let send = |path: &str, body: String| Request::new("POST", path).body(body).send(server.http);
    for path in ["/", "/v1/profile_request"] {
        let reply = send(path, padded("profile_request", 64 * KIB));
        assert_eq!((reply.status, &reply.json()["error_no"]), (200, &json!(8)));
        for length in [64 * KIB + 1, 1024 * KIB, 20 * 1024 * KIB] {
            let reply = send(path, padded("profile_request", length));
            assert_eq!(
                (reply.status, &reply.json()["error_no"]),
                (413, &json!(11)),
                "{length}"
            );
        }
    }
    let reply = send("/", padded("nonsense", 64 * KIB + 1));
    assert_eq!(reply.status, 413);
    // Also where nobody can tell what it is.
    let reply = send("/", "x".repeat(64 * KIB + 1));
    assert_eq!(reply.status, 413);
}

#[test]
fn a_body_may_come_in_chunks_and_is_limited_all_the_same() {
    let server = Server::start(1);
    for (chunks, status) in [(2, 200), (70, 413)] {
        let mut stream = TcpStream::connect(server.http).unwrap();
        stream.set_read_timeout(Some(4 * PATIENCE)).unwrap();
        let head = "POST /v1/profile_request HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let mut body = vec![b' '; chunks * KIB];
        body[0] = b'{';
        let last = body.len() - 1;
        body[last] = b'}';
        for chunk in body.chunks(KIB) {
            let sent = stream
                .write_all(format!("{:x}\r\n", chunk.len()).as_bytes())
                .and_then(|()| stream.write_all(chunk))
                .and_then(|()| stream.write_all(b"\r\n"));
            if sent.is_err() {
                break;
            }
        }
        let _ = stream.write_all(b"0\r\n\r\n");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        assert_eq!(Reply::read(&bytes).status, status);
    }
}

#[test]
fn whoever_asks_before_sending_is_answered_first() {
    let server = Server::start(1);
    let asked = |length: usize| {
        let mut stream = TcpStream::connect(server.http).unwrap();
        stream.set_read_timeout(Some(4 * PATIENCE)).unwrap();
        let head = format!(
            "POST /v1/profile_request HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        (stream, String::from_utf8(start.to_vec()).unwrap())
    };
    let (mut stream, start) = asked(2);
    assert_eq!(start, "HTTP/1.1 100");
    stream.write_all(b"{}").unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(String::from_utf8_lossy(&rest).contains("HTTP/1.1 200"));
    let (_, start) = asked(64 * KIB + 1);
    assert_eq!(start, "HTTP/1.1 413");
}

#[test]
fn an_address_has_a_limit_of_its_own() {
    let setup = Setup::new(1)
        .set("http_rate", 2)
        .set("trusted_proxies", "127.0.0.1");
    let server = setup.start();
    let from = |address: &str| {
        let request = Request::json(&json!({"type": "profile_request"}));
        request.header("X-Forwarded-For", address).send(server.http)
    };
    let limited = (0..50)
        .map(|_| from("192.0.2.1"))
        .find(|reply| reply.status != 200);
    let limited = limited.expect("fifty are too many");
    assert_eq!(
        (limited.status, &limited.json()["error_no"]),
        (429, &json!(15))
    );
    let wait: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait));
    assert_eq!(from("192.0.2.2").status, 200);
    // One customer of IPv6 is one, however many addresses they use.
    let limited = (0..50).any(|last| from(&format!("2001:db8::{last}")).status == 429);
    assert!(limited);
    assert_eq!(from("2001:db8:0:1::").status, 200);
    // Who is waited for comes through, and the operator's pages always do.
    std::thread::sleep(std::time::Duration::from_secs(wait));
    assert_eq!(from("192.0.2.1").status, 200);
    for _ in 0..50 {
        assert_eq!(crate::rig::http_get(server.http, "/healthz").0, 200);
    }
}

#[test]
fn an_untrusted_peer_names_nobody_else() {
    let server = Setup::new(1).set("http_rate", 2).start();
    let limited = (0..50).any(|last: u8| {
        let request = Request::json(&json!({"type": "profile_request"}));
        let reply = request.header("X-Forwarded-For", &format!("192.0.2.{last}"));
        reply.send(server.http).status == 429
    });
    assert!(limited);
}
