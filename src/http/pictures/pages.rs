//! Pages of the feed as somebody saw them of late: good for whoever asks the
//! same again before anything is changed in the store.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::super::reply::Reply;
use super::entry::Entry;
use crate::limits::FEED_CACHE_BYTES;
use crate::picture::PictureId;
use crate::store::{Listed, Session, TokenHash};

/// What is asked, and by whom.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) token: TokenHash,
    pub(super) before: Option<PictureId>,
    pub(super) limit: u32,
    pub(super) owner: Option<String>,
}

/// A picture in a page.
pub(super) type Row = (Listed, Arc<Entry>);

/// A page for one session.
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    /// There are older ones.
    pub(super) more: bool,
    pub(super) session: Session,
    /// See [`Door::changes`](crate::store::Door::changes).
    pub(super) moment: u64,
}

impl Page {
    pub(super) fn written(&self) -> Reply {
        let entries = self.rows.iter().map(|(_, entry)| entry.room());
        let mut keys = String::with_capacity(32 + entries.sum::<usize>());
        keys.push_str(r#""information":["#);
        for (index, (listed, entry)) in self.rows.iter().enumerate() {
            if index > 0 {
                keys.push(',');
            }
            entry.write(listed, &mut keys);
        }
        keys.push_str(r#"],"more":"#);
        keys.push_str(if self.more { "true" } else { "false" });
        Reply::of_keys(keys)
    }
}

/// Those that were shown of late.
pub(super) struct Pages(Cache<Asked, Arc<Page>, Bytes>);

#[derive(Clone)]
struct Bytes;

/// What all pages together may weigh.
const PAGES_BYTES: u64 = FEED_CACHE_BYTES / 4;
/// Of a page's entries, one in so many may be held by it alone.
const SHARED: usize = 8;

impl Weighter<Asked, Arc<Page>> for Bytes {
    /// With a part of the entries: most are shared and weighed already, but a
    /// page may be the last that holds one.
    fn weight(&self, asked: &Asked, page: &Arc<Page>) -> u64 {
        let owner = asked.owner.as_ref().map_or(0, String::len);
        let own = size_of::<Asked>() + size_of::<Page>() + owner + page.session.user_id.len();
        let entries: usize = page.rows.iter().map(|(_, entry)| entry.room()).sum();
        (own + size_of_val(&*page.rows) + entries / SHARED) as u64
    }
}

impl Pages {
    pub(super) fn new() -> Pages {
        const ONE: u64 = 1024;
        let pages = usize::try_from(PAGES_BYTES / ONE).expect("it fits a machine");
        Pages(Cache::with_weighter(pages, PAGES_BYTES, Bytes))
    }

    /// The page, if it is as it was then, and the session still good.
    pub(super) fn get(&self, asked: &Asked, moment: u64, now: i64) -> Option<Arc<Page>> {
        let page = self.0.get(asked)?;
        (page.moment == moment && page.session.expires > now).then_some(page)
    }

    /// Keeps a page.
    pub(super) fn keep(&self, asked: Asked, page: &Arc<Page>) {
        self.0.insert(asked, Arc::clone(page));
    }
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::picture::Ext;
    use crate::store::{Author, Comment, CommentId, Edition, Shown, UserKey};

    /// A picture with one comment of so many bytes.
    fn row(id: i64, bytes: usize) -> Row {
        let ann = Author {
            key: UserKey(1),
            user_id: "u0".to_owned(),
            nickname: "Ann".to_owned(),
        };
        let listed = Listed {
            id: PictureId(id),
            edition: Edition {
                comments: 1,
                names: 1,
            },
            likes: 0,
            liked: false,
        };
        let comment = Comment {
            id: CommentId(id),
            author: ann.clone(),
            text: "x".repeat(bytes),
            answers: Vec::new(),
        };
        let shown = Shown {
            ext: Ext::Jpeg,
            words: String::new(),
            published: 0,
            owner: ann,
            comments: vec![comment],
        };
        (
            listed,
            Arc::new(Entry::new(&listed, &shown, &TimeZone::UTC)),
        )
    }

    #[test]
    fn pages_that_alone_hold_their_entries_are_few() {
        const ENTRY: usize = 64 * 1024;
        let pages = Pages::new();
        let entries: Vec<_> = (0..2000)
            .map(|id| {
                let (listed, entry) = row(id, ENTRY);
                let held = Arc::downgrade(&entry);
                let asked = Asked {
                    token: TokenHash([0; 32]),
                    before: Some(PictureId(id)),
                    limit: 1,
                    owner: None,
                };
                let session = Session {
                    user: UserKey(1),
                    user_id: "u0".to_owned(),
                    expires: 1,
                };
                let page = Page {
                    rows: vec![(listed, entry)],
                    more: false,
                    session,
                    moment: 0,
                };
                pages.keep(asked, &Arc::new(page));
                held
            })
            .collect();
        let held = entries.iter().filter(|entry| entry.strong_count() > 0);
        let bytes = held.count() * ENTRY;
        let most = usize::try_from(PAGES_BYTES).unwrap() * SHARED;
        assert!(bytes <= most, "{bytes} of {most}");
        assert!(bytes > most / 4, "there is a cache: {bytes} of {most}");
    }
}
