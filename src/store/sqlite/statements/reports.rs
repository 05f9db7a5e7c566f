//! What was reported, and the pictures that are kept for it.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::picture::{Ext, PictureId};
use crate::store::{About, NewReport, Report, Sought};

pub(in crate::store::sqlite) fn add(connection: &Connection, report: &NewReport) -> Result<()> {
    let (kind, about) = report.about.parts();
    connection
        .prepare_cached(
            "INSERT INTO reports (by_id, kind, about, whom_id, reason, evidence, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            report.by_id,
            kind,
            about,
            report.whom_id,
            report.reason,
            report.evidence,
            report.at,
        ])?;
    Ok(())
}

/// Newest first, without their pictures.
pub(in crate::store::sqlite) fn reports(
    connection: &Connection,
    sought: &Sought,
) -> Result<Vec<Report>> {
    connection
        .prepare_cached(
            "SELECT key, by_id, kind, about, whom_id, reason, evidence, at, resolved, outcome
             FROM reports WHERE key < ?1 AND (?2 IS NULL OR (resolved IS NOT NULL) = ?2)
             AND (?3 IS NULL OR whom_id = ?3) ORDER BY key DESC LIMIT ?4",
        )?
        .query_map(
            params![
                sought.before.unwrap_or(i64::MAX),
                sought.resolved,
                sought.whom_id,
                sought.limit,
            ],
            report,
        )?
        .collect()
}

fn report(row: &Row<'_>) -> Result<Report> {
    let (kind, about): (String, String) = (row.get(2)?, row.get(3)?);
    let resolved: Option<i64> = row.get(8)?;
    let outcome: String = row.get(9)?;
    Ok(Report {
        id: row.get(0)?,
        report: NewReport {
            by_id: row.get(1)?,
            about: match kind.as_str() {
                "picture" => About::Picture(about),
                "comment" => About::Comment(about),
                "talk" => About::Talk(about),
                _ => About::User(about),
            },
            whom_id: row.get(4)?,
            reason: row.get(5)?,
            evidence: row.get(6)?,
            at: row.get(7)?,
        },
        resolved: resolved.map(|at| (at, outcome)),
        picture: None,
    })
}

pub(in crate::store::sqlite) fn count_open(connection: &Connection) -> Result<u32> {
    connection
        .prepare_cached("SELECT count(*) FROM reports WHERE resolved IS NULL")?
        .query_row([], |row| row.get(0))
}

pub(in crate::store::sqlite) fn is_resolved(
    connection: &Connection,
    key: i64,
) -> Result<Option<bool>> {
    connection
        .prepare_cached("SELECT resolved IS NOT NULL FROM reports WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

pub(in crate::store::sqlite) fn resolve(
    connection: &Connection,
    key: i64,
    outcome: &str,
    now: i64,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE reports SET resolved = ?2, outcome = ?3 WHERE key = ?1")?
        .execute(params![key, now, outcome])?;
    Ok(())
}

/// Reports that were dealt with before then, and the pictures that no report
/// is about any more.
pub(in crate::store::sqlite) fn drop_before(connection: &Connection, oldest: i64) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM reports WHERE resolved < ?1")?
        .execute([oldest])?;
    connection
        .prepare_cached(
            "DELETE FROM evidence WHERE NOT EXISTS (
                SELECT 1 FROM reports WHERE kind = 'picture' AND about = CAST(picture AS TEXT))",
        )?
        .execute([])?;
    Ok(())
}

/// A picture's file, and whether it is published.
pub(in crate::store::sqlite) fn file(
    connection: &Connection,
    id: PictureId,
) -> Result<Option<(PictureId, Ext, bool)>> {
    connection
        .prepare_cached(
            "SELECT ext, 1 FROM pictures WHERE id = ?1
             UNION ALL SELECT ext, 0 FROM evidence WHERE picture = ?1 LIMIT 1",
        )?
        .query_row([id.0], |row| Ok((id, row.get(0)?, row.get(1)?)))
        .optional()
}

pub(in crate::store::sqlite) fn evidence(
    connection: &Connection,
    id: PictureId,
) -> Result<Option<Ext>> {
    connection
        .prepare_cached("SELECT ext FROM evidence WHERE picture = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()
}

pub(in crate::store::sqlite) fn keep_evidence(
    connection: &Connection,
    id: PictureId,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO evidence (picture, ext, owner_id, words)
             SELECT pictures.id, ext, users.id, pictures.words
             FROM pictures JOIN users ON users.key = owner_key WHERE pictures.id = ?1
             ON CONFLICT DO NOTHING",
        )?
        .execute([id.0])?;
    Ok(())
}

/// Whether there is a table for it.
pub(in crate::store::sqlite) fn has_evidence(connection: &Connection) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'evidence')";
    connection.query_row(sql, [], |row| row.get(0))
}

pub(in crate::store::sqlite) fn all_evidence(
    connection: &Connection,
) -> Result<Vec<(PictureId, Ext)>> {
    connection
        .prepare("SELECT picture, ext FROM evidence ORDER BY picture")?
        .query_map([], |row| Ok((PictureId(row.get(0)?), row.get(1)?)))?
        .collect()
}
