//! Pictures, likes and comments.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::picture::{Ext, PictureId};
use crate::store::{Author, Comment, CommentId, Kept, NewPicture, Page, Shown, UserKey};

/// A row of a page.
pub(in crate::store::sqlite) struct Paged {
    pub(in crate::store::sqlite) id: PictureId,
    pub(in crate::store::sqlite) likes: u32,
    pub(in crate::store::sqlite) revision: i64,
}

/// Who said a comment, and in answer to which.
pub(in crate::store::sqlite) struct Said {
    pub(in crate::store::sqlite) author: UserKey,
    pub(in crate::store::sqlite) thread: Option<CommentId>,
}

/// Whether there is a table for them.
pub(in crate::store::sqlite) fn has_pictures(connection: &Connection) -> Result<bool> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'pictures')";
    connection.query_row(sql, [], |row| row.get(0))
}

pub(in crate::store::sqlite) fn all_pictures(
    connection: &Connection,
) -> Result<Vec<(PictureId, Ext)>> {
    connection
        .prepare("SELECT id, ext FROM pictures ORDER BY id")?
        .query_map([], |row| Ok((PictureId(row.get(0)?), row.get(1)?)))?
        .collect()
}

pub(in crate::store::sqlite) fn last_picture(connection: &Connection) -> Result<PictureId> {
    connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'pictures'")?
        .query_row([], |row| row.get(0).map(PictureId))
        .optional()
        .map(|last| last.unwrap_or(PictureId(0)))
}

pub(in crate::store::sqlite) fn picture(
    connection: &Connection,
    id: PictureId,
) -> Result<Option<Kept>> {
    connection
        .prepare_cached("SELECT owner_key, ext FROM pictures WHERE id = ?1")?
        .query_row([id.0], |row| {
            Ok(Kept {
                owner: UserKey(row.get(0)?),
                ext: row.get(1)?,
            })
        })
        .optional()
}

pub(in crate::store::sqlite) fn hidden_from(
    connection: &Connection,
    user: UserKey,
) -> Result<Vec<UserKey>> {
    connection
        .prepare_cached(
            "SELECT whom_key FROM blocks WHERE by_key = ?1
             UNION SELECT by_key FROM blocks WHERE whom_key = ?1",
        )?
        .query_map([user.0], |row| row.get(0).map(UserKey))?
        .collect()
}

pub(in crate::store::sqlite) fn page(
    connection: &Connection,
    viewer: UserKey,
    page: &Page,
) -> Result<Vec<Paged>> {
    let before = page.before.map_or(i64::MAX, |id| id.0);
    let read = |row: &Row<'_>| {
        Ok(Paged {
            id: PictureId(row.get(0)?),
            likes: row.get(1)?,
            revision: row.get(2)?,
        })
    };
    match page.owner {
        Some(owner) => connection
            .prepare_cached(
                "SELECT id, likes, revision FROM pictures WHERE owner_key = ?3 AND id < ?1
                 AND owner_key NOT IN (SELECT whom_key FROM blocks WHERE by_key = ?4)
                 AND owner_key NOT IN (SELECT by_key FROM blocks WHERE whom_key = ?4)
                 ORDER BY id DESC LIMIT ?2",
            )?
            .query_map(params![before, page.limit, owner.0, viewer.0], read)?
            .collect(),
        None => connection
            .prepare_cached(
                "SELECT id, likes, revision FROM pictures WHERE id < ?1
                 AND owner_key NOT IN (SELECT whom_key FROM blocks WHERE by_key = ?3)
                 AND owner_key NOT IN (SELECT by_key FROM blocks WHERE whom_key = ?3)
                 ORDER BY id DESC LIMIT ?2",
            )?
            .query_map(params![before, page.limit, viewer.0], read)?
            .collect(),
    }
}

pub(in crate::store::sqlite) fn names(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("SELECT revision FROM names")?
        .query_row([], |row| row.get(0))
}

pub(in crate::store::sqlite) fn liked(
    connection: &Connection,
    user: UserKey,
    oldest: PictureId,
    newest: PictureId,
) -> Result<Vec<PictureId>> {
    connection
        .prepare_cached(
            "SELECT picture FROM likes
             WHERE user_key = ?1 AND picture BETWEEN ?2 AND ?3 ORDER BY picture",
        )?
        .query_map([user.0, oldest.0, newest.0], |row| {
            row.get(0).map(PictureId)
        })?
        .collect()
}

