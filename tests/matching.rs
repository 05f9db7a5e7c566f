//! Who is matched with whom, over loopback: pools, first come first served,
//! and who may not meet.

pub mod rig;

use std::time::{Duration, Instant};

use rig::{Handset, Server, Setup};

#[test]
fn each_gender_pair_is_a_pool_of_its_own() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let pools = [("F", "M"), ("M", "M"), ("F", "F")];
        let mut first = Vec::new();
        for (gender, find) in pools {
            let name = format!("first {gender}{find}");
            let mut handset = Handset::joined(&server, &name, gender, find);
            handset.expect_place(1);
            handset.quiet();
            first.push(handset);
        }
        let second = [("M", "F"), ("M", "M"), ("F", "F")];
        for (one, (gender, find)) in first.iter_mut().zip(second) {
            let name = format!("second {gender}{find}");
            let mut other = Handset::joined(&server, &name, gender, find);
            let told = other.expect(5);
            assert_eq!(told["toId"], one.user);
            assert_eq!(one.expect(5)["gender"], gender);
            other.quiet();
            one.quiet();
        }
    });
}

#[test]
fn first_come_first_served() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for [gender, find] in [["F", "M"], ["M", "F"]] {
            let mut waiting = Vec::new();
            for place in 1..=6 {
                let name = format!("{gender}{place}");
                let mut handset = Handset::joined(&server, &name, gender, find);
                handset.expect_place(place);
                waiting.push(handset);
            }
            for mut handset in waiting {
                let name = format!("for {}", handset.user);
                let mut other = Handset::joined(&server, &name, find, gender);
                assert_eq!(other.expect(5)["toId"], handset.user);
                handset.expect_talk(&name);
            }
        }
    });
}

#[test]
fn nobody_is_matched_with_themself() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut bob = Handset::joined_for(&server, "bob", "M", "M", 3);
        bob.expect_place(1);
        bob.quiet();
        bob.rejoin_for("bob", "M", "M", 3);
        bob.expect_place(1);
        bob.quiet();
    });
}

#[test]
fn nobody_has_two_talks_with_the_same_partner() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for [own, find] in [["M", "M"], ["F", "F"], ["F", "M"]] {
            let [a, b, c] = ["a", "b", "c"].map(|name| format!("{name}{own}{find}"));
            let mut ann = Handset::joined_for(&server, &a, own, find, 3);
            ann.expect_place(1);
            let mut bob = Handset::joined_for(&server, &b, find, own, 3);
            assert_eq!(bob.expect(5)["toId"], a);
            bob.expect(2);
            bob.quiet_past_waits();
            ann.expect_talk(&b);
            ann.quiet_past_waits();
            // Joining again does not change that.
            ann.rejoin_for(&a, own, find, 3);
            ann.quiet_past_waits();
            bob.quiet_past_waits();
            // Somebody else may.
            let mut carl = Handset::joined_for(&server, &c, find, own, 1);
            carl.expect_talk(&a);
            ann.expect_talk(&c);
        }
    });
}

#[test]
fn the_refused_are_stepped_over_and_keep_their_places() {
    rig::both(|cores| {
        for refuser_first in [true, false] {
            let server = Setup::new(cores).set("rematch_pause", "0s").start();
            let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
            ann.refuse("bob", "never");
            bob.expect_over("ann", "never");
            let (one, two) = if refuser_first {
                (&mut ann, &mut bob)
            } else {
                (&mut bob, &mut ann)
            };
            for handset in [one, two] {
                handset.seek();
                handset.expect_place(1);
            }
            let mut eve = Handset::joined(&server, "eve", "F", "M");
            assert_eq!(eve.expect(5)["toId"], "bob");
            bob.expect_talk("eve");
            let mut amy = Handset::joined(&server, "amy", "F", "M");
            amy.expect_place(2);
            ann.quiet();
            let mut carl = Handset::joined(&server, "carl", "M", "F");
            assert_eq!(carl.expect(5)["toId"], "ann");
            ann.expect_talk("carl");
            amy.await_place(1);
        }
    });
}

#[test]
fn a_refusal_holds_whoever_comes_and_however() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        bob.refuse("ann", "");
        ann.expect_over("bob", "");
        drop((ann, bob));
        // Both come again on other connections, with more slots, either first.
        for names in [["ann", "bob"], ["bob", "ann"]] {
            let mut came = Vec::new();
            for name in names {
                let (own, find) = if name == "ann" {
                    ("F", "M")
                } else {
                    ("M", "F")
                };
                let mut handset = Handset::joined_for(&server, name, own, find, 3);
                handset.await_place(1);
                handset.quiet_past_waits();
                came.push(handset);
            }
            came[0].quiet_past_waits();
        }
        // As two who look for their like they are the same users still.
        let mut ann = Handset::joined(&server, "ann", "F", "F");
        ann.expect_place(1);
        let mut bob = Handset::joined(&server, "bob", "F", "F");
        bob.expect_place(2);
        bob.quiet();
        ann.quiet();
    });
}

