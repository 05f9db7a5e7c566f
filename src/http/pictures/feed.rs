//! The newest pictures, with what is said to them.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::entry::{Entries, Entry};
use super::pages::{Asked, Page, Row};
use crate::limits::{FEED_PAGE_BYTES, FEED_PICTURES, FEED_PICTURES_CEILING};
use crate::picture::PictureId;
use crate::store::{self, Listed, Reading, Shown, UserKey};

/// `picture_info_request`
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct FeedRequest {
    before: Option<String>,
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 50)]
    limit: Option<Value>,
    owner: Option<String>,
}

/// A page of them, newest first.
pub(in crate::http) async fn feed(call: &Call, request: FeedRequest) -> Result<Reply, Refusal> {
    let (context, token, now) = (&call.context, call.token()?, call.context.now());
    let asked = Asked {
        token,
        before: before(request.before.as_deref())?,
        limit: limit(request.limit.as_ref())?,
        owner: request.owner,
    };
    let pages = &context.pictures.pages;
    let moment = context.door.changes();
    if let Some(page) = pages.get(&asked, moment, now) {
        call.prolong_behind(token, &page.session, now);
        return Ok(page.written());
    }
    let entries = Arc::clone(&context.pictures.entries);
    let zone = context.config.timezone.clone();
    let wanted = asked.clone();
    let page = call
        .look(move |reading, me| {
            let feed = Feed {
                hidden: reading.hidden_from(me.user)?,
                reading,
                entries: &entries,
                zone: &zone,
            };
            let (rows, more) = feed.rows(me.user, &wanted)?;
            Ok(Arc::new(Page {
                rows,
                more,
                session: me.clone(),
                moment,
            }))
        })
        .await?;
    pages.keep(asked, &page);
    Ok(page.written())
}

fn before(text: Option<&str>) -> Result<Option<PictureId>, Refusal> {
    text.map(|text| text.parse().map_err(|_| Refusal::bad_key("before")))
        .transpose()
}

/// A number, or one in decimal as the replies write them.
fn limit(value: Option<&Value>) -> Result<u32, Refusal> {
    let number = match value {
        None => Some(FEED_PICTURES),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|number| number.try_into().ok()),
    };
    number
        .filter(|number| (1..=FEED_PICTURES_CEILING).contains(number))
        .ok_or_else(|| Refusal::bad_key("limit"))
}

/// What it takes to write a page for somebody.
struct Feed<'a> {
    reading: &'a dyn Reading,
    hidden: Vec<UserKey>,
    entries: &'a Entries,
    zone: &'a TimeZone,
}

impl Feed<'_> {
    /// Whose pictures are wanted, if only somebody's are.
    fn owner(&self, user_id: Option<&str>) -> Result<Option<UserKey>, Refusal> {
        let Some(user_id) = user_id else {
            return Ok(None);
        };
        let owner = self.reading.account_by_id(user_id)?;
        let owner = owner.map(|account| account.user);
        let seen = owner.filter(|owner| !self.hidden.contains(owner));
        Ok(Some(seen.ok_or(Fault::NoSuchThing)?))
    }

    /// As many as are asked for and fit, and whether there are more.
    fn rows(&self, viewer: UserKey, asked: &Asked) -> Result<(Vec<Row>, bool), Refusal> {
        let page = store::Page {
            before: asked.before,
            owner: self.owner(asked.owner.as_deref())?,
            limit: asked.limit + 1,
        };
        let listed = self.reading.listed(viewer, &page)?;
        let (mut rows, mut room) = (Vec::new(), FEED_PAGE_BYTES);
        for listed in listed.iter().take(asked.limit as usize) {
            let entry = self.entry(listed)?;
            // The first one always fits.
            let Some(left) = room.checked_sub(entry.room()) else {
                break;
            };
            room = left;
            rows.push((*listed, entry));
        }
        let more = rows.len() < listed.len();
        Ok((rows, more))
    }

    fn entry(&self, listed: &Listed) -> Result<Arc<Entry>, Refusal> {
        if let Some(entry) = self.entries.get(listed)
            && !entry.names_any(&self.hidden)
        {
            return Ok(entry);
        }
        let shown = self.reading.shown(listed.id)?;
        let mut shown = shown.expect("it is listed in the same moment of the store");
        let entry = Arc::new(Entry::new(listed, &shown, self.zone));
        if !entry.names_any(&self.hidden) {
            self.entries.keep(listed.id, &entry);
            return Ok(entry);
        }
        hide(&mut shown, &self.hidden);
        Ok(Arc::new(Entry::new(listed, &shown, self.zone)))
    }
}

/// What they say goes, with what is answered to it.
fn hide(shown: &mut Shown, hidden: &[UserKey]) {
    shown
        .comments
        .retain(|comment| !hidden.contains(&comment.author.key));
    for comment in &mut shown.comments {
        comment
            .answers
            .retain(|answer| !hidden.contains(&answer.author.key));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_limit_is_one_to_fifty() {
        for (value, number) in [
            (json!(1), Some(1)),
            (json!(50), Some(50)),
            (json!("7"), Some(7)),
            (json!(0), None),
            (json!(51), None),
            (json!(-1), None),
            (json!(1.5), None),
            (json!(4_294_967_297_u64), None),
            (json!("0"), None),
            (json!("51"), None),
            (json!(""), None),
            (json!("many"), None),
            (json!(true), None),
            (json!([1]), None),
            (json!({}), None),
        ] {
            assert_eq!(limit(Some(&value)).ok(), number, "{value}");
        }
        assert_eq!(limit(None).ok(), Some(20));
    }
}
