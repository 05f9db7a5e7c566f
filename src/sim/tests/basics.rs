//! The contract's sentences about joining, waiting and jumping, one at a time.

use std::time::Duration;

use super::rig::{Rig, errors, join};

#[test]
fn two_meet_on_any_cores() {
    for cores in 1..=4 {
        let mut rig = Rig::new(cores);
        let a = rig.connect(0);
        let b = rig.connect(usize::from(cores) - 1);
        rig.say(a, &join("a", "F", "M", 1));
        rig.run();
        assert_eq!(rig.heard(a), [r#"2#{"youNum":"1"}"#]);
        rig.say(b, &join("b", "M", "F", 1));
        rig.run();
        assert!(rig.heard(a)[0].starts_with(r#"5#{"toId":"b""#));
        assert!(rig.heard(b)[0].starts_with(r#"5#{"toId":"a""#));
        rig.hang_up(a);
        rig.run();
        assert!(rig.heard(b)[0].starts_with(r#"9#{"youId":"a","toId":"b""#));
        rig.hang_up(b);
        rig.run();
        rig.assert_nobody();
        assert_eq!(rig.known(), 2, "they are remembered");
    }
}

/// The numbers of the frames that have arrived.
fn kinds(rig: &mut Rig, phone: usize) -> Vec<String> {
    let lines = rig.heard(phone);
    let kind = |line: &String| line.split('#').next().unwrap_or_default().to_owned();
    lines.iter().map(kind).collect()
}

fn joined(rig: &mut Rig, core: usize, user: &str, gender: &str, guys: u32) -> usize {
    let phone = rig.connect(core % rig.shards.len());
    let find = if gender == "F" { "M" } else { "F" };
    rig.say(phone, &join(user, gender, find, guys));
    rig.run();
    phone
}

#[test]
fn a_join_is_answered_with_each_match_and_then_a_place() {
    for cores in 1..=3 {
        let mut rig = Rig::new(cores);
        let women = ["a", "b"].map(|user| joined(&mut rig, 0, user, "F", 3));
        let man = joined(&mut rig, 1, "m", "M", 3);
        assert_eq!(kinds(&mut rig, man), ["5", "5", "2"]);
        for woman in women {
            let heard = kinds(&mut rig, woman);
            assert_eq!(heard[..2], ["2", "5"], "{heard:?}");
        }
        rig.say(man, &join("m", "M", "F", 1));
        rig.run();
        assert_eq!(kinds(&mut rig, man), [""; 0], "nothing waits any more");
        rig.say(man, r#"3#{"youId":"m"}"#);
        rig.run();
        assert_eq!(errors(&rig.heard(man)), ["not_waiting"]);
    }
}

#[test]
fn joining_again_keeps_the_place_unless_the_wish_changed() {
    let mut rig = Rig::new(2);
    let a = joined(&mut rig, 0, "a", "F", 1);
    let b = joined(&mut rig, 1, "b", "F", 1);
    rig.heard(a);
    rig.heard(b);
    rig.say(a, &join("a", "F", "M", 1));
    rig.run();
    assert_eq!(rig.heard(a), [r#"2#{"youNum":"1"}"#]);
    rig.say(a, &join("a", "F", "F", 1));
    rig.run();
    assert_eq!(rig.heard(a), [r#"2#{"youNum":"1"}"#], "another queue");
    rig.say(a, &join("a", "F", "M", 1));
    rig.run();
    assert_eq!(rig.heard(a), [r#"2#{"youNum":"2"}"#], "at its end");
    rig.say(a, &join("other", "F", "M", 1));
    rig.run();
    assert_eq!(rig.heard(a), [r#"2#{"youNum":"2"}"#]);
    let joined: usize = rig.shards.iter().map(|shard| shard.gauges().joined).sum();
    assert_eq!(joined, 2, "as the old one it has left everything");
}

#[test]
fn leaving_ends_all_and_answers_nothing() {
    let mut rig = Rig::new(2);
    let a = joined(&mut rig, 0, "a", "F", 3);
    let b = joined(&mut rig, 1, "b", "M", 1);
    rig.heard(a);
    rig.heard(b);
    rig.say(a, r#"13#{"youId":"a"}"#);
    rig.run();
    assert_eq!(rig.heard(a), [""; 0]);
    let heard = rig.heard(b);
    assert!(heard[0].contains(r#""youId":"a","toId":"b","nickname":"a","endmessage":"","over":1"#));
    for shard in &rig.shards {
        assert_eq!((shard.gauges().waiting, shard.gauges().talks), ([0; 4], 0));
    }
    rig.say(a, r#"10#{"youId":"a"}"#);
    rig.run();
    assert_eq!(rig.heard(a), [r#"2#{"youNum":"1"}"#], "it is still joined");
}

#[test]
fn a_jump_needs_a_place_and_its_time() {
    let mut rig = Rig::new(2);
    let phones: Vec<usize> = (0..15)
        .map(|n| joined(&mut rig, n, &format!("w{n}"), "F", 1))
        .collect();
    let (first, last) = (phones[0], phones[14]);
    rig.heard(first);
    rig.heard(last);
    for _ in 0..2 {
        rig.say(first, r#"3#{"youId":"w0"}"#);
        rig.run();
        let none = r#"4#{"youNum":"1","passNum":1,"passCount":0}"#;
        assert_eq!(rig.heard(first), [none], "which does not count");
    }
    rig.say(last, r#"3#{"youId":"w14"}"#);
    rig.run();
    let jumped = rig.heard(last).remove(0);
    assert!(jumped.starts_with("4#") && jumped.contains(r#""passNum":15"#));
    rig.say(last, r#"3#{"youId":"w14"}"#);
    assert_eq!(errors(&rig.heard(last)), ["rate_limited"]);
    rig.wait(Duration::from_secs(10));
    rig.heard(last);
    rig.say(last, r#"3#{"youId":"w14"}"#);
    rig.run();
    assert!(
        rig.heard(last)[0].starts_with("4#"),
        "pass_cooldown is over"
    );
}