/// Without its comments.
pub(in crate::store::sqlite) fn shown(
    connection: &Connection,
    id: PictureId,
) -> Result<Option<Shown>> {
    connection
        .prepare_cached(
            "SELECT users.key, users.id, nickname, ext, pictures.words, published
             FROM pictures JOIN users ON users.key = owner_key WHERE pictures.id = ?1",
        )?
        .query_row([id.0], |row| {
            Ok(Shown {
                owner: author(row)?,
                ext: row.get(3)?,
                words: row.get(4)?,
                published: row.get(5)?,
                comments: Vec::new(),
            })
        })
        .optional()
}

/// With the comment that each answers, oldest first.
pub(in crate::store::sqlite) fn comments(
    connection: &Connection,
    picture: PictureId,
) -> Result<Vec<(Option<CommentId>, Comment)>> {
    connection
        .prepare_cached(
            "SELECT users.key, users.id, nickname, comments.id, text, thread
             FROM comments JOIN users ON users.key = author_key
             WHERE picture = ?1 ORDER BY comments.id",
        )?
        .query_map([picture.0], |row| {
            let comment = Comment {
                author: author(row)?,
                id: CommentId(row.get(3)?),
                text: row.get(4)?,
                answers: Vec::new(),
            };
            Ok((row.get::<_, Option<i64>>(5)?.map(CommentId), comment))
        })?
        .collect()
}

/// From the first three columns.
fn author(row: &Row<'_>) -> Result<Author> {
    Ok(Author {
        key: UserKey(row.get(0)?),
        user_id: row.get(1)?,
        nickname: row.get(2)?,
    })
}

pub(in crate::store::sqlite) fn add_picture(
    connection: &Connection,
    picture: &NewPicture,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO pictures (id, owner_key, ext, words, published)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            picture.id.0,
            picture.kept.owner.0,
            picture.kept.ext.as_str(),
            picture.words,
            picture.published,
        ])?;
    Ok(())
}

pub(in crate::store::sqlite) fn delete_picture(
    connection: &Connection,
    id: PictureId,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM pictures WHERE id = ?1")?
        .execute([id.0])?;
    Ok(())
}

/// With the answers to it. Was it there?
pub(in crate::store::sqlite) fn delete_comment(
    connection: &Connection,
    id: CommentId,
) -> Result<bool> {
    let deleted = connection
        .prepare_cached("DELETE FROM comments WHERE id = ?1")?
        .execute([id.0])?;
    Ok(deleted > 0)
}

pub(in crate::store::sqlite) fn like(
    connection: &Connection,
    user: UserKey,
    picture: PictureId,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO likes (user_key, picture) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute([user.0, picture.0])?;
    Ok(())
}

pub(in crate::store::sqlite) fn unlike(
    connection: &Connection,
    user: UserKey,
    picture: PictureId,
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM likes WHERE user_key = ?1 AND picture = ?2")?
        .execute([user.0, picture.0])?;
    Ok(())
}

pub(in crate::store::sqlite) fn likes(connection: &Connection, picture: PictureId) -> Result<u32> {
    connection
        .prepare_cached("SELECT likes FROM pictures WHERE id = ?1")?
        .query_row([picture.0], |row| row.get(0))
}

pub(in crate::store::sqlite) fn comment(
    connection: &Connection,
    author: UserKey,
    picture: PictureId,
    thread: Option<CommentId>,
    text: &str,
    said: i64,
) -> Result<CommentId> {
    connection
        .prepare_cached(
            "INSERT INTO comments (picture, author_key, thread, text, said)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .insert(params![
            picture.0,
            author.0,
            thread.map(|thread| thread.0),
            text,
            said
        ])
        .map(CommentId)
}

pub(in crate::store::sqlite) fn said(
    connection: &Connection,
    picture: PictureId,
    comment: CommentId,
) -> Result<Option<Said>> {
    connection
        .prepare_cached("SELECT author_key, thread FROM comments WHERE id = ?1 AND picture = ?2")?
        .query_row([comment.0, picture.0], |row| {
            Ok(Said {
                author: UserKey(row.get(0)?),
                thread: row.get::<_, Option<i64>>(1)?.map(CommentId),
            })
        })
        .optional()
}

pub(in crate::store::sqlite) fn count_comments(
    connection: &Connection,
    picture: PictureId,
) -> Result<u32> {
    connection
        .prepare_cached("SELECT count(*) FROM comments WHERE picture = ?1")?
        .query_row([picture.0], |row| row.get(0))
}

impl FromSql for Ext {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value
            .as_str()?
            .parse()
            .map_err(|_| FromSqlError::InvalidType)
    }
}
