//! Users, and what they do with pictures.

use std::io::Cursor;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::rig::http::{Reply, Request, done};
use crate::rig::{PATIENCE, Server, Setup};

/// As many requests as a test likes.
#[track_caller]
pub(crate) fn server() -> Server {
    Setup::new(1).set("http_rate", 0).start()
}

/// The store's file, beside the server.
pub(crate) fn store(server: &Server) -> Connection {
    let store = Connection::open(server.data().join("pairline.db")).expect("it is there");
    store.busy_timeout(4 * PATIENCE).expect("it is open");
    store
        .pragma_update(None, "foreign_keys", true)
        .expect("it is open");
    store
}

/// Users of these names, whose tokens are their names.
pub(crate) fn add_users(server: &Server, names: &[&str]) {
    for name in names {
        let hash: [u8; 32] = Sha256::digest(name).into();
        store(server)
            .execute_batch(&format!(
                "BEGIN;
                 INSERT INTO users (id, tel, nickname, gender, birthday, pic_id, location, words, registered)
                 VALUES ('{}', '+{}', '{name}', 'F', '', '', '', '', 0);
                 INSERT INTO sessions SELECT x'{}', key, 9999999999 FROM users WHERE nickname = '{name}';
                 COMMIT",
                user_id(name),
                hash[..4].iter().fold(1_u64, |tel, byte| tel * 256 + u64::from(*byte)),
                hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            ))
            .expect("the name is new");
    }
}

/// Of the user of this name.
pub(crate) fn user_id(name: &str) -> String {
    let hash = Sha256::digest(name);
    let letters = hash
        .iter()
        .take(16)
        .map(|byte| char::from(b'0' + byte % 10));
    std::iter::once('u').chain(letters).collect()
}

/// `by` wants nothing to do with `whom` (any more, or again).
#[track_caller]
pub(crate) fn block(server: &Server, by: &str, whom: &str, on: bool) {
    let kind = if on { "block" } else { "unblock" };
    let request = json!({"type": format!("{kind}_request"), "token": by,
                         "user_id": user_id(whom)});
    done(server, request);
}

/// A picture in one colour.
pub(crate) fn plain(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_pixel(width, height, Rgb([200, 60, 20]));
    written(&pixels.into(), format)
}

pub(crate) fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, format)
        .expect("it can be written");
    bytes.into_inner()
}

pub(crate) fn data_url(bytes: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(bytes))
}

/// An upload of these bytes.
pub(crate) fn upload_of(token: &str, words: &str, bytes: &[u8]) -> Value {
    json!({"type": "picture_upload_request", "token": token, "words": words,
           "picture": data_url(bytes)})
}

/// A small picture is published; its id.
#[track_caller]
pub(crate) fn publish(server: &Server, token: &str, words: &str) -> String {
    let bytes = plain(8, 8, ImageFormat::Png);
    let reply = done(server, upload_of(token, words, &bytes));
    assert_eq!(reply["type"], "picture_upload_response");
    text(&reply["picture_id"])
}

/// What `token` says to a picture, perhaps in answer to a comment.
pub(crate) fn comment_of(token: &str, picture: &str, text: &str, to: Option<&str>) -> Value {
    json!({"type": "picture_comment_request", "token": token, "picture_id": picture,
           "comment_msg": text, "response_to": to})
}

/// It is said; its id.
#[track_caller]
pub(crate) fn say(server: &Server, token: &str, picture: &str, words: &str) -> String {
    let reply = done(server, comment_of(token, picture, words, None));
    text(&reply["comment_id"])
}

/// `like`, `unlike` or `delete`.
pub(crate) fn on_picture(what: &str, token: &str, picture: &str) -> Value {
    json!({"type": format!("picture_{what}_request"), "token": token, "picture_id": picture})
}

/// The feed, with these keys in the request as well.
#[track_caller]
pub(crate) fn feed(server: &Server, token: &str, keys: &Value) -> Vec<Value> {
    let mut request = json!({"type": "picture_info_request", "token": token});
    let object = request.as_object_mut().expect("it is one");
    object.extend(keys.as_object().expect("keys").clone());
    let reply = done(server, request);
    reply["information"].as_array().expect("a list").clone()
}

/// What stands at this key in each.
pub(crate) fn column(list: &[Value], key: &str) -> Vec<String> {
    list.iter().map(|entry| text(&entry[key])).collect()
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no string"))
        .to_owned()
}

#[track_caller]
pub(crate) fn get(server: &Server, path: &str) -> Reply {
    Request::new("GET", path).send(server.http)
}

/// The files of pictures in the data directory.
pub(crate) fn files(server: &Server) -> Vec<String> {
    let entries = std::fs::read_dir(server.data().join("pictures")).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.into_string().expect("plain names"))
        .collect();
    names.sort();
    names
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + 8 * PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
