//! What an idle session takes of memory in the engine alone, as the system
//! counts it: `memory SESSIONS…`, in ascending order, prints a table.

#[path = "../benches/bare/mod.rs"]
pub mod bare;

use bare::idle::Idle;
use std::fs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words = std::env::args().skip(1);
    let Ok(counts) = words
        .map(|word| word.parse())
        .collect::<Result<Vec<u32>, _>>()
    else {
        eprintln!("memory SESSIONS…");
        return ExitCode::FAILURE;
    };
    let mut idle = Idle::nobody();
    idle.come(1);
    let before = resident();
    println!("{:>10} {:>16}", "sessions", "bytes a session");
    let mut come = 1;
    for count in counts {
        idle.come(u32::saturating_sub(count, come));
        come = come.max(count);
        let grown = resident() - before;
        println!("{come:>10} {:>16.0}", grown as f64 / f64::from(come));
    }
    assert_eq!(idle.shard.gauges().joined, come as usize);
    ExitCode::SUCCESS
}

/// Resident memory of this process, bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("proc is mounted");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.expect("the system tells it") * 1024
}
