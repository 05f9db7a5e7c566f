//! Slots, `join` and joining again, over loopback.

pub mod rig;

use rig::{Handset, Server, Setup};
use serde_json::{Value, json};

#[test]
fn a_join_that_finds_nobody_is_told_its_place() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women: Vec<Handset> = Vec::new();
        for place in 1..=5 {
            let mut woman = Handset::joined(&server, &format!("w{place}"), "F", "M");
            assert_eq!(woman.expect_line(), format!(r#"2#{{"youNum":"{place}"}}"#));
            women.push(woman);
        }
        for woman in &mut women {
            woman.quiet();
        }
    });
}

#[test]
fn a_match_tells_each_all_of_the_other() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::connect(&server);
        ann.join_with(&json!({
            "userId": "ann", "nickname": "Änne \"#\" 安\n", "gender": "F", "findGender": "M",
            "picId": "a.png", "location": "Bern/\\", "gps": "46.9#7.4", "guys": 1, "mood": {}
        }));
        ann.expect_place(1);
        let mut bob = Handset::connect(&server);
        bob.join_with(&json!({
            "userId": 42, "nickname": "", "gender": "M", "findGender": "F",
            "picId": "b \u{1F600}", "location": "", "gps": "-0"
        }));
        bob.user = "42".to_owned();
        let (mut to_bob, mut to_ann) = (bob.expect(5), ann.expect(5));
        let (talk, same) = (to_bob["talkId"].take(), to_ann["talkId"].take());
        assert_eq!(talk, same);
        let talk = talk.as_str().expect("a string");
        assert_eq!(talk.parse::<u64>().expect("a number").to_string(), talk);
        let expected = json!({
            "toId": "ann", "nickname": "Änne \"#\" 安\n", "gender": "F", "picId": "a.png",
            "location": "Bern/\\", "gps": "46.9#7.4", "talkId": Value::Null
        });
        assert_eq!(to_bob, expected);
        let expected = json!({
            "toId": "42", "nickname": "", "gender": "M", "picId": "b \u{1F600}",
            "location": "", "gps": "-0", "talkId": Value::Null
        });
        assert_eq!(to_ann, expected);
        ann.quiet();
        bob.quiet();
    });
}

#[test]
fn what_a_join_leaves_out_has_defaults() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = (Handset::connect(&server), Handset::connect(&server));
        ann.join("ann", "F", "M");
        ann.expect_place(1);
        bob.join_with(&json!({
            "userId": "bob", "gender": "M", "findGender": "F", "nickname": null, "picId": null
        }));
        for (handset, other, gender) in [(&mut bob, "ann", "F"), (&mut ann, "bob", "M")] {
            let mut told = handset.expect(5);
            told["talkId"].take();
            let expected = json!({
                "toId": other, "nickname": other, "gender": gender, "picId": "",
                "location": "", "gps": "", "talkId": Value::Null
            });
            assert_eq!(told, expected);
        }
    });
}

#[test]
fn for_each_slot_a_partner_and_then_the_best_place() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 2);
        let mut man = Handset::joined_for(&server, "man", "M", "F", 3);
        man.expect_talks(&["w1", "w2"]);
        man.expect_place(1);
        man.quiet();
        for woman in &mut women {
            woman.expect_talk("man");
        }
        // A second man stands behind the first one's slot.
        let mut other = Handset::joined_for(&server, "other", "M", "F", 2);
        other.expect_place(2);
        other.quiet();
    });
}

#[test]
fn no_place_is_told_when_every_slot_has_a_partner() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 4);
        let mut man = Handset::joined_for(&server, "man", "M", "F", 3);
        man.expect_talks(&["w1", "w2", "w3"]);
        man.quiet();
        women[3].await_place(1);
    });
}

#[test]
fn guys_is_cut_to_what_is_allowed() {
    rig::both(|cores| {
        for (guys, slots) in [
            (json!(9), 2),
            (json!("2"), 2),
            (json!(0), 1),
            (json!(-5), 1),
            (json!("1"), 1),
            (Value::Null, 1),
        ] {
            let server = Setup::new(cores).set("max_guys", 2).start();
            let _women = waiting(&server, 3);
            let mut man = Handset::connect(&server);
            man.join_with(&json!({
                "userId": "man", "gender": "M", "findGender": "F", "guys": guys
            }));
            man.expect_talks(&["w1", "w2"][..slots]);
            man.quiet();
        }
    });
}

