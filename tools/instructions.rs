//! Does one thing to a matchmaker's queue so many times, for a tool that counts
//! the instructions of [`measured`] alone: `instructions ACT WAITING TIMES`.
//! `tools/callgrind` makes a table of it.

#[path = "../benches/queue/mod.rs"]
pub mod queue;

use pairline::engine::ids::Ticket;
use queue::Queue;
use std::collections::VecDeque;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let run = match words.as_slice() {
        [act, waiting, times] => act_named(act)
            .zip(waiting.parse().ok())
            .zip(times.parse().ok()),
        _ => None,
    };
    let Some(((act, waiting), times)) = run else {
        eprintln!("instructions ACT WAITING TIMES, where ACT is one of");
        ACTS.iter().for_each(|(name, _)| eprintln!("  {name}"));
        return ExitCode::FAILURE;
    };
    let (mut queue, women) = Queue::with(waiting);
    let mut hall = Hall {
        women: women.into(),
    };
    for n in 0..times {
        act(&mut queue, &mut hall, n);
    }
    ExitCode::SUCCESS
}

/// What is counted.
#[inline(never)]
fn measured<T>(act: impl FnOnce() -> T) -> T {
    black_box(act())
}

/// The `n`th time that something happens.
type Act = fn(&mut Queue, &mut Hall, usize);

/// After each the queue is as long again as it was.
const ACTS: [(&str, Act); 8] = [
    ("join", |queue, _, _| {
        let woman = measured(|| queue.join());
        queue.leave(woman);
    }),
    ("leave", |queue, hall, n| {
        let woman = hall.anywhere(n);
        measured(|| queue.leave(*woman));
        *woman = queue.join();
    }),
    // Joining and leaving with the compaction that comes of it.
    ("turnover", |queue, hall, _| {
        let oldest = hall.women.pop_front().expect("somebody waits");
        let newest = measured(|| {
            queue.leave(oldest);
            queue.join()
        });
        hall.women.push_back(newest);
    }),
    ("place", |queue, hall, n| {
        measured(|| queue.place(*hall.anywhere(n)));
    }),
    ("pass", |queue, hall, n| {
        measured(|| queue.pass(*hall.anywhere(n)));
    }),
    ("match", |queue, _, _| {
        measured(|| queue.meet());
        queue.join();
    }),
    // The first twenty after a change.
    ("tell", |queue, hall, n| {
        queue.pass(*hall.anywhere(n));
        measured(|| queue.turn(Duration::from_nanos(1)));
    }),
    // The first twenty and a slice of the rest.
    ("tell far", |queue, hall, n| {
        queue.pass(*hall.anywhere(n));
        measured(|| queue.turn(Duration::from_secs(5)));
    }),
];

fn act_named(name: &str) -> Option<Act> {
    ACTS.iter().find(|act| act.0 == name).map(|act| act.1)
}

/// Those who wait.
struct Hall {
    women: VecDeque<Ticket>,
}

impl Hall {
    /// One of them; which one is as if drawn.
    fn anywhere(&mut self, n: usize) -> &mut Ticket {
        const STRIDE: usize = 7919;
        let at = n * STRIDE % self.women.len();
        &mut self.women[at]
    }
}
