use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::{Options, Stopped, Writer};
use crate::engine::durable::{Loaded, Word, Write};
use crate::engine::ids::Time;
use crate::limits::WORDS_KEPT_FOR;
use crate::metrics::Metrics;
use crate::store::sqlite::{self, Sqlite};
use crate::store::{Job, Store, StoreError};

const NOW: Time = Time(1_790_000_000_000_000_000);

/// A store that does what the test tells it to.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Sheet>>);

#[derive(Default)]
struct Sheet {
    commits: Vec<Vec<Write>>,
    attempts: usize,
    purges: Vec<Time>,
    /// Attempts fail while this is set.
    away: bool,
    /// Batches with this in them are refused.
    poison: Option<Write>,
    /// A commit takes this long.
    slow: Duration,
}

impl Paper {
    fn set(&self, change: impl FnOnce(&mut Sheet)) {
        change(&mut self.0.lock().unwrap());
    }

    fn written(&self) -> Vec<Write> {
        self.0.lock().unwrap().commits.concat()
    }

    fn see<T>(&self, of: impl FnOnce(&Sheet) -> T) -> T {
        of(&self.0.lock().unwrap())
    }
}

impl Store for Paper {
    fn load(&mut self, _: Time) -> Result<Loaded, StoreError> {
        Ok(Loaded::default())
    }

    fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        let slow = self.see(|sheet| sheet.slow);
        std::thread::sleep(slow);
        let mut sheet = self.0.lock().unwrap();
        sheet.attempts += 1;
        if sheet.away {
            return Err(StoreError::Unavailable("away".into()));
        }
        if sheet
            .poison
            .as_ref()
            .is_some_and(|bad| writes.contains(bad))
        {
            return Err(StoreError::Refused("poison".into()));
        }
        sheet.commits.push(writes.to_vec());
        Ok(())
    }

    fn purge(&mut self, now: Time) -> Result<usize, StoreError> {
        self.set(|sheet| sheet.purges.push(now));
        Ok(0)
    }

    fn change(&mut self, _: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        unreachable!("nobody waits for a core's write")
    }
}

struct Rig {
    paper: Paper,
    metrics: Arc<Metrics>,
    writer: Writer,
}

fn rig(options: Options) -> Rig {
    let paper = Paper::default();
    let metrics = Arc::new(Metrics::new(1));
    let writer = start(paper.clone(), &metrics, options);
    Rig {
        paper,
        metrics,
        writer,
    }
}

fn start(store: impl Store + 'static, metrics: &Arc<Metrics>, options: Options) -> Writer {
    Writer::start_with(store, Arc::clone(metrics), NOW, options).unwrap()
}

/// Like the real ones, only sooner.
fn quick() -> Options {
    Options {
        retry_first: Duration::from_millis(2),
        retry_most: Duration::from_millis(10),
        group_for: Duration::from_millis(1),
        stop_for: Duration::from_secs(60),
        ..Options::default()
    }
}

fn forget(id: u64) -> Write {
    Write::Forget(vec![id])
}

fn until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(10), "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

const DONE: Stopped = Stopped {
    unwritten: 0,
    given_up: 0,
};

#[test]
fn an_idle_writer_commits_at_once() {
    let never = Options {
        group_for: Duration::from_secs(3600),
        ..quick()
    };
    let rig = rig(never);
    rig.writer.handle().push(forget(1));
    until("a commit", || rig.paper.written() == [forget(1)]);
    // And a stop does not wait for the next group.
    rig.writer.handle().push(forget(2));
    assert_eq!(rig.writer.stop(), DONE);
    assert_eq!(rig.paper.written(), [forget(1), forget(2)]);
}

#[test]
fn under_load_many_share_a_commit() {
    let rig = rig(Options {
        group_for: Duration::from_millis(100),
        ..quick()
    });
    let handle = rig.writer.handle();
    handle.push(forget(0));
    until("the first commit", || handle.waiting() == 0);
    for id in 1..=500 {
        handle.push(forget(id));
    }
    until("the second commit", || handle.waiting() == 0);
    let commits = rig.paper.see(|sheet| sheet.commits.len());
    assert!(commits <= 10, "{commits} commits for one burst");
    assert_eq!(rig.writer.stop(), DONE);
    let all: Vec<Write> = (0..=500).map(forget).collect();
    assert_eq!(rig.paper.written(), all);
}

#[test]
fn each_core_keeps_its_order_and_nothing_is_lost() {
    let rig = rig(Options {
        batch: 64,
        ..quick()
    });
    let cores: Vec<_> = (0..4_u64)
        .map(|core| {
            let handle = rig.writer.handle();
            std::thread::spawn(move || {
                for n in (0..1000).step_by(2) {
                    let id = core << 32 | n;
                    handle.push(forget(id));
                    handle.push_all(vec![forget(id + 1)]);
                }
                handle.push_all(Vec::new());
            })
        })
        .collect();
    for core in cores {
        core.join().unwrap();
    }
    assert_eq!(rig.writer.stop(), DONE);
    let mut next = [0_u64; 4];
    for write in rig.paper.written() {
        let Write::Forget(ids) = write else { panic!() };
        let core = usize::try_from(ids[0] >> 32).unwrap();
        assert_eq!(ids[0] & 0xffff_ffff, next[core]);
        next[core] += 1;
    }
    assert_eq!(next, [1000; 4]);
    assert!(
        rig.paper
            .see(|sheet| sheet.commits.iter().all(|batch| batch.len() <= 64))
    );
}

