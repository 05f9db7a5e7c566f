//! Another connection joins with the same id, over loopback. Which core a
//! connection comes to is the kernel's choice: each test has enough rounds
//! that on two cores both kinds of takeover happen.

pub mod rig;

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use rig::{Handset, Server, Setup};
use serde_json::{Value, json};

const ROUNDS: usize = 12;

#[test]
fn the_newer_has_the_talk_and_the_partner_notices_nothing() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let mut ann = Handset::joined(&server, &a, "F", "M");
            ann.expect_place(1);
            let mut bob = Handset::connect(&server);
            bob.join_with(&json!({
                "userId": b, "nickname": "Bob #", "gender": "M", "findGender": "F",
                "picId": "p", "location": "l", "gps": "g"
            }));
            let talk = bob.expect_talk(&a);
            let begun = ann.expect(5);
            assert_eq!(begun["talkId"], json!(talk));
            let mut newer = Handset::joined(&server, &a, "F", "M");
            assert_eq!(newer.expect(5), begun);
            newer.quiet();
            ann.expect_replaced();
            bob.quiet();
            newer.talk(&b, "one");
            bob.expect_said(&a, "one");
            bob.talk(&a, "two");
            newer.expect_said(&b, "two");
            // The other of the two, too.
            let mut bob2 = Handset::joined(&server, &b, "M", "F");
            assert_eq!(bob2.expect_talk(&a), talk);
            bob.expect_replaced();
            bob2.talk(&a, "three");
            newer.expect_said(&b, "three");
            newer.end(&b, "four");
            assert_eq!(bob2.expect_over(&a, "four")["talkId"], json!(talk));
            newer.quiet();
        }
    });
}

#[test]
fn the_newer_has_every_talk_and_the_places() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..ROUNDS {
            let [a, b, c, e] = ["ann", "bob", "carl", "eve"].map(|name| format!("{name}{round}"));
            let mut ann = Handset::joined_for(&server, &a, "F", "M", 3);
            ann.await_place(1);
            let mut men = Vec::new();
            for name in [&b, &c] {
                let mut man = Handset::joined(&server, name, "M", "F");
                man.expect_talk(&a);
                ann.expect_talk(name);
                men.push(man);
            }
            let mut eve = Handset::joined(&server, &e, "F", "M");
            eve.expect_place(2);
            let mut newer = Handset::joined_for(&server, &a, "F", "M", 3);
            newer.expect_talks(&[&b, &c]);
            newer.expect_place(1);
            newer.quiet();
            eve.quiet();
            ann.expect_replaced();
            for man in &mut men {
                man.quiet();
                newer.talk(&man.user, "hello");
                man.expect_said(&a, "hello");
            }
            // The place is as good as it was told.
            let mut dan = Handset::joined(&server, &format!("dan{round}"), "M", "F");
            assert_eq!(dan.expect(5)["toId"], a);
            newer.expect_talk(&dan.user);
            dan.talk(&a, "me too");
            newer.expect_said(&dan.user, "me too");
            eve.leave();
            eve.quiet_past_waits();
        }
    });
}

/// The join that takes over is a join again: profile, number, gender.
#[test]
fn the_newer_has_a_profile_and_slots_of_its_own() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..ROUNDS {
            let [a, b, c] = ["ann", "bob", "carl"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer = Handset::connect(&server);
            newer.join_with(&json!({
                "userId": a, "nickname": "Anna", "gender": "F", "findGender": "M", "guys": 2
            }));
            newer.expect_talk(&b);
            newer.expect_place(1);
            ann.expect_replaced();
            let mut carl = Handset::joined(&server, &c, "M", "F");
            assert_eq!(carl.expect(5)["nickname"], "Anna");
            newer.expect_talk(&c);
            // With fewer than there are talks, these go on; with another
            // gender, too.
            let mut newest = Handset::joined_for(&server, &a, "F", "F", 1);
            newest.expect_talks(&[&b, &c]);
            newest.quiet();
            newer.expect_replaced();
            for man in [&mut bob, &mut carl] {
                man.talk(&a, "hello");
                newest.expect_said(&man.user, "hello");
                man.quiet();
            }
            // One talk is one too many, the other leaves its slot.
            newest.end(&b, "");
            bob.expect_over(&a, "");
            newest.seek();
            newest.expect_error("not_partner");
            newest.next_one(&c, "");
            newest.await_place(1);
            carl.expect_over(&a, "");
            newest.leave();
            newest.quiet();
        }
    });
}

