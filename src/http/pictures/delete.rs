//! Somebody takes a picture back.

use std::sync::Arc;

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
    let (id, deleted) = call
        .change(move |changes, me| {
            let id = id?;
            Ok((id, changes.delete_picture(me.user, id)?))
        })
        .await?;
    match deleted {
        Deleted::Done => {
            let shelf = Arc::clone(&call.context.pictures.shelf);
            // A panic has been told already, and the row is gone.
            let _ = tokio::task::spawn_blocking(move || shelf.remove(id)).await;
            Ok(Reply::done())
        }
        Deleted::NoSuchThing => Err(Fault::NoSuchThing.into()),
        Deleted::NotAllowed => Err(Fault::NotAllowed.into()),
    }
}
