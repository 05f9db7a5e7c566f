//! The word list.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, Result, params};

use crate::filter::Action;

pub(in crate::store::sqlite) fn words(connection: &Connection) -> Result<Vec<(String, Action)>> {
    connection
        .prepare_cached("SELECT word, action FROM word_list ORDER BY word")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

pub(in crate::store::sqlite) fn list_word(
    connection: &Connection,
    word: &str,
    action: Action,
    now: i64,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO word_list (word, action, added) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET action = excluded.action",
        )?
        .execute(params![word, action.as_str(), now])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_word(connection: &Connection, word: &str) -> Result<bool> {
    let dropped = connection
        .prepare_cached("DELETE FROM word_list WHERE word = ?1")?
        .execute([word])?;
    Ok(dropped > 0)
}

impl FromSql for Action {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Action::named(value.as_str()?).ok_or(FromSqlError::InvalidType)
    }
}
