//! Pictures and the rows that name them.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use crate::bench::{Bench, add_user, backup, done, restore, store};
use crate::rig::Server;

/// A server's data directory with a user who can own pictures.
fn prepare(server: &Server) {
    add_user(server.data(), "ann");
    fs::create_dir_all(server.data().join("pictures")).expect("the data directory is ours");
    store(server.data())
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS pictures (
                 id        INTEGER PRIMARY KEY AUTOINCREMENT,
                 owner_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
                 ext       TEXT NOT NULL,
                 words     TEXT NOT NULL,
                 published INTEGER NOT NULL
             ) STRICT",
        )
        .expect("the data directory is ours");
}

fn files(data: &Path, id: i64) -> [std::path::PathBuf; 2] {
    ["png", "thumb.jpeg"].map(|end| data.join(format!("pictures/{id}.{end}")))
}

/// As a server does: the files, then the row.
fn add(data: &Path, store: &Connection, id: i64) {
    for file in files(data, id) {
        fs::write(
            &file,
            file.file_name()
                .expect("the data directory is ours")
                .as_encoded_bytes(),
        )
        .expect("the data directory is ours");
    }
    store
        .execute(
            "INSERT INTO pictures (id, owner_key, ext, words, published)
             SELECT ?1, key, 'png', '', 0 FROM users",
            [id],
        )
        .expect("the data directory is ours");
}

/// As a server does: the row, then the files.
fn take_away(data: &Path, store: &Connection, id: i64) {
    store
        .execute("DELETE FROM pictures WHERE id = ?1", [id])
        .expect("the data directory is ours");
    for file in files(data, id) {
        fs::remove_file(file).expect("the data directory is ours");
    }
}

/// The pictures of a data directory, each of which is there.
#[track_caller]
fn whole_pictures(data: &Path) -> Vec<i64> {
    let store = store(data);
    let mut rows = store
        .prepare("SELECT id FROM pictures ORDER BY id")
        .expect("the data directory is ours");
    let ids: Vec<i64> = rows
        .query_map([], |row| row.get(0))
        .expect("the data directory is ours")
        .map(|row| row.expect("the data directory is ours"))
        .collect();
    for file in ids.iter().flat_map(|id| files(data, *id)) {
        let name = file
            .file_name()
            .expect("the data directory is ours")
            .as_encoded_bytes();
        assert_eq!(
            fs::read(&file).expect("the data directory is ours"),
            name,
            "{}",
            file.display()
        );
    }
    ids
}

#[test]
fn every_picture_that_a_row_names_is_in_it() {
    let bench = Bench::new();
    let server = Server::start(1);
    prepare(&server);
    let data = server.data();
    let (newest, ended) = (AtomicI64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let store = store(data);
            // Each picture lives for half a second, or a little more.
            for id in 1.. {
                thread::sleep(Duration::from_millis(10));
                add(data, &store, id);
                newest.store(id, Ordering::Relaxed);
                if id > 50 {
                    take_away(data, &store, id - 50);
                }
                if ended.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        for round in 0..8 {
            while newest.load(Ordering::Relaxed) < 60 * (round + 1) {
                thread::sleep(Duration::from_millis(5));
            }
            let restored = bench.path(&format!("data{round}"));
            done(&backup(data, &bench.file(), &["--force"]));
            done(&restore(&bench.file(), &restored, &[]));
            let kept = whole_pictures(&restored).len();
            assert!(kept >= 49, "{kept}");
        }
        ended.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_picture_that_has_lost_its_file_is_told_and_keeps_nobody_from_a_backup() {
    let bench = Bench::new();
    let server = Server::start(1);
    prepare(&server);
    let store = store(server.data());
    for id in 1..=3 {
        add(server.data(), &store, id);
    }
    fs::remove_file(&files(server.data(), 2)[0]).unwrap();
    for output in [
        backup(server.data(), &bench.file(), &[]),
        restore(&bench.file(), &bench.data(), &[]),
    ] {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(
            said.contains("lost its file") && said.contains("2.png"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    for id in [1, 3] {
        assert!(files(&bench.data(), id).iter().all(|file| file.exists()));
    }
}

#[test]
fn what_no_row_names_is_left_out() {
    let bench = Bench::new();
    let server = Server::start(1);
    prepare(&server);
    add(server.data(), &store(server.data()), 1);
    for stray in ["2.png", "3.png.part", "notes.txt"] {
        fs::write(server.data().join("pictures").join(stray), "").unwrap();
    }
    done(&backup(server.data(), &bench.file(), &[]));
    done(&restore(&bench.file(), &bench.data(), &[]));
    let kept = crate::bench::names(&bench.data().join("pictures"));
    assert_eq!(kept, ["1.png", "1.thumb.jpeg"]);
    assert_eq!(whole_pictures(&bench.data()), [1]);
}
