//! Invitations to numbers that nobody has, where the operator wants them.

use std::thread;
use std::time::{Duration, Instant};

use super::{ANN, BOB, CID, NOBODY, cancel, crush, let_a_day_pass};
use crate::rig::users::Town;
use crate::rig::{PATIENCE, Setup};

/// An invitation goes out within this.
const WITHIN: Duration = Duration::from_secs(10);

fn invited(town: &Town) -> Vec<String> {
    let messages = town.webhook.messages().into_iter();
    let invites = messages.filter(|message| message["purpose"] == "crush_invite");
    invites
        .map(|message| message["number"].as_str().expect("a number").to_owned())
        .collect()
}

/// Until somebody was invited.
#[track_caller]
pub(crate) fn wait_for(town: &Town, number: &str) {
    let start = Instant::now();
    while !invited(town).iter().any(|told| told == number) {
        assert!(start.elapsed() < PATIENCE, "{number} was not invited");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn who_has_no_user_is_invited_without_being_told_by_whom() {
    let town = Town::start(Setup::new(1).set("crush_invites", true));
    let ann = town.register(ANN, "ann", "F");
    let bob = town.register(BOB, "bob", "M");
    town.done(crush(&ann, NOBODY, "words"));
    town.done(crush(&bob, ANN, "words"));
    wait_for(&town, NOBODY);
    let message = town.webhook.last(NOBODY);
    let wanted = serde_json::json!({
        "number": NOBODY, "code": "", "ttl": 0, "locale": "zh", "purpose": "crush_invite",
    });
    assert_eq!(message, wanted);
    assert_eq!(invited(&town), [NOBODY]);
}

#[test]
fn a_number_is_invited_once_a_day_and_by_a_sender_one_a_minute() {
    let town = Town::start(Setup::new(1).set("crush_invites", true));
    let [ann, bob, cid] = [(ANN, "ann"), (BOB, "bob"), (CID, "cid")]
        .map(|(tel, nickname)| town.register(tel, nickname, "F"));
    // A number with a user counts as one that was invited: what comes next must
    // not tell.
    town.done(crush(&ann, BOB, ""));
    town.done(crush(&ann, "+8618612345001", ""));
    // Taken back and named again it is no second one either.
    town.done(crush(&bob, NOBODY, ""));
    town.done(cancel(&bob, NOBODY));
    town.done(crush(&bob, NOBODY, ""));
    town.done(crush(&cid, NOBODY, ""));
    thread::sleep(WITHIN + Duration::from_secs(1));
    assert_eq!(invited(&town), [NOBODY]);
    let_a_day_pass(&town);
    town.done(crush(&ann, NOBODY, ""));
    // Named before: nothing new.
    town.done(crush(&cid, NOBODY, ""));
    thread::sleep(WITHIN + Duration::from_secs(1));
    assert_eq!(invited(&town), [NOBODY, NOBODY]);
}

#[test]
fn nobody_is_invited_unless_the_operator_wants_it() {
    let town = Town::start(Setup::new(1));
    let ann = town.register(ANN, "ann", "F");
    town.done(crush(&ann, NOBODY, ""));
    thread::sleep(WITHIN + Duration::from_secs(1));
    assert_eq!(invited(&town), [""; 0]);
}
