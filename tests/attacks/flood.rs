//! Connections and more connections from one address.

use std::thread;
use std::time::{Duration, Instant};

use super::{expect_alive, waiting};
use crate::rig::{self, Handset, Samples, Server, Setup};

/// How many were not let in because of their address.
fn refused(server: &Server) -> f64 {
    let samples = Samples::of(server);
    samples.get("pairline_connections_refused_total{key=\"max_per_address\"}")
}

#[track_caller]
fn expect_crowded(mut handset: Handset) {
    let detail = handset.expect_refusal("server_full", None);
    assert!(detail.contains("address"), "{detail}");
    handset.expect_end();
}

/// A connection that is let in as soon as there is room: it is not known
/// outside when the server has closed another one.
#[track_caller]
fn let_in(server: &Server) -> Handset {
    let until = Instant::now() + rig::PATIENCE;
    loop {
        let mut handset = Handset::connect(server);
        let sent = handset.try_send(b"\n");
        if sent.is_ok()
            && handset
                .try_line(rig::PATIENCE)
                .is_some_and(|line| line.is_empty())
        {
            return handset;
        }
        assert!(Instant::now() < until, "never let in");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_address_has_its_share_and_others_have_theirs() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_per_address", 5).start();
        let mut inside: Vec<_> = (0..5).map(|n| waiting(&server, &format!("a{n}"))).collect();
        for _ in 0..3 {
            expect_crowded(Handset::connect(&server));
        }
        assert_eq!(refused(&server), 3.0);
        let mut others: Vec<_> = (0..5).map(|_| Handset::connect_from(2, &server)).collect();
        others.iter_mut().for_each(expect_alive);
        expect_crowded(Handset::connect_from(2, &server));
        inside.iter_mut().for_each(expect_alive);
        // Who has gone makes room for one more.
        inside.pop();
        let _late = let_in(&server);
        expect_crowded(Handset::connect(&server));
    });
}

#[test]
fn a_takeover_moves_the_share_with_the_connection() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_per_address", 3).start();
        let mut ann = waiting(&server, "ann");
        // Enough of them that some come by another core.
        for _ in 0..12 {
            let again = waiting(&server, "ann");
            ann.expect_refusal("replaced", None);
            ann.expect_end();
            ann = again;
        }
        let _two = [let_in(&server), let_in(&server)];
        expect_crowded(Handset::connect(&server));
        expect_alive(&mut ann);
    });
}

#[test]
fn a_flood_takes_no_descriptors_from_anybody() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_per_address", 3).start();
        let mut held: Vec<_> = (0..3).map(|_| Handset::connect(&server)).collect();
        held.iter_mut().for_each(expect_alive);
        let before = server.descriptors();
        // None of them reads or closes, so each is drained for a second.
        let flood: Vec<_> = (0..300).map(|_| Handset::connect(&server)).collect();
        server.wait_metric("pairline_connections_refused_total", 300.0);
        // The last of the others may be about to be closed.
        let look = || {
            thread::sleep(Duration::from_millis(20));
            server.descriptors().saturating_sub(before)
        };
        let more = (0..10).map(|_| look()).min().expect("ten looks");
        assert!(more < 80, "{more} descriptors");
        let mut other = Handset::connect_from(2, &server);
        other.join("other", "F", "M");
        other.expect(2);
        let told = flood.into_iter().filter_map(|mut handset| {
            let line = handset.try_line(rig::PATIENCE);
            handset.expect_closed();
            line
        });
        let told: Vec<_> = told.collect();
        assert!((1..300).contains(&told.len()), "{} were told", told.len());
        assert!(told.iter().all(|line| line.contains("server_full")));
        held.iter_mut().for_each(expect_alive);
        expect_alive(&mut other);
    });
}

#[test]
fn who_comes_and_goes_at_once_leaves_no_trace() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_per_address", 4).start();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 0..100 {
                        let handset = Handset::connect(&server);
                        if n % 2 == 0 {
                            handset.vanish();
                        }
                    }
                });
            }
        });
        let _four: Vec<_> = (0..4).map(|_| let_in(&server)).collect();
        expect_crowded(Handset::connect(&server));
    });
}
