//! A picture is published: read and written anew on a thread for pictures, its
//! files put on the shelf, then its row into the store.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::call::{self, Call};
use super::super::context::Context;
use super::super::fault::Fault;
use super::super::reply::{Refusal, Reply};
use super::super::words::Flags;
use super::entry::content;
use crate::limits::WORDS_BYTES;
use crate::picture::{self, Refused, Shelf, Shelved};
use crate::store::{About, Kept, NewPicture, TokenHash};

/// `picture_upload_request`
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct UploadRequest {
    words: String,
    picture: String,
}

/// `picture_upload_response`
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Published {
    picture_id: String,
    picture_content: String,
}

/// Why there are no files.
enum NoFiles {
    Refused(Refused),
    Failed(io::Error),
}

/// Whoever uploads may go away meanwhile; once it has begun it is finished.
pub(in crate::http) async fn upload(call: &Call, request: UploadRequest) -> Result<Reply, Refusal> {
    if request.words.len() > WORDS_BYTES {
        return Err(Refusal::bad_key("words"));
    }
    let mut look = call.context.words.begin();
    let request = UploadRequest {
        words: look.pass("words", request.words)?,
        ..request
    };
    call.look(|_, _| Ok(())).await?;
    let context = Arc::clone(&call.context);
    let publishing = publish(context, call.token()?, request, look.flags());
    let publishing = tokio::spawn(publishing);
    publishing.await.unwrap_or_else(|error| {
        tracing::error!(%error, "an upload came to nothing");
        Err(Fault::Internal.into())
    })
}

async fn publish(
    context: Arc<Context>,
    token: TokenHash,
    request: UploadRequest,
    flags: Flags,
) -> Result<Reply, Refusal> {
    let pictures = &context.pictures;
    let (shelf, url) = (Arc::clone(&pictures.shelf), request.picture);
    let working = pictures.workers.submit(move || shelve(&shelf, &url));
    let shelved = working
        .map_err(|_| Refusal::busy())?
        .await
        .map_err(|error| {
            tracing::error!(%error, "a picture's thread gave up");
            Refusal::from(Fault::Internal)
        })??;
    let written = add_row(&context, token, shelved, request.words, flags).await;
    pictures.shelf.settle(shelved.id);
    if written.is_err() {
        // It may be on disk nevertheless: only a look into the store tells.
        pictures.sweep();
    }
    written?;
    Ok(Reply::of(&Published {
        picture_id: shelved.id.to_string(),
        picture_content: content(shelved.id, shelved.ext),
    }))
}

/// On a thread for pictures.
fn shelve(shelf: &Shelf, url: &str) -> Result<Shelved, NoFiles> {
    let remade = picture::payload(url)
        .and_then(|source| picture::remake(&source))
        .map_err(NoFiles::Refused)?;
    shelf.put(&remade).map_err(NoFiles::Failed)
}

async fn add_row(
    context: &Context,
    token: TokenHash,
    shelved: Shelved,
    words: String,
    flags: Flags,
) -> Result<(), Refusal> {
    let now = context.now();
    let row = move |changes: &mut dyn crate::store::Changes| {
        let owner = call::session(changes, &token, now)?;
        changes.add_picture(&NewPicture {
            id: shelved.id,
            kept: Kept {
                owner: owner.user,
                ext: shelved.ext,
            },
            words,
            published: now,
        })?;
        let about = About::Picture(shelved.id.to_string());
        Ok::<_, Refusal>(flags.report(changes, &about, &owner.user_id, now)?)
    };
    context.door.write(row).await
}

impl From<NoFiles> for Refusal {
    fn from(why: NoFiles) -> Self {
        match why {
            NoFiles::Refused(Refused::TooLarge) => Fault::TooLarge.into(),
            NoFiles::Refused(Refused::NotTaken) => Fault::NoPicture.into(),
            NoFiles::Failed(error) => {
                tracing::error!(%error, "cannot write a picture");
                Fault::Internal.into()
            }
        }
    }
}
