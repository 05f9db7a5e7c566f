//! A picture's entry in the feed, as it is written.
//!
//! Most of an entry is the same for all who look, and for as long as nobody
//! comments: it is written once and kept, under the edition that it shows.

use std::sync::Arc;

use jiff::tz::TimeZone;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::reply::inside;
use super::super::when;
use super::crop::crop;
use crate::limits::{FEED_CACHE_BYTES, FEED_PAGE_BYTES};
use crate::picture::{Ext, PictureId};
use crate::store::{Author, Comment, Edition, Listed, Shown, UserKey};

/// What is told to each apart takes so many bytes, at most.
const OWN: usize = 64;
/// And so many that comments are left out.
const LEFT_OUT: usize = 64;

/// An entry but for what is told to each apart.
#[derive(Debug)]
pub(super) struct Entry {
    edition: Edition,
    /// Keys before and after how many like it.
    head: String,
    tail: String,
    /// Whose names and words are in it, or would be if there were room.
    people: Vec<UserKey>,
}

/// Those that were written of late.
pub(super) struct Entries(Cache<PictureId, Arc<Entry>, Bytes>);

#[derive(Clone)]
struct Bytes;

impl Weighter<PictureId, Arc<Entry>> for Bytes {
    fn weight(&self, _: &PictureId, entry: &Arc<Entry>) -> u64 {
        let bytes = entry.head.len() + entry.tail.len() + size_of_val(&*entry.people);
        (bytes + size_of::<Entry>()) as u64
    }
}

impl Entries {
    pub(super) fn new() -> Entries {
        const ONE: u64 = 2048;
        let entries = usize::try_from(FEED_CACHE_BYTES / ONE).expect("it fits a machine");
        Entries(Cache::with_weighter(entries, FEED_CACHE_BYTES, Bytes))
    }

    /// The entry of this edition, if it is there.
    pub(super) fn get(&self, listed: &Listed) -> Option<Arc<Entry>> {
        let entry = self.0.get(&listed.id)?;
        (entry.edition == listed.edition).then_some(entry)
    }

    /// Keeps an entry.
    pub(super) fn keep(&self, id: PictureId, entry: &Arc<Entry>) {
        self.0.insert(id, Arc::clone(entry));
    }
}

impl std::fmt::Debug for Entries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

/// Where a picture is to be had.
pub(super) fn content(id: PictureId, ext: Ext) -> String {
    format!("/uploads/{id}.{}", ext.as_str())
}

/// What stands before how many like it.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Head<'a> {
    picture_id: String,
    picture_publish_time: String,
    picture_publish_time_at: i64,
    picture_content: String,
    picture_words: &'a str,
}

/// What stands after it.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Tail<'a> {
    picture_owner: &'a str,
    picture_owner_id: &'a str,
    picture_comment: Vec<Said<'a>>,
    /// So many of the oldest are not here: there is no room for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1)]
    comments_left_out: Option<u32>,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = PictureComment)]
pub(super) struct Said<'a> {
    pub(super) comment_id: String,
    pub(super) comment_own: &'a str,
    pub(super) comment_own_id: &'a str,
    pub(super) comment_msg: &'a str,
    pub(super) comment_response: Vec<Answer<'a>>,
}

/// A comment on a comment.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CommentResponse)]
pub(super) struct Answer<'a> {
    pub(super) comment_response_id: String,
    pub(super) comment_response_own: &'a str,
    pub(super) comment_response_msg: &'a str,
}

impl Entry {
    /// Writes it, with as many of its comments as it has room for.
    pub(super) fn new(listed: &Listed, shown: &Shown, zone: &TimeZone) -> Entry {
        let head = Head {
            picture_id: listed.id.to_string(),
            picture_publish_time: when::written(shown.published, zone),
            picture_publish_time_at: shown.published,
            picture_content: content(listed.id, shown.ext),
            picture_words: &shown.words,
        };
        let mut tail = Tail {
            picture_owner: &shown.owner.nickname,
            picture_owner_id: &shown.owner.user_id,
            picture_comment: shown.comments.iter().map(said).collect(),
            comments_left_out: None,
        };
        let mut entry = Entry {
            edition: listed.edition,
            head: inside(&head),
            tail: inside(&tail),
            people: people(shown),
        };
        if entry.room() > FEED_PAGE_BYTES {
            let comments = std::mem::take(&mut tail.picture_comment);
            entry.tail = inside(&tail);
            let room = FEED_PAGE_BYTES.saturating_sub(entry.room() + LEFT_OUT);
            let (comments, left_out) = crop(comments, room);
            tail.picture_comment = comments;
            tail.comments_left_out = Some(left_out);
            entry.tail = inside(&tail);
        }
        entry
    }

    /// Is anything in it of one of those?
    pub(super) fn names_any(&self, whom: &[UserKey]) -> bool {
        whom.iter()
            .any(|user| self.people.binary_search(user).is_ok())
    }

    /// Bytes that it takes in a list.
    pub(super) fn room(&self) -> usize {
        self.head.len() + self.tail.len() + OWN
    }

    /// Adds it to a list, with what only this caller is told.
    pub(super) fn write(&self, listed: &Listed, list: &mut String) {
        let likes = listed.likes.to_string();
        let liked = if listed.liked { "true" } else { "false" };
        for part in [
            "{",
            &self.head,
            r#","picture_like_num":""#,
            &likes,
            r#"","liked":"#,
            liked,
            ",",
            &self.tail,
            "}",
        ] {
            list.push_str(part);
        }
    }
}

fn said(comment: &Comment) -> Said<'_> {
    Said {
        comment_id: comment.id.to_string(),
        comment_own: &comment.author.nickname,
        comment_own_id: &comment.author.user_id,
        comment_msg: &comment.text,
        comment_response: comment.answers.iter().map(answer).collect(),
    }
}

fn answer(comment: &Comment) -> Answer<'_> {
    Answer {
        comment_response_id: comment.id.to_string(),
        comment_response_own: &comment.author.nickname,
        comment_response_msg: &comment.text,
    }
}

/// In the order of their keys.
fn people(shown: &Shown) -> Vec<UserKey> {
    let comments = shown.comments.iter();
    let speakers = comments.flat_map(|comment| {
        let answers = comment.answers.iter().map(|answer| &answer.author);
        std::iter::once(&comment.author).chain(answers)
    });
    let everybody = speakers.chain([&shown.owner]);
    let mut keys: Vec<_> = everybody.map(|author: &Author| author.key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}
