//! Who has an id, and what is kept for it.

use std::time::Duration;

use super::*;
use crate::engine::ids::{CoreId, TalkId};
use crate::engine::profile::Keyring;

fn key(name: &str) -> UserKey {
    Keyring::new((1, 2)).key(name)
}

fn session(n: u32) -> SessionId {
    SessionId {
        core: CoreId(0),
        slot: n,
        generation: 1,
    }
}

fn word(id: u64) -> Word {
    Word {
        id,
        to: "a".into(),
        from: "b".into(),
        nickname: "B".into(),
        text: "bye".into(),
        talk: 1,
        said: Time(0),
    }
}

fn nothing() -> Claimed {
    granted(None, Vec::new())
}

fn granted(record: Option<Box<Record>>, words: Vec<Word>) -> Claimed {
    Claimed::Granted {
        record,
        words,
        expired: Vec::new(),
    }
}

/// Somebody with a partner to remember.
fn memory() -> Option<Box<Record>> {
    let mut record = Record::default();
    record.met(key("z"), TalkId(1));
    record.parted(key("z"), TalkId(1), Time(1), Duration::ZERO);
    Some(Box::new(record))
}

#[test]
fn an_id_is_its_first_askers_until_that_one_gives_it_back() {
    let mut directory = Directory::new(10);
    let user = key("a");
    assert_eq!(directory.claim(user, session(1), Time(0)), nothing());
    let taken = Claimed::Taken(session(1));
    assert_eq!(directory.claim(user, session(2), Time(0)), taken);
    directory.release(user, session(2), None, Vec::new());
    assert_eq!(directory.holder(user), Some(session(1)), "it was not its");
    directory.release(user, session(1), None, Vec::new());
    assert!(directory.is_empty(), "nothing to keep");
    assert_eq!(directory.claim(user, session(2), Time(0)), nothing());
}

#[test]
fn what_is_kept_travels_with_the_id() {
    let mut directory = Directory::new(10);
    let user = key("a");
    directory.claim(user, session(1), Time(0));
    directory.release(user, session(1), memory(), vec![word(1)]);
    assert_eq!(directory.keep(user, word(2), Time(0)), []);
    let all = granted(memory(), vec![word(1), word(2)]);
    assert_eq!(directory.claim(user, session(2), Time(0)), all);
    assert_eq!(directory.holder(user), Some(session(2)));
    directory.release(user, session(2), None, Vec::new());
    assert!(directory.is_empty());
}

#[test]
fn a_word_that_was_heard_after_all_goes() {
    let mut directory = Directory::new(9);
    for id in [1, 2] {
        directory.keep(key("a"), word(id), Time(0));
    }
    directory.drop_word(key("a"), 1);
    directory.drop_word(key("b"), 1);
    assert_eq!(directory.len(), 1);
    directory.drop_word(key("a"), 2);
    assert!(directory.is_empty());
}

#[test]
fn words_for_who_never_comes_back_are_kept_no_longer_than_a_week() {
    let mut directory = Directory::new(9);
    directory.keep(key("a"), word(1), Time(0));
    let late = word(1).said + WORDS_KEPT_FOR + Duration::from_secs(1);
    let fresh = Word {
        said: late,
        ..word(2)
    };
    assert_eq!(directory.keep(key("b"), fresh, late), [word(1)]);
    assert_eq!(directory.len(), 1);
}

#[test]
fn blocks_stay_while_their_user_comes_and_goes() {
    let mut directory = Directory::new(0);
    let user = key("a");
    directory.block(user, key("b"), true);
    directory.block(user, key("c"), true);
    assert!(directory.is_empty(), "that is not a user who is known");
    let mut claim = |n| match directory.claim(user, session(n), Time(0)) {
        Claimed::Granted { record, .. } => {
            let blocked = record.as_deref().map(|own| own.has_blocked(key("b")));
            directory.release(user, session(n), record, Vec::new());
            assert!(directory.is_empty());
            directory.block(user, key("b"), false);
            blocked
        }
        Claimed::Taken(_) => panic!("nobody has it"),
    };
    assert_eq!(claim(1), Some(true));
    assert_eq!(claim(2), Some(false), "another is still blocked");
    directory.block(user, key("c"), false);
    assert_eq!(directory.claim(user, session(3), Time(0)), nothing());
}

#[test]
fn the_least_recently_used_are_forgotten() {
    let mut directory = Directory::new(2);
    for (n, name) in (0..).zip(["a", "b", "c", "a", "d"]) {
        directory.claim(key(name), session(n), Time(0));
        directory.release(key(name), session(n), memory(), Vec::new());
    }
    assert_eq!(directory.len(), 2);
    for (name, remembered) in [("b", false), ("c", false), ("a", true), ("d", true)] {
        let expected = granted(memory().filter(|_| remembered), Vec::new());
        assert_eq!(directory.claim(key(name), session(9), Time(0)), expected);
    }
}

#[test]
fn what_is_on_disk_is_not_forgotten() {
    let mut directory = Directory::new(0);
    directory.load_refusal(key("a"), key("b"));
    let Claimed::Granted { record, .. } = directory.claim(key("a"), session(1), Time(0)) else {
        panic!("nobody has it");
    };
    let mut record = record.expect("a refusal");
    record.met(key("c"), TalkId(1));
    directory.release(key("a"), session(1), Some(record), vec![word(1)]);
    let Claimed::Granted { record, words, .. } = directory.claim(key("a"), session(2), Time(0))
    else {
        panic!("nobody has it");
    };
    let record = record.expect("a refusal");
    assert!(record.may_meet(key("b"), Time(0)).is_err());
    assert!(!record.has_memory(), "nobody is remembered here");
    assert_eq!(words, [word(1)]);
}
