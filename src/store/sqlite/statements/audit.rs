//! What operators did.

use rusqlite::{Connection, Result, params};

use crate::store::Action;

/// The newest below this number, newest first.
pub(in crate::store::sqlite) fn actions(
    connection: &Connection,
    before: i64,
    limit: u32,
) -> Result<Vec<(i64, Action)>> {
    connection
        .prepare_cached(
            "SELECT key, at, who, address, action, about, detail, result
             FROM audit WHERE key < ?1 ORDER BY key DESC LIMIT ?2",
        )?
        .query_map(params![before, limit], |row| {
            let action = Action {
                at: row.get(1)?,
                who: row.get(2)?,
                address: row.get(3)?,
                action: row.get(4)?,
                about: row.get(5)?,
                detail: row.get(6)?,
                result: row.get(7)?,
            };
            Ok((row.get(0)?, action))
        })?
        .collect()
}

pub(in crate::store::sqlite) fn add_action(connection: &Connection, action: &Action) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO audit (at, who, address, action, about, detail, result)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            action.at,
            action.who,
            action.address,
            action.action,
            action.about,
            action.detail,
            action.result,
        ])?;
    Ok(())
}
