//! Pictures and comments that an operator takes away.

use serde_json::{Value, json};

use crate::rig::http_get;
use crate::{ann, bob, town};

#[test]
fn a_picture_is_gone_with_all_that_was_said_to_it() {
    let town = town(1);
    let (ann, bob) = (ann(&town), bob(&town));
    let picture = town.publish(&ann);
    let feed = || {
        let body = json!({"type": "picture_info_request", "token": bob.token});
        town.done(body)["information"].clone()
    };
    let path = feed()[0]["picture_content"]
        .as_str()
        .expect("a path")
        .to_owned();
    let operator = town.server.operator();
    operator.delete(&format!("/admin/pictures/{picture}"));
    assert_eq!(feed(), json!([]));
    assert_eq!(http_get(town.server.http, &path).0, 404);
    let files = std::fs::read_dir(town.server.data().join("pictures")).expect("a folder");
    assert_eq!(files.count(), 0);
    let deed = operator.last_deed();
    assert_eq!(
        (&deed["action"], &deed["about"]),
        (&json!("remove_picture"), &json!(picture))
    );
    for id in [picture.as_str(), "x", "0", "-1"] {
        operator.refused(9, "DELETE", &format!("/admin/pictures/{id}"), Value::Null);
    }
}

#[test]
fn a_comment_goes_with_the_answers_to_it() {
    let town = town(1);
    let (ann, bob) = (ann(&town), bob(&town));
    let picture = town.publish(&ann);
    let say = |user: &crate::rig::users::User, text: &str, to: Option<&Value>| {
        town.done(json!({
            "type": "picture_comment_request", "token": user.token, "picture_id": picture,
            "comment_msg": text, "response_to": to,
        }))["comment_id"]
            .clone()
    };
    let rude = say(&bob, "rude", None);
    say(&ann, "how rude", Some(&rude));
    say(&bob, "kind", None);
    let operator = town.server.operator();
    let id = rude.as_str().expect("an id").to_owned();
    operator.delete(&format!("/admin/comments/{id}"));
    let body = json!({"type": "picture_info_request", "token": ann.token});
    let comments = town.done(body)["information"][0]["picture_comment"].clone();
    assert_eq!(comments.as_array().expect("a list").len(), 1, "{comments}");
    assert_eq!(comments[0]["comment_msg"], "kind");
    assert_eq!(operator.last_deed()["action"], "remove_comment");
    operator.refused(9, "DELETE", &format!("/admin/comments/{id}"), Value::Null);
}
