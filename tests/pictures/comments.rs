//! Comments, and answers one level deep.

use serde_json::{Value, json};

use crate::people::{
    add_users, block, column, comment_of, feed, on_picture, publish, say, server, store, text,
};
use crate::rig::Server;
use crate::rig::http::{done, refused};

#[track_caller]
fn comments(server: &Server, token: &str) -> Vec<Value> {
    let entry = &feed(server, token, &json!({}))[0];
    entry["picture_comment"].as_array().expect("a list").clone()
}

/// Said in answer to a comment; its id.
#[track_caller]
fn answer(server: &Server, token: &str, picture: &str, words: &str, to: &str) -> String {
    let reply = done(server, comment_of(token, picture, words, Some(to)));
    assert_eq!(reply["type"], "picture_comment_response");
    text(&reply["comment_id"])
}

#[test]
fn an_answer_to_an_answer_stands_beside_it() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    let id = publish(&server, "ann", "");
    let first = say(&server, "bob", &id, "first");
    let second = say(&server, "ann", &id, "second");
    let to_first = answer(&server, "ann", &id, "to first", &first);
    let deeper = answer(&server, "bob", &id, "to that", &to_first);
    answer(&server, "bob", &id, "to second", &second);
    answer(&server, "ann", &id, "deeper still", &deeper);

    let list = comments(&server, "bob");
    assert_eq!(column(&list, "comment_id"), [first, second]);
    assert_eq!(column(&list, "comment_own"), ["bob", "ann"]);
    assert_eq!(list[0]["comment_own_id"], crate::people::user_id("bob"));
    let answers = |at: usize| list[at]["comment_response"].as_array().unwrap().clone();
    let words = |at: usize| column(&answers(at), "comment_response_msg");
    assert_eq!(words(0), ["to first", "to that", "deeper still"]);
    assert_eq!(words(1), ["to second"]);
    assert_eq!(
        column(&answers(0), "comment_response_own"),
        ["ann", "bob", "ann"]
    );
    assert_eq!(
        column(&answers(0), "comment_response_id")[..2],
        [to_first, deeper]
    );
}

#[test]
fn there_must_be_something_to_say_and_to_answer() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    let (id, other) = (publish(&server, "ann", ""), publish(&server, "ann", ""));
    let there = say(&server, "bob", &other, "elsewhere");
    let here = say(&server, "bob", &id, "here");
    for to in [there.as_str(), "99", "0", "-1", "x", ""] {
        refused(&server, 9, comment_of("ann", &id, "hi", Some(to)));
    }
    for picture in ["99", "x", "", "1;"] {
        refused(&server, 9, comment_of("ann", picture, "hi", None));
    }
    refused(&server, 8, comment_of("eve", &id, "hi", None));
    for (key, value) in [
        ("comment_msg", json!("")),
        ("comment_msg", json!("x".repeat(1025))),
        ("comment_msg", json!(1)),
        ("comment_msg", Value::Null),
        ("picture_id", json!(1)),
        ("picture_id", Value::Null),
        ("response_to", json!(1)),
        ("response_to", json!(true)),
        ("response_to", json!({})),
    ] {
        let mut request = comment_of("ann", &id, "hi", Some(&here));
        request[key] = value.clone();
        assert_eq!(refused(&server, 3, request)["key"], key, "{value}");
    }
    let odd = "'\"; DROP TABLE comments; --\u{0}\u{1f600}</script>\r\n\\";
    say(&server, "ann", &id, odd);
    let entry = &feed(&server, "bob", &json!({}))[1];
    assert_eq!(entry["picture_comment"][1]["comment_msg"], odd);
}

#[test]
fn those_who_block_each_other_hear_nothing_of_each_other() {
    let server = server();
    add_users(&server, &["ann", "bob", "cat"]);
    let id = publish(&server, "ann", "");
    let of_bob = say(&server, "bob", &id, "bob");
    let to_bob = answer(&server, "ann", &id, "ann to bob", &of_bob);
    let of_ann = say(&server, "ann", &id, "ann");
    let of_bob_to_ann = answer(&server, "bob", &id, "bob to ann", &of_ann);
    for (by, whom) in [("bob", "cat"), ("cat", "bob")] {
        block(&server, by, whom, true);
        // Whoever looks first, in whatever order: each sees what they may.
        for _ in 0..2 {
            let list = comments(&server, "cat");
            assert_eq!(column(&list, "comment_msg"), ["ann"]);
            assert_eq!(list[0]["comment_response"], json!([]));
            assert_eq!(comments(&server, "ann").len(), 2);
            assert_eq!(comments(&server, "bob").len(), 2);
        }
        for to in [&of_bob, &to_bob, &of_bob_to_ann] {
            refused(&server, 9, comment_of("cat", &id, "hi", Some(to)));
        }
        block(&server, by, whom, false);
        assert_eq!(comments(&server, "cat").len(), 2);
    }
    block(&server, "ann", "cat", true);
    refused(&server, 9, comment_of("cat", &id, "hi", None));
    refused(&server, 9, comment_of("cat", &id, "hi", Some(&of_bob)));
    refused(&server, 9, on_picture("delete", "cat", &id));
}

#[test]
fn a_picture_has_room_for_so_many() {
    let server = server();
    add_users(&server, &["ann"]);
    let (id, other) = (publish(&server, "ann", ""), publish(&server, "ann", ""));
    store(&server)
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
             INSERT INTO comments (picture, author_key, text, said)
             SELECT ?1, (SELECT key FROM users WHERE nickname = 'ann'), 'x', 0 FROM n",
            [&id],
        )
        .unwrap();
    say(&server, "ann", &id, "the last one");
    refused(&server, 10, comment_of("ann", &id, "one more", None));
    say(&server, "ann", &other, "there is room here");
}

#[test]
fn a_picture_can_be_reported_by_others() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    let id = publish(&server, "ann", "");
    let report = |token: &str, picture: &str| {
        json!({"type": "report_request", "token": token, "picture_id": picture,
               "reason": "not mine"})
    };
    block(&server, "ann", "bob", true);
    done(&server, report("bob", &id));
    assert_eq!(refused(&server, 3, report("ann", &id))["key"], "picture_id");
    for other in ["99", "x", "01", ""] {
        refused(&server, 9, report("bob", other));
    }
}