#[test]
fn stored_words_come_before_talks_and_talks_before_the_place() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (ann, mut bob) = rig::pair(&server, "ann", "bob");
        drop(ann);
        bob.expect_over("ann", "");
        bob.last_word("ann", "first");
        bob.last_word("ann", "second");
        bob.leave();
        bob.quiet();
        let mut carl = Handset::joined(&server, "carl", "M", "F");
        carl.expect_place(1);
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 3);
        for text in ["first", "second"] {
            let told = ann.expect(9);
            assert_eq!(
                (&told["youId"], &told["toId"]),
                (&json!("bob"), &json!("ann"))
            );
            assert_eq!(
                (&told["endmessage"], &told["over"]),
                (&json!(text), &json!(0))
            );
        }
        assert_eq!(ann.expect(5)["toId"], "carl");
        ann.expect_place(1);
        ann.quiet();
    });
}

#[test]
fn joining_again_changes_what_the_next_partner_sees() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.join_with(&json!({
            "userId": "ann", "nickname": "Anna", "picId": "new", "gender": "F",
            "findGender": "M", "guys": 2
        }));
        ann.expect_place(1);
        ann.quiet();
        bob.quiet();
        ann.talk("bob", "still here");
        bob.expect_said("ann", "still here");
        let mut carl = Handset::joined(&server, "carl", "M", "F");
        let told = carl.expect(5);
        assert_eq!(
            (&told["nickname"], &told["picId"]),
            (&json!("Anna"), &json!("new"))
        );
        ann.expect_talk("carl");
        // What is told of the sender from now on has the new name, too.
        ann.end("bob", "bye");
        assert_eq!(bob.expect_over("ann", "bye")["nickname"], "Anna");
    });
}

#[test]
fn joining_again_keeps_the_place() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 3);
        women[1].join_with(&json!({
            "userId": "w2", "nickname": "Two", "gender": "F", "findGender": "M"
        }));
        women[1].expect_place(2);
        women[1].quiet();
        women[0].quiet();
        women[2].quiet();
        for (man, woman, nickname) in [("m1", "w1", "w1"), ("m2", "w2", "Two")] {
            let told = Handset::joined(&server, man, "M", "F").expect(5);
            assert_eq!(
                (&told["toId"], &told["nickname"]),
                (&json!(woman), &json!(nickname))
            );
        }
    });
}

#[test]
fn another_gender_queues_anew() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut women = waiting(&server, 3);
        women[0].join("w1", "F", "F");
        women[0].expect_place(1);
        women[1].await_place(1);
        women[2].await_place(2);
        women[0].join("w1", "F", "M");
        women[0].expect_place(3);
        // To look for somebody else may be to find.
        let mut man = Handset::joined(&server, "man", "M", "M");
        man.expect_place(1);
        man.join("man", "M", "F");
        assert_eq!(man.expect(5)["toId"], "w2");
        man.quiet();
        // A talk goes on whatever its two look for now.
        man.join("man", "F", "F");
        man.quiet();
        man.talk("w2", "hello");
        women[1].expect_talk("man");
        women[1].expect_said("man", "hello");
        women[1].quiet();
    });
}

#[test]
fn joining_again_makes_idle_slots_wait() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        ann.end("bob", "");
        ann.quiet();
        bob.expect_over("ann", "");
        ann.join("ann", "F", "M");
        ann.expect_place(1);
        ann.quiet();
        bob.quiet();
        bob.join("bob", "M", "F");
        assert_eq!(bob.expect(5)["toId"], "ann");
        bob.quiet();
        ann.expect_talk("bob");
        // With nothing that waits there is no answer.
        ann.join("ann", "F", "M");
        ann.quiet();
    });
}

#[test]
fn fewer_guys_take_idle_slots_first() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 2);
        ann.expect_place(1);
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        bob.expect_talk("ann");
        ann.expect_talk("bob");
        ann.end("bob", "");
        ann.quiet_past_waits();
        // One slot is idle, one waits: the idle one goes.
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(2);
        ann.rejoin_for("ann", "F", "M", 1);
        ann.expect_place(1);
        ann.quiet();
        eve.quiet();
        let mut carl = Handset::joined_for(&server, "carl", "M", "F", 3);
        carl.expect_talks(&["ann", "eve"]);
        carl.expect_place(1);
        carl.quiet();
    });
}

