//! Lucky draws and their tickets.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::lucky::{Rule, TicketsHash};
use crate::store::{Close, Draw, Outcome, Terms};

/// What a ticket is numbered within.
#[derive(Clone, Copy)]
pub(in crate::store::sqlite) struct DrawKey(i64);

/// What must be known of a draw before somebody joins it.
pub(in crate::store::sqlite) struct Open {
    pub(in crate::store::sqlite) key: DrawKey,
    pub(in crate::store::sqlite) max_count: u32,
    pub(in crate::store::sqlite) auto_close: bool,
    pub(in crate::store::sqlite) is_closed: bool,
}

pub(in crate::store::sqlite) fn open(connection: &Connection, id: &str) -> Result<Option<Open>> {
    connection
        .prepare_cached(
            "SELECT key, max_count, auto_close, closed IS NOT NULL FROM draws WHERE id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Open {
                key: DrawKey(row.get(0)?),
                max_count: row.get(1)?,
                auto_close: row.get(2)?,
                is_closed: row.get(3)?,
            })
        })
        .optional()
}

pub(in crate::store::sqlite) fn ticket_of(
    connection: &Connection,
    draw: DrawKey,
    user_id: &str,
) -> Result<Option<u32>> {
    connection
        .prepare_cached("SELECT number FROM tickets WHERE draw = ?1 AND user_id = ?2")?
        .query_row(params![draw.0, user_id], |row| row.get(0))
        .optional()
}

/// Which is how many there are.
pub(in crate::store::sqlite) fn last_ticket(connection: &Connection, draw: DrawKey) -> Result<u32> {
    connection
        .prepare_cached("SELECT ifnull(max(number), 0) FROM tickets WHERE draw = ?1")?
        .query_row([draw.0], |row| row.get(0))
}

pub(in crate::store::sqlite) fn add_ticket(
    connection: &Connection,
    draw: DrawKey,
    number: u32,
    user_id: &str,
) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO tickets (draw, number, user_id) VALUES (?1, ?2, ?3)")?
        .execute(params![draw.0, number, user_id])?;
    Ok(())
}

pub(in crate::store::sqlite) fn tickets(
    connection: &Connection,
    draw: DrawKey,
    after: u32,
    most: u32,
    each: &mut dyn FnMut(u32, &str),
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT number, user_id FROM tickets WHERE draw = ?1 AND number > ?2
         ORDER BY number LIMIT ?3",
    )?;
    let mut rows = statement.query(params![draw.0, after, most])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, row.get_ref(1)?.as_str()?);
    }
    Ok(())
}

pub(in crate::store::sqlite) fn draws(
    connection: &Connection,
    viewer: Option<&str>,
    most: u32,
) -> Result<Vec<Draw>> {
    connection
        .prepare_cached(
            "SELECT id, name, image, description, max_count, rule, auto_close,
                 closed, tickets_sha256, drawn, numbers, winner_number, winner_id,
                 (SELECT ifnull(max(number), 0) FROM tickets WHERE draw = draws.key),
                 (SELECT number FROM tickets WHERE draw = draws.key AND user_id = ?1)
             FROM draws ORDER BY key DESC LIMIT ?2",
        )?
        .query_map(params![viewer, most], read)?
        .collect()
}

pub(in crate::store::sqlite) fn draw(connection: &Connection, id: &str) -> Result<Option<Draw>> {
    connection
        .prepare_cached(
            "SELECT id, name, image, description, max_count, rule, auto_close,
                 closed, tickets_sha256, drawn, numbers, winner_number, winner_id,
                 (SELECT ifnull(max(number), 0) FROM tickets WHERE draw = draws.key), NULL
             FROM draws WHERE id = ?1",
        )?
        .query_row([id], read)
        .optional()
}

fn read(row: &Row<'_>) -> Result<Draw> {
    let close = match row.get(7)? {
        None => None,
        Some(at) => Some(Close {
            at,
            sha256: TicketsHash(row.get(8)?),
        }),
    };
    let outcome = match row.get(9)? {
        None => None,
        Some(at) => Some(Outcome {
            at,
            numbers: row.get_ref(10)?.as_str()?.parse().map_err(|_| {
                rusqlite::Error::InvalidColumnType(10, "numbers".into(), Type::Text)
            })?,
            winner_number: row.get(11)?,
            winner: row.get(12)?,
        }),
    };
    Ok(Draw {
        terms: Terms {
            id: row.get(0)?,
            name: row.get(1)?,
            image: row.get(2)?,
            desc: row.get(3)?,
            max_count: row.get(4)?,
            rule: row.get(5)?,
            auto_close: row.get(6)?,
        },
        count: row.get(13)?,
        close,
        outcome,
        own: row.get(14)?,
    })
}

/// Nothing, if the id is taken.
pub(in crate::store::sqlite) fn add_draw(
    connection: &Connection,
    terms: &Terms,
    now: i64,
) -> Result<bool> {
    connection
        .prepare_cached(
            "INSERT INTO draws
             (id, name, image, description, max_count, rule, auto_close, created)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            terms.id,
            terms.name,
            terms.image,
            terms.desc,
            terms.max_count,
            terms.rule.as_str(),
            terms.auto_close,
            now,
        ])
        .map(|added| added > 0)
}

pub(in crate::store::sqlite) fn close(
    connection: &Connection,
    draw: DrawKey,
    close: Close,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE draws SET closed = ?2, tickets_sha256 = ?3 WHERE key = ?1 AND closed IS NULL",
        )?
        .execute(params![draw.0, close.at, close.sha256.0])?;
    Ok(())
}

pub(in crate::store::sqlite) fn decide(
    connection: &Connection,
    id: &str,
    outcome: &Outcome,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE draws SET drawn = ?2, numbers = ?3, winner_number = ?4, winner_id = ?5
             WHERE id = ?1 AND drawn IS NULL",
        )?
        .execute(params![
            id,
            outcome.at,
            outcome.numbers.to_string(),
            outcome.winner_number,
            outcome.winner,
        ])?;
    Ok(())
}

impl FromSql for Rule {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value
            .as_str()?
            .parse()
            .map_err(|_| FromSqlError::InvalidType)
    }
}
