//! What becomes of an upload.

use std::io::Write;
use std::net::TcpStream;
use std::thread;

use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};

use crate::people::{
    add_users, column, data_url, feed, files, get, plain, publish, server, text, upload_of,
    wait_until,
};
use crate::rig::http::{Reply, ask, done, refused};
use crate::rig::{Server, Setup};

#[track_caller]
fn fetched(reply: &Reply, format: ImageFormat) -> DynamicImage {
    assert_eq!(reply.status, 200);
    image::load_from_memory_with_format(&reply.body, format).expect("a picture")
}

#[test]
fn a_picture_is_published_with_its_thumbnail() {
    let server = server();
    add_users(&server, &["ann"]);
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let reply = done(&server, upload_of("ann", "海", &plain(640, 480, format)));
        let (id, path) = (text(&reply["picture_id"]), text(&reply["picture_content"]));
        assert_eq!(path, format!("/uploads/{id}.jpeg"));
        let picture = fetched(&get(&server, &path), ImageFormat::Jpeg);
        assert_eq!(picture.dimensions(), (640, 480));
        let small = get(&server, &format!("/uploads/{id}.thumb.jpeg"));
        assert_eq!(fetched(&small, ImageFormat::Jpeg).dimensions(), (320, 240));
        let newest = &feed(&server, "ann", &json!({}))[0];
        assert_eq!(newest["picture_id"], id);
        assert_eq!(newest["picture_content"], path);
        assert_eq!(newest["picture_words"], "海");
    }
}

#[test]
fn transparency_is_kept_as_a_png() {
    let server = server();
    add_users(&server, &["ann"]);
    let pixels = RgbaImage::from_pixel(400, 20, Rgba([9, 9, 9, 100]));
    let bytes = crate::people::written(&pixels.into(), ImageFormat::WebP);
    let reply = done(&server, upload_of("ann", "", &bytes));
    let (id, path) = (text(&reply["picture_id"]), text(&reply["picture_content"]));
    assert_eq!(path, format!("/uploads/{id}.png"));
    let picture = fetched(&get(&server, &path), ImageFormat::Png);
    assert_eq!(picture.get_pixel(1, 1), Rgba([9, 9, 9, 100]));
    let small = get(&server, &format!("/uploads/{id}.thumb.jpeg"));
    assert_eq!(fetched(&small, ImageFormat::Jpeg).dimensions(), (320, 16));
    assert_eq!(get(&server, &format!("/uploads/{id}.jpeg")).status, 404);
}

#[test]
fn keys_are_looked_at_before_the_picture_is() {
    let server = server();
    add_users(&server, &["ann"]);
    let whole = upload_of("ann", "", &plain(8, 8, ImageFormat::Png));
    for (key, value, error_no) in [
        ("words", Value::Null, 3),
        ("words", json!(7), 3),
        ("words", json!("x".repeat(1025)), 3),
        ("picture", Value::Null, 3),
        ("picture", json!(true), 3),
        ("picture", json!({"data": ""}), 3),
        ("picture", json!([1, 2]), 3),
        ("token", json!(true), 3),
        ("token", json!("bob"), 8),
        ("token", Value::Null, 8),
    ] {
        let mut request = whole.clone();
        request[key] = value.clone();
        let reply = refused(&server, error_no, request);
        if error_no == 3 {
            assert_eq!(reply["key"], key, "{value}");
        }
    }
    assert!(files(&server).is_empty());
    // Its number is not looked at, and words may be as long as this.
    let mut request = whole;
    request["words"] = "'; DROP TABLE pictures; -- \u{0} \" \\ <b>"
        .repeat(20)
        .into();
    request["tel"] = json!({"not": "looked at"});
    done(&server, request.clone());
    assert_eq!(
        feed(&server, "ann", &json!({}))[0]["picture_words"],
        request["words"]
    );
}

#[test]
fn ids_are_never_given_again() {
    let mut server = Setup::new(1).set("http_rate", 0).start();
    add_users(&server, &["ann"]);
    let mut last = 0;
    for _ in 0..3 {
        for _ in 0..2 {
            let id = publish(&server, "ann", "");
            let number: i64 = id.parse().unwrap();
            assert!(number > last, "{number} after {last}");
            last = number;
            done(&server, crate::people::on_picture("delete", "ann", &id));
        }
        server = server.again();
    }
}

#[test]
fn whoever_uploads_may_hang_up() {
    let server = server();
    add_users(&server, &["ann"]);
    let body = upload_of("ann", "gone", &plain(900, 900, ImageFormat::Jpeg)).to_string();
    let mut stream = TcpStream::connect(server.http).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    drop(stream);
    // Either the whole of it, or nothing.
    wait_until("all is settled", || {
        let rows = feed(&server, "ann", &json!({})).len();
        files(&server).len() == 2 * rows
    });
}

#[test]
fn many_at_once_are_done_or_told_to_come_again() {
    let server = server();
    add_users(&server, &["ann"]);
    let picture = data_url(&plain(160, 160, ImageFormat::Jpeg));
    let published = thread::scope(|scope| {
        let upload = |index: usize| publish_somehow(&server, &picture, index);
        let uploads: Vec<_> = (0..40)
            .map(|index| scope.spawn(move || upload(index)))
            .collect();
        let ids = uploads.into_iter().map(|upload| upload.join().unwrap());
        ids.collect::<Vec<_>>()
    });
    let listed = column(&feed(&server, "ann", &json!({"limit": 50})), "picture_id");
    assert_eq!(listed.len(), 40);
    assert!(published.iter().all(|id| listed.contains(id)));
    assert_eq!(files(&server).len(), 80);
}

/// Tries until there is room; its id.
fn publish_somehow(server: &Server, picture: &str, index: usize) -> String {
    let request = json!({"type": "picture_upload_request", "token": "ann",
                         "words": index.to_string(), "picture": picture});
    loop {
        let reply = ask(server, request.clone());
        if reply["error_no"] == 0 {
            return text(&reply["picture_id"]);
        }
        assert_eq!(reply["error_no"], 4, "{reply}");
        let seconds = reply["retry_after"].as_u64().expect("when to come again");
        thread::sleep(std::time::Duration::from_secs(seconds));
    }
}

#[test]
fn pictures_give_way_to_everything_else() {
    const SCHED_BATCH: i64 = 3;
    let server = server();
    add_users(&server, &["ann"]);
    publish(&server, "ann", "");
    let urgency = |name: &str| {
        let threads = server.threads(name);
        assert!(!threads.is_empty(), "{name}");
        threads.into_iter().map(|it| (it.policy, it.nice))
    };
    let (usual, usual_nice) = urgency("pairline-0").next().expect("a core");
    for name in ["pairline-http", "pairline-store"] {
        assert!(urgency(name).all(|it| it == (usual, usual_nice)), "{name}");
    }
    for name in ["pairline-pics", "pairline-bodies"] {
        // A thread has its name before it has anything else.
        wait_until(name, || {
            urgency(name).all(|(policy, nice)| policy == SCHED_BATCH && nice > usual_nice)
        });
    }
}