#[test]
fn fewer_guys_take_the_worst_placed_slots() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(1);
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(2);
        ann.rejoin_for("ann", "F", "M", 3);
        ann.expect_place(1);
        let mut ivy = Handset::joined(&server, "ivy", "F", "M");
        ivy.expect_place(5);
        ann.rejoin_for("ann", "F", "M", 2);
        ann.expect_place(1);
        ivy.await_place(4);
        ann.rejoin_for("ann", "F", "M", 1);
        ann.expect_place(1);
        ivy.await_place(3);
        eve.quiet();
        ann.quiet();
    });
}

#[test]
fn more_guys_add_slots() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut carl = Handset::joined(&server, "carl", "M", "F");
        carl.expect_place(1);
        ann.rejoin_for("ann", "F", "M", 3);
        assert_eq!(ann.expect(5)["toId"], "carl");
        ann.expect_place(1);
        ann.quiet();
        carl.expect_talk("ann");
        let mut dan = Handset::joined(&server, "dan", "M", "F");
        dan.expect_talk("ann");
        ann.expect_talk("dan");
        for (man, name) in [(&mut bob, "bob"), (&mut carl, "carl"), (&mut dan, "dan")] {
            ann.talk(name, name);
            man.expect_said("ann", name);
        }
        let mut eve = Handset::joined(&server, "eve", "M", "F");
        eve.expect_place(1);
        eve.quiet();
        ann.quiet();
    });
}

#[test]
fn a_talking_slot_too_many_goes_when_its_talk_ends() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let mut men = Vec::new();
        for name in ["bob", "carl"] {
            let mut man = Handset::joined(&server, name, "M", "F");
            man.expect(2);
            men.push(man);
        }
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 2);
        ann.expect_talks(&["bob", "carl"]);
        for man in &mut men {
            man.expect_talk("ann");
        }
        ann.rejoin_for("ann", "F", "M", 1);
        ann.quiet();
        for (man, name) in men.iter_mut().zip(["bob", "carl"]) {
            ann.talk(name, "both go on");
            man.expect_said("ann", "both go on");
        }
        men[0].end("ann", "");
        men[0].quiet();
        ann.expect_over("bob", "");
        // Its slot has gone: nothing is idle, nothing waits.
        ann.rejoin_for("ann", "F", "M", 1);
        ann.quiet();
        ann.seek();
        assert_eq!(ann.expect_error("not_partner")["msgType"], 10);
        // The last one is within the number and stays.
        ann.end("carl", "");
        men[1].expect_over("ann", "");
        ann.rejoin_for("ann", "F", "M", 1);
        ann.expect_place(1);
        ann.quiet();
    });
}

#[test]
fn joining_as_another_leaves_everything_first() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut ann = Handset::joined_for(&server, "ann", "F", "M", 2);
        ann.expect_place(1);
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(3);
        let mut bob = Handset::connect(&server);
        bob.join("bob", "M", "F");
        bob.expect_talk("ann");
        ann.expect_talk("bob");
        eve.await_place(2);
        ann.join("amy", "F", "M");
        ann.await_place(2);
        assert_eq!(bob.expect_over("ann", "")["nickname"], "ann");
        eve.await_place(1);
        // What is said to the old one is stored for it.
        bob.last_word("ann", "where are you?");
        bob.quiet();
        ann.quiet_past_waits();
        ann.send(13, &json!({"youId": "ann"}));
        assert_eq!(ann.expect_error("not_your_id")["msgType"], 13);
        // Back as the old one, also from within a queue.
        ann.join("ann", "F", "M");
        ann.expect_word("bob", "where are you?");
        ann.expect_place(2);
        ann.quiet();
    });
}

#[test]
fn joining_as_another_takes_that_one_over() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..8 {
            let [a, b, c] = ["ann", "bob", "carl"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut carl = Handset::joined(&server, &c, "M", "F");
            carl.expect_place(1);
            carl.join(&b, "M", "F");
            carl.expect_talk(&a);
            bob.expect_replaced();
            carl.talk(&a, "hello");
            ann.expect_said(&b, "hello");
            ann.talk(&b, "hello?");
            carl.expect_said(&a, "hello?");
        }
        // No carl waits any more.
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        eve.expect_place(1);
        eve.quiet();
    });
}

/// Women `w1`, `w2` … who wait at places 1, 2 …
fn waiting(server: &Server, count: usize) -> Vec<Handset> {
    let mut women = Vec::new();
    for place in 1..=count {
        let mut woman = Handset::joined(server, &format!("w{place}"), "F", "M");
        woman.expect_place(place as u64);
        women.push(woman);
    }
    women
}
