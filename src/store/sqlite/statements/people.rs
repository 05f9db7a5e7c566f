//! Users, as operators look for them. What begins with a text lies between it
//! and the same with the last letter there is behind it.

use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};

use super::accounts::read_account;
use crate::store::Found;

pub(in crate::store::sqlite) fn one(connection: &Connection, id: &str) -> Result<Option<Found>> {
    connection
        .prepare_cached(
            "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words, registered
             FROM users WHERE id = ?1",
        )?
        .query_row([id], found)
        .optional()
}

pub(in crate::store::sqlite) fn by_id(
    connection: &Connection,
    id: &str,
    limit: u32,
) -> Result<Vec<Found>> {
    several(
        connection,
        "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words, registered
         FROM users WHERE id >= ?1 AND id < ?1 || char(1114111) ORDER BY id LIMIT ?2",
        params![id, limit],
    )
}

pub(in crate::store::sqlite) fn by_tel(
    connection: &Connection,
    tel: &str,
    limit: u32,
) -> Result<Vec<Found>> {
    several(
        connection,
        "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words, registered
         FROM users WHERE tel >= ?1 AND tel < ?1 || char(1114111) ORDER BY tel LIMIT ?2",
        params![tel, limit],
    )
}

pub(in crate::store::sqlite) fn by_nickname(
    connection: &Connection,
    nickname: &str,
    limit: u32,
) -> Result<Vec<Found>> {
    several(
        connection,
        "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words, registered
         FROM users WHERE nickname COLLATE NOCASE >= ?1
         AND nickname COLLATE NOCASE < ?1 || char(1114111)
         ORDER BY nickname COLLATE NOCASE LIMIT ?2",
        params![nickname, limit],
    )
}

pub(in crate::store::sqlite) fn newest(connection: &Connection, limit: u32) -> Result<Vec<Found>> {
    several(
        connection,
        "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words, registered
         FROM users ORDER BY key DESC LIMIT ?1",
        [limit],
    )
}

fn several(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Found>> {
    connection
        .prepare_cached(sql)?
        .query_map(params, found)?
        .collect()
}

fn found(row: &Row<'_>) -> Result<Found> {
    Ok(Found {
        account: read_account(row)?,
        registered: row.get(9)?,
    })
}
