//! A like counts once a user.

use std::thread;

use serde_json::{Value, json};

use crate::people::{add_users, block, feed, on_picture, publish, server};
use crate::rig::http::{ask, done, refused};

#[test]
fn a_like_counts_once_and_can_be_taken_back() {
    let server = server();
    add_users(&server, &["ann", "bob", "cat"]);
    let id = publish(&server, "ann", "");
    for (what, token, likes) in [
        ("unlike", "bob", "0"),
        ("like", "bob", "1"),
        ("like", "bob", "1"),
        ("like", "ann", "2"),
        ("like", "cat", "3"),
        ("unlike", "bob", "2"),
        ("unlike", "bob", "2"),
    ] {
        let reply = done(&server, on_picture(what, token, &id));
        assert_eq!(reply["type"], format!("picture_{what}_response"));
        assert_eq!(reply["picture_like_num"], likes);
    }
    for (token, liked) in [("ann", true), ("bob", false), ("cat", true)] {
        let entry = &feed(&server, token, &json!({}))[0];
        assert_eq!(entry["liked"], liked, "{token}");
        assert_eq!(entry["picture_like_num"], "2");
    }
    let server = server.again();
    assert_eq!(feed(&server, "cat", &json!({}))[0]["picture_like_num"], "2");
}

#[test]
fn there_must_be_such_a_picture_and_such_a_user() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    let id = publish(&server, "ann", "");
    for what in ["like", "unlike"] {
        for other in ["2", "0", "-1", "01", "x", "", "1 OR 1=1", "９", "1.0"] {
            refused(&server, 9, on_picture(what, "bob", other));
        }
        for value in [
            json!(1),
            json!(true),
            json!(["1"]),
            json!({"id": "1"}),
            Value::Null,
        ] {
            let mut request = on_picture(what, "bob", &id);
            request["picture_id"] = value;
            assert_eq!(refused(&server, 3, request)["key"], "picture_id");
        }
        refused(&server, 8, on_picture(what, "eve", &id));
        block(&server, "ann", "bob", true);
        refused(&server, 9, on_picture(what, "bob", &id));
        block(&server, "ann", "bob", false);
        block(&server, "bob", "ann", true);
        refused(&server, 9, on_picture(what, "bob", &id));
        block(&server, "bob", "ann", false);
        done(&server, on_picture(what, "bob", &id));
    }
}

#[test]
fn double_requests_at_once_have_one_effect() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    for _ in 0..10 {
        let id = publish(&server, "ann", "");
        let all = |request: Value| -> Vec<Value> {
            thread::scope(|scope| {
                let asking: Vec<_> = (0..8)
                    .map(|_| scope.spawn(|| ask(&server, request.clone())))
                    .collect();
                asking.into_iter().map(|one| one.join().unwrap()).collect()
            })
        };
        for reply in all(on_picture("like", "bob", &id)) {
            assert_eq!(reply["picture_like_num"], "1", "{reply}");
        }
        let deleted = all(on_picture("delete", "ann", &id));
        let numbers = deleted.iter().map(|reply| reply["error_no"].as_u64());
        let mut numbers: Vec<_> = numbers.map(Option::unwrap).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [0, 9, 9, 9, 9, 9, 9, 9]);
    }
}
