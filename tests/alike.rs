//! Whether a number has a user cannot be told from how long an answer takes.
//!
//! Two samples of each kind, taken in turns; Mann-Whitney's test says whether
//! one lies beside the other.

pub mod rig;

use std::time::Instant;

use serde_json::json;

use rig::Setup;
use rig::users::Town;

const ROUNDS: usize = 200;

/// How many deviations the sum of ranks of `ours` is from where it would be if
/// both came from one source.
fn deviations(ours: &[f64], theirs: &[f64]) -> f64 {
    let wins: f64 = ours
        .iter()
        .map(|one| theirs.iter().filter(|other| one > other).count() as f64)
        .sum();
    let (n, m) = (ours.len() as f64, theirs.len() as f64);
    (wins - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt()
}

#[test]
fn known_and_unknown_numbers_take_the_same_time() {
    let town = Town::start(Setup::new(1));
    let known = |i: usize| format!("+86186123{i:05}");
    let unknown = |i: usize| format!("+86187123{i:05}");
    for i in 0..ROUNDS {
        town.register(&known(i), "x", "F");
    }
    let timed = |body: &serde_json::Value| {
        let start = Instant::now();
        town.done(body.clone());
        start.elapsed().as_secs_f64()
    };
    let (mut asked, mut tried) = ([vec![], vec![]], [vec![], vec![]]);
    for i in 0..ROUNDS {
        for side in [i % 2, 1 - i % 2] {
            let tel = [known(i), unknown(i)][side].clone();
            asked[side].push(timed(
                &json!({"type": "sms_validation_request", "tel": tel}),
            ));
            let code = town.webhook.code(&tel);
            let body = json!({"type": "sms_validation_code", "tel": tel, "code": code});
            tried[side].push(timed(&body));
        }
    }
    for (what, [ours, theirs]) in [("asked", asked), ("tried", tried)] {
        let off = deviations(&ours, &theirs);
        println!("{what}: {off:.2} deviations");
        assert!(off.abs() < 5.0, "{what}: {off:.2} deviations");
    }
}
