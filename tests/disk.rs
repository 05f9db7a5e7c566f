//! The disk through the real binary: what is kept survives, and a disk that
//! fails stops no talk.

pub mod rig;

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rig::{Handset, PATIENCE, Samples, Server, Setup};
use rusqlite::{Connection, OpenFlags};

const FAILING: &str = "ready, but the store is failing\n";

/// Everything sent so far has been acted on: lines are, one after the other.
/// Nobody has been met meanwhile.
#[track_caller]
fn acted_on(handset: &mut Handset) {
    handset.send_line("");
    loop {
        let line = handset.expect_line();
        assert!(!line.starts_with("5#"), "{line}");
        if line.is_empty() {
            return;
        }
    }
}

/// `a` refuses `b`; acted on when this returns.
#[track_caller]
fn refuse(server: &Server, a: &str, b: &str) {
    let (mut woman, mut man) = rig::pair(server, a, b);
    woman.refuse(b, "no");
    assert_eq!(man.expect_past_waits(9)["endmessage"], "no");
    acted_on(&mut woman);
}

/// The two would be matched, if nothing kept them apart. They have left when
/// this returns.
#[track_caller]
fn are_kept_apart(server: &Server, a: &str, b: &str) {
    let (mut woman, mut man) = (Handset::connect(server), Handset::connect(server));
    woman.join(a, "F", "M");
    woman.expect(2);
    man.join(b, "M", "F");
    man.expect(2);
    for handset in [&mut woman, &mut man] {
        handset.leave();
        acted_on(handset);
    }
}

#[track_caller]
fn readyz(server: &Server) -> String {
    let (status, text) = rig::http_get(server.http, "/readyz");
    assert_eq!(status, 200, "{text}");
    text
}

/// The store fails: that is said everywhere, and the chat goes on.
#[track_caller]
fn is_failing(server: &Server) {
    Samples::wait(server, |now| now.get(STORE_ERRORS) > 0.0);
    server.wait_log("cannot write to the store");
    assert_eq!(readyz(server), FAILING);
    let (mut eve, mut sam) = rig::pair(server, "eve", "sam");
    eve.talk("sam", "all is well");
    assert_eq!(sam.expect_past_waits(6)["msg"], "all is well");
}

/// The store is tried again at longer and longer intervals.
#[track_caller]
fn is_well_again(server: &Server) {
    let until = Instant::now() + 4 * PATIENCE;
    while readyz(server) == FAILING {
        assert!(Instant::now() < until, "the store never writes again");
        thread::sleep(Duration::from_millis(10));
    }
    server.wait_log("the store writes again");
}

const STORE_ERRORS: &str = "pairline_errors_total{error=\"store\"}";

#[test]
fn what_was_acted_on_survives_sigkill_a_second_later() {
    rig::both(|cores| {
        let server = Server::start(cores);
        refuse(&server, "ann", "bob");
        let (mut cat, dan) = rig::pair(&server, "cat", "dan");
        drop(dan);
        cat.expect_past_waits(9);
        cat.last_word("dan", "first");
        cat.last_word("dan", "second");
        acted_on(&mut cat);
        server.write_down();

        let server = server.again();
        are_kept_apart(&server, "ann", "bob");
        are_kept_apart(&server, "bob", "ann");
        let mut dan = Handset::connect(&server);
        dan.join("dan", "M", "F");
        for text in ["first", "second"] {
            let word = dan.expect(9);
            assert_eq!(
                (&word["youId"], &word["endmessage"]),
                (&"cat".into(), &text.into())
            );
        }
        dan.expect(2);
        acted_on(&mut dan);
        server.write_down();

        // A stored word is delivered once.
        let server = server.again();
        let mut dan = Handset::connect(&server);
        dan.join("dan", "M", "F");
        dan.expect(2);
    });
}

/// No more space, as a limit on the size of files.
#[test]
fn a_disk_that_takes_no_more_stops_no_talk() {
    let server = Server::start(2);
    refuse(&server, "ann", "bob");
    server.write_down();
    server.limit_files("4096");
    refuse(&server, "cat", "dan");
    is_failing(&server);

    server.limit_files("unlimited");
    is_well_again(&server);
    let server = server.again();
    are_kept_apart(&server, "ann", "bob");
    are_kept_apart(&server, "cat", "dan");
}