#[test]
fn who_only_waits_is_taken_over_at_its_place() {
    rig::both(|cores| {
        let server = Server::start(cores);
        let mut before = Handset::joined(&server, "before", "F", "M");
        before.expect_place(1);
        let mut ann = Handset::joined(&server, "ann", "F", "M");
        ann.expect_place(2);
        let mut behind = Handset::joined(&server, "behind", "F", "M");
        behind.expect_place(3);
        for _ in 0..ROUNDS {
            let mut newer = Handset::joined(&server, "ann", "F", "M");
            newer.expect_place(2);
            newer.quiet();
            ann.expect_replaced();
            ann = newer;
        }
        behind.quiet();
        before.quiet();
        let mut idle = Handset::joined(&server, "idle", "F", "M");
        idle.expect_place(4);
        idle.leave();
        idle.quiet();
        // An idle slot starts to wait.
        let mut newer = Handset::joined(&server, "idle", "F", "M");
        newer.expect_place(4);
        idle.expect_replaced();
    });
}

#[test]
fn lines_right_behind_the_join_are_acted_on() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer = Handset::connect(&server);
            newer.user = a.clone();
            let mut packet = format!("1#{}\n", join(&a));
            for n in 0..50 {
                packet += &format!("6#{}\n", said(&a, &b, &n.to_string()));
            }
            packet += &format!("7#{}\n", json!({"yourId": a, "toId": b, "msg": "bye"}));
            // The last line is cut: its rest comes later.
            let rest = format!("10#{}\n", json!({"youId": a}));
            let (half, rest) = rest.split_at(9);
            newer.send_bytes((packet + half).as_bytes());
            newer.expect_talk(&b);
            for n in 0..50 {
                bob.expect_said(&a, &n.to_string());
            }
            bob.expect_over(&a, "bye");
            newer.send_bytes(rest.as_bytes());
            newer.await_place(1);
            newer.leave();
            newer.quiet();
            ann.expect_replaced();
            bob.quiet();
        }
    });
}

#[test]
fn what_the_older_had_not_ended_is_never_acted_on() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let line = format!("6#{}\n", said(&a, &b, "from the older"));
            let (half, rest) = line.split_at(line.len() / 2);
            ann.send_bytes(half.as_bytes());
            thread::sleep(Duration::from_millis(5));
            let mut newer = Handset::joined(&server, &a, "F", "M");
            newer.expect_talk(&b);
            // Nor is it put before what the newer says.
            newer.talk(&b, "from the newer");
            bob.expect_said(&a, "from the newer");
            let _ = ann.try_send(rest.as_bytes());
            let _ = ann.try_send(line.as_bytes());
            ann.expect_replaced();
            newer.quiet();
            bob.quiet();
            bob.talk(&a, "to the newer");
            newer.expect_said(&b, "to the newer");
        }
    });
}

/// The older speaks all the time: a run of its lines from the first arrives,
/// and none once the newer has spoken.
#[test]
fn the_older_is_cut_off_between_two_lines() {
    const LINES: usize = 400;
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer = Handset::connect(&server);
            let burst: String = (0..LINES)
                .map(|n| format!("6#{}\n", said(&a, &b, &format!("older {n}"))))
                .collect();
            thread::scope(|scope| {
                scope.spawn(|| {
                    for piece in burst.as_bytes().chunks(1_000) {
                        if ann.try_send(piece).is_err() {
                            break;
                        }
                    }
                });
                newer.join(&a, "F", "M");
                newer.expect_talk(&b);
                newer.talk(&b, "newer");
            });
            let mut older = 0;
            loop {
                let told = bob.expect(6);
                if told["msg"] == "newer" {
                    break;
                }
                assert_eq!(told["msg"], format!("older {older}"));
                older += 1;
            }
            newer.quiet();
            bob.quiet();
            bob.end(&a, "");
            newer.expect_over(&b, "");
        }
    });
}

/// What the partner says meanwhile reaches the older or the newer, all of it,
/// once, in order.
#[test]
fn nothing_that_the_partner_says_is_lost() {
    const LINES: usize = 400;
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer = Handset::connect(&server);
            let mut heard = Vec::new();
            thread::scope(|scope| {
                scope.spawn(|| {
                    for n in 0..LINES {
                        bob.talk(&a, &n.to_string());
                    }
                });
                newer.join(&a, "F", "M");
                loop {
                    let line = ann.expect_line();
                    if line.starts_with("0#") {
                        break;
                    }
                    heard.push(line);
                }
                newer.expect_talk(&b);
                while heard.len() < LINES {
                    heard.push(newer.expect_line());
                }
            });
            for (n, line) in heard.iter().enumerate() {
                assert_eq!(*line, format!("6#{}", said(&b, &a, &n.to_string())));
            }
            newer.quiet();
        }
    });
}

#[test]
fn of_many_at_once_the_last_one_stays() {
    const MANY: usize = 8;
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer: Vec<_> = (0..MANY).map(|_| Handset::connect(&server)).collect();
            for handset in &mut newer {
                handset.join(&a, "F", "M");
            }
            ann.expect_replaced();
            // Each has the talk for a while, all but one are replaced.
            for handset in &mut newer {
                handset.expect_talk(&b);
            }
            let until = Instant::now() + rig::PATIENCE;
            while newer.len() > 1 {
                assert!(Instant::now() < until, "several have the id");
                newer.retain_mut(|handset| !was_replaced(handset));
            }
            let mut last = newer.pop().expect("one has the id");
            last.quiet();
            bob.quiet();
            last.talk(&b, "me");
            bob.expect_said(&a, "me");
            bob.talk(&a, "you");
            last.expect_said(&b, "you");
            last.quiet();
            bob.end(&a, "");
        }
    });
}

