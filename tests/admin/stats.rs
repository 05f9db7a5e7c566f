//! What the desk shows of the server, once and as it goes on, and its end.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::rig::http::Request;
use crate::rig::operator::TOKEN;
use crate::rig::{Handset, PATIENCE, Server, Setup, pair, waiting};

fn start(cores: usize) -> Server {
    Setup::new(cores).operated().set("http_rate", 0).start()
}

fn named<'v>(list: &'v Value, key: &str, name: &str) -> &'v Value {
    let list = list.as_array().expect("a list");
    let found = list.iter().find(|entry| entry[key] == name);
    found.unwrap_or_else(|| panic!("{name} in {list:?}"))
}

/// Asks until it is so: figures are a second old, at most.
#[track_caller]
fn wait_until(server: &Server, wanted: impl Fn(&Value) -> bool) -> Value {
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let stats = server.operator().get("/admin/stats");
        if wanted(&stats) {
            return stats;
        }
        assert!(std::time::Instant::now() < until, "{stats}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn figures_tell_what_goes_on() {
    crate::rig::both(|cores| {
        let server = start(cores);
        let (mut ann, mut bob) = pair(&server, "ann", "bob");
        for n in 0..50 {
            ann.talk("bob", &n.to_string());
            bob.expect_past_waits(6);
        }
        let _eve = waiting(&server, "eve");
        let mut rude = Handset::connect(&server);
        rude.send_line("what?");
        rude.expect_error("bad_frame");
        let stats = wait_until(&server, |stats| {
            stats["joined"] == 3 && stats["waiting"][0]["oldest_seconds"].as_u64() >= Some(1)
        });
        assert_eq!(
            (&stats["type"], &stats["phase"]),
            (&json!("admin_stats"), &json!("ready"))
        );
        assert_eq!(
            (&stats["sessions"], &stats["talks"]),
            (&json!(4), &json!(1))
        );
        assert_eq!(stats["joins"]["total"], 3);
        assert_eq!(stats["lines"]["total"], 50);
        assert_eq!(stats["matches"]["total"], 1);
        assert!(stats["lines"]["a_second"].is_f64() && stats["over_seconds"].as_f64() > Some(0.0));
        let side = named(&stats["waiting"], "pair", "F-M");
        assert_eq!(side["slots"], 1);
        assert_eq!(named(&stats["waiting"], "pair", "M-F")["oldest_seconds"], 0);
        let cores_told = stats["cores"].as_array().expect("a list");
        assert_eq!(cores_told.len(), cores);
        let sum = |key: &str| {
            cores_told
                .iter()
                .map(|core| core[key].as_u64().unwrap())
                .sum::<u64>()
        };
        assert_eq!((sum("sessions"), sum("joined")), (4, 3));
        assert_eq!(named(&stats["errors"], "error", "bad_frame")["total"], 1);
        assert_eq!(stats["slow_consumers"], 0);
        assert!(named(&stats["store"], "op", "load")["total"].as_u64() >= Some(1));
        assert_eq!(
            (&stats["store_failing"], &stats["sms"]),
            (&json!(false), &json!([]))
        );
        let text = crate::rig::http_get(server.http, "/metrics").1;
        assert!(text.contains("pairline_waiting_oldest_seconds{pair=\"F-M\"} "));
    });
}

#[test]
fn codes_that_were_sent_are_told_by_gateway() {
    let server = start(1);
    let body = json!({"type": "sms_validation_request", "tel": "18612344931"});
    crate::rig::http::done(&server, body);
    let stats = wait_until(&server, |stats| stats["sms"] != json!([]));
    let sent = &stats["sms"][0];
    assert_eq!(
        (&sent["gateway"], &sent["result"], &sent["total"]),
        (&json!("console"), &json!("sent"), &json!(1))
    );
}

/// Somebody who listens.
struct Listener(BufReader<TcpStream>);

impl Listener {
    /// Asks with this header; the status, and what follows.
    fn open(server: &Server, header: &str) -> (u16, Listener) {
        let mut stream = TcpStream::connect(server.http).expect("the HTTP port is open");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("it is not zero");
        let head = format!(
            "GET /admin/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n"
        );
        stream
            .write_all(head.as_bytes())
            .expect("the request is taken");
        let mut listener = Listener(BufReader::new(stream));
        let status = listener.line().expect("a status");
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        (status.expect("a number"), listener)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).expect("it comes in time");
        (read > 0).then_some(line)
    }

    /// The next event; nothing, when they are over.
    fn event(&mut self) -> Option<Value> {
        loop {
            let line = self.line()?;
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).expect("JSON"));
            }
        }
    }
}

