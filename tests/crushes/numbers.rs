//! Numbers that nobody has, that change hands, and that are given up.

use serde_json::json;

use super::{ANN, BOB, CID, NOBODY, crush, heard, list, no_list, people};
use crate::rig::users::{Town, User};

fn move_to(town: &Town, user: &User, tel: &str) -> User {
    let code = town.code_for(tel, "tel_change", &user.token);
    town.done(json!({"type": "tel_change_request", "token": user.token, "tel": tel, "code": code}));
    User {
        tel: tel.to_owned(),
        ..user.clone()
    }
}

fn delete(town: &Town, user: &User) {
    let code = town.code_for(&user.tel, "account_delete", &user.token);
    town.done(json!({"type": "account_delete_request", "token": user.token, "code": code}));
}

#[test]
fn a_crush_waits_until_its_number_registers() {
    let (town, ann, _) = people();
    town.done(crush(&ann, CID, "soon?"));
    let town = town.again();
    let cid = town.register(CID, "cid", "M");
    assert_eq!(heard(&town, &cid), ["soon?"]);
    assert_eq!(town.done(crush(&cid, ANN, ""))["mutual"], true);
    assert_eq!(list(&town, &ann)["mutual"][0]["user_id"], json!(cid.id));
}

#[test]
fn a_crush_goes_with_its_user_and_not_with_the_number() {
    let (town, ann, bob) = people();
    town.done(crush(&ann, BOB, "hey"));
    let bob = move_to(&town, &bob, NOBODY);
    assert_eq!(heard(&town, &bob), ["hey"]);
    let heir = town.register(BOB, "heir", "M");
    assert_eq!(list(&town, &heir), no_list());
    assert_eq!(town.done(crush(&heir, ANN, ""))["mutual"], false);
    assert_eq!(town.done(crush(&bob, ANN, ""))["mutual"], true);
    assert_eq!(list(&town, &ann)["sent"][0]["tel"], BOB);
    assert_eq!(list(&town, &ann)["mutual"][0]["nickname"], "bob");
    // Who moves keeps what they have said and what they know.
    let ann = move_to(&town, &ann, CID);
    assert_eq!(list(&town, &ann)["mutual"][0]["nickname"], "bob");
    assert_eq!(list(&town, &bob)["mutual"][0]["nickname"], "ann");
}

#[test]
fn a_number_that_becomes_ones_own_is_no_crush_any_more() {
    let (town, ann, _) = people();
    town.done(crush(&ann, NOBODY, "x"));
    let ann = move_to(&town, &ann, NOBODY);
    assert_eq!(list(&town, &ann), no_list());
    assert_eq!(town.refused(3, crush(&ann, NOBODY, ""))["key"], "tel");
}

#[test]
fn a_move_can_make_it_mutual() {
    let (town, ann, bob) = people();
    town.done(crush(&ann, NOBODY, ""));
    assert_eq!(town.done(crush(&bob, ANN, ""))["mutual"], false);
    let bob = move_to(&town, &bob, NOBODY);
    assert_eq!(list(&town, &bob)["mutual"][0]["user_id"], json!(ann.id));
    assert_eq!(list(&town, &ann)["mutual"][0]["user_id"], json!(bob.id));
}

#[test]
fn an_account_that_ends_takes_its_crushes_along() {
    let (town, ann, bob) = people();
    town.done(crush(&ann, BOB, "hey"));
    town.done(crush(&bob, ANN, "you?"));
    let before = list(&town, &ann)["sent"].clone();
    delete(&town, &bob);
    let after = list(&town, &ann);
    assert_eq!(after["sent"], before);
    assert_eq!(
        (&after["received"], &after["mutual"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(town.done(crush(&ann, BOB, "gone?"))["mutual"], false);
    // Whoever comes next is somebody else, and named by Ann.
    let bob = town.register(BOB, "bob", "M");
    assert_eq!(list(&town, &bob)["sent"], json!([]));
    assert_eq!(heard(&town, &bob), ["gone?"]);
    delete(&town, &ann);
    assert_eq!(list(&town, &bob), no_list());
}
