//! Users: found by their id, number or nickname; who one is, what was said
//! about them, and what they do in the chat right now.

use serde::Serialize;
use tokio::time::timeout;

use super::super::banned::Until;
use super::super::chat::{Live, Sighting};
use super::super::context::Context;
use super::super::reply::{Refusal, Reply};
use super::super::when;
use super::order::{Deed, Order};
use super::{bans, reports};
use crate::limits::{SIGHTING_WITHIN, USER_ID_BYTES, USERS_FOUND};
use crate::store::{Beginning, Found, Reading, Sought, StoreError, Subject};

/// Reports about a user that are told with them.
const REPORTS_TOLD: u32 = 20;

#[derive(Serialize)]
struct Page {
    users: Vec<Shown>,
}

/// A registered user.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(rename = "user_id")]
    user_id: String,
    tel: String,
    nickname: String,
    gender: String,
    birthday: String,
    pic_id: String,
    location: String,
    words: String,
    registered: String,
    #[serde(rename = "registered_at")]
    registered_at: i64,
    /// None, if nothing bans them.
    ban: Option<Until>,
}

/// `GET /admin/users/<id>`
#[derive(Serialize)]
struct Whole {
    user_id: String,
    /// None of a free id.
    user: Option<Shown>,
    bans: Vec<bans::Shown>,
    reports: Vec<reports::Shown>,
    online: bool,
    /// None, if nobody could say.
    live: Option<Doing>,
}

/// What the user does in the chat.
#[derive(Serialize)]
struct Doing {
    nickname: String,
    gender: &'static str,
    #[serde(rename = "findGender")]
    find_gender: &'static str,
    guys: u32,
    /// Since when each slot that waits does so.
    waiting_since_at: Vec<i64>,
    talks: Vec<On>,
}

#[derive(Serialize)]
struct On {
    #[serde(rename = "talkId")]
    talk_id: String,
    user_id: String,
    nickname: String,
    began: String,
    began_at: i64,
}

/// Those of whom something begins with `q`; without it, the newest.
pub(super) async fn find(order: &Order) -> Result<Reply, Refusal> {
    let q = order.query("q").unwrap_or_default().trim().to_owned();
    let limit = order.limit(USERS_FOUND)?;
    let country = order.context.config.default_country.clone();
    let now = order.context.now();
    let found = order
        .look(move |reading| {
            let found = look_for(reading, &q, &country, limit)?;
            let until = |found: Found| Ok((until(reading, &found, now)?, found));
            found
                .into_iter()
                .map(until)
                .collect::<Result<Vec<_>, Refusal>>()
        })
        .await?;
    let users = found
        .into_iter()
        .map(|(until, found)| Shown::of(found, until, &order.context));
    Ok(Reply::of(&Page {
        users: users.collect(),
    }))
}

/// Each is given once, however they are found: by id first, then number, then
/// nickname.
fn look_for(
    reading: &dyn Reading,
    q: &str,
    country: &str,
    limit: u32,
) -> Result<Vec<Found>, StoreError> {
    if q.is_empty() {
        return reading.newest(limit);
    }
    let digits = q.strip_prefix('+').unwrap_or(q);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let tel = match q.starts_with('+') {
        true => q.to_owned(),
        false => format!("{country}{q}"),
    };
    let mut found = reading.find(Beginning::Id(q), limit)?;
    let by_tel = match is_number {
        true => reading.find(Beginning::Tel(&tel), limit)?,
        false => Vec::new(),
    };
    let by_name = reading.find(Beginning::Nickname(q), limit)?;
    for other in by_tel.into_iter().chain(by_name) {
        if found
            .iter()
            .all(|own| own.account.user != other.account.user)
        {
            found.push(other);
        }
    }
    found.truncate(limit as usize);
    Ok(found)
}

fn until(reading: &dyn Reading, found: &Found, now: i64) -> Result<Option<i64>, Refusal> {
    let subject = Subject::User(found.account.user_id.clone());
    Ok(reading.banned_until(&subject, now)?)
}

/// Of whoever has this id, registered or not.
pub(super) async fn show(order: &Order) -> Result<Reply, Refusal> {
    let (id, now) = (named(order)?, order.context.now());
    let asked = order.context.chat.look(&id, None);
    let (found, bans, reports) = order
        .look({
            let id = id.clone();
            move |reading| {
                let found = match reading.found(&id)? {
                    Some(found) => Some((until(reading, &found, now)?, found)),
                    None => None,
                };
                let reports = reading.reports(&Sought {
                    whom_id: Some(id.clone()),
                    limit: REPORTS_TOLD,
                    ..Sought::default()
                })?;
                Ok((found, reading.bans_of(&id)?, reports))
            }
        })
        .await?;
    let sighting: Option<Sighting> = match timeout(SIGHTING_WITHIN, asked).await {
        Ok(Ok(sighting)) => Some(sighting),
        _ => None,
    };
    let live = sighting.and_then(|sighting| sighting.live);
    let context = &order.context;
    Ok(Reply::of(&Whole {
        user_id: id,
        user: found.map(|(until, found)| Shown::of(found, until, context)),
        bans: bans
            .into_iter()
            .map(|ban| bans::Shown::of(ban, context))
            .collect(),
        reports: reports
            .into_iter()
            .map(|report| reports::Shown::of(report, context))
            .collect(),
        online: live.is_some(),
        live: live.map(|live| Doing::of(live, context)),
    }))
}

/// `POST /admin/users/<id>/kick`: the chat session ends; nothing else does.
pub(super) async fn kick(order: &Order) -> Result<Reply, Refusal> {
    let (id, chat) = (named(order)?, order.context.chat.clone());
    order
        .act(Deed::new("kick", id.clone()), move |changes| {
            changes.then(Box::new(move || chat.kick(&id)));
            Ok(())
        })
        .await?;
    Ok(Reply::done())
}

fn named(order: &Order) -> Result<String, Refusal> {
    if (1..=USER_ID_BYTES).contains(&order.id.len()) {
        Ok(order.id.clone())
    } else {
        Err(Refusal::bad_key("user_id"))
    }
}

impl Shown {
    fn of(found: Found, until: Option<i64>, context: &Context) -> Shown {
        let Found {
            account,
            registered,
        } = found;
        let profile = account.profile;
        Shown {
            user_id: account.user_id,
            tel: account.tel,
            nickname: profile.nickname,
            gender: profile.gender,
            birthday: profile.birthday,
            pic_id: profile.pic_id,
            location: profile.location,
            words: profile.words,
            registered: when::written(registered, &context.config.timezone),
            registered_at: registered,
            ban: until.map(|until| Until::of(until, context)),
        }
    }
}

impl Doing {
    fn of(live: Live, context: &Context) -> Doing {
        let zone = &context.config.timezone;
        let talks = live.talks.into_iter().map(|talk| On {
            talk_id: talk.talk_id,
            user_id: talk.user_id,
            nickname: talk.nickname,
            began: when::written(talk.began, zone),
            began_at: talk.began,
        });
        Doing {
            nickname: live.nickname,
            gender: live.gender,
            find_gender: live.find_gender,
            guys: live.guys,
            waiting_since_at: live.waiting_since,
            talks: talks.collect(),
        }
    }
}
