//! What it costs to queue and to be matched, with few and with a million
//! waiting: in the matchmaker alone, and from the line that is heard to the
//! lines that are queued for the two.
#![allow(missing_docs, reason = "criterion's macros make public items")]

pub mod bare;
pub mod queue;

use bare::Core;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pairline::engine::ids::{LinkId, Ticket};
use pairline::engine::rules::Rules;
use queue::Queue;
use std::collections::VecDeque;
use std::hint::black_box;
use std::time::{Duration, Instant};

const WAITING: [usize; 3] = [10, 10_000, 1_000_000];

/// Does something so many times and gives the time that it took; afterwards
/// the queue is as long again as it was.
type Act = fn(&mut Queue, &mut Vec<Ticket>, usize) -> Duration;

/// What happens in a queue. The women of whom something is wanted stand
/// anywhere in it.
const ACTS: [(&str, Act); 6] = [
    ("join", |queue, _, count| {
        let (spent, women) = timed(count, |_| queue.join());
        women.into_iter().for_each(|woman| queue.leave(woman));
        spent
    }),
    ("leave", |queue, women, count| {
        let going = women.split_off(women.len() - count);
        let (spent, _) = timed(count, |n| queue.leave(going[n]));
        women.extend((0..count).map(|_| queue.join()));
        spent
    }),
    ("place", |queue, women, count| {
        timed(count, |n| queue.place(women[n])).0
    }),
    ("pass", |queue, women, count| {
        timed(count, |n| queue.pass(women[n])).0
    }),
    ("match", |queue, _, count| {
        let (spent, _) = timed(count, |_| queue.meet());
        for _ in 0..count {
            queue.join();
        }
        spent
    }),
    ("tell", |queue, women, count| {
        let mut spent = Duration::ZERO;
        for &woman in &women[..count] {
            queue.pass(woman);
            spent += timed(1, |_| queue.turn(Duration::from_micros(1))).0;
        }
        spent
    }),
];

fn timed<T>(count: usize, mut act: impl FnMut(usize) -> T) -> (Duration, Vec<T>) {
    let mut results = Vec::with_capacity(count);
    let start = Instant::now();
    results.extend((0..count).map(|n| black_box(act(n))));
    (start.elapsed(), results)
}

fn matchmaker(c: &mut Criterion) {
    let mut group = c.benchmark_group("matchmaker");
    for (name, act) in ACTS {
        for waiting in WAITING {
            let (mut queue, mut women) = Queue::with(waiting);
            let mut rng = fastrand::Rng::with_seed(7);
            let stretch = (waiting / 2).min(1000);
            group.bench_function(BenchmarkId::new(name, waiting), |b| {
                b.iter_custom(|times| {
                    let mut spent = Duration::ZERO;
                    let mut left = usize::try_from(times).expect("it ends some day");
                    while left > 0 {
                        let count = left.min(stretch);
                        deal(&mut rng, &mut women, count);
                        spent += act(&mut queue, &mut women, count);
                        left -= count;
                    }
                    spent
                });
            });
        }
    }
    group.finish();
}

/// Brings any `count` of the women to the end of the list, and any to its
/// front.
fn deal(rng: &mut fastrand::Rng, women: &mut [Ticket], count: usize) {
    let last = women.len() - 1;
    for n in 0..count {
        women.swap(n, rng.usize(..=last));
        women.swap(last - n, rng.usize(..=last));
    }
}

/// A core at which women wait, the longest-waiting first, and men come.
struct Hall {
    core: Core,
    women: VecDeque<(LinkId, String)>,
    men: usize,
}

impl Hall {
    fn with(waiting: usize) -> Self {
        let rules = Rules {
            idle_timeout: None,
            ..Rules::default()
        };
        let mut core = Core::alone(rules);
        let woman = |n| {
            let name = format!("penny{n:08}");
            let link = core.open();
            core.hear(link, &bare::join(&name, 'F'));
            if n % 64 == 0 {
                core.turn(Duration::from_micros(100));
            }
            (link, name)
        };
        let women = (0..waiting).map(woman).collect();
        core.turn(Duration::from_secs(10));
        let men = 0;
        Hall { core, women, men }
    }

    /// Men come, `each_turn` in a turn, and each meets a woman.
    fn meet(&mut self, count: usize, each_turn: usize) -> Duration {
        let men: Vec<(LinkId, Vec<u8>)> = (0..count)
            .map(|_| {
                self.men += 1;
                let name = format!("tom{:08}", self.men);
                (self.core.open(), bare::join(&name, 'M'))
            })
            .collect();
        let before = self.core.shard.gauges().talks;
        let start = Instant::now();
        for turn in men.chunks(each_turn) {
            for (link, line) in turn {
                self.core.hear(*link, line);
            }
            self.core
                .turn(Duration::from_micros(5) * u32::try_from(each_turn).expect("few"));
        }
        let spent = start.elapsed();
        let met = self.core.shard.gauges().talks - before;
        assert_eq!(met, count, "each has met one");
        for (link, _) in men {
            self.core.end(link);
        }
        self.queue_again(count);
        spent
    }

    /// Those who waited longest have met somebody who has gone since. They
    /// take their time, or the rate limit would stop them where few wait.
    fn queue_again(&mut self, count: usize) {
        for _ in 0..count {
            let (link, name) = self.women.pop_front().expect("as many as have met");
            let next = format!("10#{{\"youId\":\"{name}\"}}\n");
            self.core.hear(link, next.as_bytes());
            self.women.push_back((link, name));
        }
        self.core.turn(Duration::from_secs(1));
    }
}

/// From the join that is heard to both 5s that are queued.
fn core(c: &mut Criterion) {
    let mut group = c.benchmark_group("match through a core");
    group.throughput(Throughput::Elements(1)).sample_size(20);
    for waiting in WAITING {
        let mut hall = Hall::with(waiting);
        for each_turn in [1, 20] {
            let name = format!("{each_turn} each turn");
            group.bench_function(BenchmarkId::new(name, waiting), |b| {
                b.iter_custom(|times| {
                    let mut spent = Duration::ZERO;
                    let mut left = usize::try_from(times).expect("it ends some day");
                    while left > 0 {
                        let count = left.min((waiting / 2).min(1000));
                        spent += hall.meet(count, each_turn);
                        left -= count;
                    }
                    spent
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, matchmaker, core);
criterion_main!(benches);
