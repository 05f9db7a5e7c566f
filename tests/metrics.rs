//! What is counted, by the names of the contract, after traffic that is known.

pub mod rig;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rig::{Handset, PATIENCE, Samples, Server, Setup};
use serde_json::{Value, json};

/// Asks until all of these series have these values.
#[track_caller]
fn wait_for(server: &Server, wanted: &[(&str, f64)]) -> Samples {
    Samples::wait(server, |now| {
        let is = |&(series, value): &(&str, f64)| now.get(series) == value;
        wanted.iter().all(is)
    })
}

/// Lines of talks until each core has a connection; they stay.
fn on_every_core(server: &Server, cores: usize) -> Vec<Handset> {
    let mut handsets = Vec::new();
    for _ in 0..100 {
        handsets.push(Handset::connect(server));
        let connected = handsets.len() as f64;
        let now = Samples::wait(server, |now| now.sum("pairline_sessions") == connected);
        let used = |core: &usize| now.get(&format!("pairline_sessions{{core=\"{core}\"}}")) > 0.0;
        if (0..cores).filter(used).count() == cores {
            return handsets;
        }
    }
    panic!("a hundred connections, and a core has none");
}

#[test]
fn everything_is_zero_at_first() {
    let server = Server::start(2);
    let samples = Samples::of(&server);
    for (series, value) in &samples.0 {
        let once = ["pairline_build_info", "pairline_store_seconds"];
        if !once.iter().any(|name| series.starts_with(name)) {
            assert_eq!(*value, 0.0, "{series}");
        }
    }
    assert_eq!(
        samples.get("pairline_store_seconds_count{op=\"load\"}"),
        1.0
    );
}

#[test]
fn users_are_counted_as_they_come_and_go() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let lookers_on = on_every_core(&server, cores);
        let mut ann = Handset::connect(&server);
        ann.join_with(&json!({"userId": "ann", "gender": "F", "findGender": "M", "guys": 3}));
        ann.expect(2);
        let mut gus = Handset::connect(&server);
        gus.join("gus", "M", "M");
        gus.expect(2);
        let (sessions, waiting_fm) = ("pairline_sessions", "pairline_waiting{pair=\"F-M\"}");
        let (waiting_mf, waiting_mm) = (
            "pairline_waiting{pair=\"M-F\"}",
            "pairline_waiting{pair=\"M-M\"}",
        );
        let waiting_ff = "pairline_waiting{pair=\"F-F\"}";
        // Slots wait, not users.
        let now = wait_for(
            &server,
            &[
                ("pairline_joined", 2.0),
                (waiting_fm, 3.0),
                (waiting_mf, 0.0),
                (waiting_mm, 1.0),
                (waiting_ff, 0.0),
                ("pairline_talks", 0.0),
            ],
        );
        assert_eq!(now.sum(sessions), lookers_on.len() as f64 + 2.0);

        let mut men: Vec<_> = ["bob", "cal"]
            .map(|man| {
                let mut handset = Handset::connect(&server);
                handset.join(man, "M", "F");
                handset.expect_past_waits(5);
                ann.expect_past_waits(5);
                handset
            })
            .into();
        let now = wait_for(
            &server,
            &[
                ("pairline_joined", 4.0),
                (waiting_fm, 1.0),
                // Each talk once.
                ("pairline_talks", 2.0),
                ("pairline_matches_total{pair=\"F-M\"}", 2.0),
                ("pairline_match_wait_seconds_count{pair=\"F-M\"}", 2.0),
                ("pairline_match_wait_seconds_count{pair=\"M-F\"}", 2.0),
                ("pairline_match_wait_seconds_count{pair=\"M-M\"}", 0.0),
            ],
        );
        assert_eq!(now.sum("pairline_matches_total"), 2.0);

        ann.end("bob", "bye");
        assert_eq!(men[0].expect_past_waits(9)["endmessage"], "bye");
        wait_for(&server, &[("pairline_talks", 1.0), (waiting_fm, 1.0)]);
        drop(men.pop());
        wait_for(
            &server,
            &[("pairline_talks", 0.0), ("pairline_joined", 3.0)],
        );
        drop((ann, gus, men, lookers_on));
        all_have_left(&server);
    });
}

