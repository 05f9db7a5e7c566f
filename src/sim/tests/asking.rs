//! What somebody outside learns of a user: what it does, and of talks that it
//! may report.

use std::time::Duration;

use super::rig::{Move, Rig, join};
use crate::engine::ids::TalkId;
use crate::engine::rules::Rules;
use crate::engine::tidings::{Sighting, Tidings};
use crate::limits::{EVIDENCE_LINES, EVIDENCE_USERS};

const USER: &str = "u0000000000000000";

fn rig(cores: u16, keep_evidence: bool) -> Rig {
    let rules = Rules {
        keep_evidence,
        rematch_pause: Duration::ZERO,
        max_rate: None,
        ..Rules::default()
    };
    let mut rig = Rig::with(cores, rules);
    rig.accounts.register(USER);
    rig
}

/// The answer to a question, which is the only one.
#[track_caller]
fn look(rig: &mut Rig, user: &str, talk: Option<TalkId>) -> Sighting {
    rig.inquire(user, talk, 7);
    rig.run();
    one(rig)
}

#[track_caller]
fn one(rig: &mut Rig) -> Sighting {
    let tidings = std::mem::take(&mut rig.tidings);
    let [Tidings::Sighting(sighting)] = &tidings[..] else {
        panic!("{tidings:?}");
    };
    assert_eq!(sighting.number, 7);
    sighting.clone()
}

