//! The server's threads, as the system sees them.

use std::fs;

use super::Server;

/// One thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Hundredths of a second that it has been running.
    pub ticks: i64,
    /// `SCHED_OTHER` is 0, `SCHED_BATCH` 3.
    pub policy: i64,
    /// More is less urgent.
    pub nice: i64,
}

impl Server {
    /// The threads of this name.
    #[track_caller]
    pub fn threads(&self, name: &str) -> Vec<Thread> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("it runs");
        // One that has ended meanwhile is passed over.
        let stats = tasks.filter_map(|task| {
            let task = task.expect("it runs").path();
            fs::read_to_string(task.join("stat")).ok()
        });
        let named = format!("({name}) ");
        stats
            .filter_map(|stat| {
                // From the third field on, as proc(5) counts them.
                let (_, rest) = stat.split_once(&named)?;
                let fields: Vec<_> = rest.split_whitespace().collect();
                let field = |number: usize| fields[number - 3].parse::<i64>().expect("a number");
                Some(Thread {
                    ticks: field(14) + field(15),
                    policy: field(41),
                    nice: field(19),
                })
            })
            .collect()
    }
}
