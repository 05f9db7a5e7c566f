//! Pictures and the rows that name them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::bench::{Bench, backup, done, names, restore, store};
use crate::rig::Setup;
use crate::rig::users::{Town, User};

/// A server with somebody who publishes pictures.
fn town() -> (Town, User) {
    let town = Town::start(Setup::new(1));
    let user = town.register("+8613800000001", "Ann", "F");
    (town, user)
}

fn files(data: &Path, id: &str) -> [PathBuf; 2] {
    ["jpeg", "thumb.jpeg"].map(|end| data.join(format!("pictures/{id}.{end}")))
}

/// The pictures of a data directory, each of which is there.
#[track_caller]
fn whole_pictures(data: &Path) -> Vec<String> {
    let store = store(data);
    let mut rows = store
        .prepare("SELECT CAST(id AS TEXT) FROM pictures ORDER BY id")
        .expect("there are pictures");
    let ids: Vec<String> = rows
        .query_map([], |row| row.get(0))
        .expect("they are read")
        .map(|row| row.expect("they are read"))
        .collect();
    for file in ids.iter().flat_map(|id| files(data, id)) {
        assert!(image::open(&file).is_ok(), "{}", file.display());
    }
    ids
}

#[test]
fn every_picture_that_a_row_names_is_in_it() {
    const ALIVE: usize = 20;
    let bench = Bench::new();
    let (town, user) = town();
    let data = town.server.data();
    let (published, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut alive = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                alive.push(town.publish(&user));
                if alive.len() > ALIVE {
                    town.done(json!({
                        "type": "picture_delete_request", "token": user.token,
                        "picture_id": alive.remove(0),
                    }));
                }
                published.fetch_add(1, Ordering::Relaxed);
            }
        });
        for round in 0..5 {
            while published.load(Ordering::Relaxed) < (ALIVE + 5) * (round + 1) {
                thread::sleep(Duration::from_millis(5));
            }
            let restored = bench.path(&format!("data{round}"));
            done(&backup(data, &bench.file(), &["--force"]));
            done(&restore(&bench.file(), &restored, &[]));
            let kept = whole_pictures(&restored).len();
            assert!([ALIVE, ALIVE + 1].contains(&kept), "{kept}");
        }
        ended.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_restored_picture_is_served() {
    let bench = Bench::new();
    let (town, user) = town();
    let id = town.publish(&user);
    done(&backup(town.server.data(), &bench.file(), &[]));
    drop(town);
    let said = done(&restore(&bench.file(), &bench.data(), &[]));
    assert!(said.ends_with("data: 1 pictures and the store\n"), "{said}");
    let server = Setup::new(1).data_at(&bench.data()).start();
    for name in [format!("{id}.jpeg"), format!("{id}.thumb.jpeg")] {
        let path = format!("/uploads/{name}");
        let served = crate::rig::http::Request::new("GET", &path).send(server.http);
        let file = fs::read(bench.data().join("pictures").join(name)).unwrap();
        assert_eq!((served.status, served.body), (200, file), "{path}");
    }
    let mine = json!({"type": "picture_info_request", "token": user.token});
    let feed = crate::rig::http::done(&server, mine);
    assert_eq!(feed["information"][0]["picture_id"], id);
}

#[test]
fn a_picture_that_has_lost_its_file_is_told_and_keeps_nobody_from_a_backup() {
    let bench = Bench::new();
    let (town, user) = town();
    let ids = [(); 3].map(|()| town.publish(&user));
    let [lost, _] = files(town.server.data(), &ids[1]);
    fs::remove_file(&lost).unwrap();
    let name = lost.file_name().unwrap().to_str().unwrap();
    for output in [
        backup(town.server.data(), &bench.file(), &[]),
        restore(&bench.file(), &bench.data(), &[]),
    ] {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(
            said.contains("lost its file") && said.contains(name),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    for id in [&ids[0], &ids[2]] {
        assert!(files(&bench.data(), id).iter().all(|file| file.exists()));
    }
}

#[test]
fn what_no_row_names_is_left_out() {
    let bench = Bench::new();
    let (town, user) = town();
    let id = town.publish(&user);
    let data = town.server.data();
    for stray in ["77.png", "78.png.part", "notes.txt"] {
        fs::write(data.join("pictures").join(stray), "").unwrap();
    }
    done(&backup(data, &bench.file(), &[]));
    done(&restore(&bench.file(), &bench.data(), &[]));
    let kept = names(&bench.data().join("pictures"));
    assert_eq!(kept, [format!("{id}.jpeg"), format!("{id}.thumb.jpeg")]);
    assert_eq!(whole_pictures(&bench.data()), [id]);
}
