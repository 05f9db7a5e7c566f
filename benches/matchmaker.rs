//! What it costs to queue and to be matched, with few and with a million
//! waiting: in the matchmaker alone, and from the line that is heard to the
//! lines that are queued for the two.
#![allow(missing_docs, reason = "criterion's macros make public items")]

pub mod bare;
pub mod queue;

use bare::hall::{Hall, Man};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pairline::engine::ids::Ticket;
use queue::Queue;
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

/// From the join that is heard to both 5s that are queued.
fn core(c: &mut Criterion) {
    let mut group = c.benchmark_group("match through a core");
    group.throughput(Throughput::Elements(1)).sample_size(20);
    for waiting in WAITING {
        let mut hall = Hall::with(waiting);
        let stretch = (waiting / 2).min(1000);
        for each_turn in [1, 20] {
            let name = format!("{each_turn} each turn");
            group.bench_function(BenchmarkId::new(name, waiting), |b| {
                b.iter_custom(|times| {
                    let mut spent = Duration::ZERO;
                    let mut left = usize::try_from(times).expect("it ends some day");
                    while left > 0 {
                        let count = left.min(stretch);
                        spent += matches(&mut hall, count, each_turn);
                        left -= count;
                    }
                    spent
                });
            });
        }
    }
    group.finish();
}

/// Men come, `each_turn` in a turn, and each meets a woman.
fn matches(hall: &mut Hall, count: usize, each_turn: usize) -> Duration {
    const FOR_ONE: Duration = Duration::from_micros(5);
    let men: Vec<Man> = (0..count).map(|_| hall.man()).collect();
    let start = Instant::now();
    for men in men.chunks(each_turn) {
        men.iter().for_each(|man| hall.meet(man));
        let count = u32::try_from(men.len()).expect("few at a time");
        hall.core.turn(FOR_ONE * count);
    }
    let spent = start.elapsed();
    hall.part(men);
    spent
}

criterion_group!(benches, matchmaker, core);
criterion_main!(benches);
