//! Bounds and time-outs of a connection, and how it ends.

use std::time::Duration;

use super::rig::{Asked, Rig, errors, join, two};
use crate::engine::Room;
use crate::engine::rules::Rules;

const SECOND: Duration = Duration::from_secs(1);
const INSTANT: Duration = Duration::from_nanos(1);

/// Two who talk, on two cores if there are; a is asked nothing more.
fn talking(rig: &mut Rig) -> (usize, usize) {
    let (a, b) = two(rig);
    rig.heard(a);
    rig.heard(b);
    (a, b)
}

fn said(from: &str, to: &str, text: &str) -> String {
    format!(r#"6#{{"yourId":"{from}","toId":"{to}","msg":"{text}"}}"#)
}

#[test]
fn what_is_kept_aside_is_bounded() {
    let rules = Rules {
        max_line: 200,
        max_rate: None,
        ..Rules::default()
    };
    let mut rig = Rig::with(2, rules);
    let a = rig.connect(0);
    let user = rig.user_of(1);
    rig.say(a, &join(&user, "F", "M", 1));
    rig.say(a, &"\n".repeat(399));
    assert_eq!(rig.asked, [], "twice max_line are kept");
    rig.say(a, "");
    assert_eq!(rig.asked, [Asked::Hush(a)], "one more is too many");
    rig.run();
    assert_eq!(rig.asked, [Asked::Hush(a), Asked::Listen(a)]);
    let heard = rig.heard(a);
    assert_eq!(heard[0], r#"2#{"youNum":"1"}"#);
    assert_eq!(heard[1..], vec![""; 401]);
}

#[test]
fn a_flood_waits_for_its_next_turn() {
    let rules = Rules {
        max_rate: None,
        turn_lines: 100,
        ..Rules::default()
    };
    // In one piece, and in many.
    for piece in [usize::MAX, 40] {
        let mut rig = Rig::with(1, rules.clone());
        let (a, b) = (rig.connect(0), rig.connect(0));
        let flood: String = (0..350).map(|n| format!("mac{n}\n")).collect();
        rig.write(a, flood.as_bytes());
        while !rig.phones[a].saying.is_empty() {
            rig.hear(a, piece);
        }
        rig.hang_up(a);
        let mut heard = rig.heard(a);
        for answered in [100, 200, 300] {
            assert_eq!(heard.len(), answered);
            rig.say(b, "");
            assert_eq!(rig.heard(b), [""], "there is time for others");
            assert!(rig.phones[a].is_open(), "its last line is still to come");
            assert!(rig.shards[0].next_deadline() <= rig.now, "soon");
            rig.turn();
            heard.extend(rig.heard(a));
        }
        let seconds = rig.now.seconds();
        let each = (0..350).map(|n| format!("mac{n}{seconds}"));
        assert_eq!(heard, each.collect::<Vec<_>>());
        assert_eq!(rig.asked, [Asked::Close(a)]);
        assert!(rig.shards[0].next_deadline() > rig.now);
    }
}

#[test]
fn what_a_flood_leaves_over_is_bounded() {
    let rules = Rules {
        max_line: 200,
        max_rate: None,
        turn_lines: 100,
        ..Rules::default()
    };
    let mut rig = Rig::with(1, rules);
    let a = rig.connect(0);
    rig.say(a, &"\n".repeat(499));
    assert_eq!(rig.asked, [], "twice max_line are kept");
    rig.say(a, "");
    assert_eq!(rig.asked, [Asked::Hush(a)], "one more is too many");
    rig.turn();
    assert_eq!(rig.asked, [Asked::Hush(a), Asked::Listen(a)]);
    rig.run();
    assert_eq!(rig.heard(a), vec![""; 501]);
}

#[test]
fn the_end_is_acted_on_behind_the_last_whole_line() {
    for cores in 1..=2 {
        let mut rig = Rig::new(cores);
        let (a, b) = talking(&mut rig);
        let line = said("a", "b", "bye");
        rig.write(a, format!("{line}\n13#{{").as_bytes());
        rig.hang_up(a);
        rig.run();
        let heard = rig.heard(b);
        assert_eq!(heard[0], line);
        assert!(
            heard[1].starts_with(
                r#"9#{"youId":"a","toId":"b","nickname":"a","endmessage":"","over":1"#
            )
        );
        assert_eq!(heard.len(), 2);
        rig.hang_up(b);
        rig.run();
        rig.assert_nobody();
    }
}

#[test]
fn who_joins_and_closes_at_once_has_joined() {
    let mut rig = Rig::new(2);
    let user = rig.user_of(1);
    let a = rig.connect(0);
    rig.say(a, &join(&user, "F", "M", 2));
    rig.say(a, r#"6#{"yourId":"x""#);
    rig.hang_up(a);
    assert_eq!(rig.asked, [], "its join has not been answered");
    rig.run();
    assert_eq!(errors(&rig.heard(a)), ["bad_json"]);
    assert_eq!(rig.asked, [Asked::Close(a)]);
    rig.assert_nobody();
    assert_eq!(rig.known(), 0);
}

#[test]
fn more_than_max_outbox_is_too_much() {
    let rules = Rules {
        max_outbox: Some(1_000),
        ..Rules::default()
    };
    let mut rig = Rig::with(2, rules);
    let (a, b) = talking(&mut rig);
    rig.takes_at_once = false;
    let line = said("b", "a", &"x".repeat(163));
    assert_eq!(line.len() + 1, 200);
    for _ in 0..5 {
        rig.say(b, &line);
        rig.carry(1, 0);
    }
    assert_eq!(rig.heard(a), vec![line.clone(); 5]);
    assert!(rig.phones[a].is_open());
    rig.say(b, &line);
    rig.carry(1, 0);
    assert_eq!(rig.heard(a), [line], "the system may take it at once");
    rig.turn();
    assert_eq!(errors(&rig.heard(a)), ["slow_consumer"]);
    assert!(rig.phones[a].closed);
    rig.run();
    assert!(rig.heard(b)[0].contains(r#""endmessage":"","over":1"#));
    rig.hang_up(b);
    rig.run();
    rig.assert_nobody();
}

#[test]
fn who_takes_nothing_for_outbox_timeout_is_closed() {
    let mut rig = Rig::new(1);
    let (a, b) = talking(&mut rig);
    rig.takes_at_once = false;
    rig.say(b, &said("b", "a", "x"));
    rig.now = rig.now + SECOND * 29;
    rig.say(b, &said("b", "a", "y"));
    rig.turn();
    assert!(rig.phones[a].is_open());
    rig.now = rig.now + SECOND;
    assert!(rig.shards[0].next_deadline() <= rig.now);
    rig.turn();
    assert_eq!(errors(&rig.heard(a)), ["slow_consumer"]);
    assert!(rig.phones[a].closed && rig.phones[b].is_open());
}

#[test]
fn frames_over_the_rate_are_refused_and_told_once_a_second() {
    let mut rig = Rig::new(1);
    let a = rig.connect(0);
    rig.say(a, &"\n".repeat(149));
    let heard = rig.heard(a);
    assert_eq!(heard.iter().filter(|line| line.is_empty()).count(), 100);
    assert_eq!(errors(&heard), ["rate_limited"]);
    rig.wait(SECOND);
    rig.say(a, &"\n".repeat(50));
    let heard = rig.heard(a);
    assert_eq!(heard.iter().filter(|line| line.is_empty()).count(), 50);
    assert_eq!(errors(&heard), ["rate_limited"]);
    assert!(heard[50].contains(r#""msgType":null"#));
}

#[test]
fn thirty_two_errors_in_ten_seconds_close() {
    let mut rig = Rig::new(1);
    let a = rig.connect(0);
    for n in 0..31 {
        rig.say(a, "what?");
        assert_eq!(errors(&rig.heard(a)), ["bad_frame"], "{n}");
    }
    rig.wait(Duration::from_secs(10) - INSTANT);
    rig.say(a, "what?");
    assert_eq!(errors(&rig.heard(a)), ["bad_frame", "too_many_errors"]);
    assert!(rig.phones[a].closed);
    rig.assert_nobody();
}

#[test]
fn a_line_over_the_limit_closes() {
    let mut rig = Rig::new(1);
    let (a, b) = talking(&mut rig);
    rig.say(a, &"x".repeat(8192));
    assert_eq!(errors(&rig.heard(a)), ["bad_frame"]);
    rig.write(a, &[b'x'; 8193]);
    rig.run();
    assert_eq!(errors(&rig.heard(a)), ["line_too_long"]);
    assert!(rig.phones[a].closed);
    assert!(rig.heard(b)[0].contains(r#""over":1"#));
}

#[test]
fn the_silent_are_closed() {
    let mut rig = Rig::new(1);
    let (a, b) = (rig.connect(0), rig.connect(0));
    rig.say(b, &join("b", "F", "M", 1));
    rig.wait(SECOND * 30 - INSTANT);
    assert!(rig.phones[a].is_open());
    rig.wait(INSTANT);
    assert!(rig.phones[a].closed, "no join within join_timeout");
    rig.wait(SECOND * 270 - INSTANT);
    assert!(rig.phones[b].is_open());
    rig.say(b, "");
    rig.wait(SECOND * 300 - INSTANT);
    assert!(rig.phones[b].is_open());
    rig.wait(INSTANT);
    assert!(rig.phones[b].closed, "no byte for idle_timeout");
    rig.assert_nobody();
}

#[test]
fn a_busy_link_leaves_no_heap_of_deadlines() {
    let mut rig = Rig::new(1);
    let a = rig.connect(0);
    rig.say(a, &join("a", "F", "M", 1));
    for _ in 0..2_000 {
        rig.say(a, "");
        rig.wait(SECOND * 7);
        rig.say(a, "");
    }
    assert!(rig.phones[a].is_open());
    let deadlines = rig.shards[0].deadlines();
    assert!(deadlines < 20, "{deadlines} of one link");
}

#[test]
fn nobody_is_let_in_when_it_is_full() {
    let mut rig = Rig::new(1);
    for room in [Room::Full, Room::Crowded] {
        let a = rig.connect_to(0, room);
        assert_eq!(errors(&rig.heard(a)), ["server_full"]);
        assert!(rig.phones[a].closed);
    }
    rig.assert_nobody();
}

#[test]
fn everybody_is_told_that_the_server_goes_down() {
    let mut rig = Rig::new(1);
    let (a, b) = talking(&mut rig);
    let c = rig.connect(0);
    rig.drain(0);
    for phone in [a, b, c] {
        assert_eq!(errors(&rig.heard(phone)), ["draining"]);
        assert!(rig.phones[phone].closed);
    }
    let late = rig.connect(0);
    assert_eq!(errors(&rig.heard(late)), ["draining"]);
    assert!(rig.phones[late].closed);
    assert_eq!(rig.shards[0].gauges().links, 0);
}

#[test]
fn who_moves_while_the_server_goes_down_is_told_too() {
    let mut rig = Rig::new(2);
    let a = rig.connect(1);
    rig.say(a, &join("a", "F", "M", 1));
    rig.run();
    let again = rig.connect(0);
    rig.say(again, &join("a", "F", "M", 1));
    while rig.asked != [Asked::Detach(again)] {
        let step = *rig.moves().first().expect("it is on its way");
        rig.go(step);
    }
    let step = super::rig::Move::LetGo(again);
    rig.go(step);
    rig.drain(0);
    rig.drain(1);
    rig.run();
    assert_eq!(errors(&rig.heard(again)), ["draining"]);
    assert!(rig.phones[again].closed, "nothing keeps the server up");
}

/// The answer to its join comes when its connection is closed already.
#[test]
fn who_would_have_moved_is_told_that_the_server_goes_down() {
    for core in 0..2 {
        let mut rig = Rig::new(2);
        let a = rig.connect(1);
        let user = rig.user_of(1);
        rig.say(a, &join(&user, "F", "M", 1));
        rig.run();
        let again = rig.connect(core);
        rig.say(again, &join(&user, "F", "M", 1));
        rig.drain(0);
        rig.drain(1);
        rig.run();
        assert_eq!(errors(&rig.heard(again)), ["draining"]);
        assert_eq!(rig.asked.len(), 2, "both are closed, once");
    }
}
