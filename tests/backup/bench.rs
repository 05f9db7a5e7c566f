//! What the tests of backups share: the two commands, and a folder to work in.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::rig::Server;

/// A folder with a place for an archive and one for a data directory.
pub(crate) struct Bench(TempDir);

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench(tempfile::tempdir().expect("a temporary directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Where archives go.
    pub(crate) fn file(&self) -> PathBuf {
        self.path("backup.tar")
    }

    /// Where they are restored to.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }
}

/// Runs the binary, with no variables.
pub(crate) fn pairline(args: &[&OsStr]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pairline"))
        .env_clear()
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the binary starts")
}

fn command(name: &str, file: &Path, data: &Path, more: &[&str]) -> Output {
    let mut args = vec![name.as_ref(), file.as_os_str()];
    args.extend(["--data".as_ref(), data.as_os_str()]);
    args.extend(more.iter().map(OsStr::new));
    pairline(&args)
}

/// `pairline backup FILE --data DIR`
pub(crate) fn backup(data: &Path, file: &Path, more: &[&str]) -> Output {
    command("backup", file, data, more)
}

/// `pairline restore FILE --data DIR`
pub(crate) fn restore(file: &Path, data: &Path, more: &[&str]) -> Output {
    command("restore", file, data, more)
}

/// It exited with 0 and complained of nothing; what it said.
#[track_caller]
pub(crate) fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""));
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// It exited with 71 and said all of this.
#[track_caller]
pub(crate) fn refused(output: &Output, parts: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(71), "{said}");
    assert_eq!(output.stdout, b"", "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} not in {said}");
    }
}

/// What lies in a folder, in order.
#[track_caller]
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
    let mut names: Vec<_> = entries
        .map(|entry| name(entry).into_string().expect("plain names"))
        .collect();
    names.sort();
    names
}

/// The store of a data directory.
#[track_caller]
pub(crate) fn store(data: &Path) -> Connection {
    let store = Connection::open(data.join("pairline.db")).expect("there is a store");
    store
        .busy_timeout(std::time::Duration::from_secs(30))
        .expect("it is set");
    store
}

/// Puts a user into the store beside its server.
#[track_caller]
pub(crate) fn add_user(data: &Path, name: &str) {
    store(data)
        .execute(
            "INSERT INTO users (id, tel, nickname, gender, birthday, pic_id, location, words, registered)
             VALUES (?1, ?1, ?1, 'F', '', '', '', '', 0)",
            [name],
        )
        .expect("there is room for a user");
}

/// Who is in the store.
#[track_caller]
pub(crate) fn users(data: &Path) -> Vec<String> {
    let store = store(data);
    let mut statement = store
        .prepare("SELECT id FROM users ORDER BY id")
        .expect("there are users");
    let names = statement.query_map([], |row| row.get(0));
    let names: Result<_, _> = names.expect("they are read").collect();
    names.expect("they are read")
}

/// The archive of a server that has ended, with one user.
#[track_caller]
pub(crate) fn archive_of(bench: &Bench, user: &str) -> PathBuf {
    let mut server = Server::start(1);
    add_user(server.data(), user);
    server.term();
    server.wait_exit();
    done(&backup(server.data(), &bench.file(), &[]));
    bench.file()
}
