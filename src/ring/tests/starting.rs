//! Making rings, and failing to.
#![allow(unsafe_code)] // Becoming somebody with less rights is a system call.

use std::env;
use std::process::Command;
use std::thread;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use super::super::{Blank, Limits, StartError};
use super::*;

#[test]
fn a_set_up_that_makes_no_sense_is_refused() {
    let wrong = [
        Setup {
            buffers: 3,
            ..SMALL
        },
        Setup {
            buffer_bytes: 0,
            ..SMALL
        },
        Setup {
            sq_entries: 7,
            ..SMALL
        },
        Setup {
            cq_entries_min: 128,
            ..SMALL
        },
        Setup {
            cq_entries_min: 4,
            ..SMALL
        },
    ];
    for setup in wrong {
        let made = Ring::new(&setup);
        assert!(matches!(made, Err(StartError::Setup(_))), "{setup:?}");
    }
}

#[test]
fn rings_are_as_large_as_asked() {
    let ring = Ring::new(&Setup::default()).unwrap();
    assert!(ring.cq_entries() >= 16_384);
    assert_eq!((ring.buffers(), ring.leased()), (8192, 0));
}

/// Makes a ring on a thread to which `io_uring_setup` answers `errno`.
fn forbidden(errno: i32) -> StartError {
    let filter = SeccompFilter::new(
        [(libc::SYS_io_uring_setup, Vec::new())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(u32::try_from(errno).unwrap()),
        env::consts::ARCH.try_into().unwrap(),
    );
    let filter = BpfProgram::try_from(filter.unwrap()).unwrap();
    let trying = thread::spawn(move || {
        seccompiler::apply_filter(&filter).unwrap();
        Ring::new(&SMALL).map(drop).unwrap_err()
    });
    trying.join().unwrap()
}

#[test]
fn a_seccomp_profile_is_named() {
    let error = forbidden(libc::EPERM);
    assert!(matches!(error, StartError::Forbidden { .. }));
    assert!(error.to_string().contains("seccomp"), "{error}");
    let error = forbidden(libc::ENOSYS);
    assert!(matches!(error, StartError::Missing { .. }));
    assert!(error.to_string().contains("seccomp"), "{error}");
}

/// Set in the process that [`queues_shrink_to_what_memlock_allows`] starts.
const SHRINKING: &str = "PAIRLINE_TEST_SHRINKING";

/// Gives up rights for good, so the test runs itself again in a process that
/// ends with it.
#[test]
fn queues_shrink_to_what_memlock_allows() {
    if env::var_os(SHRINKING).is_some() {
        return shrink();
    }
    let name = "ring::tests::starting::queues_shrink_to_what_memlock_allows";
    let run = Command::new(env::current_exe().unwrap())
        .args(["--exact", name])
        .env(SHRINKING, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

fn shrink() {
    limit_locked_memory(2 << 20);
    // Root may lock as much as it likes.
    // SAFETY: takes integers, touches no memory.
    unsafe { libc::setresuid(61_234, 61_234, 61_234) };

    let huge = Setup {
        cq_entries_min: 65_536,
        sq_entries: 32_768,
        ..Setup::default()
    };
    // Kernels from 6.14 on charge the queues, older ones do not.
    let charged = match huge.make(2) {
        Err(StartError::Memory { locked_bytes }) => {
            assert_eq!(locked_bytes, 2 << 20);
            true
        }
        Ok(_) => false,
        Err(error) => panic!("{error}"),
    };
    thread::sleep(Duration::from_millis(200));
    let made = Setup::default().make(2).unwrap();
    let sizes: Vec<_> = made.iter().map(Blank::cq_entries).collect();
    let expected = if charged { 32_768 } else { 65_536 };
    assert_eq!(sizes, [expected; 2]);
}

fn limit_locked_memory(bytes: u64) {
    let limit = libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    // SAFETY: the limit is readable.
    unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit) };
    assert_eq!(Limits::current().unwrap().locked_bytes, bytes);
}
