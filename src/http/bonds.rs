//! Blocks.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;

use super::call::Call;
use super::crush;
use super::fault::Fault;
use super::reply::{Refusal, Reply};
use crate::store::{Changes, Session, UserKey};

/// `block_request` and `unblock_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct BondRequest {
    user_id: String,
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
pub(super) fn other(
    changes: &dyn Changes,
    me: &Session,
    user_id: &str,
) -> Result<UserKey, Refusal> {
    let account = changes.account_by_id(user_id)?.ok_or(Fault::NoSuchThing)?;
    if account.user == me.user {
        return Err(Refusal::bad_key("user_id"));
    }
    Ok(account.user)
}
