//! Crushes. What concerns two users is found by both of their keys, so that it
//! takes as long whatever else there is of either.

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::store::{Author, Mutual, Naming, UserKey};

pub(in crate::store::sqlite) fn whose_number(
    connection: &Connection,
    tel: &str,
) -> Result<Option<UserKey>> {
    connection
        .prepare_cached("SELECT key FROM users WHERE tel = ?1")?
        .query_row([tel], |row| row.get(0).map(UserKey))
        .optional()
}

pub(in crate::store::sqlite) fn author(connection: &Connection, user: UserKey) -> Result<Author> {
    connection
        .prepare_cached("SELECT key, id, nickname FROM users WHERE key = ?1")?
        .query_row([user.0], |row| {
            Ok(Author {
                key: UserKey(row.get(0)?),
                user_id: row.get(1)?,
                nickname: row.get(2)?,
            })
        })
}

/// Whom the crush is about, as far as it is known; `None`: there is no such
/// crush.
pub(in crate::store::sqlite) fn about(
    connection: &Connection,
    by: UserKey,
    tel: &str,
) -> Result<Option<Option<UserKey>>> {
    connection
        .prepare_cached("SELECT to_key FROM crushes WHERE by_key = ?1 AND tel = ?2")?
        .query_row(params![by.0, tel], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.map(UserKey))
        })
        .optional()
}

pub(in crate::store::sqlite) fn named_on(
    connection: &Connection,
    by: UserKey,
    day: &str,
) -> Result<u32> {
    connection
        .prepare_cached("SELECT named FROM crush_users WHERE user_key = ?1 AND day = ?2")?
        .query_row(params![by.0, day], |row| row.get(0))
        .optional()
        .map(|named| named.unwrap_or(0))
}

pub(in crate::store::sqlite) fn count_named(
    connection: &Connection,
    by: UserKey,
    day: &str,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO crush_users (user_key, day, named) VALUES (?1, ?2, 1)
             ON CONFLICT (user_key) DO UPDATE
             SET named = iif(day = excluded.day, named + 1, 1), day = excluded.day",
        )?
        .execute(params![by.0, day])?;
    Ok(())
}

pub(in crate::store::sqlite) fn keep(
    connection: &Connection,
    naming: &Naming,
    to: Option<UserKey>,
    pseudonym: &str,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO crushes (by_key, tel, to_key, given, words, pseudonym)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (by_key, tel) DO UPDATE
             SET given = excluded.given, words = excluded.words,
                 pseudonym = iif(to_key IS excluded.to_key, pseudonym, excluded.pseudonym),
                 mutual = iif(to_key IS excluded.to_key, mutual, 0),
                 to_key = excluded.to_key",
        )?
        .execute(params![
            naming.by.0,
            naming.tel,
            to.map(|to| to.0),
            naming.given,
            naming.words,
            pseudonym,
        ])?;
    Ok(())
}

/// Has the last words shown to the other, if they may be.
pub(in crate::store::sqlite) fn show(
    connection: &Connection,
    naming: &Naming,
    may_be_shown: bool,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE crushes SET shown = iif(?3, words, shown) WHERE by_key = ?1 AND tel = ?2",
        )?
        .execute(params![naming.by.0, naming.tel, may_be_shown])?;
    Ok(())
}

/// The same of other numbers that are the same user's.
pub(in crate::store::sqlite) fn show_elsewhere(
    connection: &Connection,
    naming: &Naming,
    to: Option<UserKey>,
    may_be_shown: bool,
) -> Result<()> {
    let (by, to) = (naming.by.0, to.map(|to| to.0));
    connection
        .prepare_cached(
            "UPDATE crushes INDEXED BY crushes_pair SET shown = iif(?5, ?4, shown)
             WHERE to_key = ?1 AND by_key = ?2 AND tel IS NOT ?3",
        )?
        .execute(params![to, by, naming.tel, naming.words, may_be_shown])?;
    Ok(())
}

pub(in crate::store::sqlite) fn are_apart(
    connection: &Connection,
    one: UserKey,
    other: Option<UserKey>,
) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM blocks WHERE (by_key = ?1 AND whom_key = ?2)
             OR (by_key = ?2 AND whom_key = ?1)",
        )?
        .exists(params![one.0, other.map(|other| other.0)])
}

pub(in crate::store::sqlite) fn has_named(
    connection: &Connection,
    by: Option<UserKey>,
    to: UserKey,
) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT 1 FROM crushes INDEXED BY crushes_pair WHERE to_key = ?1 AND by_key = ?2",
        )?
        .exists(params![to.0, by.map(|by| by.0)])
}

/// Does `by` know that this crush is mutual?
pub(in crate::store::sqlite) fn is_mutual(
    connection: &Connection,
    by: UserKey,
    tel: &str,
) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT mutual AND to_key IS NOT NULL FROM crushes WHERE by_key = ?1 AND tel = ?2",
        )?
        .query_row(params![by.0, tel], |row| row.get(0))
}

/// Was there any of which `by` had not been told yet?
pub(in crate::store::sqlite) fn set_mutual(
    connection: &Connection,
    by: UserKey,
    to: UserKey,
) -> Result<bool> {
    connection
        .prepare_cached(
            "UPDATE crushes INDEXED BY crushes_pair SET mutual = 1
             WHERE to_key = ?1 AND by_key = ?2 AND mutual = 0",
        )?
        .execute(params![to.0, by.0])
        .map(|changed| changed > 0)
}

pub(in crate::store::sqlite) fn rounds(
    connection: &Connection,
    one: UserKey,
    other: Option<UserKey>,
) -> Result<i64> {
    let (one, other) = (one.0, other.map(|other| other.0));
    connection
        .prepare_cached(
            "SELECT rounds FROM crush_rounds
             WHERE one_key = min(?1, ?2) AND other_key = max(?1, ?2)",
        )?
        .query_row(params![one, other], |row| row.get(0))
        .optional()
        .map(|rounds| rounds.unwrap_or(0))
}