/// Whichever side ends a talk, on whatever core: it is uncounted once.
#[test]
fn every_talk_is_uncounted_once() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let _everywhere = on_every_core(&server, cores);
        let names: Vec<_> = (0..24)
            .map(|n| (format!("w{n}"), format!("m{n}")))
            .collect();
        let mut pairs: Vec<_> = names
            .iter()
            .map(|(w, m)| rig::pair(&server, w, m))
            .collect();
        wait_for(&server, &[("pairline_talks", 24.0)]);
        for (at, (woman, man)) in pairs.iter_mut().enumerate() {
            let (w, m) = &names[at];
            match at % 6 {
                0 => woman.end(m, "bye"),
                1 => man.end(w, "bye"),
                // Both at once: the ends cross.
                2 => {
                    woman.end(m, "bye");
                    man.end(w, "bye");
                }
                3 => woman.leave(),
                4 => man.shutdown_write(),
                // Taken over, and then ended by the newcomer.
                _ => {
                    let mut newer = Handset::connect(&server);
                    newer.join(m, "M", "F");
                    newer.expect_past_waits(5);
                    newer.end(w, "bye");
                    woman.expect_past_waits(9);
                }
            }
        }
        wait_for(&server, &[("pairline_talks", 0.0)]);
        assert_eq!(Samples::of(&server).sum("pairline_matches_total"), 24.0);
        drop(pairs);
        wait_for(
            &server,
            &[("pairline_talks", 0.0), ("pairline_joined", 0.0)],
        );
    });
}

#[track_caller]
fn all_have_left(server: &Server) {
    Samples::wait(server, |now| {
        let gauges = ["sessions", "joined", "waiting", "talks", "outbox_bytes"];
        let zero = |gauge: &&str| now.sum(&format!("pairline_{gauge}")) == 0.0;
        gauges.iter().all(zero)
    });
}

#[test]
fn frames_are_counted_by_type_and_direction() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        for number in 0..3 {
            ann.talk("bob", &format!("line {number}"));
            bob.expect_past_waits(6);
        }
        ann.send_line("");
        ann.expect_line();
        ann.send_line("E8308298402399320");
        ann.expect_line();
        ann.send_line("this is no frame");
        ann.expect_error("bad_frame");
        ann.pass();
        ann.expect_error("not_waiting");
        bob.last_word("ann", "still here");
        ann.expect(9);
        bob.end("ann", "bye");
        ann.expect(9);
        ann.next_one("", "");
        ann.expect_error("bad_field");
        ann.next_one("bob", "");
        ann.expect(2);
        ann.pass();
        ann.expect(4);
        ann.leave();
        ann.send_line("");
        ann.expect_line();
        bob.send_line("77#{}");
        bob.expect_error("unknown_type");

        let mut wanted = Vec::new();
        let counts = [
            ("join", "in", 2.0),
            ("talking", "in", 3.0),
            ("talking", "out", 3.0),
            ("talk_begin", "out", 2.0),
            ("talk_end", "in", 1.0),
            ("send_end_msg", "in", 1.0),
            ("receive_end_msg", "out", 2.0),
            ("next_one", "in", 2.0),
            ("pass_req", "in", 2.0),
            ("pass_res", "out", 1.0),
            ("leave", "in", 1.0),
            ("error", "out", 4.0),
            ("notice", "out", 0.0),
        ];
        let series: Vec<_> = counts
            .iter()
            .map(|(kind, direction, count)| {
                let labels = format!("{{type=\"{kind}\",direction=\"{direction}\"}}");
                (format!("pairline_frames_total{labels}"), *count)
            })
            .collect();
        wanted.extend(series.iter().map(|(series, count)| (&**series, *count)));
        wanted.extend([
            ("pairline_errors_total{error=\"bad_frame\"}", 1.0),
            ("pairline_errors_total{error=\"not_waiting\"}", 1.0),
            ("pairline_errors_total{error=\"bad_field\"}", 1.0),
            ("pairline_errors_total{error=\"unknown_type\"}", 1.0),
        ]);
        let now = wait_for(&server, &wanted);
        assert_eq!(now.sum("pairline_errors_total"), 4.0);
        let waits = now.get("pairline_frames_total{type=\"wait\",direction=\"out\"}");
        assert!(waits >= 2.0, "{waits}");
    });
}

#[test]
fn bytes_are_counted_in_both_directions() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut handset = Handset::connect(&server);
        handset.send_bytes(b"\r\n\n");
        for _ in 0..2 {
            handset.expect_line();
        }
        handset.send_line("E8308298402399320");
        let told = handset.expect_line().len() as f64;
        let (inward, outward) = (
            "pairline_bytes_total{direction=\"in\"}",
            "pairline_bytes_total{direction=\"out\"}",
        );
        wait_for(
            &server,
            &[(inward, 3.0 + 18.0), (outward, 2.0 + told + 1.0)],
        );
    });
}

/// One line in many is measured.
#[test]
fn relayed_lines_are_timed() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let count = "pairline_relay_seconds_count";
        let until = Instant::now() + PATIENCE;
        while Samples::of(&server).get(count) < 2.0 {
            assert!(Instant::now() < until, "none is ever measured");
            for _ in 0..50 {
                ann.talk("bob", "ping");
                bob.expect_past_waits(6);
            }
        }
        let now = Samples::of(&server);
        let (sum, lines) = (now.get("pairline_relay_seconds_sum"), now.get(count));
        assert!(
            sum > 0.0 && sum / lines < PATIENCE.as_secs_f64(),
            "{sum} {lines}"
        );
        let talked = now.get("pairline_frames_total{type=\"talking\",direction=\"out\"}");
        assert!(lines < talked, "a sample, not all");
    });
}