#[test]
fn while_the_disk_refuses_writes_are_kept_and_tried_again_in_order() {
    let rig = rig(quick());
    let handle = rig.writer.handle();
    rig.paper.set(|sheet| sheet.away = true);
    for id in 0..10 {
        handle.push(forget(id));
    }
    until("some retries", || rig.paper.see(|sheet| sheet.attempts) > 5);
    assert!(rig.metrics.store().is_failing());
    assert!(rig.metrics.store().errors() >= 5);
    assert_eq!(handle.waiting(), 10);
    for id in 10..20 {
        handle.push(forget(id));
    }
    rig.paper.set(|sheet| sheet.away = false);
    until("an empty backlog", || handle.waiting() == 0);
    assert!(!rig.metrics.store().is_failing());
    assert_eq!(rig.writer.stop(), DONE);
    let all: Vec<Write> = (0..20).map(forget).collect();
    assert_eq!(rig.paper.written(), all);
}

#[test]
fn retries_are_not_a_storm() {
    let rig = rig(Options {
        retry_first: Duration::from_millis(40),
        retry_most: Duration::from_secs(5),
        ..quick()
    });
    rig.paper.set(|sheet| sheet.away = true);
    let handle = rig.writer.handle();
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(300) {
        handle.push(forget(1));
        std::thread::sleep(Duration::from_millis(1));
    }
    // At 0, 40, 120 and 280 ms.
    let attempts = rig.paper.see(|sheet| sheet.attempts);
    assert!((1..=4).contains(&attempts), "{attempts}");
    rig.paper.set(|sheet| sheet.away = false);
    assert_eq!(rig.writer.stop(), DONE);
}

#[test]
fn one_that_is_refused_for_good_holds_up_nobody() {
    let rig = rig(quick());
    let handle = rig.writer.handle();
    rig.paper.set(|sheet| {
        sheet.poison = Some(forget(33));
        sheet.away = true;
    });
    handle.push_all((0..100).map(forget).collect());
    until("an attempt", || rig.paper.see(|sheet| sheet.attempts) > 0);
    rig.paper.set(|sheet| sheet.away = false);
    until("the rest", || handle.waiting() == 0);
    let errors = rig.metrics.store().errors();
    let stopped = rig.writer.stop();
    assert_eq!((stopped.unwritten, stopped.given_up), (0, 1));
    assert!(!stopped.all_written());
    assert!(errors >= 2, "the failed attempt and the lost write");
    let rest: Vec<Write> = (0..100).filter(|&id| id != 33).map(forget).collect();
    assert_eq!(rig.paper.written(), rest);
}

#[test]
fn too_far_behind_the_oldest_are_given_up() {
    let rig = rig(Options {
        backlog: 100,
        ..quick()
    });
    let handle = rig.writer.handle();
    rig.paper.set(|sheet| sheet.away = true);
    for id in 0..250 {
        handle.push(forget(id));
        if id % 10 == 0 {
            until("the thread's turn", || handle.waiting() <= 100);
        }
    }
    until("the limit", || handle.waiting() == 100);
    rig.paper.set(|sheet| sheet.away = false);
    let stopped = rig.writer.stop();
    assert_eq!((stopped.unwritten, stopped.given_up), (0, 150));
    let rest: Vec<Write> = (150..250).map(forget).collect();
    assert_eq!(rig.paper.written(), rest);
}

#[test]
fn a_hanging_disk_does_not_fill_the_memory() {
    let rig = rig(Options {
        backlog: 80,
        ..quick()
    });
    let handle = rig.writer.handle();
    rig.paper
        .set(|sheet| sheet.slow = Duration::from_millis(200));
    handle.push(forget(0));
    std::thread::sleep(Duration::from_millis(50));
    for id in 1..=10_000 {
        handle.push(forget(id));
        assert!(handle.waiting() <= 80 + 80 / 8 + 1);
    }
    rig.paper.set(|sheet| sheet.slow = Duration::ZERO);
    let stopped = rig.writer.stop();
    let written = rig.paper.written();
    assert_eq!(stopped.unwritten, 0);
    assert_eq!(written.len() as u64 + stopped.given_up, 10_001);
    assert_eq!(written.last(), Some(&forget(10_000)));
}

