//! What the system tells of processes: CPU time and memory.

use std::fs;

/// CPU time since a process, or thread, began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cpu {
    /// All of it, nanoseconds.
    pub(super) total: u64,
    /// In ticks, of which only the shares matter here.
    pub(super) user_ticks: u64,
    pub(super) system_ticks: u64,
}

impl Cpu {
    /// Of all threads of a process.
    pub(super) fn of(pid: u32) -> Option<Cpu> {
        let mut total = 0;
        for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
            total += on_cpu(&task.ok()?.path().join("schedstat").to_string_lossy()).unwrap_or(0);
        }
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (user_ticks, system_ticks) = ticks(&stat)?;
        Some(Cpu {
            total,
            user_ticks,
            system_ticks,
        })
    }

    /// What was used since `before`: user and system time, nanoseconds.
    pub(super) fn since(&self, before: &Cpu) -> (f64, f64) {
        let total = self.total.saturating_sub(before.total) as f64;
        let user = self.user_ticks.saturating_sub(before.user_ticks) as f64;
        let system = self.system_ticks.saturating_sub(before.system_ticks) as f64;
        let user = if user + system > 0.0 {
            total * user / (user + system)
        } else {
            0.0
        };
        (user, total - user)
    }
}

/// CPU time of this thread, nanoseconds.
pub(super) fn own_thread() -> u64 {
    on_cpu("/proc/thread-self/schedstat").unwrap_or(0)
}

/// Resident memory of a process, bytes.
pub(super) fn resident(pid: u32) -> Option<u64> {
    kilobytes(&format!("/proc/{pid}/status"), "VmRSS:")
}

/// The kernel's slab memory, of the whole system, bytes.
pub(super) fn slab() -> Option<u64> {
    kilobytes("/proc/meminfo", "Slab:")
}

fn on_cpu(schedstat: &str) -> Option<u64> {
    let text = fs::read_to_string(schedstat).ok()?;
    text.split(' ').next()?.trim().parse().ok()
}

/// User and system time of a `stat`; the name in it may hold anything.
fn ticks(stat: &str) -> Option<(u64, u64)> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ').skip(11);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn kilobytes(file: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    let number: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(number * 1024)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_name_with_brackets_is_no_trap() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4 8 0 0 0 21 34 0 0 20 0 1 0 5 6 7";
        assert_eq!(ticks(stat), Some((21, 34)));
        assert_eq!(ticks("7 (a"), None);
    }

    /// Another process: the threads of the other tests of this one come and go.
    #[test]
    fn a_busy_process_has_memory_and_uses_time() {
        let mut shell = Command::new("sh");
        let mut busy = shell.args(["-c", "while :; do :; done"]).spawn().unwrap();
        let pid = busy.id();
        let before = Cpu::of(pid).unwrap();
        let (start, own) = (Instant::now(), own_thread());
        let used = loop {
            let (user, system) = Cpu::of(pid).unwrap().since(&before);
            if user + system >= 20e6 || start.elapsed() > Duration::from_secs(60) {
                break user + system;
            }
        };
        assert!(resident(pid).unwrap() > 100_000);
        busy.kill().unwrap();
        busy.wait().unwrap();
        assert!((20e6..10e9).contains(&used), "{used}");
        assert!(own_thread() > own);
        assert!(slab().unwrap() > 100_000);
        assert_eq!(Cpu::of(u32::MAX), None);
    }
}
