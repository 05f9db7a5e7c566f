//! Reports: something for an operator to look at.

use serde::Deserialize;
use utoipa::ToSchema;

use super::bonds::other;
use super::call::Call;
use super::fault::Fault;
use super::fields;
use super::reply::{Refusal, Reply};
use crate::limits::TALK_ID_BYTES;
use crate::picture::PictureId;
use crate::store::{About, Changes, NewReport, Session};

/// `report_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct ReportRequest {
    user_id: Option<String>,
    picture_id: Option<String>,
    #[serde(rename = "talkId")]
    talk_id: Option<String>,
    reason: String,
}

/// For the operator to look at. Whoever has been blocked may still be reported.
pub(super) async fn report(call: &Call, request: ReportRequest) -> Result<Reply, Refusal> {
    let reason = fields::reason(request.reason)?;
    let about = about(request.user_id, request.picture_id, request.talk_id)?;
    let (now, keeps) = (call.context.now(), call.context.config.keep_evidence);
    call.change(move |changes, me| {
        let whom_id = match &about {
            About::User(user_id) => {
                other(changes, me, user_id)?;
                user_id.clone()
            }
            About::Picture(id) => {
                let id = id.parse().map_err(|_| Fault::NoSuchThing)?;
                let owner = owner(changes, me, id)?;
                if keeps {
                    changes.keep_evidence(id)?;
                }
                owner
            }
            About::Comment(_) | About::Talk(_) => String::new(),
        };
        Ok(changes.report(&NewReport {
            by_id: me.user_id.clone(),
            about,
            whom_id,
            reason,
            evidence: String::new(),
            at: now,
        })?)
    })
    .await?;
    Ok(Reply::done())
}

/// Whose picture it is: another's.
fn owner(changes: &dyn Changes, me: &Session, id: PictureId) -> Result<String, Refusal> {
    let kept = changes.picture(id)?.ok_or(Fault::NoSuchThing)?;
    if kept.owner == me.user {
        return Err(Refusal::bad_key("picture_id"));
    }
    let owner = changes.account(kept.owner)?.ok_or(Fault::NoSuchThing)?;
    Ok(owner.user_id)
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
