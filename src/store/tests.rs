//! The door: what is told to whoever waits.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tempfile::TempDir;

use super::writer::{Options, Writer};
use super::{Door, Profile, Readers, StoreError, sqlite};
use crate::engine::ids::Time;
use crate::metrics::{Metrics, StoreOp};

struct Rig {
    dir: TempDir,
    metrics: Arc<Metrics>,
    writer: Writer,
    readers: Readers,
    door: Door,
}

fn rig() -> Rig {
    let dir = tempfile::tempdir().unwrap();
    let store = sqlite::open(dir.path()).unwrap();
    let metrics = Arc::new(Metrics::new(1));
    let readers = Readers::start(|| store.reader(), &metrics).unwrap();
    let options = Options::default();
    let writer = Writer::start_with(store, Arc::clone(&metrics), Time(1), options).unwrap();
    let door = Door::new(writer.handle(), readers.handle());
    Rig {
        dir,
        metrics,
        writer,
        readers,
        door,
    }
}

impl Rig {
    /// A user of this number, if nobody else has it.
    async fn add(&self, tel: &str) -> Result<(), StoreError> {
        let tel = tel.to_owned();
        self.door
            .write(move |changes| {
                changes.add_account(&format!("u{tel}"), &tel, &profile(), 1)?;
                Ok(())
            })
            .await
    }

    async fn is_there(&self, tel: &'static str) -> bool {
        let found = self
            .door
            .read(move |reading| Ok::<_, StoreError>(reading.account_by_tel(tel)?.is_some()));
        found.await.unwrap()
    }

    fn stop(self) {
        self.readers.stop();
        assert!(self.writer.stop().all_written());
    }
}

fn profile() -> Profile {
    Profile {
        nickname: "ann".to_owned(),
        gender: "F".to_owned(),
        birthday: String::new(),
        pic_id: String::new(),
        location: String::new(),
        words: String::new(),
    }
}

#[tokio::test]
async fn what_is_answered_is_on_disk() {
    let rig = rig();
    rig.add("1").await.unwrap();
    assert!(rig.is_there("1").await);
    let other = Connection::open(rig.dir.path().join(sqlite::FILE_NAME)).unwrap();
    let users: i64 = other
        .query_row("SELECT count(*) FROM users", [], |row| row.get(0))
        .unwrap();
    assert_eq!(users, 1);
    rig.stop();
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_and_harms_no_neighbour() {
    let rig = rig();
    rig.add("1").await.unwrap();
    let twice = rig.door.write(|changes| {
        changes.add_account("u2", "2", &profile(), 1)?;
        changes.add_account("u3", "1", &profile(), 1)?;
        Ok::<_, StoreError>(())
    });
    let (twice, well) = tokio::join!(twice, rig.add("4"));
    assert!(matches!(twice, Err(StoreError::Refused(_))), "{twice:?}");
    well.unwrap();
    assert!(!rig.is_there("2").await);
    assert!(rig.is_there("4").await);
    rig.stop();
}

#[tokio::test]
async fn changes_that_come_together_share_a_commit() {
    let rig = rig();
    let (stuck, go) = std::sync::mpsc::channel::<()>();
    let first = rig.door.write(move |_| {
        go.recv().unwrap();
        Ok::<_, StoreError>(())
    });
    let commits = || rig.metrics.text();
    let many = async {
        let tels: Vec<String> = (0..100).map(|tel| tel.to_string()).collect();
        let all: Vec<_> = tels.iter().map(|tel| rig.add(tel)).collect();
        let mut all: Vec<_> = all.into_iter().map(Box::pin).collect();
        // Each is queued when it is first looked at.
        for one in &mut all {
            assert!(futures_poll(one.as_mut()).is_none());
        }
        stuck.send(()).unwrap();
        for one in all {
            one.await.unwrap();
        }
    };
    let (first, ()) = tokio::join!(first, many);
    first.unwrap();
    let count = format!(
        "pairline_store_seconds_count{{op=\"{}\"}} ",
        StoreOp::Change.as_str()
    );
    let text = commits();
    let told = text.lines().find_map(|line| line.strip_prefix(&count));
    let told: u64 = told.unwrap().parse().unwrap();
    assert!(told <= 3, "{told} commits");
    rig.stop();
}

/// Looks once at what may not be done yet.
fn futures_poll<T>(one: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match one.poll(&mut context) {
        std::task::Poll::Ready(done) => Some(done),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test]
async fn hooks_run_in_the_order_of_the_changes_that_stand() {
    let rig = rig();
    let heard = Arc::new(Mutex::new(Vec::new()));
    for number in 0..10 {
        let heard = Arc::clone(&heard);
        let done = rig.door.write(move |changes| {
            changes.then(Box::new(move || heard.lock().unwrap().push(number)));
            match number % 3 {
                0 => Err(StoreError::Refused("no".into())),
                _ => Ok(()),
            }
        });
        assert_eq!(done.await.is_ok(), number % 3 != 0);
    }
    assert_eq!(*heard.lock().unwrap(), [1, 2, 4, 5, 7, 8]);
    rig.stop();
}

#[tokio::test]
async fn a_lock_of_another_process_fails_all_who_wait() {
    let rig = rig();
    let other = Connection::open(rig.dir.path().join(sqlite::FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (one, two) = tokio::join!(rig.add("1"), rig.add("2"));
    assert!(matches!(one, Err(StoreError::Unavailable(_))));
    assert!(matches!(two, Err(StoreError::Unavailable(_))));
    assert!(rig.metrics.store().is_failing());
    // What is read is not held up.
    assert!(!rig.is_there("1").await);
    other.execute_batch("ROLLBACK").unwrap();
    rig.add("1").await.unwrap();
    assert!(!rig.metrics.store().is_failing());
    assert!(rig.is_there("1").await);
    rig.stop();
}

#[tokio::test]
async fn a_reader_sees_one_moment() {
    let rig = Arc::new(rig());
    let (seen, go_on) = (Arc::clone(&rig), std::sync::mpsc::channel::<()>());
    let (go, wait) = go_on;
    let look = tokio::spawn(async move {
        seen.door
            .read(move |reading| {
                let before = reading.account_by_tel("1")?.is_some();
                wait.recv().unwrap();
                Ok::<_, StoreError>((before, reading.account_by_tel("1")?.is_some()))
            })
            .await
    });
    tokio::task::yield_now().await;
    // Either it began before, or all of it comes after.
    rig.add("1").await.unwrap();
    go.send(()).unwrap();
    let (before, after) = look.await.unwrap().unwrap();
    assert_eq!(before, after);
}
