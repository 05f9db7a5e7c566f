//! The ten requirements on the ring, each against the real binary. Those that
//! have tests elsewhere are only listed.
//!
//! | | requirement | tests |
//! |---|---|---|
//! | 1 | buffers run out: nothing lost, no spinning, counted | [`buffers_that_run_out_cost_no_processor`]; `limits::tiny::receive_buffers`, `metrics::buffers_that_run_out_are_counted`, `faults::a_receive_that_ends_early_is_started_again` |
//! | 2 | what has ended is started again or retired | `faults::a_receive_that_ends_early…`, `faults::an_accept_that_fails…`, `limits::tiny::the_completion_queue` |
//! | 3 | teardown: nothing for the wrong session | [`connections_that_come_and_go`] (`tools/soak cycles` for a million), `limits::vanish` |
//! | 4 | short sends make an exact stream | `limits::tiny::send_buffers`, `limits::slow::who_reads_slowly_but_steadily_stays` |
//! | 5 | a slow reader is capped in bytes and time | `limits::slow`, `limits::memory` |
//! | 6 | no lost wake-up | [`cores_that_only_wake_each_other`], `faults::a_doorbell_that_fails_is_rung_again`; the flag itself in `mesh::parking` |
//! | 7 | a flood starves nobody | [`a_flood_beside_many_who_talk`], `limits::slow::who_does_not_read…`; turns counted in `sim::tests::limits::a_flood_waits…` |
//! | 8 | an overflowing completion queue loses nothing, and is counted | [`completions_that_overflow_are_counted`], `limits::tiny::the_completion_queue` |
//! | 9 | failures at the start say what to do | `start`, `ring::tests::starting` |
//! | 10 | balance and memory | [`connections_are_spread_over_the_cores`]; `pairline load idle` weighs sessions |

pub mod rig;

#[path = "ring/cycles.rs"]
mod cycles;

use std::fs;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rig::{Handset, PATIENCE, Samples, Server, Setup, expect_alive, waiting};

/// Clock ticks that the server has computed for; a hundred a second.
fn ticks(server: &Server) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.pid())).expect("it runs");
    let (_, rest) = stat.rsplit_once(") ").expect("the name in brackets");
    let fields: Vec<_> = rest.split(' ').collect();
    let number = |at: usize| fields[at].parse::<u64>().expect("a count");
    // utime and stime are the fields 14 and 15; the first here is the third.
    number(11) + number(12)
}

#[test]
fn buffers_that_run_out_cost_no_processor() {
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("max_rate", 0)
            .set("test_mode", true)
            .set("test.ring_buffers", 1)
            .set("test.ring_buffer_size", 16)
            .start();
        let mut many: Vec<_> = (0..40).map(|_| Handset::connect(&server)).collect();
        let until = Instant::now() + PATIENCE;
        while server.metric("pairline_buffers_exhausted_total") == 0.0 {
            assert!(Instant::now() < until, "one buffer is always enough");
            for handset in &mut many {
                handset.send_bytes("cafe\n".repeat(100).as_bytes());
            }
        }
        for handset in &mut many {
            handset.send_line("");
            while handset.expect_line() != "" {}
        }
        // All of them are idle, and so is the server.
        let before = ticks(&server);
        thread::sleep(Duration::from_secs(1));
        let computed = ticks(&server) - before;
        assert!(computed < 30, "{computed} ticks of a hundred");
        many.iter_mut().for_each(expect_alive);
    });
}

/// No time-out is running that would wake anybody late.
#[test]
fn cores_that_only_wake_each_other() {
    let timers = ["idle_timeout", "join_timeout", "outbox_timeout"];
    let setup = Setup::new(2).set("max_rate", 0);
    let setup = timers.iter().fold(setup, |setup, key| setup.set(key, 0));
    let server = setup.start();
    // One goes to and fro at a time, so both cores sleep between two lines.
    for n in 0..12 {
        let (mut ann, mut bob) = rig::pair(&server, &format!("ann{n}"), &format!("bob{n}"));
        for line in 0..400 {
            let text = line.to_string();
            ann.talk(&bob.user, &text);
            bob.expect_said(&ann.user, &text);
            bob.talk(&ann.user, &text);
            ann.expect_said(&bob.user, &text);
        }
    }
    let samples = Samples::of(&server);
    for lane in [(0, 1), (1, 0)] {
        let (from, to) = lane;
        let series = format!("pairline_lane_notes_total{{from=\"{from}\",to=\"{to}\"}}");
        assert!(samples.get(&series) > 400.0, "{samples:?}");
    }
}

