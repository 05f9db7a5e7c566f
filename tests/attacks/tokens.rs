//! Taking a registered user's id over, by every way there is to name it.

use std::thread;

use serde_json::{Value, json};

use crate::rig::users::{Town, User};
use crate::rig::{self, Handset, Setup};

const TALKERS: [(&str, &str, &str); 2] = [
    ("+8618612344931", "ann", "F"),
    ("+8618612344932", "bob", "M"),
];

fn people(setup: Setup) -> (Town, User, User) {
    let town = Town::start(setup);
    let [ann, bob] = TALKERS.map(|(tel, name, gender)| town.register(tel, name, gender));
    (town, ann, bob)
}

fn join(user: &User, gender: &str, token: Option<&str>) -> Value {
    let find = if gender == "F" { "M" } else { "F" };
    json!({"userId": user.id, "gender": gender, "findGender": find, "token": token})
}

/// The two of them in a talk.
fn talking(town: &Town, ann: &User, bob: &User) -> (Handset, Handset) {
    let [mut woman, mut man] = [(); 2].map(|()| Handset::connect(&town.server));
    woman.join_with(&join(ann, "F", Some(&ann.token)));
    woman.expect(2);
    man.join_with(&join(bob, "M", Some(&bob.token)));
    assert_eq!(man.expect_past_waits(5)["toId"], json!(ann.id));
    assert_eq!(woman.expect_past_waits(5)["toId"], json!(bob.id));
    (woman, man)
}

/// An id with each character as an escape.
fn escaped(id: &str) -> String {
    id.chars()
        .map(|letter| format!("\\u{:04x}", u32::from(letter)))
        .collect()
}