#[test]
fn the_refused_among_many_are_each_stepped_over() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let mut men = Vec::new();
        let mut ann = Handset::connect(&server);
        ann.join("ann", "F", "M");
        for index in 0..5 {
            let name = format!("m{index}");
            let mut man = Handset::joined(&server, &name, "M", "F");
            man.expect_talk("ann");
            ann.expect_talk(&name);
            ann.refuse(&name, "");
            man.expect_over("ann", "");
            ann.seek();
            ann.expect_past_waits(2);
            men.push(man);
        }
        for (index, man) in men.iter_mut().enumerate() {
            man.seek();
            man.expect_place(index as u64 + 1);
        }
        ann.quiet_past_waits();
        let mut dan = Handset::joined(&server, "dan", "M", "F");
        dan.expect_talk("ann");
        ann.expect_talk("dan");
        for (index, man) in men.iter_mut().enumerate() {
            man.quiet();
            let name = format!("w{index}");
            let mut woman = Handset::joined(&server, &name, "F", "M");
            assert_eq!(woman.expect(5)["toId"], man.user);
            man.expect_talk(&name);
            ann.quiet_past_waits();
        }
    });
}

#[test]
fn two_who_parted_meet_again_at_once_without_a_pause() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        for round in 0..10 {
            let (one, two, names) = match round % 2 {
                0 => (&mut ann, &mut bob, ["ann", "bob"]),
                _ => (&mut bob, &mut ann, ["bob", "ann"]),
            };
            one.next_one(names[1], "again");
            two.expect_over(names[0], "again");
            one.expect_place(1);
            two.seek();
            let talk = two.expect_talk(names[0]);
            assert_eq!(one.expect_talk(names[1]), talk);
        }
    });
}

/// Their other slots have waited all the time.
#[test]
fn two_who_parted_meet_again_in_slots_that_wait() {
    rig::both(|cores| {
        for pause in ["0s", "400ms"] {
            let server = Setup::new(cores).set("rematch_pause", pause).start();
            for [own, find] in [["F", "M"], ["M", "M"], ["F", "F"]] {
                let [a, b] = ["a", "b"].map(|name| format!("{name}{own}{find}"));
                let mut ann = Handset::joined_for(&server, &a, own, find, 3);
                ann.expect_place(1);
                let mut bob = Handset::joined_for(&server, &b, find, own, 3);
                let mut talk = bob.expect_talk(&a);
                assert_eq!(ann.expect_talk(&b), talk);
                for _ in 0..2 {
                    ann.end(&b, "");
                    bob.expect_over(&a, "");
                    let again = ann.expect_talk(&b);
                    assert_ne!(again, talk);
                    assert_eq!(bob.expect_talk(&a), again);
                    talk = again;
                }
                // Every slot has had its talk: none waits any more.
                ann.end(&b, "");
                bob.expect_over(&a, "");
                ann.quiet_past_waits();
                ann.pass();
                ann.expect_error("not_waiting");
                bob.quiet_past_waits();
                bob.pass();
                bob.expect_error("not_waiting");
            }
        }
    });
}

#[test]
fn a_pause_before_the_same_two_meet_again() {
    const PAUSE: Duration = Duration::from_secs(3);
    rig::both(|cores| {
        let server = Setup::new(cores)
            .set("rematch_pause", format!("{}s", PAUSE.as_secs()))
            .start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let before = Instant::now();
        ann.next_one("bob", "");
        bob.expect_over("ann", "");
        ann.expect_place(1);
        bob.next_one("ann", "");
        bob.expect_place(1);
        ann.quiet();
        // Others are matched meanwhile, though they came later.
        let mut eve = Handset::joined(&server, "eve", "F", "M");
        assert_eq!(eve.expect(5)["toId"], "bob");
        bob.expect_talk("eve");
        bob.next_one("eve", "");
        eve.expect_over("bob", "");
        bob.expect_place(1);
        // The pause outlives the connection.
        drop(bob);
        let mut bob = Handset::joined(&server, "bob", "M", "F");
        bob.await_place(1);
        let talk = bob.expect_talk("ann");
        assert!(before.elapsed() >= PAUSE, "after {:?}", before.elapsed());
        assert_eq!(ann.expect_talk("bob"), talk);
    });
}
