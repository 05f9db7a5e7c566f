//! Somebody likes a picture, or no more.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::picture_id;

/// `picture_like_request` and `picture_unlike_request`
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct LikeRequest {
    picture_id: String,
}

/// How many like it now.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Liked {
    picture_like_num: String,
}

/// Counts once, however often it is said.
pub(in crate::http) async fn like(call: &Call, request: LikeRequest) -> Result<Reply, Refusal> {
    let id = picture_id(&request.picture_id);
    let likes = call
        .change(move |changes, me| Ok(changes.like(me.user, id?)?))
        .await?;
    reply(likes)
}

/// Done, even if it was not liked.
pub(in crate::http) async fn unlike(call: &Call, request: LikeRequest) -> Result<Reply, Refusal> {
    let id = picture_id(&request.picture_id);
    let likes = call
        .change(move |changes, me| Ok(changes.unlike(me.user, id?)?))
        .await?;
    reply(likes)
}

fn reply(likes: Option<u32>) -> Result<Reply, Refusal> {
    let likes = likes.ok_or(Fault::NoSuchThing)?;
    Ok(Reply::of(&Liked {
        picture_like_num: likes.to_string(),
    }))
}
