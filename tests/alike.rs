//! Whether a number has a user, and whom that user has named, cannot be told
//! from how long an answer takes.
//!
//! Two samples of each kind, taken in turns; Mann-Whitney's test says whether
//! one lies beside the other.

pub mod rig;

use std::time::Instant;

use serde_json::{Value, json};

use rig::Setup;
use rig::users::{Town, User};

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
    let timed = |body: &Value| timed(&town, body);
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
    are_alike([("asked", asked), ("tried", tried)]);
}

/// A number of somebody who has named many, and one that nobody has.
#[test]
fn naming_a_number_takes_the_same_time_whosever_it_is() {
    const A_DAY: usize = 5;
    let town = Town::start(Setup::new(1).set("crush_invites", true));
    let known = |i: usize| format!("+86186123{i:05}");
    let unknown = |i: usize| format!("+86187123{i:05}");
    let ask =
        |kind: &str, by: &User, tel: &str| json!({"type": kind, "token": by.token, "tel": tel});
    for i in 0..ROUNDS {
        let user = town.register(&known(i), "x", "F");
        for other in 0..A_DAY {
            let tel = format!("+86188123{other:05}");
            town.done(ask("crush_request", &user, &tel));
        }
    }
    let askers = 0..ROUNDS.div_ceil(A_DAY / 2);
    let askers: Vec<_> = askers
        .map(|i| town.register(&format!("+86189123{i:05}"), "y", "M"))
        .collect();
    let (mut named, mut listed, mut cancelled) =
        ([vec![], vec![]], [vec![], vec![]], [vec![], vec![]]);
    for i in 0..ROUNDS {
        // As many of each kind from every asker.
        let by = &askers[i / (A_DAY / 2)];
        for side in [i % 2, 1 - i % 2] {
            let tel = [known(i), unknown(i)][side].clone();
            named[side].push(timed(&town, &ask("crush_request", by, &tel)));
            listed[side].push(timed(&town, &ask("crush_list_request", by, "")));
            cancelled[side].push(timed(&town, &ask("crush_cancel_request", by, &tel)));
        }
    }
    are_alike([
        ("named", named),
        ("listed", listed),
        ("cancelled", cancelled),
    ]);
}

fn timed(town: &Town, body: &Value) -> f64 {
    let start = Instant::now();
    town.done(body.clone());
    start.elapsed().as_secs_f64()
}

fn are_alike<const N: usize>(samples: [(&str, [Vec<f64>; 2]); N]) {
    for (what, [ours, theirs]) in samples {
        let off = deviations(&ours, &theirs);
        println!("{what}: {off:.2} deviations");
        assert!(off.abs() < 5.0, "{what}: {off:.2} deviations");
    }
}
