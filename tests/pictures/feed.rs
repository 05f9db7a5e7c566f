//! The feed's pages, and who sees what in them.

use serde_json::{Value, json};

use crate::people::{
    add_users, block, column, feed, on_picture, publish, say, server, store, user_id,
};
use crate::rig::Server;
use crate::rig::http::{Request, done, refused};

#[track_caller]
fn ids(server: &Server, token: &str, keys: Value) -> Vec<String> {
    column(&feed(server, token, &keys), "picture_id")
}

/// Numbers from the first down to the last.
fn down(from: u32, to: u32) -> Vec<String> {
    (to..=from).rev().map(|id| id.to_string()).collect()
}

#[test]
fn pages_go_from_the_newest_to_the_oldest() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    assert_eq!(ids(&server, "ann", json!({})), down(0, 1));
    for number in 1..=60 {
        let token = if number % 2 == 0 { "bob" } else { "ann" };
        assert_eq!(publish(&server, token, ""), number.to_string());
    }
    for (keys, wanted) in [
        (json!({}), down(60, 41)),
        (json!({"limit": 1}), down(60, 60)),
        (json!({"limit": 50}), down(60, 11)),
        (json!({"limit": "3"}), down(60, 58)),
        (json!({"before": "41"}), down(40, 21)),
        (json!({"before": "3"}), down(2, 1)),
        (json!({"before": "1"}), down(0, 1)),
        (json!({"before": "9999"}), down(60, 41)),
        (
            json!({"before": null, "limit": null, "owner": null}),
            down(60, 41),
        ),
    ] {
        assert_eq!(ids(&server, "ann", keys.clone()), wanted, "{keys}");
    }
    // What pages on need not be there any more.
    done(&server, on_picture("delete", "ann", "41"));
    assert_eq!(
        ids(&server, "ann", json!({"before": "41", "limit": 2})),
        down(40, 39)
    );
    let of_bob = ids(
        &server,
        "ann",
        json!({"owner": user_id("bob"), "before": "10"}),
    );
    assert_eq!(of_bob, ["8", "6", "4", "2"]);
}

#[test]
fn what_is_asked_for_must_make_sense() {
    let server = server();
    add_users(&server, &["ann"]);
    for (key, value) in [
        ("limit", json!(0)),
        ("limit", json!(51)),
        ("limit", json!(-1)),
        ("limit", json!(2.5)),
        ("limit", json!("many")),
        ("limit", json!(true)),
        ("limit", json!({})),
        ("before", json!(5)),
        ("before", json!("x")),
        ("before", json!("5; DROP TABLE pictures")),
        ("before", json!(["5"])),
        ("owner", json!(5)),
        ("owner", json!(false)),
    ] {
        let mut request = json!({"type": "picture_info_request", "token": "ann"});
        request[key] = value.clone();
        assert_eq!(refused(&server, 3, request)["key"], key, "{value}");
    }
    for owner in ["nobody", "", "u0000000000000000", "' OR 1=1"] {
        let request = json!({"type": "picture_info_request", "token": "ann", "owner": owner});
        refused(&server, 9, request);
    }
    refused(&server, 8, json!({"type": "picture_info_request"}));
    refused(
        &server,
        8,
        json!({"type": "picture_info_request", "token": "eve"}),
    );
}

#[test]
fn those_who_block_each_other_see_nothing_of_each_other() {
    let server = server();
    add_users(&server, &["ann", "bob", "cat"]);
    for token in ["ann", "bob", "cat"] {
        publish(&server, token, "");
    }
    block(&server, "ann", "bob", true);
    for _ in 0..2 {
        assert_eq!(ids(&server, "ann", json!({})), ["3", "1"]);
        assert_eq!(ids(&server, "bob", json!({})), ["3", "2"]);
        assert_eq!(ids(&server, "cat", json!({})), ["3", "2", "1"]);
        // A page is as full as it can be.
        assert_eq!(ids(&server, "ann", json!({"limit": 2})), ["3", "1"]);
    }
    for (token, owner) in [("ann", "bob"), ("bob", "ann")] {
        let request = json!({"type": "picture_info_request", "token": token,
                             "owner": user_id(owner)});
        refused(&server, 9, request);
    }
    block(&server, "ann", "bob", false);
    assert_eq!(ids(&server, "ann", json!({})), ["3", "2", "1"]);
}

