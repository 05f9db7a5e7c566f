//! Who is banned: at once, on every core, registered or not, and in every race.

use std::time::Duration;

use super::rig::{Move, Rig, errors, join};
use crate::engine::durable::Loaded;
use crate::engine::ids::Time;

const USER: &str = "u0000000000000000";
const WAITS: &str = r#"2#{"youNum":"1"}"#;
const ENDED: &str = r#"0#{"error":"banned","msgType":null,"detail":"this id is banned"}"#;
const REFUSED: &str = r#"0#{"error":"banned","msgType":1,"detail":"this id is banned"}"#;

/// A join of a woman, with her token if she is registered.
fn line(rig: &Rig, user: &str) -> String {
    let line = join(user, "F", "M", 1);
    match rig.accounts.token(user) {
        None => line,
        Some(token) => line.replace('}', &format!(r#","token":"{token}"}}"#)),
    }
}

fn joined(rig: &mut Rig, core: usize, user: &str) -> usize {
    let (phone, line) = (rig.connect(core), line(rig, user));
    rig.say(phone, &line);
    rig.run();
    phone
}

/// What a new connection that joins with this id hears.
fn joins(rig: &mut Rig, user: &str) -> Vec<String> {
    let phone = joined(rig, 0, user);
    let heard = rig.heard(phone);
    assert_eq!(rig.phones[phone].closed, heard == [REFUSED]);
    rig.hang_up(phone);
    rig.run();
    heard
}

fn in_seconds(rig: &Rig, seconds: u64) -> Time {
    rig.now + Duration::from_secs(seconds)
}

#[test]
fn a_ban_ends_the_session_and_keeps_the_id_out_for_its_time() {
    for (cores, user) in [(1, "ann"), (3, "ann"), (1, USER), (3, USER)] {
        let mut rig = Rig::new(cores);
        rig.accounts.register(USER);
        let own = joined(&mut rig, 0, user);
        let man = rig.connect(usize::from(cores) - 1);
        rig.say(man, &join("bob", "M", "F", 1));
        rig.run();
        rig.heard(own);
        rig.heard(man);
        let until = in_seconds(&rig, 60);
        rig.ban(user, until);
        rig.run();
        assert_eq!(rig.heard(own), [ENDED]);
        assert!(rig.phones[own].closed);
        let heard = rig.heard(man);
        let over = format!(r#"9#{{"youId":"{user}","toId":"bob","nickname":"{user}","endmess"#);
        assert!(heard.len() == 1 && heard[0].starts_with(&over), "{heard:?}");
        for _ in 0..2 {
            assert_eq!(joins(&mut rig, user), [REFUSED]);
        }
        rig.now = until;
        assert_eq!(joins(&mut rig, user), [WAITS]);
        rig.hang_up(man);
        rig.run();
        rig.assert_nobody();
    }
}

#[test]
fn a_ban_for_good_stands_until_it_is_lifted() {
    let mut rig = Rig::new(3);
    rig.ban("ann", Time::NEVER);
    rig.run();
    rig.now = in_seconds(&rig, 400 * 24 * 3600);
    assert_eq!(joins(&mut rig, "ann"), [REFUSED]);
    assert_eq!(joins(&mut rig, "eve"), [WAITS], "others are not meant");
    rig.unban("ann");
    rig.run();
    assert_eq!(joins(&mut rig, "ann"), [WAITS]);
    rig.assert_nobody();
}

#[test]
fn whoever_becomes_a_banned_user_leaves_everything() {
    for user in ["eve", USER] {
        let mut rig = Rig::new(2);
        rig.accounts.register(USER);
        rig.ban(user, Time::NEVER);
        rig.run();
        let own = joined(&mut rig, 1, "ann");
        assert_eq!(rig.heard(own), [WAITS]);
        let line = line(&rig, user);
        rig.say(own, &line);
        rig.run();
        assert_eq!(rig.heard(own), [REFUSED]);
        rig.assert_nobody();
    }
}

#[test]
fn bans_come_from_the_disk() {
    let mut rig = Rig::new(3);
    let loaded = Loaded {
        bans: vec![("ann".into(), Time::NEVER), ("eve".into(), rig.now)],
        ..Loaded::default()
    };
    for shard in &mut rig.shards {
        shard.load(&loaded);
    }
    assert_eq!(joins(&mut rig, "ann"), [REFUSED]);
    assert_eq!(joins(&mut rig, "eve"), [WAITS], "it is over");
    rig.unban("ann");
    rig.run();
    assert_eq!(joins(&mut rig, "ann"), [WAITS]);
}

/// Every moment of a join, and of a takeover, on the way over three cores.
#[test]
fn nobody_slips_in_while_a_ban_is_on_its_way() {
    for (user, takes_over) in [("ann", false), ("ann", true), (USER, false), (USER, true)] {
        for moment in 0.. {
            let mut rig = Rig::new(3);
            rig.accounts.register(USER);
            let older = takes_over.then(|| joined(&mut rig, 2, user));
            let (newer, line) = (rig.connect(1), line(&rig, user));
            rig.say(newer, &line);
            let mut left = moment;
            while left > 0
                && let Some(&step) = rig.moves().first()
            {
                rig.go(step);
                left -= 1;
            }
            let core = rig.directory_of(user);
            rig.ban(user, Time::NEVER);
            rig.go(Move::Outside(core));
            rig.run();
            let heard = rig.heard(newer);
            assert_eq!(
                errors(&heard).last(),
                Some(&"banned"),
                "{moment}: {heard:?}"
            );
            for phone in older.into_iter().chain([newer]) {
                assert!(rig.phones[phone].closed, "{moment}");
            }
            rig.assert_nobody();
            if left > 0 {
                break;
            }
        }
    }
}

/// The token that let the join in has been revoked meanwhile.
#[test]
fn a_join_from_before_a_ban_does_not_outlive_it() {
    let mut rig = Rig::new(3);
    rig.accounts.register(USER);
    let (phone, line) = (rig.connect(1), line(&rig, USER));
    rig.say(phone, &line);
    rig.go(Move::Read(0));
    rig.now = in_seconds(&rig, 1);
    let core = rig.directory_of(USER);
    rig.ban(USER, Time::NEVER);
    rig.unban(USER);
    rig.go(Move::Outside(core));
    rig.go(Move::Outside(core));
    rig.run();
    assert_eq!(errors(&rig.heard(phone)), ["token_invalid"]);
    assert!(rig.session(phone).is_none() && !rig.phones[phone].closed);
}