#[test]
fn a_stop_does_not_wait_for_a_broken_disk_for_ever() {
    let rig = rig(Options {
        stop_for: Duration::from_millis(200),
        ..quick()
    });
    rig.paper.set(|sheet| sheet.away = true);
    let handle = rig.writer.handle();
    handle.push_all((0..7).map(forget).collect());
    let start = Instant::now();
    let stopped = rig.writer.stop();
    assert!(start.elapsed() < Duration::from_secs(30));
    assert_eq!((stopped.unwritten, stopped.given_up), (7, 0));
    assert!(!stopped.all_written());
}

#[test]
fn a_stop_waits_for_a_slow_disk_that_takes_what_it_is_given() {
    let rig = rig(Options {
        batch: 1,
        stop_for: Duration::from_millis(1),
        ..quick()
    });
    rig.paper.set(|sheet| sheet.slow = Duration::from_millis(5));
    rig.writer.handle().push_all((0..20).map(forget).collect());
    assert_eq!(rig.writer.stop(), DONE);
    assert_eq!(rig.paper.written().len(), 20);
}

#[test]
fn a_stop_outlasts_a_short_trouble() {
    let rig = rig(Options {
        stop_for: Duration::from_secs(10),
        retry_most: Duration::from_secs(60),
        ..quick()
    });
    rig.paper.set(|sheet| sheet.away = true);
    rig.writer.handle().push(forget(1));
    until("failures", || rig.paper.see(|sheet| sheet.attempts) > 4);
    let paper = rig.paper.clone();
    let repair = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        paper.set(|sheet| sheet.away = false);
    });
    assert_eq!(rig.writer.stop(), DONE);
    repair.join().unwrap();
    assert_eq!(rig.paper.written(), [forget(1)]);
}

#[test]
fn a_writer_that_nobody_can_reach_ends() {
    let rig = rig(quick());
    rig.writer.handle().push(forget(1));
    let paper = rig.paper;
    drop(rig.writer);
    until("the store is let go", || Arc::strong_count(&paper.0) == 1);
    assert_eq!(paper.written(), [forget(1)]);
}

#[test]
fn old_words_are_dropped_now_and_then_by_the_servers_time() {
    let rig = rig(Options {
        purge_every: Duration::from_millis(5),
        ..quick()
    });
    until("purges", || rig.paper.see(|sheet| sheet.purges.len()) > 3);
    let Rig { paper, writer, .. } = rig;
    assert_eq!(writer.stop(), DONE);
    let purges = paper.see(|sheet| sheet.purges.clone());
    assert!(purges.is_sorted() && purges[0] >= NOW);
    assert!(purges[3].since(purges[0]) >= Duration::from_millis(15));
    assert!(purges[3].since(NOW) < Duration::from_secs(60));
}

#[test]
fn an_old_word_on_disk_goes_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = sqlite::open(dir.path()).unwrap();
    store.apply(&[Write::Keep(word(1))]).unwrap();
    let metrics = Arc::new(Metrics::new(1));
    let later = NOW + WORDS_KEPT_FOR + Duration::from_secs(1);
    let writer = Writer::start(store, metrics, later).unwrap();
    assert!(writer.stop().all_written());
    let mut store = sqlite::open(dir.path()).unwrap();
    assert_eq!(store.load(NOW).unwrap().words, []);
}

/// A disk that the test can fill and empty.
struct Disk {
    sqlite: Sqlite,
    pages: Arc<Mutex<u32>>,
}

impl Store for Disk {
    fn load(&mut self, now: Time) -> Result<Loaded, StoreError> {
        self.sqlite.load(now)
    }

    fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.sqlite.shrink_disk(*self.pages.lock().unwrap());
        self.sqlite.apply(writes)
    }

    fn purge(&mut self, now: Time) -> Result<usize, StoreError> {
        self.sqlite.purge(now)
    }

    fn change(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.sqlite.shrink_disk(*self.pages.lock().unwrap());
        self.sqlite.change(jobs)
    }
}

#[test]
fn a_full_disk_loses_nothing_once_there_is_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let pages = Arc::new(Mutex::new(8));
    let disk = Disk {
        sqlite: sqlite::open(dir.path()).unwrap(),
        pages: Arc::clone(&pages),
    };
    let metrics = Arc::new(Metrics::new(1));
    let writer = start(disk, &metrics, quick());
    let handle = writer.handle();
    for id in 0..100 {
        handle.push(Write::Keep(word(id)));
    }
    until("a full disk", || metrics.store().is_failing());
    *pages.lock().unwrap() = 100_000;
    until("room", || handle.waiting() == 0);
    assert_eq!(writer.stop(), DONE);
    let loaded = sqlite::open(dir.path()).unwrap().load(NOW).unwrap();
    let ids: Vec<u64> = loaded.words.iter().map(|word| word.id).collect();
    assert_eq!(ids, (0..100).collect::<Vec<u64>>());
}

fn word(id: u64) -> Word {
    Word {
        id,
        to: "penny".into(),
        from: "leonard".into(),
        nickname: "Leonard".into(),
        text: "x".repeat(900).into(),
        talk: 0,
        said: NOW,
    }
}
