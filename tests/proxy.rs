//! Behind a proxy: connections begin with a header that names the client.

pub mod rig;

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use proxy_header::{ProxiedAddress, ProxyHeader};
use rig::{Handset, Samples, Server, Setup, expect_alive};

const DETAIL: &str = "too many connections from your address";

fn behind_proxy(cores: usize) -> Setup {
    Setup::new(cores).set("proxy_protocol", true)
}

/// A version 2 header from this client.
fn header(client: &str) -> Vec<u8> {
    let client: SocketAddr = client.parse().expect("an address");
    let server = match client {
        SocketAddr::V4(_) => "198.51.100.1:9400",
        SocketAddr::V6(_) => "[2001:db8:ffff::1]:9400",
    };
    let addresses = ProxiedAddress::stream(client, server.parse().expect("an address"));
    encoded(&ProxyHeader::with_address(addresses))
}

/// One with which a proxy speaks for itself.
fn local() -> Vec<u8> {
    encoded(&ProxyHeader::with_local())
}

fn encoded(header: &ProxyHeader<'_>) -> Vec<u8> {
    let mut bytes = [0; 128];
    let length = header.encode_to_slice_v2(&mut bytes).expect("room for it");
    bytes[..length].to_vec()
}

#[track_caller]
fn connect_as(server: &Server, client: &str) -> Handset {
    let mut handset = Handset::connect(server);
    handset.send_bytes(&header(client));
    handset
}

fn refused(server: &Server, key: &str) -> f64 {
    let series = format!("pairline_connections_refused_total{{key=\"{key}\"}}");
    Samples::of(server).get(&series)
}

#[test]
fn behind_its_header_a_connection_is_as_any_other() {
    rig::both(|cores| {
        let server = behind_proxy(cores).start();
        let mut ann = Handset::connect(&server);
        let join = b"1#{\"userId\":\"ann\",\"gender\":\"F\",\"findGender\":\"M\"}\n";
        ann.send_bytes(&[&header("192.0.2.1:1024")[..], join].concat());
        ann.expect(2);
        let mut bob = Handset::connect(&server);
        for byte in header("[2001:db8::1]:1024") {
            bob.send_bytes(&[byte]);
        }
        bob.join("bob", "M", "F");
        bob.expect_talk("ann");
        ann.expect_talk("bob");
        bob.user = "bob".into();
        bob.talk("ann", "hello");
        assert_eq!(ann.expect(6)["msg"], "hello");
        // What looks like a header later on is a line like any other.
        ann.send_bytes(&header("192.0.2.2:1024"));
        ann.send_line("");
        assert_eq!(ann.expect_line(), "");
        assert_eq!(refused(&server, "proxy_protocol"), 0.0);
    });
}

#[test]
fn the_address_in_the_header_counts() {
    rig::both(|cores| {
        let server = behind_proxy(cores).set("max_per_address", 2).start();
        let mut inside = Vec::new();
        for (client, room) in [
            ("192.0.2.1:1", true),
            ("192.0.2.1:2", true),
            ("192.0.2.1:3", false),
            ("[::ffff:192.0.2.1]:4", false),
            ("192.0.2.2:1", true),
            ("[2001:db8:0:1::1]:1", true),
            ("[2001:db8:0:1:ffff::2]:1", true),
            ("[2001:db8:0:1::3]:1", false),
            ("[2001:db8:0:2::1]:1", true),
        ] {
            let mut handset = connect_as(&server, client);
            if room {
                expect_alive(&mut handset);
                inside.push(handset);
            } else {
                assert_eq!(handset.expect_refusal("server_full", None), DETAIL);
                handset.expect_end();
            }
        }
        assert_eq!(refused(&server, "max_per_address"), 3.0);
        inside.iter_mut().for_each(expect_alive);
    });
}

#[test]
fn a_proxy_may_speak_for_itself() {
    rig::both(|cores| {
        let server = behind_proxy(cores).start();
        // A health check that closes at once, and a look without a byte.
        for _ in 0..5 {
            let mut check = Handset::connect(&server);
            check.send_bytes(&local());
            drop(check);
            drop(Handset::connect(&server));
        }
        server.wait_metric("pairline_sessions", 0.0);
        let mut check = Handset::connect(&server);
        check.send_bytes(&[&local()[..], b"\n"].concat());
        assert_eq!(check.expect_line(), "");
        assert_eq!(refused(&server, "proxy_protocol"), 0.0);
    });
}

#[test]
fn without_a_header_a_connection_is_closed_without_a_word() {
    rig::both(|cores| {
        let server = behind_proxy(cores).start();
        let mut long = header("192.0.2.1:1");
        long[14..16].copy_from_slice(&[0xff, 0xff]);
        let firsts: [&[u8]; 6] = [
            b"\n",
            b"1#{\"userId\":\"ann\",\"gender\":\"F\",\"findGender\":\"M\"}\n",
            b"PROXY TCP4 192.0.2.1 198.51.100.1 1024 9400\r\n",
            b"\r\n\r\n\0\r\nQUIT\n\x11\x11\0\x0c",
            b"\r\nhello\r\n",
            &long,
        ];
        for first in firsts {
            let mut handset = Handset::connect(&server);
            handset.send_bytes(first);
            handset.expect_closed();
        }
        assert_eq!(refused(&server, "proxy_protocol"), 6.0);
        assert_eq!(server.metric("pairline_frames_total"), 0.0);
        let mut ann = connect_as(&server, "192.0.2.1:1");
        expect_alive(&mut ann);
    });
}

#[test]
fn a_header_has_its_time() {
    rig::both(|cores| {
        let server = behind_proxy(cores).set("join_timeout", "600ms").start();
        let mut silent = Handset::connect(&server);
        let mut slow = Handset::connect(&server);
        for byte in &header("192.0.2.1:1")[..20] {
            // Closed on the way.
            let _ = slow.try_send(&[*byte]);
            thread::sleep(Duration::from_millis(40));
        }
        silent.expect_closed();
        slow.expect_closed();
        assert_eq!(refused(&server, "proxy_protocol"), 2.0);
    });
}

#[test]
fn who_has_sent_no_header_takes_a_place_and_delays_no_end() {
    rig::both(|cores| {
        let setup = behind_proxy(cores).set("join_timeout", 0);
        let mut server = setup.set("max_sessions", 2).start();
        let mut half = Handset::connect(&server);
        half.send_bytes(&header("192.0.2.1:1")[..14]);
        let received = "pairline_bytes_total{direction=\"in\"}";
        Samples::wait(&server, |samples| samples.get(received) >= 14.0);
        let mut ann = connect_as(&server, "192.0.2.1:1");
        expect_alive(&mut ann);
        let mut late = Handset::connect(&server);
        late.expect_refusal("server_full", None);
        server.term();
        half.expect_closed();
        ann.expect_refusal("draining", None);
        assert!(server.wait_exit().success());
    });
}

#[test]
fn the_log_names_the_client() {
    let setup = behind_proxy(1).set("max_per_address", 1);
    let server = setup.set("log", "debug").start();
    let mut first = connect_as(&server, "192.0.2.77:1");
    expect_alive(&mut first);
    connect_as(&server, "192.0.2.77:4321").expect_refusal("server_full", None);
    server.wait_log("192.0.2.77:4321");
    let mut none = Handset::connect(&server);
    none.send_line("");
    none.expect_closed();
    server.wait_log("not the signature");
}
