//! Blocks.

use rusqlite::{Connection, Result, params};

use crate::store::UserKey;

pub(in crate::store::sqlite) fn are_apart(
    connection: &Connection,
    one: UserKey,
    other: UserKey,
) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM blocks WHERE (by_key = ?1 AND whom_key = ?2)
             OR (by_key = ?2 AND whom_key = ?1)",
        )?
        .exists(params![one.0, other.0])
}

/// Every block, as `(by, whom)`.
pub(in crate::store::sqlite) fn blocks(
    connection: &Connection,
) -> Result<Vec<(Box<str>, Box<str>)>> {
    connection
        .prepare(
            "SELECT a.id, b.id FROM blocks
             JOIN users a ON a.key = by_key JOIN users b ON b.key = whom_key
             ORDER BY by_key, whom_key",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

pub(in crate::store::sqlite) fn block(
    connection: &Connection,
    by: UserKey,
    whom: UserKey,
    now: i64,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO blocks (by_key, whom_key, since) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![by.0, whom.0, now])?;
    Ok(())
}

pub(in crate::store::sqlite) fn unblock(
    connection: &Connection,
    by: UserKey,
    whom: UserKey,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM blocks WHERE by_key = ?1 AND whom_key = ?2")?
        .execute(params![by.0, whom.0])?;
    Ok(())
}
