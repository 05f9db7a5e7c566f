//! The store in one SQLite file.
//!
//! A commit is on disk when it returns (WAL, `synchronous=FULL`). A file that
//! is damaged, foreign or from a newer version is refused before anything is
//! written to it.

mod accounts;
mod audit;
mod bonds;
mod codes;
mod copy;
mod crushes;
mod draws;
mod error;
mod header;
mod lock;
mod migrations;
mod moderation;
mod pictures;
mod place;
mod reader;
mod statements;
mod tables;
mod word_list;

#[cfg(test)]
mod tests;

pub use copy::{copy, examine};
pub use error::OpenError;
pub use lock::DirLock;
pub use reader::SqliteReader;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig::{SQLITE_DBCONFIG_ENABLE_QPSG, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{Job, Store, StoreError};
use crate::engine::durable::{Loaded, Write};
use crate::engine::ids::Time;
use crate::filter::Action;
use crate::limits::{INVITE_EVERY, REPORTS_KEPT_FOR, WORDS_KEPT_FOR};
use place::Place;

/// The file in the data directory.
pub const FILE_NAME: &str = "pairline.db";

/// How long a statement waits for another process (a backup, an operator's
/// shell) to let go; after that the writer tries again by itself.
const BUSY_FOR: Duration = Duration::from_secs(1);

/// Prepared statements that a connection keeps: more than there are.
const STATEMENTS_KEPT: usize = 128;

/// The store of one data directory, which nobody else can open meanwhile.
#[derive(Debug)]
pub struct Sqlite {
    // Fields drop in this order: the file is closed before the lock goes.
    connection: Connection,
    place: Place,
    _lock: DirLock,
}

/// Opens the store in `dir`, which is created if it is missing, for this user's
/// eyes only: what people told each other lies in it.
pub fn open(dir: &Path) -> Result<Sqlite, OpenError> {
    let lock = claim(dir)?;
    let file = dir.join(FILE_NAME);
    header::check(&file)?;
    let connection = connect(&file).map_err(|error| OpenError::of(&file, error))?;
    migrations::check(&connection, &file)?;
    set_up(&connection).map_err(|error| OpenError::of(&file, error))?;
    migrations::run(&connection).map_err(|error| OpenError::of(&file, error))?;
    let place = Place::of(&file).map_err(|source| OpenError::not_writable(dir, source))?;
    Ok(Sqlite {
        connection,
        place,
        _lock: lock,
    })
}

/// Takes the data directory for this process alone; it is created if it is
/// missing.
pub fn claim(dir: &Path) -> Result<DirLock, OpenError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|source| OpenError::not_writable(dir, source))?;
    DirLock::take(dir)
}

fn read_only(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_FOR)?;
    Ok(connection)
}

fn connect(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_FOR)?;
    keep_statements(&connection)?;
    // Closing would move what a killed server has left in the log into a file
    // that is refused.
    connection.set_db_config(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// Statements are planned once, whatever is bound to them: else each new limit
/// of a page would have it planned again.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.set_db_config(SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    statements::use_wal(connection)?;
    statements::sync_every_commit(connection)?;
    statements::enforce_foreign_keys(connection)
}

impl Sqlite {
    /// Another look into the same file, for a thread of its own.
    pub fn reader(&self) -> Result<SqliteReader, StoreError> {
        reader::open(self.place.path())
    }

    /// The word list.
    pub fn word_list(&self) -> Result<Vec<(String, Action)>, StoreError> {
        Ok(statements::word_list::words(&self.connection)?)
    }

    /// A key of the server's own: `fresh`, if there was none before.
    pub fn secret(&self, name: &str, fresh: &[u8; 32]) -> Result<[u8; 32], StoreError> {
        statements::add_secret(&self.connection, name, fresh)?;
        Ok(statements::secret(&self.connection, name)?)
    }
}

impl Store for Sqlite {
    fn load(&mut self, now: Time) -> Result<Loaded, StoreError> {
        Ok(Loaded {
            refusals: statements::refusals(&self.connection)?,
            blocks: statements::bonds::blocks(&self.connection)?,
            bans: bans(&self.connection, now)?,
            words: statements::words_since(&self.connection, oldest_kept(now))?,
        })
    }

    fn apply(&mut self, writes: &[Write]) -> Result<(), StoreError> {
        self.place.check()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for write in writes {
            match write {
                Write::Refuse { by, whom } => statements::refuse(&transaction, by, whom)?,
                Write::Keep(word) => statements::keep(&transaction, word)?,
                Write::Forget(ids) => {
                    for &id in ids {
                        statements::forget(&transaction, id)?;
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn purge(&mut self, now: Time) -> Result<usize, StoreError> {
        drop_expired(&self.connection, now)?;
        Ok(statements::drop_words_before(
            &self.connection,
            oldest_kept(now),
        )?)
    }

    fn change(&mut self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.place.check()?;
        tables::change(&mut self.connection, jobs)
    }
}

/// Ids that are banned at `now`, and until when.
fn bans(connection: &Connection, now: Time) -> rusqlite::Result<Vec<(Box<str>, Time)>> {
    let now = i64::try_from(now.seconds()).unwrap_or(i64::MAX);
    let banned = statements::bans::banned_ids(connection, now)?;
    let time = |until: i64| {
        let until = u64::try_from(until).unwrap_or(0);
        Time(until.saturating_mul(1_000_000_000))
    };
    Ok(banned
        .into_iter()
        .map(|(id, until)| (id, time(until)))
        .collect())
}

/// Tokens and codes that are good for nothing any more, and reports that were
/// dealt with long ago.
fn drop_expired(connection: &Connection, now: Time) -> rusqlite::Result<()> {
    let now_ms = i64::try_from(now.0 / 1_000_000).expect("nanoseconds have room to spare");
    let (now, day_ms) = (now_ms / 1000, 86_400_000);
    statements::accounts::drop_sessions_before(connection, now)?;
    statements::codes::drop_registrations_before(connection, now)?;
    statements::codes::drop_codes_before(connection, now_ms)?;
    statements::codes::drop_requests_before(connection, now_ms - day_ms)?;
    let day = INVITE_EVERY.as_secs().cast_signed();
    statements::crushes::drop_invites_before(connection, now - day)?;
    let kept = i64::try_from(REPORTS_KEPT_FOR.as_secs()).unwrap_or(i64::MAX);
    statements::reports::drop_before(connection, now.saturating_sub(kept))
}

fn oldest_kept(now: Time) -> Time {
    let span = u64::try_from(WORDS_KEPT_FOR.as_nanos()).expect("a week of nanoseconds fits");
    Time(now.0.saturating_sub(span))
}

#[cfg(test)]
impl Sqlite {
    /// From now on the disk holds this many pages and no more.
    pub(crate) fn shrink_disk(&self, pages: u32) {
        self.connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
    }

    /// A door for tests to do what no store does.
    pub(crate) fn raw(&self) -> &Connection {
        &self.connection
    }
}
