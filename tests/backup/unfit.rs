//! What is no backup changes nothing, and reaches nothing outside.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};
use tempfile::TempDir;

use crate::bench::{Bench, archive_of, backup, names, refused, restore};
use crate::rig::Server;

/// Refused, and nothing was put anywhere.
#[track_caller]
fn is_unfit(bench: &Bench, archive: &Path, parts: &[&str]) {
    refused(&restore(archive, &bench.data(), &[]), parts);
    assert_eq!(names(&bench.data()), ["pairline.lock"]);
    let data = bench.data();
    let around = names(data.parent().expect("it is made here"));
    assert!(
        !around.iter().any(|name| name.contains("evil")),
        "{around:?}"
    );
}

/// An archive of these entries and their hashes.
struct Made(tar::Builder<Vec<u8>>, String);

impl Made {
    fn new() -> Made {
        Made(tar::Builder::new(Vec::new()), String::new())
    }

    fn entry(mut self, name: &str, kind: EntryType, bytes: &[u8]) -> Made {
        let mut header = Header::new_gnu();
        // The crate's own setter refuses what we want to try.
        header.as_gnu_mut().expect("it is made here").name[..name.len()]
            .copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        if kind == EntryType::Symlink {
            header.set_link_name("/tmp").expect("it is made here");
        }
        header.set_cksum();
        self.0.append(&header, bytes).expect("it is made here");
        let hash: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        self.1 += &format!("{hash}  {name}\n");
        self
    }

    fn file(self, name: &str, bytes: &[u8]) -> Made {
        self.entry(name, EntryType::Regular, bytes)
    }

    fn write(self, bench: &Bench) -> std::path::PathBuf {
        let sums = self.1.clone();
        let whole = self.file("SHA256SUMS", sums.as_bytes());
        fs::write(bench.file(), whole.0.into_inner().expect("it is made here"))
            .expect("it is made here");
        bench.file()
    }
}

/// A store after these statements.
fn a_store(sql: &str) -> Vec<u8> {
    let folder = TempDir::new().expect("it is made here");
    let file = folder.path().join("x");
    Connection::open(&file)
        .expect("it is made here")
        .execute_batch(sql)
        .expect("it is made here");
    fs::read(file).expect("it is made here")
}

#[test]
fn what_is_not_there_is_said() {
    let bench = Bench::new();
    refused(
        &backup(&bench.path("nowhere"), &bench.file(), &[]),
        &["nowhere holds no data", "--data"],
    );
    assert!(names(bench.file().parent().unwrap()).is_empty());
    let server = Server::start(1);
    refused(
        &backup(server.data(), &bench.path("no/such/file"), &[]),
        &["no/such/file cannot be written"],
    );
    refused(
        &restore(&bench.file(), &bench.data(), &[]),
        &["backup.tar cannot be read"],
    );
    assert!(!bench.data().exists());
}

#[test]
fn a_damaged_store_is_not_backed_up() {
    let bench = Bench::new();
    let data = bench.data();
    fs::create_dir(&data).unwrap();
    let damaged = b"SQLite format 3\0 and then nothing of the kind";
    fs::write(data.join("pairline.db"), damaged).unwrap();
    refused(&backup(&data, &bench.file(), &[]), &["is damaged"]);
    fs::write(data.join("pairline.db"), a_store("CREATE TABLE t (x)")).unwrap();
    let foreign = backup(&data, &bench.file(), &[]);
    refused(&foreign, &["another program's SQLite file"]);
    assert_eq!(names(bench.file().parent().unwrap()), ["data"]);
}

#[test]
fn a_part_of_a_backup_is_none() {
    let bench = Bench::new();
    let archive = archive_of(&bench, "ann");
    let whole = fs::read(&archive).unwrap();
    let part = bench.path("part.tar");
    let steps = whole.len() / 24;
    for length in (0..24).map(|step| step * steps).chain([1, 511, 512, 513]) {
        fs::write(&part, &whole[..length]).unwrap();
        is_unfit(&bench, &part, &["part.tar cannot be"]);
    }
    // One byte of what is in it is another.
    for at in [600, 5000, whole.len() / 2] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&part, changed).unwrap();
        is_unfit(&bench, &part, &["is not what was written"]);
    }
    fs::write(
        &part,
        b"no tar at all, but long enough to be one".repeat(100),
    )
    .unwrap();
    is_unfit(&bench, &part, &["part.tar cannot be"]);
}

#[test]
fn no_name_leads_out() {
    let bench = Bench::new();
    for name in [
        "../evil",
        "/tmp/evil",
        "pictures/../../evil",
        "pictures/../evil",
        "./pairline.db",
        "pictures//1.png",
        "pictures/evil.png",
        "pictures/1.exe",
        "pictures/1.png/evil",
        "pictures",
        "pairline.lock",
        "pairline.db-wal",
        "",
    ] {
        let archive = Made::new().file(name, b"x").write(&bench);
        is_unfit(&bench, &archive, &["which no backup does"]);
    }
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Char,
        EntryType::Fifo,
    ] {
        for name in ["pictures/1.png", "pairline.db"] {
            let archive = Made::new().entry(name, kind, b"").write(&bench);
            is_unfit(&bench, &archive, &["which no backup does"]);
        }
    }
    let twice = Made::new()
        .file("pictures/1.png", b"x")
        .file("pictures/1.png", b"x");
    is_unfit(&bench, &twice.write(&bench), &["twice"]);
    is_unfit(&bench, &Made::new().write(&bench), &["no store"]);
    let after = Made::new()
        .file("SHA256SUMS", b"")
        .file("pairline.db", b"x");
    is_unfit(&bench, &after.write(&bench), &["which no backup does"]);
}

#[test]
fn a_store_that_no_server_could_use_is_refused() {
    let bench = Bench::new();
    let ours = "PRAGMA application_id = 0x70616972;";
    let mut broken = a_store(&format!(
        "{ours} PRAGMA user_version = 1; CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(9000))"
    ));
    let middle = broken.len() / 2;
    broken[middle - 2000..middle + 2000].fill(0x5a);
    for (store, why) in [
        (Vec::new(), "it is empty"),
        (b"x".repeat(5000), "no SQLite file"),
        (a_store("CREATE TABLE t (x)"), "another program's"),
        (
            a_store(&format!(
                "{ours} PRAGMA user_version = 9999; CREATE TABLE t (x)"
            )),
            "a newer pairline",
        ),
        (broken, "is damaged"),
    ] {
        let archive = Made::new().file("pairline.db", &store).write(&bench);
        is_unfit(&bench, &archive, &["cannot be restored", why]);
    }
}