/// A registered woman and a man who talk; their phones and their talk.
fn talk(rig: &mut Rig) -> (usize, usize, TalkId) {
    let last = rig.shards.len() - 1;
    let (a, b) = (rig.connect(0), rig.connect(last));
    let token = rig.accounts.token(USER).expect("it is registered");
    let line = join(USER, "F", "M", 2).replace('}', &format!(r#","token":"{token}"}}"#));
    rig.say(a, &line);
    rig.run();
    rig.now = rig.now + Duration::from_secs(5);
    rig.say(b, &join("bob", "M", "F", 1));
    rig.run();
    let talk = rig.session(a).expect("she is here").talks[0].id;
    (a, b, talk)
}

fn say(rig: &mut Rig, phone: usize, from: &str, to: &str, msg: &str) {
    rig.say(
        phone,
        &format!(r#"6#{{"yourId":"{from}","toId":"{to}","msg":"{msg}"}}"#),
    );
    rig.run();
}

#[test]
fn it_is_told_what_a_user_does() {
    for cores in 1..=3 {
        let mut rig = rig(cores, false);
        for user in [USER, "bob", "nobody"] {
            let sighting = look(&mut rig, user, Some(TalkId(1)));
            assert_eq!((sighting.live, sighting.talk), (None, None), "{user}");
        }
        let joined = rig.now;
        let (a, b, talk) = talk(&mut rig);
        let live = look(&mut rig, USER, None).live.expect("she is here");
        assert_eq!((&*live.nickname, live.guys), (USER, 2));
        assert_eq!((live.gender.as_str(), live.find.as_str()), ("F", "M"));
        assert_eq!(live.waiting, [joined]);
        let [with] = &live.talks[..] else {
            panic!("{live:?}");
        };
        assert_eq!((with.talk, &*with.user, with.began), (talk, "bob", rig.now));
        let live = look(&mut rig, "bob", None).live.expect("he is here");
        assert!(live.waiting.is_empty() && &*live.talks[0].user == USER);
        rig.hang_up(b);
        rig.run();
        assert_eq!(look(&mut rig, "bob", None).live, None);
        let live = look(&mut rig, USER, None).live.expect("she is here");
        assert!(live.talks.is_empty());
        rig.hang_up(a);
        rig.run();
        rig.assert_nobody();
    }
}

#[test]
fn a_talk_is_known_to_who_may_report_it_while_and_after_it_is_on() {
    for cores in 1..=3 {
        let mut rig = rig(cores, false);
        let (a, b, id) = talk(&mut rig);
        say(&mut rig, a, USER, "bob", "hello");
        let began = rig.now;
        let past = look(&mut rig, USER, Some(id)).talk.expect("it is on");
        assert_eq!(
            (&*past.partner, past.began, past.ended),
            ("bob", began, None)
        );
        assert!(past.lines.is_empty(), "nothing is kept");
        rig.now = rig.now + Duration::from_secs(60);
        let ended = rig.now;
        rig.hang_up(b);
        rig.run();
        let over = Some(ended);
        let past = look(&mut rig, USER, Some(id)).talk.expect("it was on");
        assert_eq!(
            (&*past.partner, past.began, past.ended),
            ("bob", began, over)
        );
        rig.hang_up(a);
        rig.run();
        let sighting = look(&mut rig, USER, Some(id));
        assert_eq!(sighting.live, None);
        assert_eq!(sighting.talk.expect("it is remembered").ended, over);
        // Who cannot report it has nothing to know; nor does a stranger.
        assert_eq!(look(&mut rig, "bob", Some(id)).talk, None);
        assert_eq!(look(&mut rig, USER, Some(TalkId(99))).talk, None);
    }
}

#[test]
fn the_last_lines_of_both_sides_are_kept_in_order() {
    for cores in 1..=3 {
        let mut rig = rig(cores, true);
        let (a, b, id) = talk(&mut rig);
        for n in 0..EVIDENCE_LINES {
            say(&mut rig, a, USER, "bob", &format!("a{n}"));
            say(&mut rig, b, "bob", USER, &format!("b{n}"));
        }
        let expect = |past: Option<crate::engine::tidings::Past>| {
            let lines = past.expect("it is known").lines;
            assert_eq!(lines.len(), EVIDENCE_LINES);
            for (at, line) in lines.iter().enumerate() {
                let (own, n) = (at % 2 == 0, EVIDENCE_LINES / 2 + at / 2);
                let from = if own { "a" } else { "b" };
                let body = String::from_utf8(line.body.to_vec()).expect("UTF-8");
                assert!(
                    body.contains(&format!(r#""msg":"{from}{n}""#)),
                    "{at}: {body}"
                );
                assert_eq!(line.own, own);
            }
        };
        expect(look(&mut rig, USER, Some(id)).talk);
        rig.say(b, &format!(r#"7#{{"yourId":"bob","toId":"{USER}"}}"#));
        rig.run();
        expect(look(&mut rig, USER, Some(id)).talk);
        rig.hang_up(a);
        rig.run();
        expect(look(&mut rig, USER, Some(id)).talk);
    }
}

/// The question crosses the end of the session that it is about.
#[test]
fn every_question_has_its_answer() {
    for moment in 0.. {
        let mut rig = rig(3, true);
        let (a, _, id) = talk(&mut rig);
        say(&mut rig, a, USER, "bob", "hello");
        rig.inquire(USER, Some(id), 7);
        rig.phones[a].hung_up = true;
        let core = rig.directory_of(USER);
        let mut left = moment;
        rig.go(Move::Outside(core));
        while left > 0
            && let Some(&step) = rig.moves().last()
        {
            rig.go(step);
            left -= 1;
        }
        rig.run();
        let past = one(&mut rig).talk.expect("it is known in any case");
        assert_eq!((&*past.partner, past.lines.len()), ("bob", 1), "{moment}");
        if left > 0 {
            break;
        }
    }
}

#[test]
fn only_so_many_absent_users_lines_are_kept() {
    let mut rig = rig(1, true);
    let name = |n: usize| format!("u{n:016}");
    let man = rig.connect(0);
    rig.say(man, &join("bob", "M", "F", 1));
    let mut talks = Vec::new();
    for n in 1..=EVIDENCE_USERS + 1 {
        let (user, phone) = (name(n), rig.connect(0));
        rig.say(phone, &join(&user, "F", "M", 1));
        rig.run();
        let talk = rig.session(phone).expect("she is here").talks[0].id;
        talks.push(talk);
        say(&mut rig, man, "bob", &user, "hello");
        rig.hang_up(phone);
        rig.run();
        rig.say(man, r#"10#{"youId":"bob"}"#);
        rig.run();
    }
    let lines = |rig: &mut Rig, n: usize| {
        let past = look(rig, &name(n), Some(talks[n - 1])).talk;
        past.expect("it is remembered").lines.len()
    };
    assert_eq!(lines(&mut rig, 1), 0);
    assert_eq!(lines(&mut rig, 2), 1);
    assert_eq!(lines(&mut rig, EVIDENCE_USERS + 1), 1);
}
