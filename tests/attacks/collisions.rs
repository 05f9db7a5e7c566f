//! Ids chosen so that they meet in one place of the server's tables.

use crate::rig::{Handset, Samples, Server};

/// Notes from the first core to the second.
fn notes(server: &Server) -> f64 {
    Samples::of(server).get("pairline_lane_notes_total{from=\"0\",to=\"1\"}")
}

/// A connection of the first core, where nobody is connected.
fn on_first_core(server: &Server) -> Handset {
    server.wait_metric("pairline_sessions", 0.0);
    let mut others = Vec::new();
    loop {
        let handset = Handset::connect(server);
        let samples = Samples::wait(server, |samples| {
            samples.sum("pairline_sessions") > others.len() as f64
        });
        if samples.get("pairline_sessions{core=\"0\"}") > 0.0 {
            return handset;
        }
        others.push(handset);
    }
}

/// How many notes go to the second core as these users join, one after the
/// other, on a connection of the first: those that concern ids which the second
/// looks after. The queue is the first's own.
fn trace(server: &Server) -> Vec<f64> {
    let mut handset = on_first_core(server);
    let join = |n| {
        handset.join(&format!("user{n}"), "F", "M");
        handset.expect(2);
        notes(server)
    };
    let counts: Vec<f64> = (0..48).map(join).collect();
    let differences = counts.windows(2).map(|two| two[1] - two[0]);
    differences.collect()
}

#[test]
fn each_start_spreads_ids_anew() {
    let server = Server::start(2);
    let first = trace(&server);
    assert!(first.contains(&0.0) && first.iter().any(|notes| *notes > 0.0));
    assert_eq!(
        trace(&server),
        first,
        "which core it is depends on the id alone"
    );
    assert_ne!(trace(&Server::start(2)), first, "and on the start");
}
