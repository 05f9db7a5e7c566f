use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use axum::{Router, routing};
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

use super::server::serve_within;
use super::sockets::Bounds;
use super::{Gate, HttpState, Readiness, Server, ops_alone, reply, serve};
use crate::metrics::Metrics;

fn state() -> HttpState {
    HttpState {
        metrics: Arc::new(Metrics::new(1)),
        readiness: Arc::new(Readiness::new()),
    }
}

fn gate() -> Gate {
    Gate {
        trusted_proxies: Vec::new(),
        metrics: state().metrics,
    }
}

fn port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn start(router: Router) -> Server {
    serve("http", port(), router, gate()).unwrap()
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    fn json(&self) -> Value {
        let content_type = self.header("content-type");
        assert_eq!(content_type, Some("application/json; charset=utf-8"));
        serde_json::from_str(&self.body).unwrap()
    }
}

fn ask(server: SocketAddr, request_line: &str, headers: &str) -> Reply {
    let request =
        format!("{request_line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    let text = talk(server, request.as_bytes());
    let (head, body) = text.split_once("\r\n\r\n").expect(&text);
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

fn get(server: SocketAddr, path: &str) -> Reply {
    ask(server, &format!("GET {path}"), "")
}

fn talk(server: SocketAddr, request: &[u8]) -> String {
    let mut socket = connect(server);
    socket.write_all(request).unwrap();
    read_to_end(&mut socket)
}

fn connect(server: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(server).unwrap();
    let patience = Some(Duration::from_secs(10));
    socket.set_read_timeout(patience).unwrap();
    socket
}

fn read_to_end(socket: &mut TcpStream) -> String {
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn metrics_are_told_to_prometheus() {
    let state = state();
    let server = start(ops_alone(state.clone()));
    state.metrics.store().error(3);
    let reply = get(server.address(), "/metrics");
    assert_eq!(reply.status, 200);
    let content_type = reply.header("content-type").unwrap();
    assert!(content_type.starts_with("text/plain; version=0.0.4"));
    assert!(
        reply
            .body
            .contains("\npairline_errors_total{error=\"store\"} 3\n")
    );
    assert_eq!(reply.body, state.metrics.text());
    server.stop();
}

#[test]
fn a_living_process_says_so() {
    let server = start(ops_alone(state()));
    let reply = get(server.address(), "/healthz");
    assert_eq!((reply.status, reply.body.as_str()), (200, "ok\n"));
    let reply = ask(server.address(), "HEAD /healthz", "");
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
}

#[test]
fn ready_is_between_starting_and_draining() {
    let state = state();
    let server = start(ops_alone(state.clone()));
    let ready = || {
        let reply = get(server.address(), "/readyz");
        (reply.status, reply.body)
    };
    assert_eq!(ready(), (503, "starting\n".to_owned()));
    state.readiness.set_ready();
    assert_eq!(ready(), (200, "ready\n".to_owned()));
    state.metrics.store().set_failing(true);
    assert_eq!(
        ready(),
        (200, "ready, but the store is failing\n".to_owned())
    );
    state.metrics.store().set_failing(false);
    assert_eq!(ready(), (200, "ready\n".to_owned()));
    state.readiness.set_draining();
    assert_eq!(ready(), (503, "draining\n".to_owned()));
    state.readiness.set_ready();
    assert_eq!(ready(), (503, "draining\n".to_owned()));
}

#[test]
fn an_unknown_path_is_404_in_the_common_shape() {
    let server = start(ops_alone(state()));
    for path in ["/", "/metric", "/metrics/", "/v1/x", "/%00", "/a?b=c"] {
        let reply = get(server.address(), path);
        assert_eq!(reply.status, 404, "{path}");
        let chinese = "没有这样的内容";
        assert_eq!(
            reply.json(),
            json!({"type": "", "success": false, "error_no": 9, "err_msg": chinese, "error_msg": chinese})
        );
    }
    let reply = ask(
        server.address(),
        "POST /nothing",
        "Accept-Language: en-US,en;q=0.9\r\nContent-Length: 2\r\n",
    );
    assert_eq!(reply.status, 404);
    assert_eq!(reply.json()["err_msg"], "no such thing");
    assert_eq!(reply.json()["error_msg"], "no such thing");
}

#[test]
fn a_wrong_method_is_405_and_told_the_right_one() {
    let server = start(ops_alone(state()));
    for (method, path) in [
        ("POST", "/metrics"),
        ("PUT", "/healthz"),
        ("DELETE", "/readyz"),
        ("FOO", "/readyz"),
    ] {
        let reply = ask(server.address(), &format!("{method} {path}"), "");
        assert_eq!(reply.status, 405, "{method} {path}");
        assert_eq!(reply.header("allow"), Some("GET,HEAD"));
        assert_eq!(reply.json()["error_no"], 10);
        assert_eq!(reply.json()["err_msg"], "不允许的操作");
        assert_eq!(reply.json()["success"], false);
    }
    let reply = ask(server.address(), "POST /metrics", "Accept-Language: en\r\n");
    assert_eq!(reply.json()["err_msg"], "not allowed");
}

#[test]
fn the_operators_pages_can_move_to_an_address_of_their_own() {
    let public = start(Router::new().fallback(reply::not_found));
    let ops = serve("ops", port(), ops_alone(state()), gate()).unwrap();
    for path in ["/metrics", "/healthz", "/readyz"] {
        let moved = get(public.address(), path);
        assert_eq!(moved.status, 404, "{path}");
        assert_eq!(moved.json()["error_no"], 9);
        assert_ne!(get(ops.address(), path).status, 404, "{path}");
    }
    public.stop();
    assert_eq!(get(ops.address(), "/healthz").status, 200);
    ops.stop();
}

#[test]
fn what_is_no_http_harms_nobody() {
    let server = start(ops_alone(state()));
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(1 << 20));
    for noise in [
        &b"1#{\"userId\":\"penny\"}\n\r\n"[..],
        &[0xff; 500],
        long.as_bytes(),
    ] {
        let mut socket = connect(server.address());
        // The server may hang up in the middle of it.
        let _ = socket.write_all(noise);
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    drop(connect(server.address()));
    assert_eq!(get(server.address(), "/healthz").status, 200);
}

#[test]
fn one_connection_may_ask_often() {
    let server = start(ops_alone(state()));
    let twice = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2);
    let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let text = talk(server.address(), (twice + last).as_bytes());
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3);
}

/// Serves `router` with other bounds than the usual ones.
fn bounded(router: Router, bounds: Bounds) -> Server {
    serve_within("http", port(), router, gate(), bounds).unwrap()
}

#[test]
fn a_connection_that_asks_nothing_is_closed() {
    let bounds = Bounds {
        head_for: Duration::from_millis(300),
        ..Bounds::default()
    };
    let server = bounded(ops_alone(state()), bounds);
    let start = Instant::now();
    let mut silent = connect(server.address());
    let mut halfway = connect(server.address());
    halfway.write_all(b"GET /healthz HTTP/1.1\r\nHo").unwrap();
    let mut kept = connect(server.address());
    kept.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    assert_eq!(read_to_end(&mut silent), "");
    assert_eq!(read_to_end(&mut halfway), "");
    assert!(read_to_end(&mut kept).ends_with("ok\n"));
    assert!(start.elapsed() >= bounds.head_for);
}

#[test]
fn a_head_that_never_ends_does_not_keep_its_place() {
    let bounds = Bounds {
        connections: 1,
        head_for: Duration::from_millis(300),
        ..Bounds::default()
    };
    let server = bounded(ops_alone(state()), bounds);
    let mut slow = connect(server.address());
    slow.write_all(b"GET /healthz HTTP/1.1\r\nX: ").unwrap();
    let trickle = thread::spawn(move || {
        // Each byte comes well within the time that the head has.
        let until = Instant::now() + Duration::from_secs(60);
        while slow.write_all(b"x").is_ok() {
            assert!(Instant::now() < until, "a byte now and then is enough");
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(get(server.address(), "/healthz").status, 200);
    trickle.join().unwrap();
}

#[test]
fn an_answer_may_take_longer_than_a_head() {
    let bounds = Bounds {
        head_for: Duration::from_millis(200),
        ..Bounds::default()
    };
    let late = || async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        "late"
    };
    let server = bounded(Router::new().route("/late", routing::get(late)), bounds);
    assert_eq!(get(server.address(), "/late").body, "late");
}

#[test]
fn whoever_takes_next_to_nothing_of_an_answer_is_closed() {
    const LONG: usize = 32 << 20;
    let bounds = Bounds {
        connections: 1,
        pace_for: Duration::from_secs(1),
        ..Bounds::default()
    };
    let long = || async { vec![b'x'; LONG] };
    let routes = ops_alone(state()).route("/long", routing::get(long));
    let server = bounded(routes, bounds);
    // With little room of its own, what it takes shows soon.
    let slow = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    slow.set_recv_buffer_size(4096).unwrap();
    slow.connect(&server.address().into()).unwrap();
    let mut slow = TcpStream::from(slow);
    slow.write_all(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let (enough, never) = mpsc::channel::<()>();
    let trickle = thread::spawn(move || {
        // Something is taken all the time, but not 64 KiB a second.
        while never.try_recv() == Err(mpsc::TryRecvError::Empty) {
            let _ = slow.read(&mut [0; 2048]);
            thread::sleep(Duration::from_millis(50));
        }
    });
    assert_eq!(get(server.address(), "/healthz").status, 200);
    drop(enough);
    trickle.join().unwrap();
    // A reader who goes on taking it gets all of it.
    assert_eq!(get(server.address(), "/long").body.len(), LONG);
}

#[test]
fn more_connections_than_there_is_room_for_wait() {
    let bounds = Bounds {
        connections: 1,
        ..Bounds::default()
    };
    let server = bounded(ops_alone(state()), bounds);
    let first = connect(server.address());
    let mut second = connect(server.address());
    second
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .unwrap();
    let soon = Some(Duration::from_millis(200));
    second.set_read_timeout(soon).unwrap();
    assert!(second.read(&mut [0; 1]).is_err(), "no room yet");
    drop(first);
    second
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    assert!(read_to_end(&mut second).ends_with("ok\n"));
}

#[test]
fn a_stop_closes_the_port_and_waits_for_nobody() {
    let server = start(ops_alone(state()));
    let address = server.address();
    let mut idle = connect(address);
    let mut halfway = connect(address);
    halfway.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
    assert_eq!(get(address, "/healthz").status, 200);
    let start = Instant::now();
    server.stop();
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(read_to_end(&mut idle), "");
    assert!(TcpStream::connect(address).is_err());
}
