//! What a caller takes for right and what not.

use serde_json::{Value, json};

use super::*;

fn answer(body: &[u8]) -> Answer<'_> {
    Answer {
        status: 200,
        content_type: "application/json; charset=utf-8",
        last: false,
        body,
    }
}

fn hears(caller: &mut Caller, reply: &Value) -> Result<(), Wrong> {
    caller.hear(&answer(reply.to_string().as_bytes()))
}

fn at(step: Step) -> Caller {
    let mut caller = Caller::new(7, 3);
    caller.step = step;
    caller.token = "registration".into();
    caller.user_id = "u1".into();
    caller.picture = Picture {
        id: 12,
        content: "/uploads/12.jpeg".into(),
    };
    caller.liked = ("11".into(), 4);
    caller
}

/// A right reply to each step.
fn right(step: Step) -> Value {
    let own = at(step);
    let entry = |id: &str, own: &Caller| {
        json!({
            "picture_id": id, "picture_content": own.picture.content,
            "picture_words": own.words(), "picture_owner": own.nickname(),
            "picture_owner_id": own.user_id, "picture_like_num": "0", "liked": false,
            "picture_comment": [],
        })
    };
    let mut reply = match step {
        Step::Code => json!({ "request_id": "r", "retry_after": 60 }),
        Step::Check => json!({ "token": "t", "registered": false }),
        Step::Register => json!({ "user_id": "u1", "token": "t".repeat(43) }),
        Step::Upload => json!({ "picture_id": "12", "picture_content": "/uploads/12.jpeg" }),
        Step::Feed => json!({ "information": [entry("12", &own), entry("9", &own)] }),
        Step::Like => json!({ "picture_like_num": "5" }),
        Step::Picture => json!({}),
    };
    for (key, value) in [
        ("type", json!(step.types().1)),
        ("success", json!(true)),
        ("error_no", json!(0)),
        ("err_msg", json!("")),
    ] {
        reply[key] = value;
    }
    reply
}

fn replies() -> impl Iterator<Item = Step> {
    let picture = |step: &Step| *step != Step::Picture;
    Step::ALL.into_iter().filter(picture)
}

#[test]
fn what_is_right_is_taken() {
    for step in replies() {
        assert_eq!(hears(&mut at(step), &right(step)), Ok(()), "{step:?}");
    }
    let mut caller = at(Step::Feed);
    hears(&mut caller, &right(Step::Feed)).unwrap();
    assert_eq!(caller.liked, ("9".to_owned(), 0));
}

#[test]
fn refusals_are_told_by_their_number() {
    for step in replies() {
        let mut reply = right(step);
        reply["success"] = json!(false);
        reply["error_no"] = json!(5);
        let refused = Err(Wrong::Refused("error_no_5".into()));
        assert_eq!(hears(&mut at(step), &reply), refused);
        let full = Answer {
            status: 429,
            ..answer(b"")
        };
        let refused = Err(Wrong::Refused("status_429".into()));
        assert_eq!(at(step).hear(&full), refused);
    }
}

#[test]
fn an_upload_may_be_put_off() {
    let reply = |step: Step| json!({ "type": step.types().1, "success": false, "error_no": 4, "retry_after": 3 });
    let put_off = Err(Wrong::Later(3));
    assert_eq!(hears(&mut at(Step::Upload), &reply(Step::Upload)), put_off);
    let refused = Err(Wrong::Refused("error_no_4".into()));
    assert_eq!(hears(&mut at(Step::Code), &reply(Step::Code)), refused);
}

#[test]
fn what_is_wrong_is_noticed() {
    let table: &[(Step, &str, Value, Check)] = &[
        (Step::Code, "/type", json!("x"), Check::Unexpected),
        (Step::Code, "/request_id", json!(7), Check::Corrupted),
        (Step::Code, "/request_id", json!(""), Check::Corrupted),
        (Step::Check, "/registered", json!(true), Check::Corrupted),
        (Step::Check, "/token", json!(""), Check::Corrupted),
        (Step::Register, "/user_id", json!(""), Check::Corrupted),
        (Step::Register, "/token", json!("short"), Check::Corrupted),
        (Step::Upload, "/picture_id", json!("x"), Check::Corrupted),
        (
            Step::Upload,
            "/picture_content",
            json!("/etc/12"),
            Check::Corrupted,
        ),
        (Step::Feed, "/information", json!([]), Check::Lost),
        (
            Step::Feed,
            "/information/0/picture_id",
            json!("11"),
            Check::Lost,
        ),
        (
            Step::Feed,
            "/information/0/picture_words",
            json!("others"),
            Check::Misrouted,
        ),
        (
            Step::Feed,
            "/information/0/picture_owner_id",
            json!("u2"),
            Check::Misrouted,
        ),
        (
            Step::Feed,
            "/information/1/picture_id",
            json!("12"),
            Check::Reordered,
        ),
        (
            Step::Feed,
            "/information/1/picture_like_num",
            json!("-1"),
            Check::Corrupted,
        ),
        (
            Step::Like,
            "/picture_like_num",
            json!("4"),
            Check::Corrupted,
        ),
    ];
    for (step, place, value, check) in table {
        let mut reply = right(*step);
        *reply.pointer_mut(place).expect(place) = value.clone();
        let outcome = hears(&mut at(*step), &reply);
        assert!(
            matches!(&outcome, Err(Wrong::Failed(found, _)) if found == check),
            "{place} = {value}: {outcome:?}"
        );
    }
    let outcome = at(Step::Code).hear(&answer(b"<html>"));
    assert!(matches!(outcome, Err(Wrong::Failed(Check::Corrupted, _))));
}

#[test]
fn a_picture_is_one() {
    for (content_type, body, good) in [
        ("image/jpeg", &b"\xff\xd8\xff\xe0"[..], true),
        ("image/png", b"\x89PNG\r\n", true),
        ("image/jpeg", b"\x89PNG\r\n", false),
        ("text/html", b"\xff\xd8\xff\xe0", false),
        ("image/jpeg", b"", false),
    ] {
        let answer = Answer {
            content_type,
            ..answer(body)
        };
        assert_eq!(at(Step::Picture).hear(&answer).is_ok(), good);
    }
}

#[test]
fn requests_are_whole_and_numbers_are_nobody_elses() {
    let mut tels = std::collections::BTreeSet::new();
    for step in Step::ALL {
        let mut caller = at(step);
        let mut out = Vec::new();
        caller.ask("127.0.0.1:9480", "data:image/png;base64,", &mut out);
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        if step == Step::Picture {
            assert!(head.starts_with("GET /uploads/12.jpeg HTTP/1.1\r\n"));
        } else {
            let length = format!("Content-Length: {}", body.len());
            assert!(head.lines().any(|line| line == length), "{head}");
            let body: Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["type"], step.name());
        }
        caller.reborn(Step::ALL.len().try_into().unwrap());
        assert_eq!((caller.step, caller.token.len()), (Step::Code, 0));
    }
    for first in 0..4 {
        let mut caller = Caller::new(7, first);
        for _ in 0..10 {
            assert_eq!(caller.tel().len(), 16);
            assert!(tels.insert(caller.tel()));
            caller.reborn(4);
        }
    }
}
