//! Every SQL statement, each in a function of its own.

pub(super) mod accounts;
pub(super) mod audit;
pub(super) mod bans;
pub(super) mod bonds;
pub(super) mod codes;
pub(super) mod crushes;
pub(super) mod draws;
pub(super) mod people;
pub(super) mod pictures;
pub(super) mod reports;
pub(super) mod word_list;

use rusqlite::{Connection, Result, Row, params};

use crate::engine::durable::Word;
use crate::engine::ids::Time;

pub(super) fn refuse(connection: &Connection, by: &str, whom: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO refusals (by_id, whom_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![by, whom])?;
    Ok(())
}

pub(super) fn keep(connection: &Connection, word: &Word) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO words (id, to_id, from_id, nickname, text, talk, said)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            word.id.cast_signed(),
            word.to,
            word.from,
            word.nickname,
            word.text,
            word.talk.cast_signed(),
            time(word.said),
        ])?;
    Ok(())
}

pub(super) fn forget(connection: &Connection, id: u64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM words WHERE id = ?1")?
        .execute([id.cast_signed()])?;
    Ok(())
}

pub(super) fn drop_words_before(connection: &Connection, oldest: Time) -> Result<usize> {
    connection
        .prepare_cached("DELETE FROM words WHERE said < ?1")?
        .execute([time(oldest)])
}

pub(super) fn refusals(connection: &Connection) -> Result<Vec<(Box<str>, Box<str>)>> {
    connection
        .prepare("SELECT by_id, whom_id FROM refusals ORDER BY by_id, whom_id")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

pub(super) fn words_since(connection: &Connection, oldest: Time) -> Result<Vec<Word>> {
    let mut words = connection
        .prepare(
            "SELECT id, to_id, from_id, nickname, text, talk, said
             FROM words WHERE said >= ?1 ORDER BY id",
        )?
        .query_map([time(oldest)], word)?
        .collect::<Result<Vec<Word>>>()?;
    // SQLite's order is the signed one.
    words.sort_by_key(|word| word.id);
    Ok(words)
}

fn word(row: &Row<'_>) -> Result<Word> {
    Ok(Word {
        id: row.get::<_, i64>(0)?.cast_unsigned(),
        to: row.get(1)?,
        from: row.get(2)?,
        nickname: row.get(3)?,
        text: row.get(4)?,
        talk: row.get::<_, i64>(5)?.cast_unsigned(),
        said: Time(row.get::<_, i64>(6)?.max(0).cast_unsigned()),
    })
}

/// Compared by SQLite, so it keeps its sign; the year 2262 is late enough.
fn time(time: Time) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

pub(super) fn use_wal(connection: &Connection) -> Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| {
        let mode: String = row.get(0)?;
        if mode.eq_ignore_ascii_case("wal") {
            Ok(())
        } else {
            Err(rusqlite::Error::ToSqlConversionFailure(
                "this file system cannot hold a SQLite WAL".into(),
            ))
        }
    })
}

pub(super) fn leave_wal(connection: &Connection) -> Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
}

pub(super) fn sync_every_commit(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")
}

pub(super) fn enforce_foreign_keys(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "foreign_keys", true)
}

pub(super) fn user_version(connection: &Connection) -> Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

pub(super) fn set_user_version(connection: &Connection, version: i64) -> Result<()> {
    connection.pragma_update(None, "user_version", version)
}

pub(super) fn application_id(connection: &Connection) -> Result<i64> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

pub(super) fn set_application_id(connection: &Connection, id: i64) -> Result<()> {
    connection.pragma_update(None, "application_id", id)
}

/// Tables, indexes and the like in the file.
pub(super) fn objects(connection: &Connection) -> Result<i64> {
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

/// The first damage that a look through the whole file finds.
pub(super) fn quick_check(connection: &Connection) -> Result<Option<String>> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((found != "ok").then_some(found))
}

pub(super) fn begin_job(connection: &Connection) -> Result<()> {
    run(connection, "SAVEPOINT job")
}

pub(super) fn undo_job(connection: &Connection) -> Result<()> {
    run(connection, "ROLLBACK TO job")
}

pub(super) fn end_job(connection: &Connection) -> Result<()> {
    run(connection, "RELEASE job")
}

/// Until the end everything is seen as it was at the first look.
pub(super) fn begin_reading(connection: &Connection) -> Result<()> {
    run(connection, "BEGIN DEFERRED")
}

pub(super) fn end_reading(connection: &Connection) -> Result<()> {
    run(connection, "COMMIT")
}

fn run(connection: &Connection, sql: &str) -> Result<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

pub(super) fn add_secret(connection: &Connection, name: &str, value: &[u8; 32]) -> Result<()> {
    connection
        .prepare("INSERT INTO secrets (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![name, value])?;
    Ok(())
}

pub(super) fn secret(connection: &Connection, name: &str) -> Result<[u8; 32]> {
    connection
        .prepare("SELECT value FROM secrets WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
}
