//! The store's own door: durable changes a second, when many come at once and
//! when each waits for the one before; and how long a list of very many crushes
//! takes.

use std::sync::Arc;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pairline::engine::ids::Time;
use pairline::lucky::Rule;
use pairline::metrics::Metrics;
use pairline::store::writer::Writer;
use pairline::store::{
    Changes, Door, Joined, Named, Naming, Profile, PseudonymKey, Readers, StoreError, Terms,
    TokenHash, UserKey, sqlite,
};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// Changes that come at once.
const CROWD: u64 = 1000;

struct Rig {
    _dir: tempfile::TempDir,
    runtime: Runtime,
    door: Door,
    next: u64,
    _writer: Writer,
    _readers: Readers,
}

impl Rig {
    fn new() -> Rig {
        // Not in a temporary directory of the system's, which may be memory.
        let target = env!("CARGO_TARGET_TMPDIR");
        let dir = tempfile::tempdir_in(target).expect("a directory");
        let store = sqlite::open(dir.path()).expect("a store");
        let metrics = Arc::new(Metrics::new(1));
        let readers = Readers::start(|| store.reader(), &metrics).expect("readers");
        let writer = Writer::start(store, metrics, Time(1)).expect("a writer");
        Rig {
            door: Door::new(writer.handle(), readers.handle()),
            _dir: dir,
            runtime: Builder::new_current_thread().build().expect("a runtime"),
            next: 0,
            _writer: writer,
            _readers: readers,
        }
    }

    /// Makes so many changes, all at once or one by one.
    fn change(&mut self, change: Change, count: u64, at_once: bool) {
        let numbers = self.next..self.next + count;
        self.next = numbers.end;
        let door = &self.door;
        self.runtime.block_on(async {
            let mut all = JoinSet::new();
            for number in numbers {
                let door = door.clone();
                let done = async move { door.write(move |changes| change(changes, number)).await };
                if at_once {
                    all.spawn(done);
                } else {
                    done.await.expect("it is done");
                }
            }
            while let Some(done) = all.join_next().await {
                done.expect("it did not panic").expect("it is done");
            }
        });
    }

    /// Makes one and gives what comes of it.
    fn make<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut dyn Changes) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let made = self.runtime.block_on(self.door.write(change));
        made.expect("it is done")
    }
}

/// A change, by a number that none before it had.
type Change = fn(&mut dyn Changes, u64) -> Result<(), StoreError>;

/// What a registration does, from its token to the session's.
fn register(changes: &mut dyn Changes, number: u64) -> Result<(), StoreError> {
    let mut token = TokenHash([0; 32]);
    token.0[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    let tel = format!("+86{number}");
    changes.add_registration(&token, &tel, 2)?;
    assert_eq!(changes.registration(&token, 1)?, Some(tel.clone()));
    assert!(changes.account_by_tel(&tel)?.is_none());
    changes.drop_registration(&token)?;
    let user = add_user(changes, number)?;
    changes.add_session(&token, user, 2)
}

fn add_user(changes: &mut dyn Changes, number: u64) -> Result<UserKey, StoreError> {
    let profile = Profile {
        nickname: "Mary".to_owned(),
        gender: "F".to_owned(),
        birthday: "1992-02-29".to_owned(),
        pic_id: String::new(),
        location: "Beijing".to_owned(),
        words: String::new(),
    };
    let (id, tel) = (format!("u{number:016}"), format!("+86{number}"));
    changes.add_account(&id, &tel, &profile, 1)
}

const DRAW: &str = "lucky1";

/// What a join does, whose token is good.
fn join(changes: &mut dyn Changes, number: u64) -> Result<(), StoreError> {
    let joined = changes.join_draw(DRAW, &format!("u{number:016}"), 1)?;
    assert!(matches!(joined, Joined::Done(..)), "{joined:?}");
    Ok(())
}

fn registrations(criterion: &mut Criterion) {
    changes(criterion, "registrations", register, Rig::new);
}

fn joins(criterion: &mut Criterion) {
    changes(criterion, "lucky joins", join, || {
        let rig = Rig::new();
        let terms = Terms {
            id: DRAW.to_owned(),
            name: "Sony MN2 SmartWatch".to_owned(),
            image: String::new(),
            desc: String::new(),
            max_count: 3000,
            rule: Rule::Concat,
            auto_close: false,
        };
        assert!(rig.make(move |changes| changes.add_draw(&terms, 1)));
        rig
    });
}

fn changes(criterion: &mut Criterion, what: &str, change: Change, rig: fn() -> Rig) {
    let mut group = criterion.benchmark_group(what);
    group.sample_size(10);
    for (name, count, at_once) in [("at once", CROWD, true), ("one by one", 20, false)] {
        let mut rig = rig();
        group.throughput(Throughput::Elements(count));
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                let start = Instant::now();
                for _ in 0..rounds {
                    rig.change(change, count, at_once);
                }
                start.elapsed()
            });
        });
    }
    group.finish();
}

/// Crushes of one user, each way.
const CRUSHES: u64 = 10_000;

/// Somebody who has named very many, and whom very many have named.
fn add_crushes(changes: &mut dyn Changes) -> Result<UserKey, StoreError> {
    let key = PseudonymKey([7; 32]);
    let heart = add_user(changes, 0)?;
    let name = |changes: &mut dyn Changes, by, tel| {
        let naming = Naming {
            by,
            tel,
            given: "18612344931".to_owned(),
            words: "我喜欢你很久了".to_owned(),
            day: "2015-08-04".to_owned(),
            most: u32::MAX,
        };
        let named = changes.name_number(&naming, &key)?;
        assert!(matches!(named, Named::Done(_)));
        Ok::<_, StoreError>(())
    };
    for number in 1..=CRUSHES {
        let other = add_user(changes, number)?;
        name(changes, other, "+860".to_owned())?;
        name(changes, heart, format!("+87{number}"))?;
    }
    Ok(heart)
}

/// As an answer has it.
#[derive(Serialize)]
struct Entry<'a> {
    who: &'a str,
    words: &'a str,
}

fn crush_lists(criterion: &mut Criterion) {
    let rig = Rig::new();
    let heart = rig.make(add_crushes);
    let mut group = criterion.benchmark_group("crush list");
    for name in ["received", "sent"] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let listed = rig.door.read(move |reading| {
                    let mut list = Vec::new();
                    let mut keep = |who: &str, words: &str| {
                        let entry = Entry { who, words };
                        serde_json::to_writer(&mut list, &entry).expect("texts are JSON");
                        list.push(b',');
                    };
                    match name {
                        "sent" => reading.crushes_sent(heart, 10_000, &mut keep)?,
                        _ => reading.crushes_received(heart, 10_000, &mut keep)?,
                    }
                    let mutual = reading.crushes_mutual(heart)?;
                    Ok::<_, StoreError>((list, mutual))
                });
                let (list, mutual) = rig.runtime.block_on(listed).expect("it is read");
                assert!(list.len() > 300_000 && mutual.is_empty());
                list
            });
        });
    }
    group.finish();
}

criterion_group!(benches, registrations, joins, crush_lists);
criterion_main!(benches);
