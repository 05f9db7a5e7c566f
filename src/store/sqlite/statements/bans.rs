//! Who is banned.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::store::{Ban, Subject};

/// By their id, or the number that they have.
pub(in crate::store::sqlite) fn user_until(
    connection: &Connection,
    id: &str,
    now: i64,
) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT max(until) FROM bans WHERE lifted IS NULL AND until > ?2
             AND ((kind = 'user' AND subject = ?1)
              OR (kind = 'tel' AND subject = (SELECT tel FROM users WHERE id = ?1)))",
        )?
        .query_row(params![id, now], |row| row.get(0))
}

/// By the number, or the id of whoever has it.
pub(in crate::store::sqlite) fn tel_until(
    connection: &Connection,
    tel: &str,
    now: i64,
) -> Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT max(until) FROM bans WHERE lifted IS NULL AND until > ?2
             AND ((kind = 'tel' AND subject = ?1)
              OR (kind = 'user' AND subject = (SELECT id FROM users WHERE tel = ?1)))",
        )?
        .query_row(params![tel, now], |row| row.get(0))
}

/// Every id that is banned, and until when.
pub(in crate::store::sqlite) fn banned_ids(
    connection: &Connection,
    now: i64,
) -> Result<Vec<(Box<str>, i64)>> {
    connection
        .prepare(
            "SELECT id, max(until) FROM (
                SELECT subject AS id, until FROM bans
                WHERE kind = 'user' AND lifted IS NULL AND until > ?1
                UNION ALL
                SELECT users.id, until FROM bans JOIN users ON tel = subject
                WHERE kind = 'tel' AND lifted IS NULL AND until > ?1
             ) GROUP BY id ORDER BY id",
        )?
        .query_map([now], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

pub(in crate::store::sqlite) fn standing(
    connection: &Connection,
    before: i64,
    limit: u32,
    now: i64,
) -> Result<Vec<Ban>> {
    connection
        .prepare_cached(
            "SELECT key, kind, subject, reason, since, until, lifted FROM bans
             WHERE key < ?1 AND lifted IS NULL AND until > ?3 ORDER BY key DESC LIMIT ?2",
        )?
        .query_map(params![before, limit, now], ban)?
        .collect()
}

pub(in crate::store::sqlite) fn all(
    connection: &Connection,
    before: i64,
    limit: u32,
) -> Result<Vec<Ban>> {
    connection
        .prepare_cached(
            "SELECT key, kind, subject, reason, since, until, lifted FROM bans
             WHERE key < ?1 ORDER BY key DESC LIMIT ?2",
        )?
        .query_map(params![before, limit], ban)?
        .collect()
}

/// Newest first.
pub(in crate::store::sqlite) fn of_user(connection: &Connection, id: &str) -> Result<Vec<Ban>> {
    connection
        .prepare_cached(
            "SELECT key, kind, subject, reason, since, until, lifted FROM bans
             WHERE (kind = 'user' AND subject = ?1)
              OR (kind = 'tel' AND subject = (SELECT tel FROM users WHERE id = ?1))
             ORDER BY key DESC",
        )?
        .query_map([id], ban)?
        .collect()
}

pub(in crate::store::sqlite) fn one(connection: &Connection, key: i64) -> Result<Option<Ban>> {
    connection
        .prepare_cached(
            "SELECT key, kind, subject, reason, since, until, lifted FROM bans WHERE key = ?1",
        )?
        .query_row([key], ban)
        .optional()
}

pub(in crate::store::sqlite) fn add(
    connection: &Connection,
    subject: &Subject,
    reason: &str,
    since: i64,
    until: i64,
) -> Result<i64> {
    let (kind, subject) = parts(subject);
    connection
        .prepare_cached(
            "INSERT INTO bans (kind, subject, reason, since, until) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .insert(params![kind, subject, reason, since, until])
}

/// Whatever ban there is of this subject stands no more.
pub(in crate::store::sqlite) fn give_way(
    connection: &Connection,
    subject: &Subject,
    now: i64,
) -> Result<()> {
    let (kind, subject) = parts(subject);
    connection
        .prepare_cached(
            "UPDATE bans SET lifted = ?3 WHERE kind = ?1 AND subject = ?2 AND lifted IS NULL",
        )?
        .execute(params![kind, subject, now])?;
    Ok(())
}

pub(in crate::store::sqlite) fn lift(connection: &Connection, key: i64, now: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE bans SET lifted = ?2 WHERE key = ?1")?
        .execute([key, now])?;
    Ok(())
}

fn parts(subject: &Subject) -> (&'static str, &str) {
    match subject {
        Subject::User(id) => ("user", id),
        Subject::Tel(tel) => ("tel", tel),
    }
}

fn ban(row: &Row<'_>) -> Result<Ban> {
    let (kind, subject): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Ban {
        id: row.get(0)?,
        subject: match kind.as_str() {
            "tel" => Subject::Tel(subject),
            _ => Subject::User(subject),
        },
        reason: row.get(3)?,
        since: row.get(4)?,
        until: row.get(5)?,
        lifted: row.get(6)?,
    })
}