/// Both partners are taken over again and again.
#[test]
fn a_talk_goes_on_through_any_number_of_takeovers() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("max_rate", 0).start();
        let (mut ann, mut bob) = rig::pair(&server, "ann", "bob");
        let mut talks = BTreeSet::new();
        for round in 0..40 {
            let older = match round % 3 {
                0 => {
                    let newer = Handset::joined(&server, "bob", "M", "F");
                    std::mem::replace(&mut bob, newer)
                }
                _ => {
                    let newer = Handset::joined(&server, "ann", "F", "M");
                    std::mem::replace(&mut ann, newer)
                }
            };
            match round % 3 {
                0 => talks.insert(bob.expect_talk("ann")),
                _ => talks.insert(ann.expect_talk("bob")),
            };
            // It may vanish before it has been told.
            if round % 2 == 0 {
                drop(older);
            }
            let text = format!("round {round}");
            ann.talk("bob", &text);
            bob.talk("ann", &text);
            bob.expect_said("ann", &text);
            ann.expect_said("bob", &text);
        }
        assert_eq!(talks.len(), 1, "it is one talk all the time");
    });
}

#[test]
fn each_speaks_its_own_dialect() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer = Handset::connect(&server);
            newer.user = a.clone();
            newer.send_line(&format!(r#"{{"msgType":"join","msg":{}}}"#, join(&a)));
            assert_eq!(newer.expect_named("talk_begin")["toId"], b);
            ann.expect_replaced();
            bob.talk(&a, "hello");
            assert_eq!(newer.expect_named("talking")["msg"], "hello");
            let mut newest = Handset::joined(&server, &a, "F", "M");
            newest.expect_talk(&b);
            assert_eq!(newer.expect_named("error")["error"], "replaced");
            newer.expect_closed();
            bob.talk(&a, "hello?");
            newest.expect_said(&b, "hello?");
        }
    });
}

/// `printf … | nc`: the end of the stream is right behind the join.
#[test]
fn the_newer_may_go_at_once() {
    rig::both(|cores| {
        let server = Server::start(cores);
        for round in 0..ROUNDS {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (mut ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer = Handset::connect(&server);
            newer.user = a.clone();
            let packet = format!("1#{}\n6#{}\n", join(&a), said(&a, &b, "bye"));
            newer.send_bytes(packet.as_bytes());
            newer.shutdown_write();
            newer.expect_talk(&b);
            newer.expect_closed();
            ann.expect_replaced();
            bob.expect_said(&a, "bye");
            bob.expect_over(&a, "");
            bob.quiet();
        }
    });
}

/// The older goes while the newer comes: either the talk is taken over, or the
/// newer comes to an id that is free.
#[test]
fn the_older_may_go_meanwhile() {
    rig::both(|cores| {
        let server = Setup::new(cores).set("rematch_pause", "0s").start();
        for round in 0..ROUNDS * 2 {
            let [a, b] = ["ann", "bob"].map(|name| format!("{name}{round}"));
            let (ann, mut bob) = rig::pair(&server, &a, &b);
            let mut newer = Handset::connect(&server);
            newer.user = a.clone();
            if round % 2 == 0 {
                newer.send_line(&format!("1#{}", join(&a)));
                drop(ann);
            } else {
                drop(ann);
                newer.send_line(&format!("1#{}", join(&a)));
            }
            let line = newer.expect_line();
            if line.starts_with("5#") {
                newer.talk(&b, "taken over");
                bob.expect_said(&a, "taken over");
                newer.leave();
                newer.quiet();
                bob.expect_over(&a, "");
            } else {
                assert_eq!(line, r#"2#{"youNum":"1"}"#);
                bob.expect_over(&a, "");
                bob.seek();
                bob.expect_talk(&a);
                newer.expect_talk(&b);
                newer.leave();
                newer.quiet();
                bob.expect_over(&a, "");
            }
            bob.quiet();
        }
    });
}

/// Looks for a moment whether it has been replaced.
fn was_replaced(handset: &mut Handset) -> bool {
    let Some(line) = handset.try_line(Duration::from_millis(10)) else {
        return false;
    };
    assert!(line.contains(r#""error":"replaced""#), "{line}");
    handset.expect_closed();
    true
}

fn join(user: &str) -> Value {
    json!({"userId": user, "gender": "F", "findGender": "M"})
}

fn said(from: &str, to: &str, msg: &str) -> Value {
    json!({"yourId": from, "toId": to, "msg": msg})
}
