//! What the chat tells of a mutual crush.

use serde_json::{Value, json};

use super::{ANN, BOB, cancel, crush};
use crate::rig::users::{Town, User};
use crate::rig::{self, Handset, Setup};

fn people(cores: usize) -> (Town, User, User) {
    let town = Town::start(Setup::new(cores));
    let ann = town.register(ANN, "ann", "F");
    // Nothing that a nickname holds breaks out of the line.
    let bob = town.register(BOB, "bo\"b\n6#{}", "M");
    (town, ann, bob)
}

#[track_caller]
fn told(handset: &mut Handset, of: &User, nickname: &str) {
    let notice = handset.expect_past_waits(14);
    let text = notice["text"].as_str().expect("a text");
    assert!(text.contains(nickname), "{text}");
    let mut keys = notice.clone();
    keys["text"] = Value::Null;
    let wanted = json!({"kind": "crush", "user_id": of.id, "nickname": nickname, "text": null});
    assert_eq!(keys, wanted);
}

#[test]
fn both_are_told_once() {
    rig::both(|cores| {
        let (town, ann, bob) = people(cores);
        let (mut ann_hears, mut bob_hears) = (town.online(&ann), town.online(&bob));
        town.done(crush(&ann, BOB, "hey"));
        ann_hears.quiet();
        bob_hears.quiet();
        town.done(crush(&bob, ANN, ""));
        told(&mut ann_hears, &bob, "bo\"b\n6#{}");
        told(&mut bob_hears, &ann, "ann");
        town.done(crush(&bob, ANN, "again"));
        town.done(crush(&ann, BOB, "again"));
        // Taken back and said again, it is news to nobody but who did it.
        town.done(cancel(&ann, BOB));
        town.done(crush(&ann, BOB, ""));
        told(&mut ann_hears, &bob, "bo\"b\n6#{}");
        ann_hears.quiet();
        bob_hears.quiet();
    });
}

#[test]
fn a_block_that_is_lifted_lets_it_out() {
    let (town, ann, bob) = people(1);
    let (mut ann_hears, mut bob_hears) = (town.online(&ann), town.online(&bob));
    let bond = |kind: &str| json!({"type": kind, "token": bob.token, "user_id": ann.id});
    town.done(bond("block_request"));
    town.done(crush(&ann, BOB, ""));
    assert_eq!(town.done(crush(&bob, ANN, ""))["mutual"], false);
    ann_hears.quiet();
    bob_hears.quiet();
    town.done(bond("unblock_request"));
    told(&mut ann_hears, &bob, "bo\"b\n6#{}");
    told(&mut bob_hears, &ann, "ann");
    town.done(bond("unblock_request"));
    ann_hears.quiet();
}
