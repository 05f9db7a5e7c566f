//! What the system lets this process have: descriptors, locked memory, cores, and
//! who of its threads comes first on them.
#![allow(unsafe_code)] // Limits, affinity and scheduling are plain system calls.

use std::{io, mem};

/// The limits in force; `u64::MAX` stands for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `RLIMIT_NOFILE`: descriptors.
    pub descriptors: u64,
    /// `RLIMIT_MEMLOCK`: bytes of locked memory.
    pub locked_bytes: u64,
}

impl Limits {
    /// Raises both soft limits to the hard ones.
    ///
    /// # Errors
    /// What the system says when it refuses to tell or set a limit.
    pub fn raise() -> io::Result<Limits> {
        Ok(Limits {
            descriptors: raise(libc::RLIMIT_NOFILE)?,
            locked_bytes: raise(libc::RLIMIT_MEMLOCK)?,
        })
    }

    /// The soft limits as they are.
    ///
    /// # Errors
    /// What the system says when it refuses to tell a limit.
    pub fn current() -> io::Result<Limits> {
        Ok(Limits {
            descriptors: get(libc::RLIMIT_NOFILE)?.rlim_cur,
            locked_bytes: get(libc::RLIMIT_MEMLOCK)?.rlim_cur,
        })
    }
}

/// From now on a write beyond `RLIMIT_FSIZE` fails with `EFBIG`, as one on a
/// full disk does, where it would have ended the process.
pub fn survive_file_size_limit() {
    // SAFETY: ignoring a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// One processor, by the system's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpu(pub u16);

/// The processors that this thread may run on, in order.
///
/// # Errors
/// What the system says; `EINVAL` on machines with more than 1024 processors.
pub fn allowed_cpus() -> io::Result<Vec<Cpu>> {
    // SAFETY: a `cpu_set_t` is an array of integers, for which zeros are fine.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: `set` is writable and of the size given; 0 is this thread.
    check(unsafe { libc::sched_getaffinity(0, size_of_val(&set), &raw mut set) })?;
    let allowed = (0..libc::CPU_SETSIZE)
        .filter_map(|cpu| u16::try_from(cpu).ok())
        // SAFETY: `cpu` is below `CPU_SETSIZE`, so within the set.
        .filter(|cpu| unsafe { libc::CPU_ISSET(usize::from(*cpu), &set) })
        .map(Cpu)
        .collect();
    Ok(allowed)
}

/// Keeps this thread on `cpu`.
///
/// # Errors
/// What the system says; `EINVAL` if `cpu` is not there or not allowed.
pub fn pin(cpu: Cpu) -> io::Result<()> {
    if i32::from(cpu.0) >= libc::CPU_SETSIZE {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: a `cpu_set_t` is an array of integers, for which zeros are fine.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: checked above to be within the set.
    unsafe { libc::CPU_SET(usize::from(cpu.0), &mut set) };
    // SAFETY: `set` is readable and of the size given; 0 is this thread.
    check(unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) })
}

/// From now on this thread preempts nobody when it wakes up (`SCHED_BATCH`), and
/// gives its processor back to whoever does. Where others would have all of it,
/// a thirtieth is left to it.
///
/// Measured with a thread that works for three quarters of the time beside one
/// that never rests: with that one at a niceness of 10, one wake-up in a thousand
/// was late by a whole tick of the scheduler, 3 ms; at 15 none was late by more
/// than at 19 or with `SCHED_IDLE`, 0.1 ms, and with the latter next to nothing
/// would be left on a busy machine.
///
/// # Errors
/// What the system says; `EACCES` if this thread is nicer already.
pub fn give_way() -> io::Result<()> {
    const NICE: libc::c_int = 15;
    let parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: `parameters` is readable; 0 is this thread.
    check(unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &raw const parameters) })?;
    // SAFETY: a plain system call; 0 is this thread.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) })
}

fn raise(what: libc::__rlimit_resource_t) -> io::Result<u64> {
    let mut limit = get(what)?;
    if limit.rlim_cur != limit.rlim_max {
        limit.rlim_cur = limit.rlim_max;
        // SAFETY: `limit` is a valid, readable rlimit.
        check(unsafe { libc::setrlimit(what, &raw const limit) })?;
    }
    Ok(limit.rlim_cur)
}

fn get(what: libc::__rlimit_resource_t) -> io::Result<libc::rlimit> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a valid, writable rlimit.
    check(unsafe { libc::getrlimit(what, &raw mut limit) })?;
    Ok(limit)
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn raised_limits_are_in_force() {
        let raised = Limits::raise().unwrap();
        assert_eq!(Limits::current().unwrap(), raised);
        assert!(raised.descriptors > 0);
    }

    #[test]
    fn a_pinned_thread_may_run_on_its_cpu_only() {
        let last = *allowed_cpus().unwrap().last().unwrap();
        let seen = thread::spawn(move || {
            pin(last).unwrap();
            allowed_cpus().unwrap()
        });
        assert_eq!(seen.join().unwrap(), [last]);
    }

    #[test]
    fn a_thread_that_gives_way_does_so_alone() {
        /// Niceness and policy, the fields 19 and 41.
        fn urgency() -> [i32; 2] {
            let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, rest) = stat.rsplit_once(") ").unwrap();
            let fields: Vec<_> = rest.split(' ').collect();
            [19, 41].map(|field: usize| fields[field - 3].parse().unwrap())
        }
        let before = urgency();
        let there = thread::spawn(|| {
            give_way().unwrap();
            urgency()
        });
        assert_eq!(there.join().unwrap(), [15, libc::SCHED_BATCH]);
        assert_eq!(urgency(), before);
    }

    #[test]
    fn a_cpu_that_is_not_there_is_refused() {
        assert!(pin(Cpu(1023)).is_err());
        assert!(pin(Cpu(u16::MAX)).is_err());
    }
}
