//! A picture and its row are there together or not at all, whatever fails.

use std::fs;
use std::thread;
use std::time::Duration;

use image::ImageFormat;
use serde_json::json;

use crate::people::{
    add_users, column, feed, files, get, plain, publish, server, store, upload_of, wait_until,
};
use crate::rig::Server;
use crate::rig::http::Request;

/// Every picture that is listed is served, and no other has a file.
#[track_caller]
fn is_whole(server: &Server) -> usize {
    let listed = feed(server, "ann", &json!({"limit": 50}));
    for path in column(&listed, "picture_content") {
        let small = path.replace(".jpeg", ".thumb.jpeg");
        for path in [path, small] {
            let reply = get(server, &path);
            assert_eq!(reply.status, 200, "{path}");
            image::load_from_memory_with_format(&reply.body, ImageFormat::Jpeg).expect("whole");
        }
    }
    wait_until("the rest is swept", || {
        files(server).len() == 2 * listed.len()
    });
    listed.len()
}

/// An upload that must fail on the server's side.
#[track_caller]
fn fails(server: &Server) {
    let body = upload_of("ann", "", &plain(300, 300, ImageFormat::Jpeg)).to_string();
    let reply = Request::new("POST", "/").body(body).send(server.http);
    assert_eq!(
        (reply.status, &reply.json()["error_no"]),
        (500, &json!(500))
    );
}

#[test]
fn pictures_survive_a_restart() {
    let mut server = server();
    add_users(&server, &["ann"]);
    for _ in 0..3 {
        publish(&server, "ann", "");
    }
    server.term();
    assert!(server.wait_exit().success());
    assert_eq!(is_whole(&server.again()), 3);
}

#[test]
fn sigkill_leaves_whole_pictures_only() {
    let mut server = server();
    add_users(&server, &["ann"]);
    let mut random = fastrand::Rng::with_seed(3);
    let mut least = 0;
    for _ in 0..6 {
        let (http, body) = (
            server.http,
            upload_of("ann", "", &plain(400, 400, ImageFormat::Png)).to_string(),
        );
        let uploading = thread::spawn(move || {
            let mut done = 0;
            // Until the server is gone, in the middle of a request or not.
            while let Ok(reply) =
                std::panic::catch_unwind(|| Request::new("POST", "/").body(body.clone()).send(http))
            {
                done += usize::from(reply.status == 200 && reply.json()["error_no"] == 0);
            }
            done
        });
        thread::sleep(Duration::from_millis(random.u64(50..600)));
        server.kill9();
        least += uploading.join().expect("it has counted");
        server = server.again();
        let there = is_whole(&server);
        assert!(there >= least, "{there} of at least {least}");
        least = there;
        if least > 40 {
            return;
        }
    }
}

#[test]
fn a_disk_that_takes_no_more_leaves_nothing_behind() {
    let server = server();
    add_users(&server, &["ann"]);
    publish(&server, "ann", "");
    for bytes in [0, 500, 2000] {
        server.limit_files(&bytes.to_string());
        fails(&server);
        server.limit_files("unlimited");
        assert_eq!(is_whole(&server), 1);
    }
    publish(&server, "ann", "");
    assert_eq!(is_whole(&server), 2);
}

#[test]
fn a_store_that_is_locked_leaves_nothing_behind() {
    let server = server();
    add_users(&server, &["ann"]);
    publish(&server, "ann", "");
    let other = store(&server);
    other
        .execute_batch("BEGIN IMMEDIATE")
        .expect("nobody writes");
    fails(&server);
    other.execute_batch("ROLLBACK").expect("it was begun");
    assert_eq!(is_whole(&server), 1);
    publish(&server, "ann", "");
    assert_eq!(is_whole(&server), 2);
}

#[test]
fn a_folder_that_is_gone_fails_uploads_alone() {
    let server = server();
    add_users(&server, &["ann"]);
    publish(&server, "ann", "");
    let (folder, aside) = (server.data().join("pictures"), server.data().join("aside"));
    fs::rename(&folder, &aside).unwrap();
    fails(&server);
    assert_eq!(feed(&server, "ann", &json!({})).len(), 1);
    assert_eq!(get(&server, "/uploads/1.jpeg").status, 404);
    fs::rename(&aside, &folder).unwrap();
    assert_eq!(is_whole(&server), 1);
}
