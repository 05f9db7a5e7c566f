//! What those who wait are told, and how they jump the queue, over loopback.

pub mod rig;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rig::{Handset, PATIENCE, Server, Setup};
use serde_json::{Value, json};

#[test]
fn a_place_that_changes_is_told_and_no_other() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 1..=5);
        women.remove(2);
        for (woman, place) in women[2..].iter_mut().zip([3, 4]) {
            woman.expect_place(place);
        }
        // By who ends its connection, by who leaves, by who is matched.
        women[3].leave();
        women[3].quiet();
        women[0].quiet();
        let mut man = Handset::joined(&server, "man", "M", "F");
        man.expect_talk("w1");
        women[0].expect_talk("man");
        women[1].expect_place(1);
        women[2].expect_place(2);
        for woman in &mut women {
            woman.quiet();
        }
    });
}

#[test]
fn many_changes_are_told_once_a_second() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 1..=15);
        let begun = Instant::now();
        let mut last = women.pop().expect("fifteen");
        let mut places = vec![15];
        while women.len() > 1 {
            drop(women.remove(0));
            std::thread::sleep(Duration::from_millis(25));
        }
        while places.last() != Some(&2) {
            places.push(place(&last.expect(2)));
        }
        assert!(
            places.is_sorted_by(|before, after| before > after),
            "{places:?}"
        );
        let told = places.len() as u64 - 1;
        assert!(told <= 2 + begun.elapsed().as_secs(), "{places:?}");
        last.quiet();
    });
}

#[test]
fn far_places_are_told_when_a_tenth_better() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 1..=40);
        // Three go before all the others.
        women.drain(..3);
        for (woman, place) in women[..20].iter_mut().zip(1..) {
            woman.await_place(place);
        }
        // Of those beyond, whoever stood at 30 or better is a tenth better now.
        for (woman, place) in women[20..27].iter_mut().zip(21..) {
            let told = woman.expect_line();
            assert_eq!(told, format!("2#{{\"youNum\":\"{place}\"}}"));
        }
        // Nobody else, in the same round.
        for woman in &mut women {
            woman.quiet();
        }
    });
}

/// The better-placed slot of a user is matched: its other one is far worse.
#[test]
fn a_place_that_worsened_by_a_match_is_told() {
    rig::both(|cores| {
        for behind in [4, 25] {
            let server = Server::start(cores);
            let mut ann = Handset::joined(&server, "ann", "F", "M");
            ann.expect_place(1);
            let mut women = waiting(&server, 2..=behind);
            ann.rejoin_for("ann", "F", "M", 2);
            ann.expect_place(1);
            let mut man = Handset::joined(&server, "man", "M", "F");
            man.expect_talk("ann");
            ann.expect_talk("man");
            let told = ann.expect_line();
            assert_eq!(told, format!("2#{{\"youNum\":\"{behind}\"}}"));
            women[0].await_place(1);
            women[0].quiet();
            ann.quiet();
        }
    });
}

#[test]
fn a_jump_overtakes_up_to_ten() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 1..=15);
        let mut last = women.pop().expect("fifteen");
        last.pass();
        let told = last.expect(4);
        let by = told["passCount"].as_u64().expect("a number");
        assert!((1..=10).contains(&by), "{told}");
        let now = 15 - by;
        let expected = json!({"youNum": now.to_string(), "passNum": 15, "passCount": by});
        assert_eq!(told, expected);
        last.quiet();
        // Those overtaken move back one; nobody else.
        for (woman, place) in women.iter_mut().zip(1..) {
            if place >= now {
                woman.expect_place(place + 1);
            }
            woman.quiet();
        }
        women.insert(index(now), last);
        for (man, woman) in women.iter_mut().enumerate() {
            let name = format!("m{man}");
            let mut man = Handset::joined(&server, &name, "M", "F");
            assert_eq!(man.expect(5)["toId"], woman.user);
            woman.expect_talk(&name);
        }
    });
}

#[test]
fn a_jump_is_a_uniform_draw() {
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("pass_cooldown", "0s")
            .set("max_rate", 0)
            .start();
        let mut women = waiting(&server, 1..=12);
        let mut seen = BTreeSet::new();
        for _ in 0..60 {
            // From the end of the queue nothing is cut.
            women[0].leave();
            women[0].quiet_past_waits();
            let mut last = women.remove(0);
            last.seek();
            last.await_place(12);
            last.pass();
            let told = last.expect_past_waits(4);
            assert_eq!(told["passNum"], 12);
            seen.insert(told["passCount"].as_u64().expect("a number"));
            women.insert(index(place(&told)), last);
        }
        // Sixty draws do not miss four of ten.
        assert!(
            seen.first() >= Some(&1) && seen.last() <= Some(&10),
            "{seen:?}"
        );
        assert!(seen.len() >= 7, "{seen:?}");
    });
}

