//! Who is banned: an id, registered or free, or a number. Whoever it is loses
//! every token, and the chat session ends.

use serde::{Deserialize, Serialize};

use super::super::banned::Until;
use super::super::context::Context;
use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::super::when;
use super::order::{Deed, Order};
use crate::limits::{ADMIN_PAGE, USER_ID_BYTES, WORDS_BYTES};
use crate::store::{Ban, Changes, FOR_GOOD, Subject};

/// `POST /admin/bans`
#[derive(Deserialize)]
pub(super) struct BanRequest {
    user_id: Option<String>,
    tel: Option<String>,
    /// For so long; without it, for good.
    seconds: Option<u64>,
    reason: Option<String>,
}

/// `GET /admin/bans`
#[derive(Serialize)]
struct Page {
    bans: Vec<Shown>,
}

#[derive(Serialize)]
struct Made {
    ban: Shown,
    /// The registered user whom it hits, if any.
    user_id: Option<String>,
}

/// A ban, as it is told.
#[derive(Serialize)]
pub(super) struct Shown {
    id: i64,
    user_id: Option<String>,
    tel: Option<String>,
    reason: String,
    since: String,
    since_at: i64,
    #[serde(flatten)]
    until: Until,
    lifted_at: Option<i64>,
}

impl Shown {
    pub(super) fn of(ban: Ban, context: &Context) -> Shown {
        let (user_id, tel) = match ban.subject {
            Subject::User(id) => (Some(id), None),
            Subject::Tel(tel) => (None, Some(tel)),
        };
        Shown {
            id: ban.id,
            user_id,
            tel,
            reason: ban.reason,
            since: when::written(ban.since, &context.config.timezone),
            since_at: ban.since,
            until: Until::of(ban.until, context),
            lifted_at: ban.lifted,
        }
    }
}

/// Those that stand, or `all=1` there ever were; `before` a ban's `id` pages on.
pub(super) async fn list(order: &Order) -> Result<Reply, Refusal> {
    let (before, limit) = (order.number("before")?, order.limit(ADMIN_PAGE)?);
    let (standing, now) = (order.query("all") != Some("1"), order.context.now());
    let bans = order
        .look(move |reading| Ok(reading.bans(standing, before, limit, now)?))
        .await?;
    let bans = bans.into_iter();
    Ok(Reply::of(&Page {
        bans: bans.map(|ban| Shown::of(ban, &order.context)).collect(),
    }))
}

pub(super) async fn ban(order: &Order) -> Result<Reply, Refusal> {
    let request: BanRequest = order.request()?;
    let subject = subject(order, request.user_id, request.tel)?;
    let reason = request.reason.unwrap_or_default();
    if reason.len() > WORDS_BYTES {
        return Err(Refusal::bad_key("reason"));
    }
    let (now, chat) = (order.context.now(), order.context.chat.clone());
    let until = match request.seconds {
        None => FOR_GOOD,
        Some(0) => return Err(Refusal::bad_key("seconds")),
        Some(seconds) => now.saturating_add_unsigned(seconds),
    };
    let (Subject::User(about) | Subject::Tel(about)) = &subject;
    let how = match request.seconds {
        None => "for good".to_owned(),
        Some(seconds) => format!("for {seconds} s"),
    };
    let deed = Deed::new("ban", about.clone()).saying(format!("{how}: {reason}"));
    let (ban, user_id) = order
        .act(deed, move |changes| {
            let ban = changes.add_ban(&subject, &reason, now, until)?;
            let account = match &subject {
                Subject::User(id) => changes.account_by_id(id)?,
                Subject::Tel(tel) => changes.account_by_tel(tel)?,
            };
            if let Some(account) = &account {
                changes.drop_other_sessions(account.user, None)?;
            }
            let user_id = account.map(|account| account.user_id);
            let hit = match subject {
                Subject::User(id) => Some(id),
                Subject::Tel(_) => user_id.clone(),
            };
            if let Some(hit) = hit {
                let until = stands_until(changes, &hit, now)?.unwrap_or(until);
                changes.then(Box::new(move || chat.ban(&hit, until)));
            }
            Ok((ban, user_id))
        })
        .await?;
    Ok(Reply::of(&Made {
        ban: Shown::of(ban, &order.context),
        user_id,
    }))
}

/// `DELETE /admin/bans/<id>`
pub(super) async fn lift(order: &Order) -> Result<Reply, Refusal> {
    let (id, now) = (order.id_number()?, order.context.now());
    let chat = order.context.chat.clone();
    let lifted = order
        .act(Deed::new("unban", order.id.clone()), move |changes| {
            let ban = changes.lift_ban(id, now)?.ok_or(Fault::NoSuchThing)?;
            let hit = match &ban.subject {
                Subject::User(id) => Some(id.clone()),
                Subject::Tel(tel) => changes.account_by_tel(tel)?.map(|own| own.user_id),
            };
            if let Some(hit) = hit {
                // Another may stand: of the number, or of the id.
                let still = stands_until(changes, &hit, now)?;
                changes.then(Box::new(move || match still {
                    Some(until) => chat.ban(&hit, until),
                    None => chat.unban(&hit),
                }));
            }
            Ok(Ban {
                lifted: Some(now),
                ..ban
            })
        })
        .await?;
    Ok(Reply::of(&Made {
        ban: Shown::of(lifted, &order.context),
        user_id: None,
    }))
}

fn stands_until(changes: &dyn Changes, id: &str, now: i64) -> Result<Option<i64>, Refusal> {
    Ok(changes.banned_until(&Subject::User(id.to_owned()), now)?)
}

/// An id or a number, and not both.
fn subject(
    order: &Order,
    user_id: Option<String>,
    tel: Option<String>,
) -> Result<Subject, Refusal> {
    match (user_id, tel) {
        (Some(id), None) if (1..=USER_ID_BYTES).contains(&id.len()) => Ok(Subject::User(id)),
        (None, Some(tel)) => {
            let tel = order.context.tel("tel", &tel)?;
            Ok(Subject::Tel(tel.as_str().to_owned()))
        }
        _ => Err(Refusal::bad_key("user_id")),
    }
}
