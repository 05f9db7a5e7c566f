//! What happens over HTTP, as the chat port hears of it.

use serde_json::json;

use crate::rig::users::{Town, User};
use crate::rig::{Handset, Setup};

fn people(cores: usize) -> (Town, User, User) {
    let town = Town::start(Setup::new(cores));
    let ann = town.register("+8618612344931", "ann", "F");
    let bob = town.register("+8618612344932", "bob", "M");
    (town, ann, bob)
}

fn join(town: &Town, user: &User, gender: &str, token: &str) -> Handset {
    let other = if gender == "F" { "M" } else { "F" };
    let mut handset = Handset::connect(&town.server);
    let body = json!({"userId": user.id, "gender": gender, "findGender": other, "token": token});
    handset.send_line(&format!("1#{body}"));
    handset
}

#[track_caller]
fn fails(handset: &mut Handset, error: &str) {
    assert_eq!(handset.expect(0)["error"], error);
}

#[test]
fn nobody_joins_as_somebody_else() {
    crate::rig::both(|cores| {
        let (town, ann, bob) = people(cores);
        fails(&mut join(&town, &ann, "F", &bob.token), "token_invalid");
        let mut bare = Handset::connect(&town.server);
        bare.join(&ann.id, "F", "M");
        fails(&mut bare, "token_required");
        let mut right = join(&town, &ann, "F", &ann.token);
        right.expect(2);
        // Nor is it taken over.
        fails(&mut join(&town, &ann, "F", "guessed"), "token_invalid");
        crate::rig::expect_alive(&mut right);
    });
}

#[test]
fn a_block_ends_the_talk_that_is_on() {
    crate::rig::both(|cores| {
        let (town, ann, bob) = people(cores);
        let mut woman = join(&town, &ann, "F", &ann.token);
        woman.expect(2);
        let mut man = join(&town, &bob, "M", &bob.token);
        man.expect_past_waits(5);
        woman.expect_past_waits(5);
        town.done(json!({"type": "block_request", "token": ann.token, "user_id": bob.id}));
        assert_eq!(man.expect_past_waits(9)["over"], 1);
        assert_eq!(woman.expect_past_waits(9)["over"], 1);
    });
}

#[test]
fn the_end_of_an_account_ends_its_chat() {
    crate::rig::both(|cores| {
        let (town, ann, _) = people(cores);
        let mut handset = join(&town, &ann, "F", &ann.token);
        handset.expect(2);
        let code = town.code_for(&ann.tel, "account_delete", &ann.token);
        town.done(json!({"type": "account_delete_request", "token": ann.token, "code": code}));
        fails(&mut handset, "token_invalid");
        handset.expect_end();
        // Nobody is mistaken for her from now on.
        let mut other = Handset::connect(&town.server);
        other.join(&ann.id, "F", "M");
        fails(&mut other, "token_required");
        fails(&mut join(&town, &ann, "F", &ann.token), "token_invalid");
    });
}

#[test]
fn a_number_change_ends_the_chat_of_a_token_that_it_revokes() {
    crate::rig::both(|cores| {
        const NEW: &str = "+8618612344939";
        let (town, ann, bob) = people(cores);
        let second = town.session(&ann);
        let mut handset = join(&town, &ann, "F", &second);
        handset.expect(2);
        let change = |user: &User, tel: &str| {
            let code = town.code_for(tel, "tel_change", &user.token);
            let kind = "tel_change_request";
            town.done(json!({"type": kind, "token": user.token, "tel": tel, "code": code}));
        };
        change(&ann, NEW);
        fails(&mut handset, "token_invalid");
        handset.expect_end();
        fails(&mut join(&town, &ann, "F", &second), "token_invalid");
        join(&town, &ann, "F", &ann.token).expect(2);
        // Where there is but one token, nothing is in doubt.
        let mut only = join(&town, &bob, "F", &bob.token);
        only.expect(2);
        change(&bob, "+8618612344938");
        crate::rig::expect_alive(&mut only);
    });
}

#[test]
fn a_logout_ends_the_chat_when_no_token_is_left() {
    crate::rig::both(|cores| {
        let (town, ann, _) = people(cores);
        let second = town.session(&ann);
        let mut handset = join(&town, &ann, "F", &ann.token);
        handset.expect(2);
        town.done(json!({"type": "logout_request", "token": second}));
        crate::rig::expect_alive(&mut handset);
        town.done(json!({"type": "logout_request", "token": ann.token, "all": true}));
        fails(&mut handset, "token_invalid");
        handset.expect_end();
        fails(&mut join(&town, &ann, "F", &ann.token), "token_invalid");
        let last = town.session(&ann);
        let mut handset = join(&town, &ann, "F", &last);
        handset.expect(2);
        town.done(json!({"type": "logout_request", "token": last}));
        fails(&mut handset, "token_invalid");
        handset.expect_end();
    });
}
