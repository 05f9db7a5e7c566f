//! `next_one` and all that it may find, over loopback.

pub mod rig;

use rig::{Handset, Server, Setup};
use serde_json::json;

#[test]
fn a_talk_is_ended_and_its_slot_waits_last() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::connect(&server);
        ann.join_with(&json!({
            "userId": "ann", "nickname": "Ann", "gender": "F", "findGender": "M"
        }));
        ann.expect_place(1);
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        let talk = bob.expect_talk("ann");
        ann.expect_talk("bob");
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(1);
        let mut ivy = Handset::joined(&server, "ivy", "F", "M");
        ivy.expect_place(2);
        ann.next_one("bob", "so long #1");
        let expected = json!({
            "youId": "ann", "toId": "bob", "nickname": "Ann", "endmessage": "so long #1",
            "over": 1, "talkId": talk
        });
        assert_eq!(bob.expect(9), expected);
        ann.expect_place(3);
        ann.quiet();
        eve.quiet();
        ivy.quiet();
        // The partner's slot is idle.
        bob.quiet();
        bob.pass();
        bob.expect_error("not_waiting");
        bob.seek();
        assert_eq!(bob.expect(5)["toId"], "eve");
        bob.quiet();
    });
}

#[test]
fn who_waits_is_the_answer() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut carl = Handset::joined(&server, "carl", "M", "F");
        carl.expect_place(1);
        ann.next_one("bob", "");
        assert_eq!(ann.expect(5)["toId"], "carl");
        ann.quiet();
        bob.expect_over("ann", "");
        carl.expect_talk("ann");
        // Aliases, and no text at all.
        ann.send(
            10,
            &json!({"fromId": "ann", "toId": "carl", "msg": "by its other name"}),
        );
        carl.expect_over("ann", "by its other name");
        ann.expect_place(1);
    });
}

#[test]
fn without_a_talk_an_idle_slot_waits() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.end("bob", "");
        bob.expect_over("ann", "");
        // The talk is over already: the text is a last word.
        bob.next_one("ann", "one more thing");
        ann.expect_word("bob", "one more thing");
        bob.expect_place(1);
        bob.quiet();
        // Nothing is idle now: the place that stands, again and again.
        for text in ["", "and another"] {
            bob.next_one("ann", text);
            if !text.is_empty() {
                ann.expect_word("bob", text);
            }
            bob.expect_place(1);
            bob.seek();
            bob.expect_place(1);
        }
        ann.quiet();
        let mut carl = Handset::joined(&server, "carl", "M", "F");
        carl.expect_place(2);
        // Without a text, nothing is said.
        ann.next_one("bob", "");
        assert_eq!(ann.expect(5)["toId"], "carl");
        ann.quiet();
        carl.expect_talk("ann");
        bob.quiet();
    });
}

#[test]
fn with_nothing_idle_and_nothing_waiting_there_is_no_next() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.next_one("bob", "");
        bob.expect_over("ann", "");
        ann.expect_place(1);
        let mut carl = Handset::joined(&server, "carl", "M", "F");
        carl.expect_talk("ann");
        ann.expect_talk("carl");
        ann.seek();
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        ann.next_one("bob", "");
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        // The word was said all the same.
        ann.next_one("bob", "a word");
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        bob.expect_word("ann", "a word");
        ann.talk("carl", "still on");
        carl.expect_said("ann", "still on");
        carl.quiet();
        bob.quiet();
    });
}

#[test]
fn somebody_never_met_changes_nothing() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 2);
        ann.expect_place(1);
        ann.leave();
        ann.next_one("eve", "hello");
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        // Both slots are idle still.
        ann.pass();
        ann.expect_error("not_waiting");
        ann.seek();
        ann.expect_place(1);
        ann.next_one("eve", "hello");
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(2);
        eve.quiet();
        ann.seek();
        ann.expect_place(1);
        let mut ivy = Handset::joined(&server, "ivy", "F", "M");
        ivy.expect_place(4);
    });
}

#[test]
fn a_stale_talk_id_leaves_the_new_talk_alone() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        let old = bob.expect_talk("ann");
        ann.expect_talk("bob");
        ann.next_one("bob", "");
        bob.expect_over("ann", "");
        ann.expect_place(1);
        bob.seek();
        let talk = bob.expect_talk("ann");
        ann.expect_talk("bob");
        let body = |talk: &str, text: &str| json!({"youId": "ann", "toId": "bob", "endmessage": text, "talkId": talk});
        ann.send(10, &body(&old, "late"));
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        bob.expect_word("ann", "late");
        bob.talk("ann", "still on");
        ann.expect_said("bob", "still on");
        ann.send(10, &body(&talk, "now"));
        bob.expect_over("ann", "now");
        ann.expect_place(1);
    });
}

#[test]
fn it_never_adds_a_slot() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 2);
        ann.expect_place(1);
        let mut men = Vec::new();
        for name in ["bob", "carl"] {
            let mut man = Handset::joined(&server, name, "M", "F");
            man.expect_talk("ann");
            ann.expect_talk(name);
            men.push(man);
        }
        // The talking slots are one too many: the one that ends is gone.
        ann.rejoin_for("ann", "F", "M", 1);
        ann.next_one("bob", "bye");
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        men[0].expect_over("ann", "bye");
        ann.next_one("carl", "bye");
        men[1].expect_over("ann", "bye");
        ann.expect_place(1);
        for _ in 0..3 {
            ann.seek();
            ann.expect_place(1);
        }
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(2);
    });
}

#[test]
fn with_several_slots_only_the_one_meant_moves() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 3);
        ann.expect_place(1);
        let mut men = Vec::new();
        for name in ["bob", "carl"] {
            let mut man = Handset::joined(&server, name, "M", "F");
            man.expect_talk("ann");
            ann.expect_talk(name);
            men.push(man);
        }
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(2);
        // The best place is the slot's that waited before.
        ann.quiet_past_waits();
        ann.next_one("bob", "");
        ann.expect_place(1);
        men[0].expect_over("ann", "");
        men[1].quiet();
        let mut ivy = Handset::joined(&server, "ivy", "F", "M");
        ivy.expect_place(4);
        ann.talk("carl", "still on");
        men[1].expect_said("ann", "still on");
    });
}