#[test]
fn no_jump_goes_beyond_the_floor() {
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("pass_floor", 5)
            .set("pass_cooldown", "1h")
            .start();
        let mut women = waiting(&server, 1..=6);
        for (woman, at) in [(4, 5_u64), (2, 3), (0, 1)] {
            // At the floor or better it is no jump, and needs no rest.
            for _ in 0..3 {
                women[woman].pass();
                let told = women[woman].expect(4);
                let expected = json!({"youNum": at.to_string(), "passNum": at, "passCount": 0});
                assert_eq!(told, expected);
            }
        }
        women[5].pass();
        let expected = json!({"youNum": "5", "passNum": 6, "passCount": 1});
        assert_eq!(women[5].expect(4), expected);
        women[4].expect_place(6);
        for woman in &mut women {
            woman.quiet();
        }
        // This one was a jump.
        women[5].pass();
        let refused = women[5].expect_error("rate_limited");
        assert_eq!(refused["msgType"], 3);
    });
}

#[test]
fn a_jump_needs_a_rest() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("pass_cooldown", "1500ms").start();
        let mut women = waiting(&server, 1..=25);
        let last = women.last_mut().expect("many");
        let before = Instant::now();
        last.pass();
        last.expect(4);
        // Each is told, however often it is asked.
        for _ in 0..3 {
            last.pass();
            let told = last.expect_past_waits(0);
            assert_eq!(
                (&told["error"], &told["msgType"]),
                (&json!("rate_limited"), &json!(3))
            );
        }
        // Another user has a rest of its own.
        women[23].pass();
        women[23].expect_past_waits(4);
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let last = women.last_mut().expect("many");
            last.pass();
            let line = last.expect_line();
            if line.starts_with("4#") {
                break;
            }
            assert!(line.starts_with("0#") || line.starts_with("2#"), "{line}");
            assert!(before.elapsed() < PATIENCE, "rests for ever");
        }
        assert!(before.elapsed() >= Duration::from_millis(1500));
    });
}

#[test]
fn the_rest_outlives_the_connection() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("pass_cooldown", "60s").start();
        let _others = waiting(&server, 1..=3);
        for how in ["the end", "another id", "a takeover"] {
            let user = format!("ann by {how}");
            let mut ann = Handset::joined(&server, &user, "F", "M");
            ann.expect(2);
            ann.pass();
            assert_ne!(ann.expect_past_waits(4)["passCount"], 0);
            let mut again = match how {
                "another id" => {
                    ann.join("somebody", "F", "F");
                    ann.expect_past_waits(2);
                    ann.join(&user, "F", "M");
                    ann
                }
                "the end" => {
                    drop(ann);
                    Handset::joined(&server, &user, "F", "M")
                }
                _ => Handset::joined(&server, &user, "F", "M"),
            };
            again.expect(2);
            again.pass();
            let told = again.expect_past_waits(0);
            assert_eq!(told["error"], "rate_limited", "after {how}");
        }
    });
}

#[test]
fn who_does_not_wait_is_told_so_and_not_to_rest() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 1..=2);
        women[1].pass();
        let expected = json!({"youNum": "1", "passNum": 2, "passCount": 1});
        assert_eq!(women[1].expect(4), expected);
        let mut man = Handset::joined(&server, "man", "M", "F");
        man.expect_talk("w2");
        women[1].expect_talk("man");
        women[1].pass();
        assert_eq!(women[1].expect_error("not_waiting")["msgType"], 3);
        women[1].leave();
        women[1].pass();
        assert_eq!(women[1].expect_error("not_waiting")["msgType"], 3);
        man.pass();
        man.expect_over("w2", "");
        assert_eq!(man.expect_error("not_waiting")["msgType"], 3);
    });
}

#[test]
fn a_jump_moves_the_best_placed_slot() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("pass_floor", 2).start();
        let mut first = waiting(&server, 1..=2);
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 2);
        ann.expect_place(3);
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(5);
        ann.pass();
        let expected = json!({"youNum": "2", "passNum": 3, "passCount": 1});
        assert_eq!(ann.expect(4), expected);
        first[1].expect_place(3);
        for (man, woman) in ["w1", "ann", "w2", "ann", "eve"].into_iter().enumerate() {
            let mut man = Handset::joined(&server, &format!("m{man}"), "M", "F");
            assert_eq!(man.expect(5)["toId"], woman);
        }
    });
}

/// Women `wN` who wait at places N.
fn waiting(server: &Server, places: std::ops::RangeInclusive<u64>) -> Vec<Handset> {
    let mut women = Vec::new();
    for place in places {
        let mut woman = Handset::joined(server, &format!("w{place}"), "F", "M");
        woman.expect_place(place);
        women.push(woman);
    }
    women
}

fn place(told: &Value) -> u64 {
    let place = told["youNum"].as_str().expect("a string");
    place.parse().expect("a number")
}

/// Where in a list of all who wait this place is.
fn index(place: u64) -> usize {
    usize::try_from(place).expect("a short queue") - 1
}
