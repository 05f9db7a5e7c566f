//! Reports: something for an operator to look at.

use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::bonds::other;
use super::call::Call;
use super::chat::TalkSeen;
use super::fault::Fault;
use super::fields;
use super::reply::{Refusal, Reply};
use crate::limits::{SIGHTING_WITHIN, TALK_ID_BYTES};
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
    let talk = match &about {
        About::Talk(talk) => seen(call, talk).await?,
        _ => None,
    };
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
            About::Talk(_) => talk
                .as_ref()
                .map_or_else(String::new, |talk| talk.partner.clone()),
            About::Comment(_) => String::new(),
        };
        Ok(changes.report(&NewReport {
            by_id: me.user_id.clone(),
            about,
            whom_id,
            reason,
            evidence: talk.map_or_else(String::new, |talk| evidence(&talk, &me.user_id)),
            at: now,
        })?)
    })
    .await?;
    Ok(Reply::done())
}

/// What the chat knows of a talk of the caller's. Nothing, if it takes too
/// long: the report counts in any case.
async fn seen(call: &Call, talk: &str) -> Result<Option<TalkSeen>, Refusal> {
    let Ok(talk) = talk.parse() else {
        return Ok(None);
    };
    let me = call.look(|_, me| Ok(me.user_id.clone())).await?;
    let asked = call.context.chat.look(&me, Some(talk));
    Ok(match timeout(SIGHTING_WITHIN, asked).await {
        Ok(Ok(sighting)) => sighting.talk,
        _ => None,
    })
}

/// Who with whom and when, and what was said last, as far as it is kept.
fn evidence(talk: &TalkSeen, by: &str) -> String {
    let lines = talk.lines.iter().map(|line| {
        let from = if line.own { by } else { &talk.partner };
        json!({"from": from, "at": line.at, "text": said(&line.body)})
    });
    let evidence = json!({
        "by": by, "with": talk.partner, "began_at": talk.began, "ended_at": talk.ended,
        "lines": lines.collect::<Vec<_>>(),
    });
    evidence.to_string()
}

/// What was said in a line; of one that was cut, as it stands.
fn said(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Line {
        msg: String,
    }
    match serde_json::from_slice::<Line>(body) {
        Ok(line) => line.msg,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
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
