//! Nothing that is there is replaced unless that is asked for, and then it is
//! kept aside.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::bench::{
    Bench, add_user, archive_of, backup, done, names, pairline, refused, restore, users,
};
use crate::rig::Server;

#[test]
fn a_file_that_exists_is_replaced_by_force_alone() {
    let bench = Bench::new();
    let server = Server::start(1);
    fs::write(bench.file(), "dear").unwrap();
    refused(
        &backup(server.data(), &bench.file(), &[]),
        &["backup.tar exists", "--force"],
    );
    assert_eq!(fs::read(bench.file()).unwrap(), b"dear");
    done(&backup(server.data(), &bench.file(), &["--force"]));
    done(&restore(&bench.file(), &bench.data(), &[]));
}

#[test]
fn a_directory_in_use_is_left_alone() {
    let bench = Bench::new();
    let server = Server::start(1);
    done(&backup(server.data(), &bench.file(), &[]));
    for more in [&[][..], &["--force"]] {
        let pid = format!("(process {})", server.pid());
        refused(
            &restore(&bench.file(), server.data(), more),
            &["is in use by another pairline", &pid],
        );
    }
    assert!(
        !names(server.data())
            .iter()
            .any(|name| name.contains("restore"))
    );
}

#[test]
fn data_that_is_there_is_moved_aside_by_force_alone() {
    let bench = Bench::new();
    let archive = archive_of(&bench, "new");
    let mut server = Server::start(1);
    let data = server.data().to_owned();
    add_user(&data, "old");
    fs::create_dir_all(data.join("pictures")).unwrap();
    fs::write(data.join("pictures/77.png"), "old").unwrap();
    fs::write(data.join("notes.txt"), "not ours").unwrap();
    server.kill9();
    refused(
        &restore(&archive, &data, &[]),
        &["holds data already", "--force"],
    );
    assert_eq!(users(&data), ["old"]);

    let said = done(&restore(&archive, &data, &["--force"]));
    let aside = said.lines().next().unwrap();
    let aside = Path::new(aside.strip_prefix("what was there is in ").expect(&said));
    assert_eq!(users(&data), ["new"]);
    assert!(!data.join("pictures/77.png").exists());
    assert!(data.join("notes.txt").exists());
    assert_eq!(users(aside), ["old"]);
    assert_eq!(fs::read(aside.join("pictures/77.png")).unwrap(), b"old");
    let again = server.again();
    assert_eq!(users(again.data()), ["new"]);
}

#[test]
fn the_directory_is_the_one_that_serve_takes() {
    let bench = Bench::new();
    let archive = archive_of(&bench, "ann");
    let config = bench.path("pairline.toml");
    fs::write(&config, format!("data = {:?}\n", bench.data())).unwrap();
    let words = ["restore", archive.to_str().unwrap(), "--config"].map(OsStr::new);
    let words = [words[0], words[1], words[2], config.as_os_str()];
    done(&pairline(&words));
    assert_eq!(users(&bench.data()), ["ann"]);
    fs::write(&config, "dato = 'x'\n").unwrap();
    let output = pairline(&words);
    assert_eq!(output.status.code(), Some(78));
}
