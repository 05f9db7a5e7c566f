//! Lives through simulated worlds until the time is over: what `tools/soak
//! sim` runs. `--seed` lives through one of them again.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use pairline::sim::{Failure, live};

/// Lives through simulated worlds, a seed after the other.
#[derive(Parser)]
struct Options {
    /// For so long.
    #[arg(long, default_value_t = 1)]
    minutes: u64,
    /// So many worlds, if that takes no longer.
    #[arg(long)]
    worlds: Option<u64>,
    /// How much happens in each world.
    #[arg(long, default_value_t = 20_000)]
    steps: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Only the world of this seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Worlds at the same time.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let (first, worlds) = match options.seed {
        Some(seed) => (seed, 1),
        None => (options.first, options.worlds.unwrap_or(u64::MAX)),
    };
    let begun = Instant::now();
    let end = begun + Duration::from_secs(options.minutes * 60);
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let (stop, broken) = (AtomicBool::new(false), Mutex::new(None::<Box<Failure>>));
    std::thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) && Instant::now() < end {
                    let world = next.fetch_add(1, Ordering::Relaxed);
                    if world >= worlds {
                        return;
                    }
                    match live(first + world, options.steps) {
                        Ok(_) => done.fetch_add(1, Ordering::Relaxed),
                        Err(failure) => {
                            stop.store(true, Ordering::Relaxed);
                            let mut broken = broken.lock().expect("nobody panics with it");
                            broken.get_or_insert(failure);
                            return;
                        }
                    };
                }
            });
        }
    });
    let (done, seconds) = (done.into_inner(), begun.elapsed().as_secs_f64());
    println!(
        "{done} worlds of {} steps in {seconds:.1} s, {:.0} steps a second",
        options.steps,
        (done * options.steps) as f64 / seconds
    );
    match broken.into_inner().expect("nobody panics with it") {
        Some(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
        None => ExitCode::SUCCESS,
    }
}