fn bearer() -> String {
    format!("Authorization: Bearer {TOKEN}")
}

#[test]
fn whoever_listens_hears_it_every_second() {
    let server = start(1);
    let (status, mut listener) = Listener::open(&server, &bearer());
    assert_eq!(status, 200);
    let mut head = String::new();
    while let Some(line) = listener.line().filter(|line| line != "\r\n") {
        head += &line.to_ascii_lowercase();
    }
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    let begun = std::time::Instant::now();
    assert_eq!(listener.event().expect("at once")["joined"], 0);
    let _ann = waiting(&server, "ann");
    let until = std::time::Instant::now() + PATIENCE;
    loop {
        let event = listener.event().expect("they go on");
        assert!(event["type"].is_null() && event["time_at"].is_i64());
        if event["joined"] == 1 {
            break;
        }
        assert!(std::time::Instant::now() < until, "{event}");
    }
    for _ in 0..2 {
        listener.event().expect("they go on");
    }
    assert!(begun.elapsed().as_millis() >= 1_900, "not more often");
}

#[test]
fn only_so_many_may_listen() {
    let server = start(1);
    let open = || Listener::open(&server, &bearer());
    let mut all: Vec<Listener> = Vec::new();
    for _ in 0..32 {
        let (status, listener) = open();
        assert_eq!(status, 200);
        all.push(listener);
    }
    assert_eq!(open().0, 429);
    drop(all);
    let until = std::time::Instant::now() + PATIENCE;
    while open().0 != 200 {
        assert!(std::time::Instant::now() < until, "there is room again");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn events_end_with_the_log_in() {
    let server = start(1);
    let body = json!({"token": TOKEN}).to_string();
    let reply = Request::new("POST", "/admin/login")
        .body(body)
        .send(server.http);
    let cookie = reply.cookie("pairline_desk").expect("a cookie").to_owned();
    let cookie = format!("pairline_desk={cookie}");
    let (status, mut listener) = Listener::open(&server, &format!("Cookie: {cookie}"));
    assert_eq!(status, 200);
    listener.event().expect("at once");
    let csrf = reply.json()["csrf"].as_str().expect("a secret").to_owned();
    let out = Request::new("POST", "/admin/logout")
        .header("Cookie", &cookie)
        .header("X-CSRF-Token", &csrf)
        .header("Sec-Fetch-Site", "same-origin");
    assert_eq!(out.send(server.http).status, 200);
    for _ in 0..3 {
        if listener.event().is_none() {
            return;
        }
    }
    panic!("they go on");
}

#[test]
fn an_operator_drains_the_server() {
    crate::rig::both(|cores| {
        let mut server = start(cores);
        let (mut ann, mut bob) = pair(&server, "ann", "bob");
        let (_, mut listener) = Listener::open(&server, &bearer());
        listener.event().expect("at once");
        server.operator().post("/admin/drain", Value::Null);
        for handset in [&mut ann, &mut bob] {
            handset.expect_error("draining");
        }
        drop((ann, bob));
        assert_eq!(server.wait_exit().code(), Some(0));
        let server = server.again();
        assert_eq!(server.operator().last_deed()["action"], "drain");
    });
}
