//! Notes that cross each other on their way between the cores.

use std::time::Duration;

use super::rig::{Move, Rig, errors, join};
use crate::engine::rules::Rules;

fn ids(lines: &[String], kind: &str) -> Vec<String> {
    let id = |line: &String| Some(line.strip_prefix(kind)?.split('"').next()?.to_owned());
    lines.iter().filter_map(id).collect()
}

/// The partners of the 5s among these lines.
fn begun(lines: &[String]) -> Vec<String> {
    ids(lines, r#"5#{"toId":""#)
}

/// From whom the 9s among these lines are.
fn ended(lines: &[String]) -> Vec<String> {
    ids(lines, r#"9#{"youId":""#)
}

/// The pair's queues are owned by core 0. Nobody waits at home when the talk
/// ends, and yet the owner has not heard yet that their other slots are taken.
#[test]
fn two_who_part_while_their_other_slots_settle_meet_again() {
    let mut rig = Rig::new(4);
    let [x, y, z, w] = [1, 1, 2, 3].map(|core| rig.connect(core));
    for (phone, line) in [(x, join("x", "F", "M", 2)), (y, join("y", "M", "F", 2))] {
        rig.say(phone, &line);
        rig.run();
    }
    assert_eq!(begun(&rig.heard(x)), ["y"]);
    for (phone, home, line) in [
        (z, 2, join("z", "M", "F", 1)),
        (w, 3, join("w", "F", "M", 1)),
    ] {
        rig.say(phone, &line);
        let directory = rig.directory_of(["z", "w"][home - 2]);
        rig.carry(home, directory);
        rig.carry(directory, home);
        for (from, to) in [(home, 0), (0, home), (home, 1), (1, home)] {
            rig.carry(from, to);
        }
    }
    assert_eq!(begun(&rig.heard(x)), ["z"]);
    assert_eq!(begun(&rig.heard(y)), ["x", "w"]);
    rig.say(x, r#"7#{"yourId":"x","toId":"y"}"#);
    rig.say(x, r#"10#{"youId":"x"}"#);
    rig.say(y, r#"10#{"youId":"y"}"#);
    rig.carry(1, 0);
    rig.run();
    rig.heard(x);
    rig.wait(Duration::from_secs(11));
    assert_eq!(begun(&rig.heard(x)), ["y"], "they may meet, and both wait");
}

/// What is left of a talk with an earlier life of somebody does not keep the
/// two apart for good.
#[test]
fn who_comes_again_before_its_end_is_known_is_met() {
    let rules = Rules {
        rematch_pause: Duration::ZERO,
        ..Rules::default()
    };
    let mut rig = Rig::with(3, rules);
    let name = rig.user_of(2);
    let (a, b) = (rig.connect(0), rig.connect(1));
    rig.say(a, &join("a", "F", "M", 2));
    rig.run();
    rig.say(b, &join(&name, "M", "F", 1));
    rig.run();
    assert_eq!(begun(&rig.heard(a)), std::slice::from_ref(&name));
    rig.hang_up(b);
    rig.carry(1, 2);
    let again = rig.connect(2);
    rig.say(again, &join(&name, "M", "F", 1));
    rig.carry(2, 0);
    rig.carry(0, 2);
    rig.carry(2, 0);
    assert_eq!(ended(&rig.heard(a)), [""; 0], "the end has not come yet");
    rig.run();
    assert_eq!(ended(&rig.heard(a)), std::slice::from_ref(&name));
    rig.wait(Duration::from_secs(2));
    assert_eq!(begun(&rig.heard(a)), [name]);
    assert_eq!(begun(&rig.heard(again)), ["a"]);
}

#[test]
fn the_newer_of_two_connections_wins_on_any_core() {
    for core in 0..3 {
        let mut rig = Rig::new(3);
        let (a, b) = (rig.connect(0), rig.connect(1));
        rig.say(a, &join("a", "F", "M", 2));
        rig.run();
        rig.say(b, &join("b", "M", "F", 1));
        rig.run();
        let talk = rig.heard(a)[1].clone();
        rig.heard(b);
        let newer = rig.connect(core);
        rig.say(newer, &join("a", "F", "M", 2));
        rig.run();
        assert_eq!(errors(&rig.heard(a)), ["replaced"]);
        assert!(rig.phones[a].closed);
        assert_eq!(rig.heard(newer), [talk, r#"2#{"youNum":"1"}"#.to_owned()]);
        assert_eq!(rig.heard(b), [""; 0], "a partner notices nothing");
        let line = r#"6#{"yourId":"a","toId":"b","msg":"here I am"}"#;
        rig.say(newer, line);
        rig.run();
        assert_eq!(rig.heard(b), [line]);
        rig.hang_up(newer);
        rig.hang_up(b);
        rig.run();
        rig.assert_nobody();
    }
}

#[test]
fn a_takeover_of_who_has_just_gone_joins_afresh() {
    let mut rig = Rig::new(2);
    let name = rig.user_of(0);
    let a = rig.connect(1);
    rig.say(a, &join(&name, "F", "M", 1));
    rig.run();
    let newer = rig.connect(0);
    rig.say(newer, &join(&name, "F", "M", 1));
    assert_eq!(rig.moves(), [Move::LetGo(newer)]);
    rig.hang_up(a);
    rig.run();
    assert_eq!(rig.heard(newer), [r#"2#{"youNum":"1"}"#]);
    assert!(rig.phones[newer].is_open());
    rig.hang_up(newer);
    rig.run();
    rig.assert_nobody();
    assert_eq!(rig.known(), 0);
}

#[test]
fn of_three_at_once_the_last_wins() {
    let mut rig = Rig::new(3);
    let phones = [0, 1, 2].map(|core| rig.connect(core));
    for phone in phones {
        rig.say(phone, &join("a", "F", "M", 1));
    }
    rig.run();
    let open = phones.iter().filter(|&&phone| rig.phones[phone].is_open());
    assert_eq!(open.count(), 1);
    for phone in phones {
        let heard = rig.heard(phone);
        match rig.phones[phone].is_open() {
            true => assert_eq!(heard, [r#"2#{"youNum":"1"}"#]),
            false => assert_eq!(errors(&heard), ["replaced"]),
        }
        rig.hang_up(phone);
    }
    rig.run();
    rig.assert_nobody();
}

#[test]
fn crossing_ends_are_last_words() {
    let mut rig = Rig::new(2);
    let (a, b) = (rig.connect(0), rig.connect(1));
    rig.say(a, &join("a", "F", "M", 1));
    rig.run();
    rig.say(b, &join("b", "M", "F", 1));
    rig.run();
    rig.heard(a);
    rig.heard(b);
    rig.say(a, r#"7#{"yourId":"a","toId":"b","msg":"bye b"}"#);
    rig.say(b, r#"7#{"yourId":"b","toId":"a"}"#);
    rig.run();
    assert_eq!(rig.heard(a), [""; 0], "no text, nothing to tell");
    let heard = rig.heard(b);
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with(
        r#"9#{"youId":"a","toId":"b","nickname":"a","endmessage":"bye b","over":0,"talkId":""#
    ));
}

#[test]
fn what_a_disconnect_leaves_half_done_is_a_5_and_a_9() {
    let mut rig = Rig::new(2);
    let (a, b) = (rig.connect(1), rig.connect(0));
    rig.say(b, &join("b", "M", "F", 1));
    rig.run();
    rig.heard(b);
    rig.say(a, &join("a", "F", "M", 1));
    while rig.phones[b].lines.is_empty() {
        let step = *rig.moves().first().expect("it is on its way");
        rig.go(step);
    }
    rig.hang_up(a);
    rig.run();
    assert!(rig.phones[a].is_open() || rig.phones[a].closed);
    let heard = rig.heard(b);
    assert_eq!(begun(&heard), ["a"]);
    assert_eq!(ended(&heard), ["a"]);
    assert!(heard[1].contains(r#""nickname":"a","endmessage":"","over":1"#));
    rig.hang_up(b);
    rig.run();
    rig.assert_nobody();
}

/// One slot is about to talk with an earlier life of somebody whose new life
/// is offered to the other slot.
#[test]
fn two_lives_of_a_partner_are_not_met_at_once() {
    let rules = Rules {
        rematch_pause: Duration::ZERO,
        ..Rules::default()
    };
    let mut rig = Rig::with(4, rules);
    let name = rig.user_of(3);
    let (a, b) = (rig.connect(1), rig.connect(2));
    rig.say(b, &join(&name, "M", "F", 1));
    rig.run();
    rig.heard(b);
    rig.say(a, &join("a", "F", "M", 2));
    while rig.phones[b].lines.is_empty() {
        let step = *rig.moves().first().expect("it is on its way");
        rig.go(step);
    }
    rig.hang_up(b);
    rig.carry(2, 3);
    let again = rig.connect(3);
    rig.say(again, &join(&name, "M", "F", 1));
    for (from, to) in [(3, 0), (0, 3), (3, 1), (1, 3)] {
        rig.carry(from, to);
    }
    rig.run();
    let heard = rig.heard(a);
    let kinds: Vec<_> = heard
        .iter()
        .filter_map(|line| line.split('#').next())
        .collect();
    assert_eq!(kinds[..2], ["5", "9"], "{heard:?}");
    rig.wait(Duration::from_secs(2));
    assert_eq!(begun(&rig.heard(again)), ["a"]);
    rig.hang_up(a);
    rig.hang_up(again);
    rig.run();
    rig.assert_nobody();
}

/// An offer is under way when the one who is asked leaves, and the one who was
/// asked first is closed: no ghost stays in the queue.
#[test]
fn who_is_closed_while_on_offer_gives_the_place_up() {
    let second = Duration::from_secs(1);
    let idle = Rules::default().idle_timeout.expect("there is one");
    let rules = Rules {
        rematch_pause: idle - second,
        ..Rules::default()
    };
    let mut rig = Rig::with(2, rules);
    let both = [(0, "a", "F", "M"), (1, "b", "M", "F")];
    let phones = both.map(|(core, user, gender, find)| {
        let phone = rig.connect(core);
        rig.say(phone, &join(user, gender, find, 1));
        rig.run();
        phone
    });
    rig.say(phones[0], r#"10#{"youId":"a","toId":"b"}"#);
    rig.run();
    rig.say(phones[1], r#"10#{"youId":"b"}"#);
    rig.run();
    // The pause is over.
    rig.now = rig.now + (idle - second);
    rig.turn();
    let is_held = |rig: &Rig, at: usize| {
        let own = rig.session(phones[at]);
        own.is_some_and(|own| !own.held.is_empty())
    };
    while !is_held(&rig, 0) && !is_held(&rig, 1) {
        let step = *rig.moves().first().expect("they may meet again");
        rig.go(step);
    }
    let held = usize::from(is_held(&rig, 1));
    let leave = format!(r#"13#{{"youId":"{}"}}"#, both[1 - held].1);
    rig.say(phones[1 - held], &leave);
    rig.now = rig.now + second;
    rig.turn();
    assert!(
        rig.phones[phones[held]].closed,
        "nothing was heard for long"
    );
    rig.run();
    let (_, _, gender, find) = both[held];
    let next = rig.connect(0);
    rig.say(next, &join("c", gender, find, 1));
    rig.run();
    assert_eq!(rig.heard(next), [r#"2#{"youNum":"1"}"#]);
}

#[test]
fn two_who_go_at_the_same_moment_have_parted_too() {
    let mut rig = Rig::new(2);
    let meet = |rig: &mut Rig| {
        let (a, b) = (rig.connect(0), rig.connect(1));
        rig.say(a, &join("a", "F", "M", 1));
        rig.run();
        rig.say(b, &join("b", "M", "F", 1));
        rig.run();
        (a, b, rig.heard(b).concat())
    };
    let (a, b, told) = meet(&mut rig);
    assert!(told.starts_with("5#"), "{told}");
    rig.hang_up(a);
    rig.hang_up(b);
    rig.run();
    let (_, _, told) = meet(&mut rig);
    assert_eq!(told, r#"2#{"youNum":"1"}"#);
}
