use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proptest::prelude::*;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{FILE_NAME, OpenError, Sqlite, open};
use crate::engine::durable::{Loaded, Word, Write};
use crate::engine::ids::Time;
use crate::limits::{REPORTS_KEPT_FOR, WORDS_KEPT_FOR};
use crate::store::{Store, StoreError};

const NOW: Time = Time(1_790_000_000_000_000_000);

fn room() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(FILE_NAME);
    (dir, file)
}

fn word(id: u64, text: &str) -> Word {
    Word {
        id,
        to: "penny".into(),
        from: "leonard".into(),
        nickname: "Leo\0\"nard\u{1f600}".into(),
        text: text.into(),
        talk: u64::MAX - id,
        said: NOW,
    }
}

fn refuse(by: &str, whom: &str) -> Write {
    Write::Refuse {
        by: by.into(),
        whom: whom.into(),
    }
}

fn refusal(dir: &Path) -> OpenError {
    open(dir).map(|_| ()).unwrap_err()
}

/// A file as a version before the queue of reports left it.
fn old_file(dir: &Path, file: &Path) {
    drop(open(dir).unwrap());
    fs::remove_file(file).unwrap();
    let connection = Connection::open(file).unwrap();
    for migration in [
        include_str!("0001_refusals_and_words.sql"),
        include_str!("0002_accounts.sql"),
        include_str!("0003_pictures.sql"),
    ] {
        connection.execute_batch(migration).unwrap();
    }
    let rows = "PRAGMA application_id = 0x70616972; PRAGMA user_version = 3;
         INSERT INTO reports VALUES (3, 'u1', 'user', 'u2', 'rude', 100);
         INSERT INTO reports VALUES (5, 'u1', 'talk', '77', 'rude', 200);";
    connection.execute_batch(rows).unwrap();
}

#[test]
fn old_reports_are_open_ones_of_the_queue() {
    let (dir, file) = room();
    old_file(dir.path(), &file);
    let store = open(dir.path()).unwrap();
    let sql = "SELECT key || by_id || kind || about || whom_id || at FROM reports
               WHERE resolved IS NULL AND evidence = '' AND outcome = '' ORDER BY key";
    let mut rows = store.raw().prepare(sql).unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    let rows: Vec<String> = rows.map(Result::unwrap).collect();
    assert_eq!(rows, ["3u1useru2u2100", "5u1talk77200"]);
}

#[test]
fn reports_and_their_pictures_go_long_after_they_were_dealt_with() {
    let (dir, _) = room();
    let mut store = open(dir.path()).unwrap();
    let now = NOW.seconds();
    let rows = format!(
        "INSERT INTO reports (by_id, kind, about, whom_id, reason, evidence, at, resolved)
         VALUES ('a', 'picture', '1', 'b', 'x', '', 1, {now}),
                ('a', 'picture', '2', 'b', 'x', '', 1, NULL);
         INSERT INTO evidence VALUES (1, 'jpeg', 'b', ''), (2, 'png', 'b', '');"
    );
    store.raw().execute_batch(&rows).unwrap();
    let left = |store: &Sqlite| {
        let sql = "SELECT (SELECT count(*) FROM reports) || (SELECT count(*) FROM evidence)";
        let count = store.raw().query_row(sql, [], |row| row.get(0));
        count.unwrap()
    };
    let mut purge = |later: Duration| {
        store.purge(NOW + later).unwrap();
        left(&store)
    };
    let whole: String = purge(REPORTS_KEPT_FOR);
    assert_eq!(whole, "22");
    let less: String = purge(REPORTS_KEPT_FOR + Duration::from_secs(1));
    assert_eq!(less, "11", "what is open stays");
}

