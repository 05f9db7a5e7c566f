//! Somebody takes a picture back.

use serde::Deserialize;
use utoipa::ToSchema;

use super::super::call::Call;
use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::picture_id;
use crate::store::Deleted;

/// `picture_delete_request`
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct DeleteRequest {
    picture_id: String,
}

/// The row goes first; files that stay behind are no longer served, and are
/// swept up some time.
pub(in crate::http) async fn delete(call: &Call, request: DeleteRequest) -> Result<Reply, Refusal> {
    let id = picture_id(&request.picture_id);
    let (id, deleted, evidence) = call
        .change(move |changes, me| {
            let id = id?;
            let deleted = changes.delete_picture(me.user, id)?;
            Ok((id, deleted, changes.evidence(id)?))
        })
        .await?;
    match deleted {
        Deleted::Done => {
            if evidence.is_none() {
                call.context.pictures.take_away(id).await;
            }
            Ok(Reply::done())
        }
        Deleted::NoSuchThing => Err(Fault::NoSuchThing.into()),
        Deleted::NotAllowed => Err(Fault::NotAllowed.into()),
    }
}
