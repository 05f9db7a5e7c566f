//! `GET /uploads/…`: what is served, and how.

use std::fs;

use serde_json::json;

use crate::people::{add_users, get, on_picture, publish, server, store, wait_until};
use crate::rig::Server;
use crate::rig::http::{Reply, Request, done};

fn published() -> (Server, String) {
    let server = server();
    add_users(&server, &["ann"]);
    let id = publish(&server, "ann", "");
    (server, format!("/uploads/{id}.jpeg"))
}

#[track_caller]
fn ask(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let request = headers
        .iter()
        .fold(Request::new(method, path), |request, (name, value)| {
            request.header(name, value)
        });
    request.send(server.http)
}

#[test]
fn a_file_may_be_kept_for_ever_and_is_nothing_but_a_picture() {
    let (server, path) = published();
    let whole = get(&server, &path);
    let head = ask(&server, "HEAD", &path, &[]);
    for reply in [&whole, &head] {
        assert_eq!(reply.status, 200);
        for (name, value) in [
            ("content-type", "image/jpeg"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{name}");
        }
        let length = whole.body.len().to_string();
        assert_eq!(reply.header("content-length"), Some(length.as_str()));
    }
    assert!(head.body.is_empty());
    let thumbnail = path.replace(".jpeg", ".thumb.jpeg");
    let tags = [path.as_str(), &thumbnail].map(|path| {
        let reply = get(&server, path);
        reply.header("etag").expect("a tag").to_owned()
    });
    assert_ne!(tags[0], tags[1]);
}

#[test]
fn whoever_has_it_is_not_sent_it_again() {
    let (server, path) = published();
    let whole = get(&server, &path);
    let tag = whole.header("etag").unwrap();
    let date = whole.header("last-modified").unwrap();
    let (weak, several) = (format!("W/{tag}"), format!("\"x\", {tag}"));
    for (headers, status) in [
        (&[("If-None-Match", tag)][..], 304),
        (&[("If-None-Match", &weak)], 304),
        (&[("If-None-Match", &several)], 304),
        (&[("If-None-Match", "*")], 304),
        (&[("If-None-Match", "\"x\"")], 200),
        (&[("If-Modified-Since", date)], 304),
        (
            &[("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT")],
            200,
        ),
        (
            &[("If-None-Match", "\"x\""), ("If-Modified-Since", date)],
            200,
        ),
        (&[("If-Modified-Since", "nonsense")], 200),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = ask(&server, method, &path, headers);
            assert_eq!(reply.status, status, "{headers:?}");
            assert_eq!(reply.header("etag"), Some(tag));
            assert_eq!(reply.body.is_empty(), status == 304 || method == "HEAD");
        }
    }
}

#[test]
fn a_part_of_it_may_be_asked_for() {
    let (server, path) = published();
    let whole = get(&server, &path);
    let (tag, body) = (whole.header("etag").unwrap(), &whole.body);
    let length = body.len();
    for (range, part) in [
        ("bytes=0-9", &body[..10]),
        ("bytes=10-", &body[10..]),
        ("bytes=-10", &body[length - 10..]),
        ("bytes=0-99999999", &body[..]),
    ] {
        let reply = ask(&server, "GET", &path, &[("Range", range)]);
        assert_eq!(reply.status, 206, "{range}");
        assert_eq!(reply.body, part, "{range}");
        let end = format!("/{length}");
        assert!(reply.header("content-range").unwrap().ends_with(&end));
    }
    for headers in [
        &[("Range", "bytes=0-1,3-4")][..],
        &[("Range", "bytes=0-9"), ("If-Range", "\"x\"")],
    ] {
        let reply = ask(&server, "GET", &path, headers);
        assert_eq!((reply.status, &reply.body), (200, body), "{headers:?}");
    }
    let same = [("Range", "bytes=0-9"), ("If-Range", tag)];
    assert_eq!(ask(&server, "GET", &path, &same).status, 206);
    let beyond = [("Range", "bytes=99999999-")];
    let none = ask(&server, "GET", &path, &beyond);
    assert_eq!(none.status, 416);
    assert_eq!(none.header("cache-control"), None, "{none:?}");
}

#[test]
fn nothing_else_is_served() {
    let (server, path) = published();
    fs::write(server.data().join("pictures/secret.txt"), "secret").unwrap();
    for other in [
        "/uploads",
        "/uploads/",
        "/uploads/1",
        "/uploads/99.jpeg",
        "/uploads/0.jpeg",
        "/uploads/-1.jpeg",
        "/uploads/secret.txt",
        "/uploads/1.png",
        "/uploads/1.jpeg/",
        "/uploads/01.jpeg",
        "/uploads/1.jpeg.part",
        "/uploads/1.jpeg%00",
        "/uploads/%FF",
        "/uploads/%31.jpeg%2f",
        "/uploads/../pairline.db",
        "/uploads/..%2fpairline.db",
        "/uploads/%2e%2e%2fpairline.db",
        "/uploads/....//pairline.db",
        "/uploads/99999999999999999999.jpeg",
        "/uploads/1.jpeg';DROP TABLE pictures",
    ] {
        for method in ["GET", "HEAD"] {
            let reply = ask(&server, method, &other.replace(' ', "%20"), &[]);
            assert_eq!(reply.status, 404, "{other}");
            if method == "GET" {
                assert_eq!(reply.json()["error_no"], 9);
            }
        }
    }
    for method in ["POST", "PUT", "DELETE"] {
        let reply = ask(&server, method, &path, &[]);
        assert_eq!(reply.status, 405);
        assert_eq!(reply.header("allow"), Some("GET,HEAD"));
        assert_eq!(reply.json()["error_no"], 10);
    }
    assert_eq!(get(&server, &path).status, 200);
}

#[test]
fn a_file_without_a_row_is_not_served_and_is_swept() {
    let (server, path) = published();
    let folder = server.data().join("pictures");
    let bytes = fs::read(folder.join("1.jpeg")).unwrap();
    for name in ["77.jpeg", "77.thumb.jpeg", "78.png.part"] {
        fs::write(folder.join(name), &bytes).unwrap();
    }
    assert_eq!(get(&server, "/uploads/77.jpeg").status, 404);
    let server = server.again();
    let whole = ["1.jpeg", "1.thumb.jpeg"];
    wait_until("it is swept", || crate::people::files(&server) == whole);
    assert_eq!(get(&server, &path).status, 200);
    // A row that goes takes its files with it, sooner or later.
    store(&server).execute("DELETE FROM users", []).unwrap();
    assert_eq!(get(&server, &path).status, 404);
    let server = server.again();
    wait_until("it is swept", || crate::people::files(&server).is_empty());
}

#[test]
fn a_picture_that_was_taken_back_is_gone() {
    let (server, path) = published();
    add_users(&server, &["bob"]);
    for (error_no, token, id) in [
        (10, "bob", "1"),
        (9, "bob", "2"),
        (9, "ann", "x"),
        (8, "", "1"),
    ] {
        crate::rig::http::refused(&server, error_no, on_picture("delete", token, id));
    }
    assert_eq!(get(&server, &path).status, 200);
    let reply = done(&server, on_picture("delete", "ann", "1"));
    assert_eq!(reply["type"], "picture_delete_response");
    assert_eq!(get(&server, &path).status, 404);
    assert!(crate::people::files(&server).is_empty());
    assert!(crate::people::feed(&server, "ann", &json!({})).is_empty());
    crate::rig::http::refused(&server, 9, on_picture("delete", "ann", "1"));
}
