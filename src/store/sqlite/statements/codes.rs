//! Codes, how often they were asked for, and registration tokens.

use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};

use crate::store::{Code, CodeRequest, TokenHash, UserKey};

pub(in crate::store::sqlite) fn request_for_tel(
    connection: &Connection,
    tel: &str,
    since_ms: i64,
    passed_over: u32,
) -> Result<Option<i64>> {
    one_request(
        connection,
        "SELECT at_ms FROM code_requests WHERE tel = ?1 AND at_ms > ?2
         ORDER BY at_ms DESC LIMIT 1 OFFSET ?3",
        params![tel, since_ms, passed_over],
    )
}

pub(in crate::store::sqlite) fn request_from_address(
    connection: &Connection,
    address: &str,
    since_ms: i64,
    passed_over: u32,
) -> Result<Option<i64>> {
    one_request(
        connection,
        "SELECT at_ms FROM code_requests WHERE address = ?1 AND at_ms > ?2
         ORDER BY at_ms DESC LIMIT 1 OFFSET ?3",
        params![address, since_ms, passed_over],
    )
}

fn one_request(connection: &Connection, sql: &str, params: impl Params) -> Result<Option<i64>> {
    connection
        .prepare_cached(sql)?
        .query_row(params, |row| row.get(0))
        .optional()
}

pub(in crate::store::sqlite) fn add_request(
    connection: &Connection,
    request: &CodeRequest,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO code_requests (id, tel, address, at_ms) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            request.id,
            request.tel,
            request.address,
            request.at_ms
        ])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_request(connection: &Connection, id: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM code_requests WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

pub(in crate::store::sqlite) fn code(
    connection: &Connection,
    tel: &str,
    purpose: &str,
) -> Result<Option<Code>> {
    one_code(
        connection,
        "SELECT tel, purpose, request, user_key, hmac, expires_ms, wrong
         FROM codes WHERE tel = ?1 AND purpose = ?2",
        [tel, purpose],
    )
}

pub(in crate::store::sqlite) fn code_by_request(
    connection: &Connection,
    request: &str,
) -> Result<Option<Code>> {
    one_code(
        connection,
        "SELECT tel, purpose, request, user_key, hmac, expires_ms, wrong
         FROM codes WHERE request = ?1",
        [request],
    )
}

fn one_code(connection: &Connection, sql: &str, params: impl Params) -> Result<Option<Code>> {
    connection
        .prepare_cached(sql)?
        .query_row(params, read_code)
        .optional()
}

fn read_code(row: &Row<'_>) -> Result<Code> {
    Ok(Code {
        tel: row.get(0)?,
        purpose: row.get(1)?,
        request: row.get(2)?,
        user: row.get::<_, Option<i64>>(3)?.map(UserKey),
        hmac: row.get(4)?,
        expires_ms: row.get(5)?,
        wrong: row.get(6)?,
    })
}

pub(in crate::store::sqlite) fn keep_code(connection: &Connection, code: &Code) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO codes
             (tel, purpose, request, user_key, hmac, expires_ms, wrong)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            code.tel,
            code.purpose,
            code.request,
            code.user.map(|user| user.0),
            code.hmac,
            code.expires_ms,
            code.wrong,
        ])?;
    Ok(())
}

pub(in crate::store::sqlite) fn count_wrong_code(
    connection: &Connection,
    request: &str,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE codes SET wrong = wrong + 1 WHERE request = ?1")?
        .execute([request])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_code(connection: &Connection, request: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM codes WHERE request = ?1")?
        .execute([request])?;
    Ok(())
}

pub(in crate::store::sqlite) fn registration(
    connection: &Connection,
    token: &TokenHash,
    now: i64,
) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT tel FROM registrations WHERE token = ?1 AND expires > ?2")?
        .query_row(params![token.0, now], |row| row.get(0))
        .optional()
}

pub(in crate::store::sqlite) fn add_registration(
    connection: &Connection,
    token: &TokenHash,
    tel: &str,
    expires: i64,
) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO registrations (token, tel, expires) VALUES (?1, ?2, ?3)")?
        .execute(params![token.0, tel, expires])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_registration(
    connection: &Connection,
    token: &TokenHash,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM registrations WHERE token = ?1")?
        .execute([token.0])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_requests_before(
    connection: &Connection,
    at_ms: i64,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM code_requests WHERE at_ms < ?1")?
        .execute([at_ms])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_codes_before(
    connection: &Connection,
    expired_ms: i64,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM codes WHERE expires_ms < ?1")?
        .execute([expired_ms])?;
    Ok(())
}

pub(in crate::store::sqlite) fn drop_registrations_before(
    connection: &Connection,
    expired: i64,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM registrations WHERE expires < ?1")?
        .execute([expired])?;
    Ok(())
}
