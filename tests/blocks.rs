//! Who has blocked whom over HTTP, as the chat port has it.

pub mod rig;

use std::thread;

use rig::users::{Town, User};
use rig::{Handset, Setup};
use serde_json::{Value, json};

fn people(setup: Setup) -> (Town, User, User) {
    let town = Town::start(setup.set("rematch_pause", "0s").set("max_rate", 0));
    let ann = town.register("+8618612344931", "ann", "F");
    let bob = town.register("+8618612344932", "bob", "M");
    (town, ann, bob)
}

fn joined(town: &Town, user: &User, gender: &str) -> Handset {
    let find = if gender == "F" { "M" } else { "F" };
    let mut handset = Handset::connect(&town.server);
    handset.join_with(
        &json!({"userId": user.id, "nickname": user.tel, "gender": gender, "findGender": find, "token": user.token}),
    );
    handset
}

fn bond(town: &Town, kind: &str, by: &User, whom: &User) {
    town.done(json!({"type": kind, "token": by.token, "user_id": whom.id}));
}

fn talking(town: &Town, ann: &User, bob: &User) -> (Handset, Handset, Value) {
    let mut woman = joined(town, ann, "F");
    woman.expect(2);
    let mut man = joined(town, bob, "M");
    let talk = man.expect_past_waits(5)["talkId"].clone();
    assert_eq!(woman.expect_past_waits(5)["talkId"], talk);
    (woman, man, talk)
}

#[test]
fn each_of_the_two_is_told_that_it_is_over() {
    rig::both(|cores| {
        for turned in [false, true] {
            let (town, ann, bob) = people(Setup::new(cores));
            let (mut woman, mut man, talk) = talking(&town, &ann, &bob);
            match turned {
                false => bond(&town, "block_request", &ann, &bob),
                true => bond(&town, "block_request", &bob, &ann),
            }
            for (handset, own, other) in [(&mut woman, &ann, &bob), (&mut man, &bob, &ann)] {
                let over = json!({
                    "youId": other.id, "toId": own.id, "nickname": other.tel,
                    "endmessage": "", "over": 1, "talkId": talk,
                });
                assert_eq!(handset.expect_past_waits(9), over);
                handset.seek();
                handset.expect(2);
            }
            // Neither is matched, and no last word passes.
            for (handset, other) in [(&mut woman, &bob), (&mut man, &ann)] {
                handset.last_word(&other.id, "hello?");
                handset.quiet();
            }
            match turned {
                false => bond(&town, "unblock_request", &ann, &bob),
                true => bond(&town, "unblock_request", &bob, &ann),
            }
            assert_eq!(woman.expect_past_waits(5)["toId"], json!(bob.id));
            assert_eq!(man.expect_past_waits(5)["toId"], json!(ann.id));
        }
    });
}

#[test]
fn a_block_outlives_the_server() {
    for killed in [false, true] {
        let (town, ann, bob) = people(Setup::new(2));
        bond(&town, "block_request", &ann, &bob);
        let mut town = town;
        if killed {
            town.server.kill9();
        }
        let town = town.again();
        let (mut woman, mut man) = (joined(&town, &ann, "F"), joined(&town, &bob, "M"));
        woman.expect(2);
        man.expect(2);
        woman.quiet();
        bond(&town, "unblock_request", &ann, &bob);
        assert_eq!(woman.expect_past_waits(5)["toId"], json!(bob.id));
        man.expect_past_waits(5);
    }
}

#[test]
fn lifting_a_block_does_not_lift_a_refusal() {
    rig::both(|cores| {
        let (town, ann, bob) = people(Setup::new(cores));
        let (mut woman, mut man, _) = talking(&town, &ann, &bob);
        woman.refuse(&bob.id, "never");
        man.expect_past_waits(9);
        bond(&town, "block_request", &ann, &bob);
        bond(&town, "unblock_request", &ann, &bob);
        for handset in [&mut woman, &mut man] {
            handset.seek();
            handset.expect(2);
        }
        woman.quiet();
        man.quiet();
    });
}

/// The block comes while the match is made: whatever the two were told, it is
/// over in the end.
#[test]
fn no_talk_survives_a_block_that_crosses_its_beginning() {
    rig::both(|cores| {
        let (town, ann, bob) = people(Setup::new(cores));
        for round in 0..20 {
            let (by, whom) = if round % 2 == 0 {
                (&ann, &bob)
            } else {
                (&bob, &ann)
            };
            let mut woman = joined(&town, &ann, "F");
            woman.expect(2);
            let mut man = Handset::connect(&town.server);
            let line =
                json!({"userId": bob.id, "gender": "M", "findGender": "F", "token": bob.token});
            thread::scope(|scope| {
                scope.spawn(|| bond(&town, "block_request", by, whom));
                scope.spawn(|| man.join_with(&line));
            });
            let first = man.expect_line();
            if first.starts_with("5#") {
                woman.expect_past_waits(5);
                assert_eq!(woman.expect_past_waits(9)["over"], 1, "round {round}");
                assert_eq!(man.expect_past_waits(9)["over"], 1, "round {round}");
            } else {
                assert!(first.starts_with("2#"), "{first}");
                woman.quiet_past_waits();
            }
            town.server.wait_metric("pairline_talks", 0.0);
            drop((woman, man));
            town.server.wait_metric("pairline_joined", 0.0);
            bond(&town, "unblock_request", by, whom);
        }
    });
}