#[test]
fn a_flood_beside_many_who_talk() {
    rig::both(|cores| {
        let unlimited = ["max_rate", "max_outbox", "join_timeout"];
        let setup = unlimited
            .iter()
            .fold(Setup::new(cores), |setup, key| setup.set(key, 0));
        let server = setup.start();
        let mut pairs: Vec<_> = (0..24)
            .map(|n| rig::pair(&server, &format!("ann{n}"), &format!("bob{n}")))
            .collect();
        let floods: Vec<_> = ["x", "y"]
            .iter()
            .map(|name| rig::pair(&server, name, &format!("to {name}")))
            .collect();
        let beats: Vec<_> = (0..2).map(|_| Handset::connect(&server)).collect();
        let (over, heard) = (AtomicBool::new(false), AtomicU64::new(0));
        let answered = AtomicU64::new(0);
        thread::scope(|scope| {
            for (talker, listener) in &floods {
                scope.spawn(|| flood(talker, &talking_of(talker).repeat(16), &over));
                scope.spawn(|| listen(listener, &over, &heard));
            }
            for beater in &beats {
                scope.spawn(|| flood(beater, &"\n".repeat(64 * 1024), &over));
                scope.spawn(|| listen(beater, &over, &answered));
            }
            // Ends them however this ends.
            let _over = SetWhenDropped(&over);
            let mut before = [0, 0];
            for round in 0..20 {
                for (ann, bob) in &mut pairs {
                    for line in 0..5 {
                        ann.talk(&bob.user, &format!("{round} {line}"));
                    }
                }
                for (ann, bob) in &mut pairs {
                    for line in 0..5 {
                        bob.expect_said(&ann.user, &format!("{round} {line}"));
                    }
                }
                // The floods go on all the while.
                let count = || [&heard, &answered].map(|sum| sum.load(Ordering::Relaxed));
                let until = Instant::now() + PATIENCE;
                while count()
                    .iter()
                    .zip(before)
                    .any(|(&now, before)| now == before)
                {
                    assert!(Instant::now() < until, "a flood has ended");
                    thread::yield_now();
                }
                before = count();
            }
        });
        assert!(heard.load(Ordering::Relaxed) > 1_000_000);
        assert!(answered.load(Ordering::Relaxed) > 20_000);
    });
}

struct SetWhenDropped<'a>(&'a AtomicBool);

impl Drop for SetWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A line to the partner of this name.
fn talking_of(talker: &Handset) -> String {
    format!(
        "6#{{\"yourId\":\"{0}\",\"toId\":\"to {0}\",\"msg\":\"{1}\"}}\n",
        talker.user,
        "x".repeat(1_000)
    )
}

/// Lines without end.
fn flood(talker: &Handset, lines: &str, over: &AtomicBool) {
    let mut stream = talker.stream();
    while !over.load(Ordering::Relaxed) {
        stream.write_all(lines.as_bytes()).expect("it is read");
    }
}

/// Reads until the flood is over.
fn listen(listener: &Handset, over: &AtomicBool, heard: &AtomicU64) {
    let (mut stream, mut bytes) = (listener.stream(), [0; 64 * 1024]);
    let patience = Some(Duration::from_millis(200));
    stream.set_read_timeout(patience).expect("it is not zero");
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => panic!("{} was closed", listener.user),
            Ok(read) => heard.fetch_add(read as u64, Ordering::Relaxed),
            Err(_) if over.load(Ordering::Relaxed) => return,
            Err(_) => continue,
        };
    }
}

#[test]
fn completions_that_overflow_are_counted() {
    for (entries, overflows) in [(8, true), (0, false)] {
        let server = Setup::new(1)
            .set("test_mode", true)
            .set("test.cq_entries", entries)
            .start();
        let many: Vec<_> = (0..200)
            .map(|n| waiting(&server, &format!("ann{n}")))
            .collect();
        let before = server.metric("pairline_cq_overflow_total");
        // All of them have gone when it looks.
        server.signal("STOP");
        many.into_iter().for_each(Handset::vanish);
        server.signal("CONT");
        for name in ["sessions", "joined", "waiting", "outbox_bytes"] {
            server.wait_metric(&format!("pairline_{name}"), 0.0);
        }
        let after = server.metric("pairline_cq_overflow_total");
        assert_eq!(after > before, overflows, "{before} to {after}");
        rig::pair(&server, "eve", "sam");
    }
}

#[test]
fn connections_are_spread_over_the_cores() {
    let server = Server::start(2);
    let many: Vec<_> = (0..400).map(|_| Handset::connect(&server)).collect();
    server.wait_metric("pairline_sessions", 400.0);
    let samples = Samples::of(&server);
    for core in 0..2 {
        let here = samples.get(&format!("pairline_sessions{{core=\"{core}\"}}"));
        // Ten standard deviations from the mean.
        assert!((100.0..=300.0).contains(&here), "{samples:?}");
    }
    drop(many);
}
