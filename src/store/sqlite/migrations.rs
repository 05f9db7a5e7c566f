//! The schema's history. A file's `user_version` says how far it has come.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{OpenError, statements};

/// Each brings a file from the version before it to its own place in this
/// list, counted from 1. What stands here is never changed, only added to.
const ALL: [&str; 5] = [
    include_str!("0001_refusals_and_words.sql"),
    include_str!("0002_accounts.sql"),
    include_str!("0003_pictures.sql"),
    include_str!("0004_crushes_and_draws.sql"),
    include_str!("0005_moderation.sql"),
];

const KNOWN: i64 = ALL.len() as i64;

/// Marks a SQLite file as ours: "pair".
const APPLICATION_ID: i64 = 0x7061_6972;

/// May this file be used? Only reads.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let read = |result: rusqlite::Result<i64>| result.map_err(|error| OpenError::of(path, error));
    let file = || path.to_owned();
    let found = read(statements::user_version(connection))?;
    let mark = read(statements::application_id(connection))?;
    let fresh = read(statements::objects(connection))? == 0 && found == 0 && mark == 0;
    if !fresh && mark != APPLICATION_ID {
        return Err(OpenError::Foreign {
            file: file(),
            what: "it is another program's SQLite file",
        });
    }
    if found > KNOWN {
        return Err(OpenError::TooNew {
            file: file(),
            found,
            known: KNOWN,
        });
    }
    match statements::quick_check(connection) {
        Ok(None) => Ok(()),
        Ok(Some(what)) => Err(OpenError::Corrupt { file: file(), what }),
        Err(error) => Err(OpenError::of(path, error)),
    }
}

/// Brings the schema up to date, each step whole or not at all.
pub(super) fn run(connection: &Connection) -> rusqlite::Result<()> {
    for (version, migration) in (1..).zip(ALL) {
        if version > statements::user_version(connection)? {
            let step = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            step.execute_batch(migration)?;
            statements::set_application_id(&step, APPLICATION_ID)?;
            statements::set_user_version(&step, version)?;
            step.commit()?;
        }
    }
    Ok(())
}
