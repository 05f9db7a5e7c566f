//! Why a ring could not be made, in words for the person who starts it.

use std::fs;
use std::io;

/// Why a ring could not be made, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `EPERM` or `EACCES`: somebody forbids io_uring.
    #[error("the system forbids io_uring: {}", forbidden(*.disabled))]
    Forbidden {
        /// `kernel.io_uring_disabled`, where it could be read.
        disabled: Option<u8>,
    },
    /// `ENOSYS`: the calls do not exist here.
    #[error(
        "this system has no io_uring (Linux {kernel}): use a kernel built with CONFIG_IO_URING=y, \
         and outside a sandbox that hides it (gVisor, or a container seccomp profile that answers \
         ENOSYS: run with `--security-opt seccomp=unconfined` or allow io_uring_setup, \
         io_uring_enter and io_uring_register)"
    )]
    Missing {
        /// The running kernel.
        kernel: String,
    },
    /// `ENOMEM`: not even the smallest queues fit.
    #[error(
        "not enough memory for the rings: RLIMIT_MEMLOCK is {} a user here; raise it (`ulimit -l`, \
         `LimitMEMLOCK=` of the systemd unit, `--ulimit memlock=` of the container), give the \
         process CAP_IPC_LOCK, use fewer cores, or free memory", limit(*.locked_bytes)
    )]
    Memory {
        /// `RLIMIT_MEMLOCK` as found; `u64::MAX` for none.
        locked_bytes: u64,
    },
    /// Older than 6.1.
    #[error("Linux {kernel} is too old: 6.1 or newer is needed")]
    KernelTooOld {
        /// The running kernel.
        kernel: String,
    },
    /// `EINVAL` from a kernel that should know better.
    #[error(
        "Linux {kernel} refuses the way the ring is set up, in {step}: 6.1 or newer with \
         DEFER_TASKRUN and provided buffer rings is needed"
    )]
    Refused {
        /// The running kernel.
        kernel: String,
        /// The call that was refused.
        step: &'static str,
    },
    /// `EMFILE` or `ENFILE`.
    #[error(
        "no descriptor left for a ring: raise RLIMIT_NOFILE (`ulimit -n`, `LimitNOFILE=` of the \
         systemd unit) or `fs.file-max`"
    )]
    Descriptors,
    /// The set-up itself makes no sense.
    #[error("impossible ring set-up: {0}")]
    Setup(&'static str),
    /// Anything else.
    #[error("{step} failed: {source}")]
    Other {
        /// The call that failed.
        step: &'static str,
        /// How.
        source: io::Error,
    },
}

impl StartError {
    /// What `error` from `step` means; `locked_bytes` is the limit in force.
    pub(super) fn explain(step: &'static str, error: io::Error, locked_bytes: u64) -> Self {
        match error.raw_os_error() {
            Some(libc::EPERM | libc::EACCES) => StartError::Forbidden {
                disabled: io_uring_disabled(),
            },
            Some(libc::ENOSYS) => StartError::Missing { kernel: kernel() },
            Some(libc::ENOMEM) => StartError::Memory { locked_bytes },
            Some(libc::EINVAL) => StartError::Refused {
                kernel: kernel(),
                step,
            },
            Some(libc::EMFILE | libc::ENFILE) => StartError::Descriptors,
            _ => StartError::Other {
                step,
                source: error,
            },
        }
    }
}

/// Refuses a kernel that lacks what the ring is built on.
pub(super) fn check_kernel() -> Result<(), StartError> {
    let kernel = kernel();
    if too_old(&kernel) {
        return Err(StartError::KernelTooOld { kernel });
    }
    Ok(())
}

/// The kernel's release, or "unknown".
fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease")
        .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// A release that cannot be read is given the benefit of the doubt: the set-up
/// calls will tell.
fn too_old(release: &str) -> bool {
    let mut numbers = release
        .split(|c: char| !c.is_ascii_digit())
        .map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < (6, 1),
        _ => false,
    }
}

fn io_uring_disabled() -> Option<u8> {
    let text = fs::read_to_string("/proc/sys/kernel/io_uring_disabled").ok()?;
    text.trim().parse().ok()
}

fn forbidden(disabled: Option<u8>) -> &'static str {
    match disabled {
        Some(2..) => {
            "kernel.io_uring_disabled is 2, which forbids it to all; set it to 0 \
             (`sysctl -w kernel.io_uring_disabled=0`)"
        }
        Some(1) => {
            "kernel.io_uring_disabled is 1, which allows it only with CAP_SYS_ADMIN or to members \
             of the group kernel.io_uring_group; set it to 0 \
             (`sysctl -w kernel.io_uring_disabled=0`) or join that group. If that is done, look \
             for a container seccomp profile"
        }
        _ => {
            "kernel.io_uring_disabled is not the cause, so most likely a container seccomp profile \
             is (Docker's and Podman's default ones do so): run with \
             `--security-opt seccomp=unconfined`, or with a profile that allows io_uring_setup, \
             io_uring_enter and io_uring_register; SELinux or AppArmor may forbid it as well"
        }
    }
}

fn limit(bytes: u64) -> String {
    if bytes == u64::MAX {
        "unlimited".to_owned()
    } else {
        format!("{} KiB", bytes / 1024)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kernels_before_6_1_are_too_old() {
        for (release, expected) in [
            ("5.15.0-91-generic", true),
            ("6.0.19", true),
            ("6.1.0", false),
            ("6.1-rc3", false),
            ("6.18.44-fc-v669", false),
            ("10.0", false),
            ("unknown", false),
        ] {
            assert_eq!(too_old(release), expected, "{release}");
        }
    }

    #[test]
    fn each_error_says_what_to_do() {
        for (code, words) in [
            (libc::EPERM, "io_uring_disabled"),
            (libc::ENOSYS, "CONFIG_IO_URING"),
            (libc::ENOMEM, "RLIMIT_MEMLOCK is 64 KiB"),
            (libc::EINVAL, "in the test"),
            (libc::EMFILE, "RLIMIT_NOFILE"),
            (libc::EIO, "the test failed"),
        ] {
            let error = io::Error::from_raw_os_error(code);
            let text = StartError::explain("the test", error, 64 * 1024).to_string();
            assert!(text.contains(words), "{code}: {text}");
        }
    }

    #[test]
    fn a_ban_names_its_cause() {
        assert!(forbidden(Some(2)).contains("forbids it to all"));
        assert!(forbidden(Some(1)).contains("io_uring_group"));
        assert!(forbidden(Some(0)).contains("seccomp"));
        assert!(forbidden(None).contains("seccomp"));
    }
}