#[test]
fn bans_are_loaded_as_they_stand_for_each_id() {
    let (dir, _) = room();
    let mut store = open(dir.path()).unwrap();
    let now = NOW.seconds();
    let rows = format!(
        "INSERT INTO users VALUES (1, 'u1', '+861', 'n', 'F', '', '', '', '', 0);
         INSERT INTO bans (kind, subject, reason, since, until, lifted) VALUES
         ('user', 'mary', '', 0, {forever}, NULL), ('user', 'john', '', 0, {now}, NULL),
         ('user', 'eve', '', 0, {forever}, 5), ('tel', '+861', '', 0, {now} + 9, NULL),
         ('user', 'u1', '', 0, {now} + 5, NULL), ('tel', '+862', '', 0, {forever}, NULL);",
        forever = i64::MAX
    );
    store.raw().execute_batch(&rows).unwrap();
    let bans = store.load(NOW).unwrap().bans;
    let later = Time((now + 9) * 1_000_000_000);
    assert_eq!(bans, [("mary".into(), Time::NEVER), ("u1".into(), later)]);
}

#[test]
fn what_was_applied_is_there_after_a_new_start() {
    let (dir, _) = room();
    let nested = dir.path().join("made/on/the/way");
    let mut store = open(&nested).unwrap();
    assert_eq!(
        fs::metadata(&nested).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(store.load(NOW).unwrap(), Loaded::default());
    let high = word(u64::MAX, "the last id there is");
    store
        .apply(&[
            Write::Keep(high.clone()),
            refuse("a", "b"),
            Write::Keep(word(2, "bye")),
        ])
        .unwrap();
    store
        .apply(&[Write::Keep(word(1, "")), refuse("b", "a")])
        .unwrap();
    drop(store);

    let loaded = open(&nested).unwrap().load(NOW).unwrap();
    assert_eq!(loaded.words, [word(1, ""), word(2, "bye"), high]);
    assert_eq!(
        loaded.refusals,
        [("a".into(), "b".into()), ("b".into(), "a".into())]
    );
}

#[test]
fn what_was_applied_is_there_after_a_kill() {
    let (dir, file) = room();
    let mut store = open(dir.path()).unwrap();
    store.apply(&[refuse("a", "b")]).unwrap();
    // What a killed process leaves is what lies there before the close.
    let (left, copy) = room();
    fs::copy(&file, &copy).unwrap();
    fs::copy(file.with_extension("db-wal"), copy.with_extension("db-wal")).unwrap();
    let loaded = open(left.path()).unwrap().load(NOW).unwrap();
    assert_eq!(loaded.refusals, [("a".into(), "b".into())]);
}

#[test]
fn what_is_said_twice_stands_once() {
    let (dir, _) = room();
    let mut store = open(dir.path()).unwrap();
    let writes = [
        refuse("a", "b"),
        Write::Keep(word(1, "first")),
        Write::Keep(word(1, "not this one")),
        Write::Keep(word(2, "gone")),
        Write::Forget(vec![2, 2, 77]),
    ];
    store.apply(&writes).unwrap();
    let once = store.load(NOW).unwrap();
    assert_eq!(once.words, [word(1, "first")]);
    store.apply(&writes).unwrap();
    assert_eq!(store.load(NOW).unwrap(), once);
}

#[test]
fn a_batch_counts_as_a_whole() {
    let (dir, _) = room();
    let mut store = open(dir.path()).unwrap();
    store.raw().execute_batch(
        "CREATE TRIGGER no BEFORE INSERT ON words WHEN new.text = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END;",
    ).unwrap();
    let writes = [refuse("a", "b"), Write::Keep(word(1, "bad"))];
    let error = store.apply(&writes).unwrap_err();
    assert!(matches!(error, StoreError::Refused(_)), "{error}");
    assert_eq!(store.load(NOW).unwrap(), Loaded::default());
    store.apply(&writes[..1]).unwrap();
}

#[test]
fn words_grow_old_after_a_week() {
    let (dir, _) = room();
    let mut store = open(dir.path()).unwrap();
    store.apply(&[Write::Keep(word(1, "old"))]).unwrap();
    let week = NOW + WORDS_KEPT_FOR;
    let later = week + Duration::from_nanos(1);
    assert_eq!(store.load(week).unwrap().words.len(), 1);
    assert_eq!(store.load(later).unwrap().words, []);
    assert_eq!(store.purge(week).unwrap(), 0);
    assert_eq!(store.load(NOW).unwrap().words.len(), 1);
    assert_eq!(store.purge(later).unwrap(), 1);
    assert_eq!(store.load(NOW).unwrap().words, []);
    // Early in the epoch nothing underflows.
    assert_eq!(store.purge(Time(5)).unwrap(), 0);
}

#[test]
fn two_servers_cannot_share_a_directory() {
    let (dir, _) = room();
    let store = open(dir.path()).unwrap();
    let error = refusal(dir.path());
    let us = std::process::id();
    assert!(matches!(error, OpenError::Locked { pid: Some(pid), .. } if pid == us));
    assert!(error.to_string().contains("--data"), "{error}");
    drop(store);
    open(dir.path()).unwrap();
}

#[test]
fn a_lock_file_left_behind_is_no_lock() {
    let (dir, _) = room();
    fs::write(dir.path().join("pairline.lock"), "1\n and much more text").unwrap();
    open(dir.path()).unwrap();
}

#[test]
fn a_directory_that_cannot_be_is_named() {
    let (dir, _) = room();
    let file = dir.path().join("a file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = refusal(&path);
        assert!(matches!(error, OpenError::NotWritable { .. }), "{error}");
        assert!(error.to_string().contains("a file"), "{error}");
    }
}

#[test]
fn a_database_that_is_a_directory_is_named() {
    let (dir, file) = room();
    fs::create_dir(file).unwrap();
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error}");
    assert!(error.to_string().contains(FILE_NAME), "{error}");
}

