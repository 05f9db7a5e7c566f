//! Does one thing in the engine so many times, for a tool that counts the
//! instructions of [`measured`] alone: `instructions ACT WAITING TIMES`.
//! `tools/callgrind` makes a table of it.

#[path = "../benches/bare/mod.rs"]
pub mod bare;
#[path = "../benches/queue/mod.rs"]
pub mod queue;

use bare::Core;
use bare::hall::Hall;
use pairline::engine::ids::Ticket;
use pairline::engine::rules::Rules;
use queue::Queue;
use std::collections::VecDeque;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let order = match words.as_slice() {
        [act, waiting, times] => waiting.parse().ok().zip(times.parse().ok()).zip(Some(act)),
        _ => None,
    };
    let known = order.is_some_and(|((waiting, times), act)| run(act, waiting, times));
    if known {
        return ExitCode::SUCCESS;
    }
    eprintln!("instructions ACT WAITING TIMES, where ACT is line, core or one of");
    ACTS.iter().for_each(|(name, _)| eprintln!("  {name}"));
    ExitCode::FAILURE
}

/// What is counted.
#[inline(never)]
fn measured<T>(act: impl FnOnce() -> T) -> T {
    black_box(act())
}

/// False if there is no such act.
fn run(act: &str, waiting: usize, times: usize) -> bool {
    match (act, ACTS.iter().find(|known| known.0 == act)) {
        ("line", _) => lines(times),
        ("core", _) => matches(waiting, times),
        (_, Some((_, act))) => {
            let (mut queue, women) = Queue::with(waiting);
            let mut women = Women(women.into());
            (0..times).for_each(|n| act(&mut queue, &mut women, n));
        }
        (_, None) => return false,
    }
    true
}

/// A line that is relayed by one core, in a turn of 64 from as many.
fn lines(times: usize) {
    const LINES: usize = 64;
    let mut core = Core::alone(Rules::default());
    let voices = bare::pairs(&mut core, LINES);
    let mut voices = voices.iter().cycle();
    for _ in 0..times.div_ceil(LINES) {
        let voices = voices.by_ref().take(LINES);
        measured(|| {
            voices.for_each(|voice| core.hear(voice.from, &voice.line));
            core.turn(Duration::from_millis(20));
        });
    }
}

/// Matches through a core: for each a join that is heard, both 5s, and a turn.
fn matches(waiting: usize, times: usize) {
    let mut hall = Hall::with(waiting);
    let men: Vec<_> = (0..times).map(|_| hall.man()).collect();
    for man in &men {
        measured(|| {
            hall.meet(man);
            hall.core.turn(Duration::from_micros(5));
        });
    }
    hall.part(men);
}

/// The `n`th time that something happens. After each the queue is as long
/// again as it was.
type Act = fn(&mut Queue, &mut Women, usize);

/// What can happen to a queue.
const ACTS: [(&str, Act); 9] = [
    ("join", |queue, _, _| {
        let woman = measured(|| queue.join());
        queue.leave(woman);
    }),
    ("leave", |queue, women, n| {
        let woman = women.any(n);
        measured(|| queue.leave(*woman));
        *woman = queue.join();
    }),
    // Joining and leaving with the compaction that comes of it.
    ("turnover", |queue, women, _| {
        let oldest = women.0.pop_front().expect("somebody waits");
        let newest = measured(|| {
            queue.leave(oldest);
            queue.join()
        });
        women.0.push_back(newest);
    }),
    ("place", |queue, women, n| {
        measured(|| queue.place(*women.any(n)));
    }),
    ("pass", |queue, women, n| {
        measured(|| queue.pass(*women.any(n)));
    }),
    ("match", |queue, _, _| {
        measured(|| queue.meet());
        queue.join();
    }),
    // A thousand men come before the first of them is settled.
    ("burst", |queue, _, _| {
        const MEN: usize = 1000;
        measured(|| queue.meet_all(MEN));
        for _ in 0..MEN {
            queue.join();
        }
    }),
    // The first twenty after a change.
    ("tell", |queue, women, n| {
        queue.pass(*women.any(n));
        measured(|| queue.turn(Duration::from_nanos(1)));
    }),
    // The first twenty and a slice of the rest.
    ("tell far", |queue, women, n| {
        queue.pass(*women.any(n));
        measured(|| queue.turn(Duration::from_secs(5)));
    }),
];

/// Those who wait.
struct Women(VecDeque<Ticket>);

impl Women {
    /// One of them; which one is as if drawn.
    fn any(&mut self, n: usize) -> &mut Ticket {
        const STRIDE: usize = 7919;
        let at = n * STRIDE % self.0.len();
        &mut self.0[at]
    }
}
