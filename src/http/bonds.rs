//! Blocks and reports.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;

use super::call::Call;
use super::crush;
use super::fault::Fault;
use super::fields;
use super::reply::{Refusal, Reply};
use crate::limits::TALK_ID_BYTES;
use crate::store::{About, Changes, Session, UserKey};

/// `block_request` and `unblock_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct BondRequest {
    user_id: String,
}

/// `report_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct ReportRequest {
    user_id: Option<String>,
    picture_id: Option<String>,
    #[serde(rename = "talkId")]
    talk_id: Option<String>,
    reason: String,
}

/// The two see nothing of each other any more, and their talk ends.
pub(super) async fn block(call: &Call, request: BondRequest) -> Result<Reply, Refusal> {
    let (now, chat) = (call.context.now(), Arc::clone(&call.context.chat));
    call.change(move |changes, me| {
        let whom = other(changes, me, &request.user_id)?;
        changes.block(me.user, whom, now)?;
        let by = me.user_id.clone();
        changes.then(Box::new(move || chat.block(&by, &request.user_id)));
        Ok(())
    })
    .await?;
    Ok(Reply::done())
}

/// Nothing stands between the two, as far as the caller goes.
pub(super) async fn unblock(call: &Call, request: BondRequest) -> Result<Reply, Refusal> {
    let chat = Arc::clone(&call.context.chat);
    call.change(move |changes, me| {
        let whom = other(changes, me, &request.user_id)?;
        changes.unblock(me.user, whom)?;
        let revealed = changes.reveal_crushes(me.user, whom)?;
        crush::tell(changes, &chat, &revealed);
        let by = me.user_id.clone();
        changes.then(Box::new(move || chat.unblock(&by, &request.user_id)));
        Ok(())
    })
    .await?;
    Ok(Reply::done())
}

/// Somebody else than oneself.
fn other(changes: &dyn Changes, me: &Session, user_id: &str) -> Result<UserKey, Refusal> {
    let account = changes.account_by_id(user_id)?.ok_or(Fault::NoSuchThing)?;
    if account.user == me.user {
        return Err(Refusal::bad_key("user_id"));
    }
    Ok(account.user)
}

/// For the operator to look at. Whoever has been blocked may still be reported.
pub(super) async fn report(call: &Call, request: ReportRequest) -> Result<Reply, Refusal> {
    let now = call.context.now();
    let reason = fields::reason(request.reason)?;
    let about = about(request.user_id, request.picture_id, request.talk_id)?;
    call.change(move |changes, me| {
        match &about {
            About::User(user_id) => {
                other(changes, me, user_id)?;
            }
            About::Picture(id) => {
                let id = id.parse().map_err(|_| Fault::NoSuchThing)?;
                let kept = changes.picture(id)?.ok_or(Fault::NoSuchThing)?;
                if kept.owner == me.user {
                    return Err(Refusal::bad_key("picture_id"));
                }
            }
            About::Talk(_) => {}
        }
        Ok(changes.report(&me.user_id, &about, &reason, now)?)
    })
    .await?;
    Ok(Reply::done())
}

/// One of the three and no more.
fn about(
    user_id: Option<String>,
    picture_id: Option<String>,
    talk_id: Option<String>,
) -> Result<About, Refusal> {
    match (user_id, picture_id, talk_id) {
        (Some(user), None, None) => Ok(About::User(user)),
        (None, Some(picture), None) => Ok(About::Picture(picture)),
        (None, None, Some(talk)) if is_talk_id(&talk) => Ok(About::Talk(talk)),
        (None, None, Some(_)) => Err(Refusal::bad_key("talkId")),
        _ => Err(Refusal::bad_key("user_id")),
    }
}

fn is_talk_id(text: &str) -> bool {
    (1..=TALK_ID_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
