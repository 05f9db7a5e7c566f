//! Whose id may be joined with, one sentence at a time and in every race.

use std::time::Duration;

use super::rig::{Asked, Move, Rig, errors, join};
use crate::engine::rules::Rules;
use crate::limits::ANSWER_WITHIN;

const USER: &str = "u0000000000000000";
const OTHER: &str = "u1111111111111111";
const NOBODY: &str = "u2222222222222222";

/// So many cores, and the two users.
fn rig(cores: u16) -> Rig {
    let mut rig = Rig::new(cores);
    rig.accounts.register(USER);
    rig.accounts.register(OTHER);
    rig
}

fn with_token(user: &str, gender: &str, token: &str) -> String {
    let find = if gender == "F" { "M" } else { "F" };
    let line = join(user, gender, find, 1);
    line.replace('}', &format!(r#","token":"{token}"}}"#))
}

fn token(rig: &Rig, user: &str) -> String {
    rig.accounts.token(user).expect("it is registered")
}

/// A woman who has joined with her token.
fn joined(rig: &mut Rig, core: usize, user: &str) -> usize {
    let phone = rig.connect(core);
    let token = token(rig, user);
    rig.say(phone, &with_token(user, "F", &token));
    rig.run();
    phone
}

const WAITS: &str = r#"2#{"youNum":"1"}"#;

#[test]
fn a_registered_id_needs_its_token() {
    for cores in 1..=3 {
        let mut rig = rig(cores);
        let (right, other) = (token(&rig, USER), token(&rig, OTHER));
        let phone = rig.connect(0);
        for (line, answer) in [
            (join(USER, "F", "M", 1), "token_required"),
            (with_token(USER, "F", ""), "token_invalid"),
            (with_token(USER, "F", &other), "token_invalid"),
            (
                with_token(USER, "F", &right.to_uppercase()),
                "token_invalid",
            ),
        ] {
            rig.say(phone, &line);
            rig.run();
            let heard = rig.heard(phone);
            assert_eq!(errors(&heard), [answer], "{line}");
            assert!(heard[0].contains(r#""msgType":1,"detail":"token: "#));
        }
        assert!(rig.session(phone).is_none() && rig.known() == 0);
        rig.say(phone, &with_token(USER, "F", &right));
        rig.run();
        assert_eq!(rig.heard(phone), [WAITS]);
        rig.hang_up(phone);
        rig.run();
        rig.assert_nobody();
    }
}

#[test]
fn only_what_looks_like_a_registered_id_is_asked_about() {
    let mut rig = rig(1);
    for (user, asked) in [("ann", false), ("u00", false), (NOBODY, true), (USER, true)] {
        let phone = rig.connect(0);
        rig.say(phone, &join(user, "F", "M", 1));
        assert_eq!(rig.moves() == [Move::Read(0)], asked, "{user}");
        rig.run();
        rig.hang_up(phone);
        rig.run();
        let heard = rig.heard(phone);
        assert_eq!(heard == [WAITS], user != USER, "{user}: {heard:?}");
    }
    assert_eq!(rig.accounts.admitted.len(), 1);
}

#[test]
fn require_token_admits_registered_users_only() {
    let rules = Rules {
        require_token: true,
        ..Rules::default()
    };
    let mut rig = Rig::with(1, rules);
    rig.accounts.register(USER);
    let right = token(&rig, USER);
    let phone = rig.connect(0);
    for (line, answer) in [
        (join("ann", "F", "M", 1), "token_required"),
        (join(USER, "F", "M", 1), "token_required"),
        (with_token("ann", "F", &right), "token_invalid"),
        (with_token(NOBODY, "F", &right), "token_invalid"),
    ] {
        rig.say(phone, &line);
        rig.run();
        assert_eq!(errors(&rig.heard(phone)), [answer], "{line}");
    }
    rig.say(phone, &with_token(USER, "F", &right));
    rig.run();
    assert_eq!(rig.heard(phone), [WAITS]);
}

#[test]
fn no_line_is_acted_on_while_the_store_is_asked() {
    let mut rig = rig(2);
    let phone = rig.connect(0);
    let line = with_token(USER, "F", &token(&rig, USER));
    rig.say(phone, &line);
    rig.say(phone, &format!(r#"13#{{"youId":"{USER}"}}"#));
    rig.say(phone, "");
    rig.say(phone, &"\n".repeat(20_000));
    assert_eq!(rig.asked, [Asked::Hush(phone)]);
    assert_eq!(rig.heard(phone), [""; 0]);
    rig.go(Move::Read(0));
    rig.go(Move::Answer(0));
    rig.run();
    let heard = rig.heard(phone);
    assert_eq!(heard[..2], [WAITS, ""], "it has joined, left and lived on");
    assert_eq!(rig.asked[1..2], [Asked::Listen(phone)]);
}

#[test]
fn a_refused_join_leaves_everything_as_it_was() {
    let mut rig = rig(3);
    let phone = rig.connect(1);
    rig.say(phone, &join("ann", "F", "M", 1));
    rig.say(phone, &join(USER, "F", "M", 1));
    rig.run();
    let heard = rig.heard(phone);
    assert_eq!(
        (&*heard[0], errors(&heard)),
        (WAITS, vec!["token_required"])
    );
    assert_eq!(rig.session(phone).map(|own| own.name), Some("ann".into()));
    rig.say(phone, r#"3#{"youId":"ann"}"#);
    rig.run();
    assert!(rig.heard(phone)[0].starts_with("4#"));
}

#[test]
fn joining_again_needs_the_token_again() {
    let mut rig = rig(2);
    let phone = joined(&mut rig, 0, USER);
    rig.heard(phone);
    rig.say(phone, &join(USER, "F", "F", 1));
    rig.run();
    assert_eq!(errors(&rig.heard(phone)), ["token_required"]);
    let line = with_token(USER, "F", &token(&rig, USER));
    rig.say(phone, &line);
    rig.run();
    assert_eq!(rig.heard(phone), [WAITS]);
}

#[test]
fn nobody_takes_over_without_the_token_whoever_is_first() {
    for first in 0..2 {
        let mut rig = rig(3);
        let own = joined(&mut rig, 0, USER);
        rig.heard(own);
        let (thief, newer) = (rig.connect(1), rig.connect(2));
        rig.say(thief, &with_token(USER, "F", "guessed"));
        let line = with_token(USER, "F", &token(&rig, USER));
        rig.say(newer, &line);
        rig.go(Move::Read(0));
        rig.go(Move::Read(1));
        rig.go(Move::Answer(first));
        rig.run();
        assert_eq!(errors(&rig.heard(own)), ["replaced"]);
        assert_eq!(errors(&rig.heard(thief)), ["token_invalid"]);
        assert_eq!(rig.heard(newer), [WAITS]);
        assert!(rig.session(thief).is_none());
    }
}

#[test]
fn a_store_that_fails_or_says_nothing_lets_nobody_in() {
    let mut rig = rig(1);
    let line = with_token(USER, "F", &token(&rig, USER));
    let phone = rig.connect(0);
    rig.say(phone, &line);
    rig.go(Move::Fail(0));
    rig.run();
    assert_eq!(errors(&rig.heard(phone)), ["token_invalid"]);
    rig.say(phone, &line);
    let second = Duration::from_secs(1);
    rig.now = rig.now + (ANSWER_WITHIN - second);
    rig.turn();
    assert_eq!(rig.heard(phone), [""; 0]);
    assert_eq!(rig.shards[0].next_deadline(), rig.now + second);
    rig.now = rig.now + second;
    rig.turn();
    let heard = rig.heard(phone);
    assert_eq!(errors(&heard), ["token_invalid"]);
    assert!(heard[0].contains("cannot be checked now"), "{heard:?}");
    rig.run();
    assert_eq!(rig.heard(phone), [""; 0], "the answer came too late");
    rig.say(phone, &line);
    rig.run();
    assert_eq!(rig.heard(phone), [WAITS]);
}

#[test]
fn who_goes_while_the_store_is_asked_is_not_there() {
    let mut rig = rig(2);
    let line = with_token(USER, "F", &token(&rig, USER));
    let (gone, drained) = (rig.connect(0), rig.connect(1));
    for phone in [gone, drained] {
        rig.say(phone, &line);
    }
    rig.phones[gone].hung_up = true;
    rig.go(Move::End(gone));
    rig.drain(1);
    assert_eq!(errors(&rig.heard(drained)), ["draining"]);
    rig.run();
    assert_eq!(rig.heard(gone), [WAITS], "its last line took effect first");
    assert_eq!(rig.shards[1].lives(), (0, 0));
    assert_eq!(rig.shards[0].lives(), (0, 0));
}

#[test]
fn an_end_outdates_every_join_that_is_on_its_way() {
    let mut rig = rig(3);
    let own = joined(&mut rig, 0, USER);
    rig.heard(own);
    let line = with_token(USER, "F", &token(&rig, USER));
    let (asked, read, admitted) = (rig.connect(0), rig.connect(1), rig.connect(2));
    for phone in [admitted, read, asked] {
        rig.say(phone, &line);
    }
    rig.go(Move::Read(0));
    rig.go(Move::Answer(0));
    rig.go(Move::Read(0));
    rig.log_out(USER);
    let core = rig.directory_of(USER);
    rig.go(Move::Outside(core));
    rig.run();
    assert_eq!(errors(&rig.heard(own)), ["token_invalid"]);
    assert!(rig.phones[own].closed);
    for phone in [asked, read, admitted] {
        assert_eq!(errors(&rig.heard(phone)), ["token_invalid"], "{phone}");
        assert!(rig.session(phone).is_none() && rig.phones[phone].is_open());
    }
    rig.now = rig.now + Duration::from_secs(1);
    let line = with_token(USER, "F", &token(&rig, USER));
    rig.say(read, &line);
    rig.run();
    assert_eq!(rig.heard(read), [WAITS]);
}

/// It waits at the home of the session that it takes over, which ends.
#[test]
fn an_end_outdates_a_takeover_that_waits() {
    let mut rig = rig(3);
    let own = joined(&mut rig, 0, USER);
    rig.heard(own);
    let line = with_token(USER, "F", &token(&rig, USER));
    let newer = rig.connect(1);
    rig.say(newer, &line);
    while !rig.moves().contains(&Move::LetGo(newer)) {
        let step = *rig.moves().first().expect("it is on its way");
        rig.go(step);
    }
    rig.delete(USER);
    let core = rig.directory_of(USER);
    rig.go(Move::Outside(core));
    rig.run();
    let farewell = r#"0#{"error":"token_invalid","msgType":null,"detail":"gone"}"#;
    assert_eq!(rig.heard(own), [farewell]);
    assert_eq!(errors(&rig.heard(newer)), ["token_invalid"]);
    assert!(rig.session(newer).is_none());
    rig.now = rig.now + Duration::from_secs(1);
    rig.say(newer, &join(USER, "F", "M", 1));
    rig.run();
    assert_eq!(rig.heard(newer), [WAITS], "it is nobody's any more");
}

#[test]
fn partners_of_who_is_ended_are_told_as_at_a_disconnect() {
    let mut rig = rig(2);
    let own = joined(&mut rig, 0, USER);
    let man = rig.connect(1);
    rig.say(man, &join("bob", "M", "F", 1));
    rig.run();
    rig.heard(man);
    rig.delete(USER);
    rig.run();
    let heard = rig.heard(man);
    assert_eq!(heard.len(), 1);
    let start = format!(
        r#"9#{{"youId":"{USER}","toId":"bob","nickname":"{USER}","endmessage":"","over":1,"#
    );
    assert!(heard[0].starts_with(&start), "{heard:?}");
    assert!(rig.phones[own].closed);
}

#[test]
fn a_notice_reaches_who_is_online_in_its_dialect() {
    let mut rig = rig(3);
    let own = joined(&mut rig, 0, USER);
    let named = rig.connect(1);
    let body = with_token(OTHER, "F", &token(&rig, OTHER));
    let body = body.strip_prefix("1#").expect("a join");
    rig.say(named, &format!(r#"{{"msgType":"join","msg":{body}}}"#));
    rig.run();
    rig.heard(own);
    rig.heard(named);
    let body = r#"{"kind":"crush","text":"\n"}"#;
    for user in [USER, OTHER, NOBODY, "ann"] {
        rig.notify(user, body);
    }
    rig.run();
    assert_eq!(rig.heard(own), [format!("14#{body}")]);
    let told = format!(r#"{{"msgType":"notice","msg":{body}}}"#);
    assert_eq!(rig.heard(named), [told]);
    let absent = rig.connect(0);
    rig.say(absent, &join("ann", "M", "F", 1));
    rig.run();
    let heard = rig.heard(absent);
    assert!(
        !heard.iter().any(|line| line.starts_with("14#")),
        "it was not kept"
    );
}
