//! Last words: to whom they go, and what is written down.

use super::rig::{Move, Rig, errors, join};
use crate::engine::durable::{Loaded, Write};

/// a and b on two cores, who have just parted.
fn parted(rig: &mut Rig) -> (usize, usize) {
    let (a, b) = (rig.connect(0), rig.connect(1));
    rig.say(a, &join("a", "F", "M", 1));
    rig.run();
    rig.say(b, &join("b", "M", "F", 1));
    rig.run();
    rig.say(a, r#"7#{"yourId":"a","toId":"b"}"#);
    rig.run();
    rig.heard(a);
    rig.heard(b);
    (a, b)
}

const WORD: &str = r#"8#{"youId":"a","toId":"b","endmessage":"dear b"}"#;
const TOLD: &str = r#"9#{"youId":"a","toId":"b","nickname":"a","endmessage":"dear b","over":0"#;

fn kept(rig: &Rig) -> Vec<u64> {
    let mut kept = Vec::new();
    for write in &rig.stored {
        match write {
            Write::Keep(word) => kept.push(word.id),
            Write::Forget(ids) => kept.retain(|id| !ids.contains(id)),
            Write::Refuse { .. } => {}
        }
    }
    kept
}

#[test]
fn a_word_goes_to_who_is_here() {
    let mut rig = Rig::new(2);
    let (a, b) = parted(&mut rig);
    rig.say(a, WORD);
    rig.run();
    let heard = rig.heard(b);
    assert!(heard.len() == 1 && heard[0].starts_with(TOLD), "{heard:?}");
    assert_eq!(rig.stored, []);
}

#[test]
fn a_word_to_who_is_away_is_kept_until_the_system_took_it() {
    let mut rig = Rig::new(2);
    let (a, b) = parted(&mut rig);
    rig.hang_up(b);
    rig.run();
    rig.say(a, WORD);
    rig.run();
    assert_eq!(kept(&rig).len(), 1);
    rig.takes_at_once = false;
    let again = rig.connect(0);
    rig.say(again, &join("b", "M", "F", 1));
    while rig.phones[again].lines.is_empty() {
        let step = *rig.moves().first().expect("it is on its way");
        rig.go(step);
    }
    assert!(
        rig.heard(again)[0].starts_with(TOLD),
        "before anything else"
    );
    assert_eq!(kept(&rig).len(), 1, "it may be lost yet");
    rig.hang_up(again);
    rig.takes_at_once = true;
    let last = rig.connect(1);
    rig.say(last, &join("b", "M", "F", 1));
    rig.run();
    assert!(
        rig.heard(last)[0].starts_with(TOLD),
        "it may have been lost"
    );
    assert_eq!(kept(&rig), [0; 0]);
    for phone in [a, last] {
        rig.hang_up(phone);
    }
    rig.run();
    rig.assert_nobody();
}

#[test]
fn a_word_is_said_to_who_was_met() {
    let mut rig = Rig::new(2);
    let (a, _) = parted(&mut rig);
    rig.say(a, r#"8#{"youId":"a","toId":"c","endmessage":"who?"}"#);
    rig.say(a, r#"7#{"yourId":"a","toId":"c","seeAgain":1}"#);
    rig.say(a, r#"10#{"youId":"a","toId":"c"}"#);
    rig.run();
    assert_eq!(errors(&rig.heard(a)), ["not_partner"; 3]);
    assert_eq!(rig.stored, []);
}

#[test]
fn a_refusal_is_for_good_either_way() {
    let mut rig = Rig::new(2);
    let (a, b) = parted(&mut rig);
    rig.say(a, r#"7#{"yourId":"a","toId":"b","seeAgain":1}"#);
    rig.run();
    assert_eq!(rig.heard(b), [""; 0], "no text, nothing to tell");
    let (by, whom) = ("a".into(), "b".into());
    assert_eq!(rig.stored, [Write::Refuse { by, whom }]);
    for (phone, line) in [(b, r#"10#{"youId":"b"}"#), (a, r#"10#{"youId":"a"}"#)] {
        rig.say(phone, line);
        rig.run();
    }
    rig.wait(std::time::Duration::from_secs(180));
    for phone in [a, b] {
        assert_eq!(rig.heard(phone), [r#"2#{"youNum":"1"}"#], "both wait");
    }
}

#[test]
fn what_was_on_disk_counts_again() {
    let mut rig = Rig::new(2);
    let refusals = vec![("a".into(), "b".into())];
    let mut other = Rig::new(2);
    let (a, b) = parted(&mut other);
    other.hang_up(b);
    other.run();
    other.say(a, WORD);
    other.run();
    let [Write::Keep(word)] = &other.stored[..] else {
        panic!("one word: {:?}", other.stored);
    };
    let words = vec![word.clone()];
    let loaded = Loaded {
        refusals,
        words,
        ..Loaded::default()
    };
    for shard in &mut rig.shards {
        shard.load(&loaded);
    }
    assert_eq!(rig.known(), 2);
    let b = rig.connect(0);
    rig.say(b, &join("b", "M", "F", 1));
    let a = rig.connect(1);
    rig.say(a, &join("a", "F", "M", 1));
    rig.run();
    let heard = rig.heard(b);
    assert!(heard[0].starts_with(TOLD), "{heard:?}");
    assert_eq!(heard[1..], [r#"2#{"youNum":"1"}"#]);
    assert_eq!(rig.heard(a), [r#"2#{"youNum":"1"}"#], "a has refused b");
    assert_eq!(rig.stored, [Write::Forget(vec![word.id])]);
}

#[test]
fn a_word_is_told_with_the_talk_that_it_names() {
    let mut rig = Rig::new(2);
    let (a, b) = parted(&mut rig);
    for (named, told) in [("\"7\"", "7"), ("\"x\"", ""), ("7", "7")] {
        let talk = format!(r#""toId":"b","talkId":{named}"#);
        rig.say(a, &WORD.replace(r#""toId":"b""#, &talk));
        rig.run();
        let heard = rig.heard(b).remove(0);
        assert!(heard.starts_with(TOLD), "{heard}");
        assert!(
            heard.ends_with(&format!(r#","talkId":"{told}"}}"#)),
            "{heard}"
        );
    }
}

/// It was said to a, who then joins as c on the same connection, which is
/// taken over before it is known that the word was sent.
#[test]
fn a_word_that_was_sent_to_who_became_another_is_not_told_again() {
    let mut rig = Rig::new(2);
    let (a, b) = parted(&mut rig);
    (rig.takes_at_once, rig.hears_early) = (false, false);
    rig.say(b, r#"8#{"youId":"b","toId":"a","endmessage":"dear a"}"#);
    let step = Move::Take(a);
    while !rig.moves().contains(&step) {
        let step = *rig.moves().first().expect("it is on its way");
        rig.go(step);
    }
    for phone in [a, rig.phones.len()] {
        if phone != a {
            rig.connect(0);
        }
        rig.say(phone, &join("c", "F", "M", 1));
        while let Some(&step) = rig
            .moves()
            .iter()
            .find(|step| matches!(step, Move::Lane { .. }))
        {
            rig.go(step);
        }
    }
    assert!(rig.phones[a].closed, "c was taken over");
    rig.run();
    assert!(rig.heard(a).concat().contains("dear a"));
    assert_eq!(kept(&rig), [0; 0]);
}
