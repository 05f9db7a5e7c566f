//! Bodies: how long they may be, how they may arrive, and how many of them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::connections::{connect_from, is_open};
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
    std::thread::sleep(Duration::from_secs(wait));
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

/// An upload without a token or a picture, longer than other requests may be,
/// as the client named or else its own.
fn long_request(client: &str) -> (String, String) {
    let body = padded("picture_upload_request", 100 * KIB);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{client}Content-Length: {}\r\n\r\n",
        body.len()
    );
    (head, body)
}

/// One that stalls where it has become long.
#[track_caller]
fn stalled(server: &Server, last: u8, client: &str) -> TcpStream {
    let (head, body) = long_request(client);
    let mut stream = connect_from(last, server.http);
    let part = head + &body[..90 * KIB];
    stream.write_all(part.as_bytes()).expect("it is taken");
    stream
}

/// One that is sent whole.
#[track_caller]
fn sent(server: &Server, last: u8, client: &str) -> TcpStream {
    let (head, body) = long_request(client);
    let mut stream = connect_from(last, server.http);
    let whole = head + &body;
    stream.write_all(whole.as_bytes()).expect("it is taken");
    stream
}

/// It is answered: it lacks a key.
#[track_caller]
fn expect_answer(mut stream: TcpStream) {
    stream.set_read_timeout(Some(PATIENCE)).expect("not zero");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("a reply, to its end");
    assert_eq!(Reply::read(&bytes).json()["error_no"], 3);
}

#[track_caller]
fn expect_no_answer_yet(mut stream: &TcpStream) {
    let soon = Some(Duration::from_millis(300));
    stream.set_read_timeout(soon).expect("not zero");
    assert!(stream.read(&mut [0; 1]).is_err(), "it has to wait");
}

#[test]
fn stalled_bodies_of_one_address_hold_up_no_other() {
    let server = Server::start(1);
    let held: Vec<_> = (0..20).map(|_| stalled(&server, 2, "")).collect();
    for _ in 0..3 {
        expect_answer(sent(&server, 3, ""));
    }
    assert!(held.iter().all(is_open), "they were not given up before");
}

#[test]
fn an_address_sends_two_long_bodies_at_once() {
    let setup = Setup::new(1).set("trusted_proxies", "127.0.0.9");
    let server = setup.start();
    let of = |last: u8| format!("X-Forwarded-For: 192.0.2.{last}\r\n");
    for (from, client, other) in [(2, String::new(), None), (9, of(1), Some(of(2)))] {
        let mut held = vec![
            stalled(&server, from, &client),
            stalled(&server, from, &client),
        ];
        // By then they have their places.
        for _ in 0..10 {
            assert_eq!(crate::rig::http_get(server.http, "/healthz").0, 200);
        }
        let third = sent(&server, from, &client);
        expect_no_answer_yet(&third);
        if let Some(other) = other {
            expect_answer(sent(&server, from, &other));
        }
        held.pop();
        expect_answer(third);
    }
}

#[test]
fn long_bodies_are_read_on_a_thread_of_their_own() {
    let server = Server::start(1);
    let lists = "[],".repeat(KIB * KIB);
    let body = format!(r#"{{"type":"picture_upload_request","words":[{lists}[]]}}"#);
    let request = Request::new("POST", "/").body(body);
    let ticks = || {
        let readers = server.threads("pairline-bodies");
        assert_eq!(readers.len(), 1);
        readers[0].ticks
    };
    for _ in 0..50 {
        assert_eq!(request.send(server.http).json()["key"], "words");
        if ticks() >= 10 {
            return;
        }
    }
    panic!("it has only {} ticks", ticks());
}
