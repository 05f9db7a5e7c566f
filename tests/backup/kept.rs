//! What was kept comes back, whatever the server was doing.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::bench::{Bench, add_user, backup, done, names, restore, store, users};
use crate::rig::{self, Server, Setup};

fn refusals(data: &std::path::Path) -> i64 {
    store(data)
        .query_row("SELECT count(*) FROM refusals", [], |row| row.get(0))
        .expect("the store is read")
}

#[test]
fn a_running_servers_data_comes_back() {
    let bench = Bench::new();
    let server = Server::start(1);
    add_user(server.data(), "ann");
    let (mut woman, mut man) = rig::pair(&server, "mary", "john");
    woman.refuse("john", "no");
    man.expect_past_waits(9);
    while refusals(server.data()) == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    let said = done(&backup(server.data(), &bench.file(), &[]));
    assert!(
        said.ends_with("backup.tar: 0 pictures and the store\n"),
        "{said}"
    );
    let mode = bench.file().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(names(bench.file().parent().unwrap()), ["backup.tar"]);

    // What comes after it is not in it.
    add_user(server.data(), "bob");
    drop(server);
    let said = done(&restore(&bench.file(), &bench.data(), &[]));
    assert!(said.ends_with("data: 0 pictures and the store\n"), "{said}");
    assert_eq!(
        names(&bench.data()),
        ["pairline.db", "pairline.lock", "pictures"]
    );
    assert_eq!(users(&bench.data()), ["ann"]);
    assert_eq!(refusals(&bench.data()), 1);
    let again = Setup::new(1).data_at(&bench.data()).start();
    assert_eq!(rig::http_get(again.http, "/readyz").1, "ready\n");
}

#[test]
fn what_a_killed_server_left_in_its_log_is_in_it() {
    let bench = Bench::new();
    let mut server = Server::start(1);
    let data = server.data().to_owned();
    // Nobody has moved the log into the file as long as this is open.
    let open = store(&data);
    add_user(&data, "ann");
    server.kill9();
    assert!(data.join("pairline.db-wal").metadata().unwrap().len() > 0);
    done(&backup(&data, &bench.file(), &[]));
    drop(open);
    done(&restore(&bench.file(), &bench.data(), &[]));
    assert_eq!(users(&bench.data()), ["ann"]);
}

#[test]
fn a_backup_while_others_write_is_of_one_moment() {
    let bench = Bench::new();
    let server = Server::start(1);
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        // Two rows come together, or not at all.
        scope.spawn(|| {
            let mut store = store(server.data());
            let mut number = 0;
            while !ended.load(Ordering::Relaxed) {
                number += 1;
                let both = store.transaction().unwrap();
                for side in ["a", "b"] {
                    let sql = "INSERT INTO refusals (by_id, whom_id) VALUES (?1, ?2)";
                    both.execute(sql, [side, &format!("{number:09}")]).unwrap();
                }
                both.commit().unwrap();
            }
        });
        let mut least = 0;
        for round in 0..5 {
            while refusals(server.data()) <= least {
                thread::sleep(Duration::from_millis(5));
            }
            let data = bench.path(&format!("data{round}"));
            done(&backup(server.data(), &bench.file(), &["--force"]));
            done(&restore(&bench.file(), &data, &[]));
            let found = refusals(&data);
            assert!(found > least && found % 2 == 0, "{found} after {least}");
            least = found;
        }
        ended.store(true, Ordering::Relaxed);
    });
}

#[test]
fn other_tools_can_read_it() {
    let bench = Bench::new();
    let server = Server::start(1);
    done(&backup(server.data(), &bench.file(), &[]));
    let out = bench.path("out");
    std::fs::create_dir(&out).unwrap();
    let unpacked = Command::new("tar")
        .arg("-xf")
        .arg(bench.file())
        .current_dir(&out)
        .status();
    assert!(unpacked.expect("there is a tar").success());
    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(&out)
        .status();
    assert!(checked.expect("there are coreutils").success());
}
