//! The store's own door: durable changes a second, when many come at once and
//! when each waits for the one before.

use std::sync::Arc;
use std::time::Instant;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pairline::engine::ids::Time;
use pairline::metrics::Metrics;
use pairline::store::writer::Writer;
use pairline::store::{Changes, Door, Profile, Readers, StoreError, TokenHash, sqlite};
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

    /// Registers so many, all at once or one by one.
    fn register(&mut self, count: u64, at_once: bool) {
        let numbers = self.next..self.next + count;
        self.next = numbers.end;
        let door = &self.door;
        self.runtime.block_on(async {
            let mut all = JoinSet::new();
            for number in numbers {
                let door = door.clone();
                let done =
                    async move { door.write(move |changes| register(changes, number)).await };
                if at_once {
                    all.spawn(done);
                } else {
                    done.await.expect("it is registered");
                }
            }
            while let Some(done) = all.join_next().await {
                done.expect("it did not panic").expect("it is registered");
            }
        });
    }
}

/// What a registration does, from its token to the session's.
fn register(changes: &mut dyn Changes, number: u64) -> Result<(), StoreError> {
    let mut token = TokenHash([0; 32]);
    token.0[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    let tel = format!("+86{number}");
    changes.add_registration(&token, &tel, 2)?;
    assert_eq!(changes.registration(&token, 1)?, Some(tel.clone()));
    assert!(changes.account_by_tel(&tel)?.is_none());
    changes.drop_registration(&token)?;
    let profile = Profile {
        nickname: "Mary".to_owned(),
        gender: "F".to_owned(),
        birthday: "1992-02-29".to_owned(),
        pic_id: String::new(),
        location: "Beijing".to_owned(),
        words: String::new(),
    };
    let user = changes.add_account(&format!("u{number:016}"), &tel, &profile, 1)?;
    changes.add_session(&token, user, 2)
}

fn registrations(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("registrations");
    group.sample_size(10);
    for (name, count, at_once) in [("at once", CROWD, true), ("one by one", 20, false)] {
        let mut rig = Rig::new();
        group.throughput(Throughput::Elements(count));
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                let start = Instant::now();
                for _ in 0..rounds {
                    rig.register(count, at_once);
                }
                start.elapsed()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, registrations);
criterion_main!(benches);