#[test]
fn cores_tell_each_other_what_they_count() {
    let server = Server::start(2);
    let mut handsets = on_every_core(&server, 2);
    // From each core somebody joins the queues, which other cores own.
    for (at, handset) in handsets.iter_mut().enumerate() {
        let (own, other) = if at % 2 == 0 { ("F", "M") } else { ("M", "F") };
        handset.join(&format!("user{at}"), own, other);
        handset.expect_line();
    }
    Samples::wait(&server, |now| {
        let notes = |from, to| {
            now.get(&format!(
                "pairline_lane_notes_total{{from=\"{from}\",to=\"{to}\"}}"
            ))
        };
        notes(0, 1) > 0.0 && notes(1, 0) > 0.0
    });
    let now = Samples::of(&server);
    for core in [0, 1] {
        for trouble in ["buffers_exhausted", "cq_overflow"] {
            let series = format!("pairline_{trouble}_total{{core=\"{core}\"}}");
            assert_eq!(now.get(&series), 0.0, "{series}");
        }
    }
    drop(handsets);
    all_have_left(&server);
}

#[test]
fn buffers_that_run_out_are_counted() {
    let server = Setup::new(1)
        .set("test_mode", true)
        .set("test.ring_buffers", 1)
        .set("test.ring_buffer_size", 16)
        .set("max_rate", 0)
        .start();
    let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
    let until = Instant::now() + PATIENCE;
    let series = "pairline_buffers_exhausted_total{core=\"0\"}";
    while Samples::of(&server).get(series) == 0.0 {
        assert!(Instant::now() < until, "one buffer is always enough");
        for _ in 0..20 {
            ann.talk("bob", &"x".repeat(2000));
        }
        for _ in 0..20 {
            assert_eq!(bob.expect_past_waits(6)["msg"], "x".repeat(2000));
        }
    }
}

#[test]
fn what_waits_for_a_slow_reader_is_counted_until_it_is_closed() {
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("test_mode", true)
            .set("test.send_buffer", 4096)
            .set("max_outbox", "64KiB")
            .set("max_rate", 0)
            .start();
        let (mut ann, bob) = rig::pair(&server, "ann", "bob");
        let outbox = "pairline_outbox_bytes";
        let text = "x".repeat(8000);
        let mut most: f64 = 0.0;
        let until = Instant::now() + PATIENCE;
        loop {
            let now = Samples::of(&server);
            most = most.max(now.get(outbox));
            if now.get("pairline_slow_consumers_total") > 0.0 {
                break;
            }
            assert!(Instant::now() < until, "it is never too much: {now:?}");
            ann.talk("bob", &text);
        }
        assert!(most > 8000.0, "{most}");
        let slow = "pairline_errors_total{error=\"slow_consumer\"}";
        wait_for(
            &server,
            &[(slow, 1.0), ("pairline_slow_consumers_total", 1.0)],
        );
        wait_for(&server, &[(outbox, 0.0), ("pairline_joined", 1.0)]);
        drop(bob);
    });
}

#[test]
fn the_store_s_work_is_timed() {
    let server = Server::start(1);
    let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
    ann.refuse("bob", "");
    bob.expect_past_waits(9);
    let op = |op| format!("pairline_store_seconds_count{{op=\"{op}\"}}");
    let (load, apply, purge) = (op("load"), op("apply"), op("purge"));
    let written = ("pairline_store_waiting", 0.0);
    let wanted = [(&*load, 1.0), (&*apply, 1.0), (&*purge, 1.0), written];
    let now = wait_for(&server, &wanted);
    assert!(now.get("pairline_store_seconds_sum{op=\"apply\"}") > 0.0);
    assert_eq!(now.get("pairline_errors_total{error=\"store\"}"), 0.0);
}