#[test]
fn a_name_that_changes_changes_everywhere() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    let id = publish(&server, "ann", "");
    say(&server, "bob", &id, "hi");
    let names = |server: &Server| {
        let entry = &feed(server, "ann", &json!({}))[0];
        let commenter = &entry["picture_comment"][0]["comment_own"];
        (entry["picture_owner"].clone(), commenter.clone())
    };
    assert_eq!(names(&server), (json!("ann"), json!("bob")));
    for (old, new) in [("bob", "罗伯特"), ("ann", "\"A\"")] {
        let request = json!({"type": "profile_update_request", "token": old,
                             "nickname": new});
        done(&server, request);
    }
    assert_eq!(names(&server), (json!("\"A\""), json!("罗伯特")));
    assert_eq!(
        feed(&server, "ann", &json!({}))[0]["picture_owner_id"],
        user_id("ann")
    );
    // Whoever goes takes along what they said and liked.
    done(&server, on_picture("like", "bob", &id));
    store(&server)
        .execute("DELETE FROM users WHERE id = ?1", [user_id("bob")])
        .unwrap();
    // The server looks again after the next change of its own.
    done(&server, on_picture("unlike", "ann", &id));
    let entry = &feed(&server, "ann", &json!({}))[0];
    assert_eq!(entry["picture_comment"], json!([]));
    assert_eq!(entry["picture_like_num"], "0");
}

/// So many comments of 1,024 bytes, each of which takes six where it is written;
/// every third begins a thread, which the next two join.
fn fill_with_comments(server: &Server, picture: &str, count: usize) {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO comments (id, picture, author_key, thread, text, said)
         SELECT {picture} * 10000 + i, {picture}, (SELECT min(key) FROM users),
                iif(i % 3 = 1, NULL, {picture} * 10000 + i - (i + 2) % 3),
                replace(hex(zeroblob(1024)), '00', char(1)), 0 FROM n"
    );
    store(server)
        .execute_batch(&sql)
        .expect("the store takes it");
}

/// Numbers of comments and answers, as they stand.
fn said(entry: &Value) -> Vec<u64> {
    let number = |value: &Value| {
        let digits = value.as_str().expect("a string");
        digits.parse::<u64>().expect("a number")
    };
    let comments = entry["picture_comment"].as_array().expect("a list").iter();
    comments
        .flat_map(|it| {
            let answers = it["comment_response"].as_array().expect("a list").iter();
            let answers = answers.map(|it| number(&it["comment_response_id"]));
            std::iter::once(number(&it["comment_id"])).chain(answers)
        })
        .collect()
}

#[test]
fn a_page_is_bounded_and_paging_reaches_everything() {
    const MIB: usize = 1024 * 1024;
    let server = server();
    add_users(&server, &["ann"]);
    for (number, count) in [(1, 1), (2, 100), (3, 1000), (4, 100), (5, 90)] {
        let id = publish(&server, "ann", "");
        assert_eq!(id, number.to_string());
        fill_with_comments(&server, &id, count);
    }
    let (mut before, mut pages) = (Value::Null, Vec::new());
    loop {
        let request = json!({"type": "picture_info_request", "token": "ann",
                             "limit": 50, "before": before});
        let reply = Request::json(&request).send(server.http);
        assert!(reply.body.len() < MIB + 1024, "{}", reply.body.len());
        let reply = reply.json();
        let information = reply["information"].as_array().unwrap().clone();
        before = information.last().unwrap()["picture_id"].clone();
        let more = reply["more"].as_bool().unwrap();
        pages.push(information);
        if !more {
            break;
        }
    }
    let ids: Vec<_> = pages
        .iter()
        .map(|page| column(page, "picture_id"))
        .collect();
    assert_eq!(ids, [vec!["5"], vec!["4"], vec!["3"], vec!["2", "1"]]);
    for page in [&pages[0], &pages[1], &pages[3]] {
        for entry in page {
            assert!(entry.get("comments_left_out").is_none());
        }
    }
    // The newest stay, oldest first; what begins a thread stays with its end.
    let large = &pages[2][0];
    let left_out = large["comments_left_out"].as_u64().unwrap();
    let said = said(large);
    assert_eq!(said.len() as u64 + left_out, 1000);
    assert!(said.len() > 150, "there is room for as many");
    assert_eq!(said.last(), Some(&31000));
    assert!(said.is_sorted());
    let rest: Vec<_> = (said[1]..=31000).collect();
    assert_eq!(said[1..], rest);
}

#[test]
fn a_page_says_whether_there_are_older_ones() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    let more = |token: &str, keys: Value| {
        let mut request = json!({"type": "picture_info_request", "token": token});
        let object = request.as_object_mut().unwrap();
        object.extend(keys.as_object().unwrap().clone());
        done(&server, request)["more"].clone()
    };
    assert_eq!(more("ann", json!({})), false);
    for token in ["bob", "ann", "ann"] {
        publish(&server, token, "");
    }
    assert_eq!(more("ann", json!({"limit": 2})), true);
    assert_eq!(more("ann", json!({"limit": 3})), false);
    assert_eq!(more("ann", json!({"limit": 1, "before": "2"})), false);
    assert_eq!(
        more("ann", json!({"limit": 1, "owner": user_id("ann")})),
        true
    );
    block(&server, "bob", "ann", true);
    assert_eq!(more("ann", json!({"limit": 2})), false);
}
