//! The requests: what they take, what they answer, how often.

use serde_json::{Value, json};

use super::{ANN, BOB, CID, NOBODY, cancel, crush, heard, let_a_day_pass, list, no_list, people};
use crate::rig::Setup;
use crate::rig::users::Town;

#[test]
fn two_who_have_named_each_other_know_it() {
    let (town, ann, bob) = people();
    assert_eq!(list(&town, &ann), no_list());
    let reply = town.done(crush(&ann, "18612344932", "你好"));
    assert_eq!(reply["type"], "crush_response");
    assert_eq!(reply["mutual"], false);
    let sent = json!([{"tel": "18612344932", "words": "你好"}]);
    assert_eq!(
        list(&town, &ann),
        json!({"sent": sent, "received": [], "mutual": []})
    );
    let bobs = list(&town, &bob);
    assert_eq!(bobs["received"].as_array().unwrap().len(), 1);
    let received = bobs["received"][0].as_object().unwrap();
    let keys: Vec<_> = received.keys().collect();
    assert_eq!(keys, ["pseudonym", "words"]);
    assert_eq!(received["words"], "你好");

    assert_eq!(town.done(crush(&bob, ANN, ""))["mutual"], true);
    assert_eq!(
        list(&town, &ann),
        json!({"sent": sent, "received": [],
               "mutual": [{"user_id": bob.id, "nickname": "bob", "tel": "18612344932"}]})
    );
    assert_eq!(
        list(&town, &bob),
        json!({"sent": [{"tel": ANN, "words": ""}], "received": [],
               "mutual": [{"user_id": ann.id, "nickname": "ann", "tel": ANN}]})
    );
    assert_eq!(town.done(crush(&ann, BOB, ""))["mutual"], true);
}

#[test]
fn a_crush_can_be_taken_back() {
    let (town, ann, bob) = people();
    town.refused(9, cancel(&ann, BOB));
    town.done(crush(&ann, BOB, "hey"));
    // Both spellings are one number, and each user's crush is their own.
    town.refused(9, cancel(&bob, BOB));
    let reply = town.done(cancel(&ann, "18612344932"));
    assert_eq!(reply["type"], "crush_cancel_response");
    town.refused(9, cancel(&ann, BOB));
    assert_eq!(list(&town, &ann), no_list());
    assert_eq!(list(&town, &bob), no_list());
}

#[test]
fn named_again_it_is_the_same_with_other_words() {
    let (town, ann, bob) = people();
    town.done(crush(&ann, BOB, "one"));
    let first = list(&town, &bob)["received"][0]["pseudonym"].clone();
    for _ in 0..7 {
        town.done(crush(&ann, "18612344932", "two"));
    }
    assert_eq!(
        list(&town, &ann)["sent"],
        json!([{"tel": "18612344932", "words": "two"}])
    );
    assert_eq!(
        list(&town, &bob)["received"],
        json!([{"pseudonym": first, "words": "two"}])
    );
    // It is one of today's five.
    for last in 1..=4 {
        town.done(crush(&ann, &format!("1861234500{last}"), ""));
    }
    town.refused(15, crush(&ann, NOBODY, ""));
    town.done(crush(&ann, BOB, "three"));
    assert_eq!(heard(&town, &bob), ["three"]);
}

#[test]
fn a_day_has_five_and_gives_none_back() {
    let (town, ann, bob) = people();
    for last in 1..=5 {
        let tel = format!("1861234500{last}");
        town.done(crush(&ann, &tel, ""));
        town.done(cancel(&ann, &tel));
    }
    let reply = town.refused(15, crush(&ann, BOB, "late"));
    let left = reply["retry_after"].as_u64().unwrap();
    assert!((1..=86_400).contains(&left), "{left}");
    assert_eq!(list(&town, &ann), no_list());
    assert_eq!(heard(&town, &bob), [""; 0]);
    // Whoever else asks has five of their own.
    town.done(crush(&bob, ANN, ""));
    let_a_day_pass(&town);
    assert_eq!(town.done(crush(&ann, BOB, ""))["mutual"], true);
    // In a new day as well.
    for last in 1..=4 {
        town.done(crush(&ann, &format!("1861234500{last}"), ""));
    }
    town.refused(15, crush(&ann, NOBODY, ""));
}

