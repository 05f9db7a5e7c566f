//! An account's number and its end: what a code of its own must be brought for.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;

use super::banned;
use super::call::Call;
use super::codes::{self, Try};
use super::crush;
use super::fault::Fault;
use super::login;
use super::reply::{Refusal, Reply};
use super::tel::Tel;
use crate::sms::Purpose;
use crate::store::{Changes, Session};

/// `tel_change_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct TelChangeRequest {
    #[schema(pattern = r"^\+?[0-9]{5,15}$")]
    tel: String,
    #[schema(pattern = "^[0-9]{6}$")]
    code: String,
}

/// `account_delete_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct DeleteRequest {
    #[schema(pattern = "^[0-9]{6}$")]
    code: String,
}

/// Another number, which whoever has the code has proven to be theirs. All
/// tokens but the one that came are revoked.
pub(super) async fn change_tel(call: &Call, request: TelChangeRequest) -> Result<Reply, Refusal> {
    let tel = call.context.tel("tel", &request.tel)?;
    codes::read(&request.code)?;
    let (kept, context) = (call.token()?, Arc::clone(&call.context));
    call.change(move |changes, me| {
        let tried = Try {
            key: &context.code_key,
            purpose: Purpose::TelChange,
            user: Some(me.user),
            code: &request.code,
            now_ms: context.now_ms(),
        };
        if let Err(fault) = tried.spend_for(changes, &tel)? {
            return Ok(Err(fault.into()));
        }
        if let Err(banned) = banned::of_tel(changes, tel.as_str(), &context)? {
            return Ok(Err(banned));
        }
        if changes.account_by_tel(tel.as_str())?.is_some() {
            // The code is spent all the same.
            return Ok(Err(Refusal::from(Fault::Taken)));
        }
        changes.set_tel(me.user, tel.as_str())?;
        let revealed = changes.take_number(me.user, tel.as_str(), &context.pseudonym_key)?;
        crush::tell(changes, &context.chat, &revealed);
        changes.drop_other_sessions(me.user, Some(&kept))?;
        Ok(Ok(()))
    })
    .await??;
    Ok(Reply::done())
}

/// The account is gone, with all that was its user's.
pub(super) async fn delete(call: &Call, request: DeleteRequest) -> Result<Reply, Refusal> {
    codes::read(&request.code)?;
    let context = Arc::clone(&call.context);
    call.change(move |changes, me| {
        let tried = Try {
            key: &context.code_key,
            purpose: Purpose::AccountDelete,
            user: Some(me.user),
            code: &request.code,
            now_ms: context.now_ms(),
        };
        let own = own_tel(changes, me)?;
        if let Err(fault) = tried.spend_for(changes, &own)? {
            return Ok(Err(fault));
        }
        changes.drop_account(me.user)?;
        let (chat, user_id) = (context.chat.clone(), me.user_id.clone());
        changes.then(Box::new(move || chat.deleted(&user_id)));
        Ok(Ok(()))
    })
    .await??;
    call.context.pictures.sweep();
    Ok(login::logged_out())
}

fn own_tel(changes: &dyn Changes, me: &Session) -> Result<Tel, Refusal> {
    let account = changes.account(me.user)?.ok_or(Fault::BadToken)?;
    Ok(Tel::kept(account.tel))
}
