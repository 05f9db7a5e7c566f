//! Who has blocked whom: in matching, in talks, in words, and in every race.

use std::time::Duration;

use super::rig::{Move, Rig, join, two};
use crate::engine::durable::{Loaded, Write};
use crate::engine::rules::Rules;
use crate::limits::BLOCKS_SEEN_EVERY;

fn hear(rig: &mut Rig, phones: [usize; 2]) -> [Vec<String>; 2] {
    phones.map(|phone| rig.heard(phone))
}

/// What somebody is told whose talk was ended by a block.
fn is_over(heard: &[String], from: &str, to: &str) -> bool {
    let start = format!(
        r#"9#{{"youId":"{from}","toId":"{to}","nickname":"{from}","endmessage":"","over":1,"talkId":""#
    );
    heard.len() == 1 && heard[0].starts_with(&start)
}

fn no_pause(cores: u16) -> Rig {
    let rules = Rules {
        rematch_pause: Duration::ZERO,
        ..Rules::default()
    };
    Rig::with(cores, rules)
}

const WAITS: &str = r#"2#{"youNum":"1"}"#;

#[test]
fn a_block_ends_their_talk_and_keeps_them_apart_until_it_is_lifted() {
    for (cores, by, whom) in [(1, "a", "b"), (3, "a", "b"), (3, "b", "a")] {
        let mut rig = no_pause(cores);
        let (a, b) = two(&mut rig);
        hear(&mut rig, [a, b]);
        rig.block(by, whom, true);
        rig.run();
        let [of_a, of_b] = hear(&mut rig, [a, b]);
        assert!(is_over(&of_a, "b", "a"), "{of_a:?}");
        assert!(is_over(&of_b, "a", "b"), "{of_b:?}");
        for (phone, line) in [(a, r#"10#{"youId":"a"}"#), (b, r#"10#{"youId":"b"}"#)] {
            rig.say(phone, line);
            rig.run();
            assert_eq!(rig.heard(phone), [WAITS]);
        }
        rig.wait(Duration::from_secs(60));
        assert_eq!(hear(&mut rig, [a, b]), [[""; 0]; 2]);
        rig.block(whom, by, false);
        rig.run();
        assert_eq!(hear(&mut rig, [a, b]), [[""; 0]; 2], "that was not said");
        rig.block(by, whom, false);
        rig.run();
        let [of_a, of_b] = hear(&mut rig, [a, b]);
        assert!(of_a[0].starts_with(r#"5#{"toId":"b""#), "{of_a:?}");
        assert!(of_b[0].starts_with(r#"5#{"toId":"a""#), "{of_b:?}");
    }
}

#[test]
fn of_two_blocks_each_is_lifted_by_whom_it_is() {
    let mut rig = no_pause(2);
    rig.block("a", "b", true);
    rig.block("b", "a", true);
    rig.block("b", "a", true);
    rig.run();
    let (a, b) = two(&mut rig);
    assert_eq!(hear(&mut rig, [a, b]), [[WAITS]; 2]);
    rig.block("b", "a", false);
    rig.run();
    rig.wait(BLOCKS_SEEN_EVERY);
    assert_eq!(hear(&mut rig, [a, b]), [[""; 0]; 2]);
    rig.block("a", "b", false);
    rig.run();
    let [of_a, of_b] = hear(&mut rig, [a, b]);
    assert_eq!((of_a.len(), of_b.len()), (1, 1), "they have met");
}

#[test]
fn lifting_a_block_lifts_no_refusal() {
    let mut rig = no_pause(2);
    let (a, b) = two(&mut rig);
    rig.say(a, r#"7#{"yourId":"a","toId":"b","seeAgain":1}"#);
    rig.block("a", "b", true);
    rig.run();
    rig.block("a", "b", false);
    rig.run();
    hear(&mut rig, [a, b]);
    for (phone, line) in [(a, r#"10#{"youId":"a"}"#), (b, r#"10#{"youId":"b"}"#)] {
        rig.say(phone, line);
        rig.run();
    }
    rig.wait(Duration::from_secs(60));
    assert_eq!(hear(&mut rig, [a, b]), [[WAITS]; 2]);
    assert!(matches!(rig.stored[..], [Write::Refuse { .. }]));
}

#[test]
fn blocks_come_from_the_disk_and_outlive_their_users_absence() {
    let mut rig = Rig::new(3);
    let loaded = Loaded {
        blocks: vec![("a".into(), "b".into())],
        ..Loaded::default()
    };
    for shard in &mut rig.shards {
        shard.load(&loaded);
    }
    for _ in 0..2 {
        let (a, b) = two(&mut rig);
        assert_eq!(hear(&mut rig, [a, b]), [[WAITS]; 2]);
        rig.hang_up(a);
        rig.hang_up(b);
        rig.run();
        rig.assert_nobody();
    }
    rig.block("a", "b", false);
    rig.run();
    let (a, _) = two(&mut rig);
    assert!(rig.heard(a)[1].starts_with(r#"5#{"toId":"b""#));
}

/// Every moment of a match, and every one of the two.
#[test]
fn a_block_that_crosses_a_match_wins() {
    for (by, whom) in [("a", "b"), ("b", "a")] {
        for moment in 0.. {
            let mut rig = Rig::new(3);
            let (a, b) = (rig.connect(1), rig.connect(2));
            rig.say(a, &join("a", "F", "M", 1));
            rig.run();
            rig.say(b, &join("b", "M", "F", 1));
            let mut left = moment;
            while left > 0
                && let Some(&step) = rig.moves().first()
            {
                rig.go(step);
                left -= 1;
            }
            rig.block(by, whom, true);
            let core = rig.directory_of(by);
            rig.go(Move::Outside(core));
            rig.run();
            let talks = [a, b].map(|phone| rig.session(phone).expect("it is here").talks.len());
            assert_eq!(talks, [0, 0], "after {moment} steps");
            let begun = |lines: &[String]| lines.iter().any(|line| line.starts_with("5#"));
            let ended = |lines: &[String]| lines.iter().any(|line| line.starts_with("9#"));
            for heard in hear(&mut rig, [a, b]) {
                assert_eq!(begun(&heard), ended(&heard), "{heard:?}");
            }
            if left > 0 {
                assert!(moment > 5, "a match takes more than {moment}");
                break;
            }
        }
    }
}

#[test]
fn no_word_passes_a_block() {
    for cores in 1..=2 {
        let mut rig = Rig::new(cores);
        let (a, b) = two(&mut rig);
        rig.block("a", "b", true);
        rig.run();
        hear(&mut rig, [a, b]);
        for (phone, line) in [
            (b, r#"8#{"youId":"b","toId":"a","endmessage":"x"}"#),
            (b, r#"7#{"yourId":"b","toId":"a","msg":"x"}"#),
            (a, r#"8#{"youId":"a","toId":"b","endmessage":"x"}"#),
        ] {
            rig.say(phone, line);
            rig.run();
            let heard = hear(&mut rig, [a, b]);
            assert_eq!(heard, [[""; 0]; 2], "nobody learns anything: {line}");
        }
        rig.hang_up(a);
        rig.say(b, r#"8#{"youId":"b","toId":"a","endmessage":"x"}"#);
        rig.run();
        assert_eq!(rig.stored, [], "nor is it kept");
        assert_eq!(rig.heard(b), [""; 0]);
    }
}

#[test]
fn a_word_that_is_kept_goes_when_its_sender_is_blocked() {
    let mut rig = Rig::new(2);
    let (a, b) = two(&mut rig);
    rig.hang_up(a);
    rig.run();
    rig.say(b, r#"8#{"youId":"b","toId":"a","endmessage":"x"}"#);
    rig.run();
    let [Write::Keep(word)] = &rig.stored[..] else {
        panic!("one word: {:?}", rig.stored);
    };
    let id = word.id;
    rig.block("a", "b", true);
    rig.run();
    let again = rig.connect(1);
    rig.say(again, &join("a", "F", "M", 1));
    rig.run();
    assert_eq!(rig.heard(again), [WAITS]);
    assert_eq!(rig.stored[1..], [Write::Forget(vec![id])]);
}
