//! What one side can measure. Worlds that differ in what must stay secret are
//! held beside each other, channel by channel.

use serde_json::{Value, json};

use super::{ANN, BOB, CID, NOBODY, cancel, crush, heard, list, people};
use crate::rig::http::Request;
use crate::rig::users::{Town, User};
use crate::rig::{self, Setup};

/// What Ann is answered, to the byte and with its headers but for the date and
/// the request's own name.
#[track_caller]
fn answer(town: &Town, body: &Value) -> (u16, Vec<(String, String)>, String) {
    let reply = Request::json(body).send(town.server.http);
    let own = |(name, _): &(String, String)| name != "date" && name != "x-request-id";
    let headers = reply.headers.clone().into_iter().filter(own).collect();
    (
        reply.status,
        headers,
        String::from_utf8(reply.body).expect("text"),
    )
}

/// What may be about a number without the one who names it finding out.
#[derive(Clone, Copy, Debug)]
enum Other {
    Nobody,
    Indifferent,
    Closed,
    Blocks,
    Blocked,
    LovesAnother,
    Gone,
    Moved,
}

impl Other {
    const ALL: [Other; 8] = [
        Other::Nobody,
        Other::Indifferent,
        Other::Closed,
        Other::Blocks,
        Other::Blocked,
        Other::LovesAnother,
        Other::Gone,
        Other::Moved,
    ];

    fn make(self, town: &Town, ann: &User) {
        if matches!(self, Other::Nobody) {
            return;
        }
        let bob = town.register(BOB, "bob", "M");
        let bond = |by: &User, whom: &User| json!({"type": "block_request", "token": by.token, "user_id": whom.id});
        match self {
            Other::Nobody | Other::Indifferent => {}
            Other::Closed => {
                let off =
                    json!({"type": "crush_setting_request", "token": bob.token, "receive": false});
                town.done(off);
            }
            Other::Blocks => drop(town.done(bond(&bob, ann))),
            Other::Blocked => drop(town.done(bond(ann, &bob))),
            Other::LovesAnother => drop(town.done(crush(&bob, CID, "hey"))),
            Other::Gone => {
                let code = town.code_for(BOB, "account_delete", &bob.token);
                town.done(
                    json!({"type": "account_delete_request", "token": bob.token, "code": code}),
                );
            }
            Other::Moved => {
                let code = town.code_for(NOBODY, "tel_change", &bob.token);
                town.done(json!({"type": "tel_change_request", "token": bob.token, "tel": NOBODY, "code": code}));
            }
        }
    }
}

#[test]
fn replies_lists_errors_and_counts_are_the_same_for_all_numbers() {
    let mut first = None;
    for other in Other::ALL {
        let town = Town::start(Setup::new(1));
        let ann = town.register(ANN, "ann", "F");
        other.make(&town, &ann);
        let lists = json!({"type": "crush_list_request"});
        let mut steps = vec![crush(&ann, BOB, "a"), lists.clone(), crush(&ann, BOB, "b")];
        steps.extend([lists.clone(), cancel(&ann, BOB), cancel(&ann, BOB)]);
        steps.extend([crush(&ann, BOB, "c"), lists.clone(), crush(&ann, ANN, "")]);
        // What is left of today.
        for last in 1..=4 {
            steps.push(crush(&ann, &format!("1861234500{last}"), ""));
        }
        steps.push(lists);
        let answers: Vec<_> = steps
            .into_iter()
            .map(|mut body| {
                body["token"] = json!(ann.token);
                let (status, headers, text) = answer(&town, &body);
                // Seconds pass from one world to the next.
                let text = match text.find(",\"retry_after\":") {
                    Some(end) => text[..end].to_owned(),
                    None => text,
                };
                (status, headers.len(), text)
            })
            .collect();
        match &first {
            None => first = Some(answers),
            Some(first) => assert_eq!(&answers, first, "{other:?}"),
        }
    }
}

