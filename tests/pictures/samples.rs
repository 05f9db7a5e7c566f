//! The documents' samples, as they stand but for being made valid JSON.

use serde_json::{Value, json};

use crate::people::{add_users, comment_of, feed, on_picture, publish, say, server, store};
use crate::rig::http::{Request, ask, done};

fn sample(text: &str) -> Value {
    serde_json::from_str(text).expect("valid JSON")
}

/// Every key of the sample is there, with a value of the same kind.
#[track_caller]
fn assert_has_keys_of(reply: &Value, sample: &Value) {
    match sample {
        Value::Object(keys) => {
            for (key, value) in keys {
                assert_has_keys_of(&reply[key], value);
            }
        }
        Value::Array(items) => assert_has_keys_of(&reply[0], &items[0]),
        Value::String(_) => assert!(reply.is_string(), "{reply}"),
        Value::Bool(_) => assert!(reply.is_boolean(), "{reply}"),
        Value::Number(_) => assert!(reply.is_number(), "{reply}"),
        Value::Null => panic!("no sample has a null"),
    }
}

#[test]
fn the_feed_is_the_documents() {
    let server = server();
    add_users(&server, &["zhang", "wang", "user1"]);
    let picture = publish(&server, "zhang", "it's a picture");
    let hello = say(&server, "wang", &picture, "hello");
    done(&server, comment_of("zhang", &picture, "hi", Some(&hello)));
    // 2015-8-4 1:44 in Shanghai.
    store(&server)
        .execute("UPDATE pictures SET published = 1438623840", [])
        .unwrap();
    let reply = done(
        &server,
        sample(r#"{"type":"picture_info_request", "token":"user1"}"#),
    );
    let wanted = sample(
        r#"{
        "type":"picture_info_response",
        "information":[{
            "picture_id":"200",
            "picture_publish_time":"2015-8-4 1:44",
            "picture_content":"",
            "picture_words":"it's a picture",
            "picture_like_num":"7",
            "picture_owner":"zhang",
            "picture_comment":[{
                "comment_own":"wang",
                "comment_msg":"hello",
                "comment_response":[{
                    "comment_response_own":"zhang",
                    "comment_response_msg":"hi"
                }]
            }]
        }],
        "success":true,
        "error_no":0,
        "err_msg":""
    }"#,
    );
    assert_has_keys_of(&reply, &wanted);
    assert_eq!(reply["type"], wanted["type"]);
    let (entry, wanted) = (&reply["information"][0], &wanted["information"][0]);
    for key in ["picture_publish_time", "picture_words", "picture_owner"] {
        assert_eq!(entry[key], wanted[key]);
    }
    let said = &entry["picture_comment"][0];
    assert_eq!(said["comment_own"], "wang");
    assert_eq!(said["comment_response"][0]["comment_response_own"], "zhang");
    assert_eq!(entry["picture_publish_time_at"], 1_438_623_840);
}

#[test]
fn the_upload_is_understood_and_is_no_picture() {
    let server = server();
    add_users(&server, &["18782946332"]);
    let request = sample(
        r#"{
        "type":"picture_upload_request",
        "token":"18782946332",
        "tel":"18782946332",
        "words":"hello!",
        "picture":"data:image\/jpeg;base64..."
    }"#,
    );
    let path = "/index.php?r=picture/upload";
    let reply = Request::new("POST", path).body(request.to_string());
    let reply = reply.send(server.http).json();
    assert_eq!(reply["type"], "picture_upload_response");
    assert_eq!(
        (&reply["success"], &reply["error_no"]),
        (&json!(false), &json!(12))
    );
}

#[test]
fn the_like_is_the_headers_or_the_cookies() {
    let server = server();
    add_users(&server, &["ann", "bob"]);
    for _ in 0..12 {
        publish(&server, "ann", "");
    }
    let request = sample(r#"{"type":"picture_like_request", "picture_id":"12"}"#);
    assert_eq!(ask(&server, request.clone())["error_no"], 8);
    for (name, value) in [("Authorization", "Bearer ann"), ("Cookie", "token=bob")] {
        let reply = Request::json(&request).header(name, value);
        let reply = reply.send(server.http).json();
        assert_eq!(reply["type"], "picture_like_response");
        assert_eq!(reply["success"], true);
    }
    assert_eq!(feed(&server, "ann", &json!({}))[0]["picture_like_num"], "2");
    done(&server, on_picture("unlike", "ann", "12"));
}
