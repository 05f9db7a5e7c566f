//! Filling queues, and flooding with errors.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Server, Setup};

#[test]
fn one_address_fills_no_more_slots_than_its_connections_have() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_per_address", 5).start();
        let mut inside = Vec::new();
        for n in 0..20 {
            let mut eve = Handset::connect_from(2, &server);
            let join = json!({"userId": format!("eve{n}"), "gender": "F", "findGender": "M",
                "guys": 1_000_000});
            if eve
                .try_send(format!("1#{join}\n1#{join}\n").as_bytes())
                .is_err()
            {
                continue;
            }
            eve.user = format!("eve{n}");
            let first = eve.try_line(rig::PATIENCE).unwrap_or_default();
            if first.starts_with("2#") {
                inside.push(eve);
            }
        }
        assert_eq!(inside.len(), 5);
        for eve in &mut inside {
            for _ in 0..10 {
                eve.seek();
                eve.rejoin_for(&eve.user.clone(), "F", "M", 64);
            }
            eve.quiet_past_waits();
        }
        // Five with the three slots that `max_guys` allows.
        server.wait_metric("pairline_waiting", 15.0);
        let mut ann = waiting(&server, "ann");
        drop(inside);
        ann.await_place(1);
        Handset::joined(&server, "bob", "M", "F").expect_talk("ann");
    });
}

/// Sends without reading until the server has had enough: everything that it
/// said.
#[track_caller]
fn flood(server: &Server, lines: &str, times: usize) -> Vec<String> {
    let mut eve = Handset::connect_from(2, server);
    for _ in 0..times {
        if eve.try_send(lines.as_bytes()).is_err() {
            break;
        }
    }
    // It may be closed already.
    let _ = eve.try_send(b"");
    eve.shutdown_write();
    std::iter::from_fn(|| eve.try_line(rig::PATIENCE)).collect()
}

#[test]
fn a_flood_of_errors_is_answered_32_times_and_not_logged() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = waiting(&server, "ann");
        let logged = server.log().len();
        for lines in ["no frame\n", "99#{}\n", "1#{\n", "6#{}\n"] {
            for _ in 0..5 {
                let said = flood(&server, &lines.repeat(1000), 20);
                assert!(said.len() <= 33, "{} answers", said.len());
            }
        }
        expect_alive(&mut ann);
        assert_eq!(server.log().len(), logged, "{}", server.log());
        server.wait_metric("pairline_sessions", 1.0);
    });
}

#[test]
fn a_flood_of_frames_is_answered_no_faster_than_the_rate() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = waiting(&server, "ann");
        let begin = Instant::now();
        let said = flood(&server, &"\n".repeat(1000), 50);
        let spent = begin.elapsed() + Duration::from_secs(1);
        let rate = usize::try_from(spent.as_secs() + 1).expect("seconds") * 51;
        assert!(said.len() <= 100 + rate, "{} in {spent:?}", said.len());
        assert!(said.len() >= 100);
        expect_alive(&mut ann);
    });
}