/// Whether it is Bob or Cid who has named her: Ann sees somebody.
#[test]
fn who_is_named_learns_that_and_no_more() {
    let (town, ann, bob) = people();
    let cid = town.register(CID, "cid", "M");
    town.done(crush(&bob, ANN, "same words"));
    town.done(crush(&cid, ANN, "same words"));
    let received = list(&town, &ann)["received"].clone();
    let text = received.to_string();
    for told in [&bob.id, &bob.tel, &bob.token, &cid.id, &cid.tel, &cid.token] {
        assert!(!text.contains(told.as_str()), "{text}");
    }
    let names: Vec<_> = received.as_array().unwrap().iter().collect();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0]["pseudonym"], names[1]["pseudonym"]);
    // The same somebody is another one to others, and the same after a restart.
    town.done(crush(&cid, BOB, "x"));
    let to_bob = &list(&town, &bob)["received"][0]["pseudonym"];
    assert!(!text.contains(to_bob.as_str().unwrap()));
    let town = town.again();
    assert_eq!(list(&town, &ann)["received"], received);
}

/// To block those one suspects, one after the other, and look which entry is
/// missing, is of no use.
#[test]
fn a_block_takes_no_entry_away_and_brings_none() {
    let (town, ann, bob) = people();
    let cid = town.register(CID, "cid", "M");
    town.done(crush(&bob, ANN, "me"));
    let before = list(&town, &ann);
    for other in [&bob, &cid] {
        let bond = |kind: &str| json!({"type": kind, "token": ann.token, "user_id": other.id});
        town.done(bond("block_request"));
        assert_eq!(list(&town, &ann), before);
        town.done(crush(other, ANN, "past a block"));
        assert_eq!(list(&town, &ann), before);
        town.done(bond("unblock_request"));
        assert_eq!(list(&town, &ann), before);
    }
    town.done(crush(&cid, ANN, "and now"));
    assert_eq!(heard(&town, &ann), ["and now", "me"]);
}

/// To name somebody only to see whether it is mutual is to tell them.
#[test]
fn who_looks_is_seen() {
    let (town, ann, bob) = people();
    town.done(crush(&ann, BOB, ""));
    assert_eq!(town.done(crush(&bob, ANN, ""))["mutual"], true);
    town.done(cancel(&bob, ANN));
    assert_eq!(list(&town, &bob)["mutual"], json!([]));
    assert_eq!(list(&town, &ann)["mutual"][0]["user_id"], json!(bob.id));
    // A pseudonym that was seen through is of no use later.
    town.done(cancel(&ann, BOB));
    assert_eq!(list(&town, &ann)["mutual"], json!([]));
}

#[test]
fn what_was_seen_through_is_called_otherwise() {
    let (town, ann, bob) = people();
    let pseudonym = || list(&town, &bob)["received"][0]["pseudonym"].clone();
    town.done(crush(&ann, BOB, ""));
    let first = pseudonym();
    assert!(first.is_string());
    town.done(crush(&bob, ANN, ""));
    for (by, tel) in [(&ann, BOB), (&bob, ANN)] {
        town.done(cancel(by, tel));
    }
    town.done(crush(&ann, BOB, ""));
    assert!(pseudonym().is_string());
    assert_ne!(pseudonym(), first);
}

/// Neither the log nor the open metrics tell of numbers, words or users.
#[test]
fn nothing_is_told_beside_the_answers() {
    let setup = Setup::new(1).set("crush_invites", true);
    let town = Town::start(setup.set("log", "debug"));
    let ann = town.register(ANN, "ann", "F");
    town.register(BOB, "bob", "M");
    let samples = || {
        let text = rig::http_get(town.server.http, "/metrics").1;
        let of_sms = text.lines().filter(|line| line.starts_with("pairline_sms"));
        of_sms.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = samples();
    for tel in [BOB, NOBODY] {
        town.done(crush(&ann, tel, "secret words"));
        // So that each may be invited for.
        super::let_a_day_pass(&town);
    }
    super::invites::wait_for(&town, NOBODY);
    assert_eq!(samples(), before);
    let log = town.server.log();
    for secret in ["secret words", &NOBODY[3..], &BOB[3..]] {
        assert!(!log.contains(secret), "{secret}");
    }
}
