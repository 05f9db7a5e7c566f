//! A connection that cannot write.

use std::path::Path;

use rusqlite::Connection;

use super::tables::Tables;
use super::{keep_statements, read_only, statements};
use crate::store::{Look, Reader, StoreError};

/// A look into the file from beside.
#[derive(Debug)]
pub struct SqliteReader {
    connection: Connection,
}

pub(super) fn open(file: &Path) -> Result<SqliteReader, StoreError> {
    let connection = read_only(file)?;
    keep_statements(&connection)?;
    Ok(SqliteReader { connection })
}

impl Reader for SqliteReader {
    fn look(&mut self, look: Look) {
        match statements::begin_reading(&self.connection) {
            Ok(()) => look(Ok(&Tables::new(&self.connection))),
            Err(error) => return look(Err(error.into())),
        }
        if let Err(error) = statements::end_reading(&self.connection) {
            tracing::error!(%error, "cannot end a look into the store");
        }
    }
}