/// What cannot be written down at the end is not lost without a word.
#[test]
fn a_stop_tells_what_could_not_be_written() {
    let mut server = Server::start(1);
    server.limit_files("4096");
    refuse(&server, "ann", "bob");
    server.wait_log("cannot write to the store");
    server.term();
    assert_eq!(server.wait_exit().code(), Some(1));
    server.wait_log("not everything could be written down");
}

/// No more space, as a small file system of its own.
#[test]
fn a_full_disk_stops_no_talk() {
    let setup = Setup::new(1);
    let data = setup.data().to_str().expect("a plain path").to_owned();
    let mount = format!("mount -t tmpfs -o size=512k tmpfs '{data}' && exec \"$@\"");
    let through = ["unshare", "-m", "sh", "-c", &mount, "sh"];
    if !may_mount() {
        eprintln!("SKIPPED: a file system of its own needs root's rights");
        return;
    }
    let server = setup.through(&through).start();
    let data = PathBuf::from(format!("/proc/{}/root{data}", server.pid()));
    refuse(&server, "ann", "bob");
    wait_for_refusals(&data, 1);
    let filler = data.join("filler");
    fill(&filler);
    refuse(&server, "cat", "dan");
    is_failing(&server);

    fs::remove_file(filler).expect("it is there");
    is_well_again(&server);
    wait_for_refusals(&data, 2);
}

fn may_mount() -> bool {
    let root = fs::metadata("/proc/self").expect("/proc is there").uid() == 0;
    let tried = Command::new("unshare")
        .args(["-m", "mount", "-t", "tmpfs", "x", "/tmp"])
        .status();
    root && tried.is_ok_and(|status| status.success())
}

fn fill(path: &Path) {
    let mut filler = File::create(path).expect("a last file");
    let some = [0; 1024];
    while filler.write_all(&some).is_ok() {}
}

/// Looks at a copy: SQLite follows the links of /proc, out of the file system
/// that only the server sees.
#[track_caller]
fn wait_for_refusals(data: &Path, wanted: i64) {
    let mut found = 0;
    for _ in 0..500 {
        let copy = tempfile::tempdir().expect("a temporary directory");
        for name in ["pairline.db", "pairline.db-wal"] {
            fs::copy(data.join(name), copy.path().join(name)).expect("it is there");
        }
        found = open(copy.path())
            .query_row("SELECT count(*) FROM refusals", [], |row| row.get(0))
            .expect("it can be read");
        if found == wanted {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{found} refusals on disk, not {wanted}");
}

fn open(data: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    Connection::open_with_flags(data.join("pairline.db"), flags).expect("it is there")
}

#[test]
fn a_lock_of_another_process_is_waited_for() {
    let server = Server::start(2);
    let other = open(server.data());
    other
        .execute_batch("BEGIN IMMEDIATE")
        .expect("nobody writes");
    refuse(&server, "ann", "bob");
    is_failing(&server);
    other.execute_batch("ROLLBACK").expect("it was begun");
    drop(other);
    is_well_again(&server);
    let server = server.again();
    are_kept_apart(&server, "ann", "bob");
}

/// The file is gone, not only full: nothing that is written would be found.
#[test]
fn a_deleted_data_directory_stops_no_talk() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let (data, aside) = (place.path().join("data"), place.path().join("aside"));
    let server = Setup::new(2).data_at(&data).start();
    fs::rename(&data, &aside).expect("it is ours");
    refuse(&server, "ann", "bob");
    is_failing(&server);

    // Put back, it is as if nothing had been.
    fs::rename(&aside, &data).expect("it is ours");
    is_well_again(&server);
    refuse(&server, "cat", "dan");
    server.write_down();
    fs::remove_dir_all(&data).expect("it is ours");
    rig::pair(&server, "kim", "tom");
    refuse(&server, "una", "vic");
    Samples::wait(&server, |_| readyz(&server) == FAILING);
}
