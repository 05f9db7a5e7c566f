//! What can go wrong, for people and for the writer.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// Why a data directory cannot be used. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made or written to.
    #[error(
        "the data directory {dir} cannot be written to ({source}): \
         make it writable for this user, or name another with --data"
    )]
    NotWritable {
        /// The directory.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server has it.
    #[error(
        "the data directory {dir} is in use by another pairline{}: \
         stop that one first, or name another directory with --data",
        .pid.map_or(String::new(), |pid| format!(" (process {pid})"))
    )]
    Locked {
        /// The directory.
        dir: PathBuf,
        /// The process that has it, if it said so.
        pid: Option<u32>,
    },
    /// Nothing was ever kept there.
    #[error("the data directory {dir} holds no data of a pairline: name another with --data")]
    Missing {
        /// The directory.
        dir: PathBuf,
    },
    /// The file is damaged.
    #[error(
        "{file} is damaged ({what}); nothing was changed: restore it from a backup, \
         or move it away together with its -wal and -shm files to start with nothing"
    )]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// The first thing that was found.
        what: String,
    },
    /// The file is something else.
    #[error(
        "{file} is not a pairline database ({what}); nothing was changed: \
         move it away, or name another directory with --data"
    )]
    Foreign {
        /// The file.
        file: PathBuf,
        /// How that shows.
        what: &'static str,
    },
    /// A newer pairline wrote it.
    #[error(
        "{file} was written by a newer pairline (its schema is {found}, this one knows {known}); \
         nothing was changed: start the newer version, or restore a backup from before it"
    )]
    TooNew {
        /// The file.
        file: PathBuf,
        /// The version found.
        found: i64,
        /// The last one known.
        known: i64,
    },
    /// Anything else that SQLite says.
    #[error(
        "{file} cannot be opened ({source}): see that the disk is not full and \
         that no other program has the file open, then start again"
    )]
    Failed {
        /// The file.
        file: PathBuf,
        /// What SQLite said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OpenError {
    pub(super) fn not_writable(dir: &Path, source: io::Error) -> Self {
        OpenError::NotWritable {
            dir: dir.to_owned(),
            source,
        }
    }

    /// What SQLite's error means for this file.
    pub(super) fn of(file: &Path, error: rusqlite::Error) -> Self {
        let file = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => OpenError::Foreign {
                file,
                what: "it is no SQLite file",
            },
            Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt {
                file,
                what: error.to_string(),
            },
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                let dir = file.parent().unwrap_or(&file).to_owned();
                let source = io::Error::other(format!("{}: {error}", file.display()));
                OpenError::NotWritable { dir, source }
            }
            _ => OpenError::Failed {
                file,
                source: error.into(),
            },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if may_pass(&error) {
            StoreError::Unavailable(error.into())
        } else {
            StoreError::Refused(error.into())
        }
    }
}

/// Is this about the world rather than about what was written?
fn may_pass(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::OperationAborted
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::SchemaChanged
        )
    )
}