/// The format's rules, while cores count.
#[test]
fn the_text_is_valid_at_every_moment() {
    let server = Setup::new(2).set("max_rate", 0).start();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for (a, b) in [("ann", "bob"), ("cat", "dan")] {
            let (server, done) = (&server, &done);
            let (mut woman, mut man) = rig::pair(server, a, b);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    woman.talk(b, "ping");
                    man.expect_past_waits(6);
                    drop(Handset::connect(server));
                }
            });
        }
        let mut before = Samples(BTreeMap::new());
        for _ in 0..50 {
            before = look(&server, &before);
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Checks one text, and that no counter went back since `before`.
#[track_caller]
fn look(server: &Server, before: &Samples) -> Samples {
    let (_, text) = rig::http_get(server.http, "/metrics");
    assert!(text.ends_with('\n'));
    let mut kinds = BTreeMap::new();
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect(line);
            assert_eq!(kinds.insert(name, kind), None, "{name} is told once");
        }
    }
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let samples = samples.map(|line| {
        let (series, value) = line.rsplit_once(' ').expect(line);
        let name = series.split('{').next().expect(line);
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| {
            let family = name.strip_suffix(end)?;
            (kinds.get(family) == Some(&"histogram")).then_some(family)
        });
        let kind = *kinds.get(family.unwrap_or(name)).expect(line);
        let value: f64 = value.parse().expect(line);
        assert!(value.is_finite() && value >= 0.0, "{line}");
        if kind != "gauge" {
            let earlier = before.0.get(series).copied().unwrap_or(0.0);
            assert!(value >= earlier, "{line} was {earlier}");
        }
        (series.to_owned(), value)
    });
    let samples = Samples(samples.collect());
    for (name, _) in kinds.iter().filter(|(_, kind)| **kind == "histogram") {
        buckets_add_up(&text, name);
    }
    samples
}

#[track_caller]
fn buckets_add_up(text: &str, name: &str) {
    let mut last = 0.0;
    for line in text.lines().filter(|line| line.starts_with(name)) {
        let value: f64 = line.rsplit_once(' ').expect(line).1.parse().expect(line);
        if line.starts_with(&format!("{name}_bucket")) {
            assert!(value >= last, "{line} after {last}");
            last = value;
        } else if line.starts_with(&format!("{name}_count")) {
            assert_eq!(value, last, "{line}: all buckets");
            last = 0.0;
        }
    }
}

mod pages {
    use super::*;

    const OPS: [&str; 3] = ["/metrics", "/healthz", "/readyz"];

    #[test]
    fn health_is_told() {
        let server = Server::start(1);
        assert_eq!(rig::http_get(server.http, "/healthz"), (200, "ok\n".into()));
        assert_eq!(
            rig::http_get(server.http, "/readyz"),
            (200, "ready\n".into())
        );
        let (status, body) = rig::http_get(server.http, "/elsewhere");
        assert_eq!(status, 404);
        in_the_shape_of_all(&body);
    }

    /// Somebody who does not read keeps the server from being done.
    #[test]
    fn a_draining_server_is_not_ready() {
        let mut server = Setup::new(2)
            .set("test_mode", true)
            .set("test.send_buffer", 4096)
            .set("max_rate", 0)
            .set("max_outbox", 0)
            .set("drain_timeout", "30s")
            .start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        bob.stream().set_nodelay(true).expect("it is TCP");
        while Samples::of(&server).get("pairline_outbox_bytes") < 20_000.0 {
            ann.talk("bob", &"x".repeat(8000));
        }
        server.term();
        ann.expect_error("draining");
        let until = Instant::now() + PATIENCE;
        while rig::http_get(server.http, "/readyz") != (503, "draining\n".into()) {
            assert!(Instant::now() < until, "it never says that it drains");
            thread::sleep(Duration::from_millis(10));
        }
        // Alive, and counted still.
        assert_eq!(rig::http_get(server.http, "/healthz").0, 200);
        let drained = "pairline_errors_total{error=\"draining\"}";
        Samples::wait(&server, |now| now.get(drained) == 2.0);
        loop {
            let line = bob.expect_line();
            if line.starts_with("0#") {
                assert!(line.contains("draining"), "{line}");
                break;
            }
        }
        drop((ann, bob));
        assert_eq!(server.wait_exit().code(), Some(0));
    }

    #[test]
    fn admin_listen_moves_them() {
        let server = Setup::new(1).set("admin_listen", "127.0.0.1:0").start();
        let log = server.log();
        let address = log.lines().find_map(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            let its = line["message"] == "admin_listen";
            its.then(|| line["address"].as_str()?.parse().ok())?
        });
        let address = address.expect("the log tells where it is");
        assert_ne!(address, server.http);
        for path in OPS {
            assert_eq!(rig::http_get(address, path).0, 200, "{path}");
            let (status, body) = rig::http_get(server.http, path);
            assert_eq!(status, 404, "{path}");
            in_the_shape_of_all(&body);
        }
    }

    #[track_caller]
    fn in_the_shape_of_all(body: &str) {
        let body: Value = serde_json::from_str(body).expect(body);
        assert_eq!(
            (&body["type"], &body["success"]),
            (&json!(""), &json!(false))
        );
        assert_ne!(body["error_no"].as_u64(), Some(0));
        assert!(
            body["err_msg"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        assert_eq!(body["error_msg"], body["err_msg"]);
    }
}
