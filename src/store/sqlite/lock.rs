//! One server per data directory.
//!
//! The lock is the kernel's and goes with the process, however it ends; the
//! file stays and means nothing by itself.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use super::OpenError;

/// Held as long as this lives.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
}

impl DirLock {
    pub(super) fn take(dir: &Path) -> Result<DirLock, OpenError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(dir.join("pairline.lock"))
            .map_err(|source| OpenError::not_writable(dir, source))?;
        match file.try_lock() {
            Ok(()) => {
                sign(&mut file);
                Ok(DirLock { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked {
                dir: dir.to_owned(),
                pid: signed_by(&mut file),
            }),
            Err(TryLockError::Error(source)) => Err(OpenError::not_writable(dir, source)),
        }
    }
}

/// Leaves our name for whoever finds the door shut. Only a courtesy: on a full
/// disk the lock holds without it.
fn sign(file: &mut File) {
    let _ = file
        .set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()));
}

fn signed_by(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
