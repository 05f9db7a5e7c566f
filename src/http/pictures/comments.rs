//! Somebody says something to a picture.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::picture_id;
use crate::limits::COMMENT_BYTES;
use crate::picture::decimal;
use crate::store::{About, CommentId, Commented};

/// `picture_comment_request`
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct CommentRequest {
    picture_id: String,
    comment_msg: String,
    response_to: Option<String>,
}

/// `picture_comment_response`
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Standing {
    comment_id: String,
}

/// To the picture itself, or in answer to a comment.
pub(in crate::http) async fn comment(
    call: &Call,
    request: CommentRequest,
) -> Result<Reply, Refusal> {
    if !(1..=COMMENT_BYTES).contains(&request.comment_msg.len()) {
        return Err(Refusal::bad_key("comment_msg"));
    }
    let id = picture_id(&request.picture_id);
    let answers = request.response_to.as_deref().map(comment_id).transpose();
    let (mut look, now) = (call.context.words.begin(), call.context.now());
    let text = look.pass("comment_msg", request.comment_msg)?;
    let flags = look.flags();
    let commented = call
        .change(move |changes, me| {
            let commented = changes.comment(me.user, id?, answers?, &text, now)?;
            if let Commented::Done(comment) = commented {
                let about = About::Comment(comment.to_string());
                flags.report(changes, &about, &me.user_id, now)?;
            }
            Ok(commented)
        })
        .await?;
    match commented {
        Commented::Done(comment) => Ok(Reply::of(&Standing {
            comment_id: comment.to_string(),
        })),
        Commented::NoSuchThing => Err(Fault::NoSuchThing.into()),
        Commented::Full => Err(Fault::NotAllowed.into()),
    }
}

fn comment_id(text: &str) -> Result<CommentId, Refusal> {
    let id = decimal(text).ok_or(Fault::NoSuchThing)?;
    Ok(CommentId(id))
}