#[test]
fn who_does_not_want_to_be_told_is_not() {
    let (town, ann, bob) = people();
    let receive = |receive: Value| json!({"type": "crush_setting_request", "token": bob.token, "receive": receive});
    town.done(crush(&ann, BOB, "hey"));
    for _ in 0..2 {
        let reply = town.done(receive(json!(false)));
        assert_eq!(reply["type"], "crush_setting_response");
        assert_eq!(reply["receive"], false);
        assert_eq!(list(&town, &bob), no_list());
    }
    let cid = town.register(CID, "cid", "M");
    assert_eq!(town.done(crush(&cid, BOB, "you there?"))["mutual"], false);
    assert_eq!(list(&town, &bob), no_list());
    // What he says himself is heard, and answered.
    assert_eq!(town.done(crush(&bob, ANN, ""))["mutual"], true);
    assert_eq!(list(&town, &bob)["mutual"].as_array().unwrap().len(), 1);
    assert_eq!(town.done(receive(json!(true)))["receive"], true);
    assert_eq!(heard(&town, &bob), ["you there?"]);
    for bad in [json!(null), json!("true"), json!(1), json!([])] {
        assert_eq!(town.refused(3, receive(bad))["key"], "receive");
    }
}

#[test]
fn nobody_has_a_crush_on_themself_or_on_no_number() {
    let (town, ann, _) = people();
    for own in [ANN, "18612344931"] {
        assert_eq!(town.refused(3, crush(&ann, own, ""))["key"], "tel");
    }
    let with = |tel: Value, words: Value| json!({"type": "crush_request", "token": ann.token, "tel": tel, "words": words});
    for bad in [
        json!(null),
        json!(18_612_344_932_u64),
        json!(""),
        json!("1234"),
        json!("186 1234 4932"),
        json!("u0000000000000000"),
        json!("1' OR '1'='1"),
        json!(["18612344932"]),
    ] {
        assert_eq!(town.refused(3, with(bad.clone(), json!("")))["key"], "tel");
        let body = json!({"type": "crush_cancel_request", "token": ann.token, "tel": bad});
        assert_eq!(town.refused(3, body)["key"], "tel");
    }
    for bad in [json!("x".repeat(1025)), json!(1), json!({}), json!(true)] {
        assert_eq!(town.refused(3, with(json!(BOB), bad))["key"], "words");
    }
    assert_eq!(list(&town, &ann), no_list());
    town.done(with(json!(BOB), json!(null)));
    town.done(with(json!(BOB), json!("x".repeat(1024))));
    town.done(with(
        json!(CID),
        json!("\"},{\"tel\":\"\u{0}\n<script>'; --"),
    ));
    let words = &list(&town, &ann)["sent"][1]["words"];
    assert_eq!(words, "\"},{\"tel\":\"\u{0}\n<script>'; --");
}

#[test]
fn a_crush_needs_a_user() {
    let (town, ann, _) = people();
    let requests = [
        ("crush_request", json!({"tel": BOB})),
        ("crush_cancel_request", json!({"tel": BOB})),
        ("crush_list_request", json!({})),
        ("crush_setting_request", json!({"receive": true})),
    ];
    let registration = town.registration(CID);
    for (kind, keys) in requests {
        for token in ["", "guessed", &registration] {
            let mut body = keys.clone();
            body["type"] = json!(kind);
            body["token"] = json!(token);
            town.refused(8, body);
        }
    }
    assert_eq!(list(&town, &ann), no_list());
}

#[test]
fn listed_words_are_dealt_with_as_elsewhere() {
    let town = Town::start(Setup::new(1).operated());
    let ann = town.register(ANN, "ann", "F");
    let operator = town.server.operator();
    for (word, action) in [("fool", "mask"), ("bomb", "refuse"), ("cash", "flag")] {
        operator.post("/admin/words", json!({"word": word, "action": action}));
    }
    assert_eq!(town.refused(3, crush(&ann, BOB, "a bomb"))["key"], "words");
    town.done(crush(&ann, BOB, "cash, fool"));
    let bob = town.register(BOB, "bob", "M");
    assert_eq!(heard(&town, &bob), ["cash, ****"]);
    let report = operator.get("/admin/reports")["reports"][0].clone();
    assert_eq!(report["whom"], json!(ann.id));
    // The operator is not told of whom.
    let evidence = json!({"key": "words", "word": "cash", "text": "cash, fool"});
    assert_eq!(report["evidence"], evidence);
}
