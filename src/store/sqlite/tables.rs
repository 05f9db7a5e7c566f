//! What those see who look into the file or change it: the areas' traits are
//! implemented for this, each in a file of its own.

use rusqlite::{Connection, TransactionBehavior};

use super::statements;
use crate::store::{Changes, Hook, Job, Reading, StoreError};

/// One transaction.
pub(super) struct Tables<'c> {
    pub(super) connection: &'c Connection,
    hooks: Vec<Hook>,
}

impl<'c> Tables<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Tables {
            connection,
            hooks: Vec::new(),
        }
    }
}

impl Reading for Tables<'_> {}

impl Changes for Tables<'_> {
    fn then(&mut self, hook: Hook) {
        self.hooks.push(hook);
    }
}

/// See [`Store::change`](crate::store::Store::change).
pub(super) fn change(
    connection: &mut Connection,
    jobs: &mut [Box<dyn Job>],
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut tables = Tables::new(&transaction);
    for job in jobs {
        run(job.as_mut(), &mut tables)?;
    }
    let hooks = tables.hooks;
    transaction.commit()?;
    for hook in hooks {
        hook();
    }
    Ok(())
}

/// What does not stay is undone, without its neighbours.
fn run(job: &mut dyn Job, tables: &mut Tables<'_>) -> Result<(), StoreError> {
    let hooks = tables.hooks.len();
    statements::begin_job(tables.connection)?;
    let stays = job.run(tables);
    if tables.connection.is_autocommit() {
        // After some failures of the disk SQLite undoes the whole transaction.
        return Err(StoreError::Unavailable("the transaction was undone".into()));
    }
    if !stays {
        statements::undo_job(tables.connection)?;
        tables.hooks.truncate(hooks);
    }
    statements::end_job(tables.connection)?;
    Ok(())
}
