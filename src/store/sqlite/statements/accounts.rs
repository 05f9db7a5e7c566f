//! Users and their tokens.

use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};

use crate::store::{Account, Profile, Session, TokenHash, UserKey};

pub(in crate::store::sqlite) fn session(
    connection: &Connection,
    token: &TokenHash,
    now: i64,
) -> Result<Option<Session>> {
    connection
        .prepare_cached(
            "SELECT key, id, expires FROM sessions JOIN users ON key = user_key
             WHERE token = ?1 AND expires > ?2",
        )?
        .query_row(params![token.0, now], |row| {
            Ok(Session {
                user: UserKey(row.get(0)?),
                user_id: row.get(1)?,
                expires: row.get(2)?,
            })
        })
        .optional()
}

pub(in crate::store::sqlite) fn account(
    connection: &Connection,
    user: UserKey,
) -> Result<Option<Account>> {
    one_account(
        connection,
        "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words
         FROM users WHERE key = ?1",
        [user.0],
    )
}

pub(in crate::store::sqlite) fn account_by_id(
    connection: &Connection,
    user_id: &str,
) -> Result<Option<Account>> {
    one_account(
        connection,
        "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words
         FROM users WHERE id = ?1",
        [user_id],
    )
}

pub(in crate::store::sqlite) fn account_by_tel(
    connection: &Connection,
    tel: &str,
) -> Result<Option<Account>> {
    one_account(
        connection,
        "SELECT key, id, tel, nickname, gender, birthday, pic_id, location, words
         FROM users WHERE tel = ?1",
        [tel],
    )
}

fn one_account(connection: &Connection, sql: &str, params: impl Params) -> Result<Option<Account>> {
    connection
        .prepare_cached(sql)?
        .query_row(params, read_account)
        .optional()
}

/// From the first nine columns.
pub(super) fn read_account(row: &Row<'_>) -> Result<Account> {
    Ok(Account {
        user: UserKey(row.get(0)?),
        user_id: row.get(1)?,
        tel: row.get(2)?,
        profile: Profile {
            nickname: row.get(3)?,
            gender: row.get(4)?,
            birthday: row.get(5)?,
            pic_id: row.get(6)?,
            location: row.get(7)?,
            words: row.get(8)?,
        },
    })
}

pub(in crate::store::sqlite) fn add_account(
    connection: &Connection,
    user_id: &str,
    tel: &str,
    profile: &Profile,
    now: i64,
) -> Result<UserKey> {
    connection
        .prepare_cached(
            "INSERT INTO users
             (id, tel, nickname, gender, birthday, pic_id, location, words, registered)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            user_id,
            tel,
            profile.nickname,
            profile.gender,
            profile.birthday,
            profile.pic_id,
            profile.location,
            profile.words,
            now,
        ])
        .map(UserKey)
}

pub(in crate::store::sqlite) fn add_session(
    connection: &Connection,
    token: &TokenHash,
    user: UserKey,
    expires: i64,
) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO sessions (token, user_key, expires) VALUES (?1, ?2, ?3)")?
        .execute(params![token.0, user.0, expires])?;
    Ok(())
}

pub(in crate::store::sqlite) fn prolong_session(
    connection: &Connection,
    token: &TokenHash,
    expires: i64,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE sessions SET expires = max(expires, ?2) WHERE token = ?1")?
        .execute(params![token.0, expires])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_session(
    connection: &Connection,
    token: &TokenHash,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sessions WHERE token = ?1")?
        .execute([token.0])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_other_sessions(
    connection: &Connection,
    user: UserKey,
    kept: Option<&TokenHash>,
) -> Result<bool> {
    let dropped = connection
        .prepare_cached("DELETE FROM sessions WHERE user_key = ?1 AND token IS NOT ?2")?
        .execute(params![user.0, kept.map(|token| token.0)])?;
    Ok(dropped > 0)
}

pub(in crate::store::sqlite) fn is_logged_in(
    connection: &Connection,
    user: UserKey,
    now: i64,
) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM sessions WHERE user_key = ?1 AND expires > ?2")?
        .exists([user.0, now])
}

pub(in crate::store::sqlite) fn drop_sessions_before(
    connection: &Connection,
    expired: i64,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sessions WHERE expires < ?1")?
        .execute([expired])?;
    Ok(())
}

pub(in crate::store::sqlite) fn set_profile(
    connection: &Connection,
    user: UserKey,
    profile: &Profile,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE users
             SET nickname = ?2, birthday = ?3, pic_id = ?4, location = ?5, words = ?6
             WHERE key = ?1",
        )?
        .execute(params![
            user.0,
            profile.nickname,
            profile.birthday,
            profile.pic_id,
            profile.location,
            profile.words,
        ])?;
    Ok(())
}

pub(in crate::store::sqlite) fn set_tel(
    connection: &Connection,
    user: UserKey,
    tel: &str,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE users SET tel = ?2 WHERE key = ?1")?
        .execute(params![user.0, tel])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_account(connection: &Connection, user: UserKey) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO former_users (id) SELECT id FROM users WHERE key = ?1")?
        .execute([user.0])?;
    connection
        .prepare_cached("DELETE FROM users WHERE key = ?1")?
        .execute([user.0])?;
    Ok(())
}

pub(in crate::store::sqlite) fn is_former_id(
    connection: &Connection,
    user_id: &str,
) -> Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM former_users WHERE id = ?1")?
        .exists([user_id])
}