#[test]
fn what_is_no_database_is_left_alone() {
    for content in [
        &b"x"[..],
        b"hello, I am a letter",
        &[0; 5000],
        &[b'x'; 8192],
    ] {
        let (dir, file) = room();
        fs::write(&file, content).unwrap();
        let error = refusal(dir.path());
        assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
        assert_eq!(fs::read(&file).unwrap(), content, "{error}");
    }
}

#[test]
fn an_empty_file_is_a_new_start() {
    let (dir, file) = room();
    fs::write(&file, "").unwrap();
    open(dir.path()).unwrap();
}

#[test]
fn another_programs_database_is_left_alone() {
    let (dir, file) = room();
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);")
        .unwrap();
    drop(other);
    let before = fs::read(&file).unwrap();
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

/// A closed store with some pages in it, and its bytes.
fn filled(dir: &Path, file: &Path) -> Vec<u8> {
    let mut store = open(dir).unwrap();
    let text = "x".repeat(500);
    let writes: Vec<Write> = (0..200).map(|id| Write::Keep(word(id, &text))).collect();
    store.apply(&writes).unwrap();
    drop(store);
    fs::read(file).unwrap()
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let (dir, file) = room();
    let whole = filled(dir.path(), &file);
    let pages = whole.len() / 4096;
    assert!(pages > 8);
    let mut scribbled = whole.clone();
    scribbled[4096 * 2..].fill(0xa5);
    let cut = whole[..4096 * (pages / 2)].to_vec();
    let stumps = [20, 150, 4000].map(|bytes| whole[..bytes].to_vec());
    for damaged in [scribbled, cut].into_iter().chain(stumps) {
        fs::write(&file, &damaged).unwrap();
        let error = refusal(dir.path());
        assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains("backup"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), damaged);
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(
        open(dir.path()).unwrap().load(NOW).unwrap().words.len(),
        200
    );
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (dir, file) = room();
    let store = open(dir.path()).unwrap();
    store.raw().pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let before = fs::read(&file).unwrap();
    let error = refusal(dir.path());
    assert!(
        matches!(
            error,
            OpenError::TooNew { found: 99, known, .. } if known < 99
        ),
        "{error}"
    );
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn commits_are_synced_to_a_wal() {
    let (dir, _) = room();
    let store = open(dir.path()).unwrap();
    let pragma = |name| -> String {
        store
            .raw()
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)");
    assert_eq!(pragma("foreign_keys"), "Integer(1)");
    assert_eq!(pragma("busy_timeout"), "Integer(1000)");
}

#[test]
fn a_full_disk_may_pass() {
    let (dir, _) = room();
    let mut store = open(dir.path()).unwrap();
    store.shrink_disk(8);
    let long = "x".repeat(1000);
    let mut id = 0;
    let error = loop {
        id += 1;
        assert!(id < 1000, "eight pages never fill");
        if let Err(error) = store.apply(&[Write::Keep(word(id, &long))]) {
            break error;
        }
    };
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    let words = store.load(NOW).unwrap().words.len() as u64;
    assert_eq!(words, id - 1);
    store.shrink_disk(u32::MAX - 1);
    store.apply(&[Write::Keep(word(id, &long))]).unwrap();
}

#[test]
fn another_process_with_the_file_may_pass() {
    let (dir, file) = room();
    let mut store = open(dir.path()).unwrap();
    let shell = Connection::open(&file).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.apply(&[refuse("a", "b")]).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    shell.execute_batch("ROLLBACK").unwrap();
    store.apply(&[refuse("a", "b")]).unwrap();
}

/// What a store is, with nothing clever about it.
#[derive(Default)]
struct Model {
    refusals: BTreeSet<(Box<str>, Box<str>)>,
    words: BTreeMap<u64, Word>,
}

impl Model {
    fn apply(&mut self, writes: &[Write]) {
        for write in writes.iter().cloned() {
            match write {
                Write::Refuse { by, whom } => {
                    self.refusals.insert((by, whom));
                }
                Write::Keep(word) => {
                    self.words.entry(word.id).or_insert(word);
                }
                Write::Forget(ids) => self.words.retain(|id, _| !ids.contains(id)),
            }
        }
    }

    fn load(&self, now: Time) -> Loaded {
        Loaded {
            blocks: Vec::new(),
            bans: Vec::new(),
            refusals: self.refusals.iter().cloned().collect(),
            words: self
                .words
                .values()
                .filter(|w| fresh(w, now))
                .cloned()
                .collect(),
        }
    }

    fn purge(&mut self, now: Time) {
        self.words.retain(|_, word| fresh(word, now));
    }
}

fn fresh(word: &Word, now: Time) -> bool {
    now.since(word.said) <= WORDS_KEPT_FOR
}

#[derive(Clone, Debug)]
enum Step {
    Apply(Vec<Write>),
    Purge(Time),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec(write(), 0..8).prop_map(Step::Apply),
        1 => moment().prop_map(Step::Purge),
        1 => Just(Step::Reopen),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    let user = || prop_oneof!["[ab\u{0}]{1,2}", any::<String>()].prop_map(String::into_boxed_str);
    let word = (
        id(),
        user(),
        user(),
        any::<String>(),
        any::<u64>(),
        moment(),
    );
    prop_oneof![
        (user(), user()).prop_map(|(by, whom)| Write::Refuse { by, whom }),
        word.prop_map(|(id, to, from, text, talk, said)| Write::Keep(Word {
            id,
            to,
            nickname: from.clone(),
            from,
            text: text.into(),
            talk,
            said,
        })),
        prop::collection::vec(id(), 0..4).prop_map(Write::Forget),
    ]
}

fn id() -> impl Strategy<Value = u64> {
    prop_oneof![0..8u64, u64::MAX - 3..=u64::MAX]
}

fn moment() -> impl Strategy<Value = Time> {
    (0..20u64).prop_map(|days| NOW + Duration::from_secs(days * 24 * 3600))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_its_model(steps in prop::collection::vec(step(), 0..16), now in moment()) {
        let (dir, _) = room();
        let mut model = Model::default();
        let mut store: Sqlite = open(dir.path()).unwrap();
        for step in steps {
            match step {
                Step::Apply(writes) => {
                    store.apply(&writes).unwrap();
                    model.apply(&writes);
                }
                Step::Purge(now) => {
                    store.purge(now).unwrap();
                    model.purge(now);
                }
                Step::Reopen => {
                    drop(store);
                    store = open(dir.path()).unwrap();
                }
            }
            prop_assert_eq!(store.load(now).unwrap(), model.load(now));
        }
    }
}