#[test]
fn however_the_id_is_spelt_it_needs_its_token() {
    rig::both(|cores| {
        let (town, ann, bob) = people(Setup::new(cores));
        let (mut woman, mut man) = talking(&town, &ann, &bob);
        let registration = town.registration("+8618612344933");
        let rest = r#""gender":"F","findGender":"M""#;
        let (id, spelt) = (&ann.id, escaped(&ann.id));
        let bodies = [
            (format!(r#"{{"userId":"{id}",{rest}}}"#), "token_required"),
            (format!(r#"{{"youId":"{id}",{rest}}}"#), "token_required"),
            (format!(r#"{{"yourId":"{id}",{rest}}}"#), "token_required"),
            (format!(r#"{{"fromId":"{id}",{rest}}}"#), "token_required"),
            (
                format!(r#"{{"userId":"{spelt}",{rest}}}"#),
                "token_required",
            ),
            (
                format!(r#"{{"userId":"{id}","token":null,{rest}}}"#),
                "token_required",
            ),
            (
                format!(r#"{{"userId":"{id}","token":true,{rest}}}"#),
                "bad_field",
            ),
            (
                format!(r#"{{"userId":"{id}","token":{{}},{rest}}}"#),
                "bad_field",
            ),
            (
                format!(r#"{{"userId":"{id}","token":"","userId":"x",{rest}}}"#),
                "bad_field",
            ),
            (
                format!(r#"{{"userId":"x","fromId":"{id}",{rest}}}"#),
                "bad_field",
            ),
            (
                format!(r#"{{"userId":"{id}","token":"",{rest}}}"#),
                "token_invalid",
            ),
            (
                format!(r#"{{"userId":"{id}","token":"{}",{rest}}}"#, bob.token),
                "token_invalid",
            ),
            (
                format!(r#"{{"userId":"{id}","token":"{registration}",{rest}}}"#),
                "token_invalid",
            ),
            (
                format!(r#"{{"userId":"{id}","token":"{} ",{rest}}}"#, ann.token),
                "token_invalid",
            ),
            (
                format!(r#"{{"userId":"{id}","token":"' OR 1=1 --",{rest}}}"#),
                "token_invalid",
            ),
        ];
        for (body, error) in bodies {
            let mut numbered = Handset::connect(&town.server);
            numbered.send_line(&format!("1#{body}"));
            numbered.expect_refusal(error, Some(1));
            let mut named = Handset::connect(&town.server);
            named.send_line(&format!(r#"{{"msgType":"join","msg":{body}}}"#));
            named.expect_refusal(error, Some(1));
            for thief in [&mut numbered, &mut named] {
                thief.send(6, &json!({"yourId": ann.id, "toId": bob.id, "msg": "x"}));
                thief.expect_refusal("not_joined", Some(6));
            }
        }
        woman.quiet();
        man.quiet();
        let line = json!({"yourId": ann.id, "toId": bob.id, "msg": "still me"});
        woman.send(6, &line);
        assert_eq!(man.expect(6), line);
    });
}

#[test]
fn what_looks_like_the_id_is_another() {
    let (town, ann, bob) = people(Setup::new(2));
    let (mut woman, mut man) = talking(&town, &ann, &bob);
    let alike = [
        ann.id.to_uppercase(),
        format!("{} ", ann.id),
        format!(" {}", ann.id),
        format!("{}\0", ann.id),
        format!("{}\u{200b}", ann.id),
    ];
    for id in &alike {
        let mut other = Handset::connect(&town.server);
        other.join(id, "F", "F");
        other.expect_past_waits_or_talk();
        other.send(6, &json!({"yourId": id, "toId": bob.id, "msg": "x"}));
        assert_eq!(other.expect_past_waits(9)["over"], 1);
        other.send(6, &json!({"yourId": ann.id, "toId": bob.id, "msg": "x"}));
        other.expect_refusal("not_your_id", Some(6));
    }
    woman.quiet();
    man.quiet();
}

/// Somebody who is joined as another, who asks at the same time as the owner,
/// and with a line behind it that would do harm.
#[test]
fn no_race_lets_a_thief_in() {
    rig::both(|cores| {
        let (town, ann, _) = people(Setup::new(cores).set("max_rate", 0));
        let right = format!("1#{}\n", join(&ann, "F", Some(&ann.token)));
        let wrong = format!("1#{}\n", join(&ann, "F", Some("guessed")));
        let bare = format!("1#{}\n", join(&ann, "F", None));
        let leave = format!("13#{}\n", json!({"youId": ann.id}));
        let steal = [&*wrong, &leave, &bare, &leave].concat();
        let mut owner = Handset::connect(&town.server);
        owner.send_bytes(right.as_bytes());
        owner.expect(2);
        for round in 0..20 {
            let mut thieves = [(); 3].map(|()| Handset::connect(&town.server));
            thieves[0].join(&format!("thief{round}"), "M", "M");
            thieves[0].expect_past_waits_or_talk();
            let mut newer = Handset::connect(&town.server);
            thread::scope(|scope| {
                for thief in &mut thieves {
                    scope.spawn(|| thief.send_bytes(steal.as_bytes()));
                }
                scope.spawn(|| newer.send_bytes(right.as_bytes()));
            });
            for (at, thief) in thieves.iter_mut().enumerate() {
                let other = if at == 0 { "not_your_id" } else { "not_joined" };
                for error in ["token_invalid", other, "token_required", other] {
                    thief.expect_past_news(error);
                }
            }
            owner.expect_replaced();
            newer.expect(2);
            owner = newer;
        }
        rig::expect_alive(&mut owner);
    });
}

#[test]
fn whoever_guesses_on_is_closed() {
    let (town, ann, _) = people(Setup::new(1));
    let mut thief = Handset::connect(&town.server);
    for guess in 0..32 {
        thief.join_with(&join(&ann, "F", Some(&guess.to_string())));
        thief.expect_refusal("token_invalid", Some(1));
    }
    thief.expect_refusal("too_many_errors", None);
    thief.expect_end();
    assert!(
        town.server
            .metric(r#"pairline_errors_total{error="token_invalid"}"#)
            >= 32.0
    );
}

#[test]
fn a_revoked_token_lets_nobody_in_again() {
    rig::both(|cores| {
        let (town, ann, _) = people(Setup::new(cores));
        let second = town.session(&ann);
        let mut own = Handset::connect(&town.server);
        own.join_with(&join(&ann, "F", Some(&ann.token)));
        own.expect(2);
        town.done(json!({"type": "logout_request", "token": ann.token}));
        rig::expect_alive(&mut own);
        own.join_with(&join(&ann, "F", Some(&ann.token)));
        own.expect_refusal("token_invalid", Some(1));
        let mut newer = Handset::connect(&town.server);
        newer.join_with(&join(&ann, "F", Some(&second)));
        newer.expect_past_waits(2);
        own.expect_replaced();
    });
}

#[test]
fn require_token_admits_registered_users_only() {
    let (town, ann, _) = people(Setup::new(1).set("require_token", true));
    for (body, error) in [
        (
            json!({"userId": "x", "gender": "F", "findGender": "M"}),
            "token_required",
        ),
        (join(&ann, "F", None), "token_required"),
        (
            json!({"userId": "x", "gender": "F", "findGender": "M", "token": ann.token}),
            "token_invalid",
        ),
        (
            json!({"userId": "u0000000000000000", "gender": "F", "findGender": "M", "token": ann.token}),
            "token_invalid",
        ),
    ] {
        let mut handset = Handset::connect(&town.server);
        handset.join_with(&body);
        handset.expect_refusal(error, Some(1));
    }
    let mut own = Handset::connect(&town.server);
    own.join_with(&join(&ann, "F", Some(&ann.token)));
    own.expect(2);
}

impl Handset {
    /// It waits or talks.
    #[track_caller]
    fn expect_past_waits_or_talk(&mut self) {
        let line = self.expect_line();
        assert!(line.starts_with("2#") || line.starts_with("5#"), "{line}");
    }

    /// This error, whatever else the chat goes on with.
    #[track_caller]
    fn expect_past_news(&mut self, error: &str) {
        loop {
            let line = self.expect_line();
            if let Some(body) = line.strip_prefix("0#") {
                let body: Value = serde_json::from_str(body).expect("the server writes JSON");
                return assert_eq!(body["error"], error, "{line}");
            }
        }
    }
}