pub(in crate::store::sqlite) fn count_round(
    connection: &Connection,
    one: UserKey,
    other: UserKey,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO crush_rounds (one_key, other_key, rounds)
             VALUES (min(?1, ?2), max(?1, ?2), 1)
             ON CONFLICT (one_key, other_key) DO UPDATE SET rounds = rounds + 1",
        )?
        .execute([one.0, other.0])?;
    Ok(())
}

pub(in crate::store::sqlite) fn cancel(
    connection: &Connection,
    by: UserKey,
    tel: &str,
) -> Result<bool> {
    connection
        .prepare_cached("DELETE FROM crushes WHERE by_key = ?1 AND tel = ?2")?
        .execute(params![by.0, tel])
        .map(|gone| gone > 0)
}

/// Who has named this number while nobody had it.
pub(in crate::store::sqlite) fn waiting(
    connection: &Connection,
    tel: &str,
) -> Result<Vec<UserKey>> {
    connection
        .prepare_cached(
            "SELECT by_key FROM crushes WHERE tel = ?1 AND to_key IS NULL ORDER BY by_key",
        )?
        .query_map([tel], |row| row.get(0).map(UserKey))?
        .collect()
}

/// What waited for a number is somebody's.
pub(in crate::store::sqlite) fn deliver(
    connection: &Connection,
    by: UserKey,
    tel: &str,
    to: UserKey,
    pseudonym: &str,
    may_be_shown: bool,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE crushes SET to_key = ?3, pseudonym = ?4, mutual = 0,
                 shown = iif(?5, shown, NULL)
             WHERE by_key = ?1 AND tel = ?2",
        )?
        .execute(params![by.0, tel, to.0, pseudonym, may_be_shown])?;
    Ok(())
}

pub(in crate::store::sqlite) fn sent(
    connection: &Connection,
    by: UserKey,
    most: u32,
    each: &mut dyn FnMut(&str, &str),
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT given, words FROM crushes WHERE by_key = ?1 ORDER BY tel LIMIT ?2",
    )?;
    let mut rows = statement.query(params![by.0, most])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
    }
    Ok(())
}

pub(in crate::store::sqlite) fn received(
    connection: &Connection,
    to: UserKey,
    most: u32,
    each: &mut dyn FnMut(&str, &str),
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT pseudonym, shown FROM crushes INDEXED BY crushes_heard
         WHERE to_key = ?1 AND mutual = 0 AND shown IS NOT NULL
         ORDER BY pseudonym LIMIT ?2",
    )?;
    let mut rows = statement.query(params![to.0, most])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
    }
    Ok(())
}

/// Somebody stands as often as there are numbers of theirs that were named, all
/// in a row.
pub(in crate::store::sqlite) fn mutual(
    connection: &Connection,
    user: UserKey,
) -> Result<Vec<Mutual>> {
    connection
        .prepare_cached(
            "SELECT users.key, users.id, nickname, given
             FROM crushes INDEXED BY crushes_mutual JOIN users ON users.key = to_key
             WHERE by_key = ?1 AND mutual = 1
             AND to_key NOT IN (SELECT whom_key FROM blocks WHERE by_key = ?1)
             AND to_key NOT IN (SELECT by_key FROM blocks WHERE whom_key = ?1)
             ORDER BY to_key",
        )?
        .query_map([user.0], |row| {
            Ok(Mutual {
                other: Author {
                    key: UserKey(row.get(0)?),
                    user_id: row.get(1)?,
                    nickname: row.get(2)?,
                },
                given: row.get(3)?,
            })
        })?
        .collect()
}

pub(in crate::store::sqlite) fn receives(connection: &Connection, user: UserKey) -> Result<bool> {
    connection
        .prepare_cached("SELECT receive FROM crush_users WHERE user_key = ?1")?
        .query_row([user.0], |row| row.get(0))
        .optional()
        .map(|receive| receive.unwrap_or(true))
}

pub(in crate::store::sqlite) fn set_receives(
    connection: &Connection,
    user: UserKey,
    receive: bool,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO crush_users (user_key, receive) VALUES (?1, ?2)
             ON CONFLICT (user_key) DO UPDATE SET receive = excluded.receive",
        )?
        .execute(params![user.0, receive])?;
    Ok(())
}

/// Takes the turn of a sender whose last one was then or earlier.
pub(in crate::store::sqlite) fn take_turn(
    connection: &Connection,
    by: UserKey,
    now: i64,
    last: i64,
) -> Result<bool> {
    connection
        .prepare_cached(
            "INSERT INTO crush_users (user_key, invited) VALUES (?1, ?2)
             ON CONFLICT (user_key) DO UPDATE SET invited = excluded.invited
             WHERE invited <= ?3",
        )?
        .execute([by.0, now, last])
        .map(|taken| taken > 0)
}

/// The same of a number.
pub(in crate::store::sqlite) fn take_invite(
    connection: &Connection,
    tel: &str,
    now: i64,
    last: i64,
) -> Result<bool> {
    connection
        .prepare_cached(
            "INSERT INTO crush_invites (tel, at) VALUES (?1, ?2)
             ON CONFLICT (tel) DO UPDATE SET at = excluded.at WHERE at <= ?3",
        )?
        .execute(params![tel, now, last])
        .map(|taken| taken > 0)
}

pub(in crate::store::sqlite) fn drop_invites_before(
    connection: &Connection,
    at: i64,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM crush_invites WHERE at < ?1")?
        .execute([at])?;
    Ok(())
}
