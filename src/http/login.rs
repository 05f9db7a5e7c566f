//! From a code to a token, from a token to an account, and out again.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::banned;
use super::call::Call;
use super::codes::{self, Try};
use super::context::Context;
use super::fault::Fault;
use super::fields;
use super::reply::{Refusal, Reply};
use super::sms::Asked;
use super::token::{self, TOKEN_COOKIE, Token};
use super::when;
use crate::sms::Purpose;
use crate::store::{About, Profile};

/// `sms_validation_code`
#[derive(Deserialize, ToSchema)]
pub(super) struct CodeRequest {
    #[schema(pattern = "^[0-9]{6}$")]
    code: String,
    #[schema(pattern = r"^\+?[0-9]{5,15}$")]
    tel: Option<String>,
    request_id: Option<String>,
}

/// `user_register_info`
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegisterRequest {
    nickname: String,
    #[schema(pattern = "^[MF]$")]
    gender: String,
    #[schema(pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
    birthday: Option<String>,
    pic_id: Option<String>,
    location: Option<String>,
    words: Option<String>,
}

/// `logout_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct LogoutRequest {
    all: Option<bool>,
}

/// What a login says.
#[derive(Serialize, ToSchema)]
pub(super) struct Keys<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    token_expire: String,
    token_expire_at: i64,
}

/// A token for whoever has the right code: a session's for a number with a
/// user, else one to register with.
pub(super) async fn check_code(call: &Call, request: CodeRequest) -> Result<Reply, Refusal> {
    let context = Arc::clone(&call.context);
    codes::read(&request.code)?;
    let asked = Asked::find(call, request.tel.as_deref(), request.request_id)?;
    let token = Token::make()?;
    let (hash, now) = (token.hash(), context.now());
    let session_expires = now.saturating_add(context.token_ttl());
    let registration_expires = now.saturating_add(context.registration_ttl());
    let door = context.door.clone();
    let user = door
        .write(move |changes| {
            let tried = Try {
                key: &context.code_key,
                purpose: Purpose::Login,
                user: None,
                code: &request.code,
                now_ms: context.now_ms(),
            };
            let found = asked.code(changes)?;
            let code = match tried.spend(changes, found)? {
                Ok(code) => code,
                Err(fault) => return Ok(Err(fault.into())),
            };
            // The code is spent all the same.
            if let Err(banned) = banned::of_tel(changes, &code.tel, &context)? {
                return Ok(Err(banned));
            }
            let account = changes.account_by_tel(&code.tel)?;
            match &account {
                Some(account) => changes.add_session(&hash, account.user, session_expires)?,
                None => changes.add_registration(&hash, &code.tel, registration_expires)?,
            }
            Ok::<_, Refusal>(Ok(account.map(|account| account.user_id)))
        })
        .await??;
    let expires = match user {
        Some(_) => session_expires,
        None => registration_expires,
    };
    let registered = Some(user.is_some());
    Ok(logged_in(&call.context, &token, expires, registered, user))
}

/// A new user; their registration token is spent.
pub(super) async fn register(call: &Call, request: RegisterRequest) -> Result<Reply, Refusal> {
    let context = &call.context;
    let mut look = context.words.begin();
    let profile = Profile {
        nickname: look.pass("nickname", fields::nickname(request.nickname)?)?,
        gender: fields::gender(request.gender)?,
        birthday: fields::birthday(request.birthday.unwrap_or_default())?,
        pic_id: fields::pic_id(request.pic_id.unwrap_or_default())?,
        location: fields::location(request.location.unwrap_or_default())?,
        words: look.pass("words", fields::words(request.words.unwrap_or_default())?)?,
    };
    let flags = look.flags();
    let (registration, now) = (call.token()?, context.now());
    let user_id = fields::new_user_id()?;
    let token = Token::make()?;
    let (hash, expires) = (token.hash(), now.saturating_add(context.token_ttl()));
    let (id, own) = (user_id.clone(), Arc::clone(context));
    context
        .door
        .write(move |changes| {
            let Some(tel) = changes.registration(&registration, now)? else {
                // Who is logged in has registered before.
                let session = changes.session(&registration, now)?;
                return Err(match session {
                    Some(_) => Fault::Taken.into(),
                    None => Refusal::from(Fault::BadToken),
                });
            };
            if changes.account_by_tel(&tel)?.is_some() {
                return Err(Fault::Taken.into());
            }
            banned::of_tel(changes, &tel, &own)??;
            changes.drop_registration(&registration)?;
            let user = changes.add_account(&id, &tel, &profile, now)?;
            // Who is new has named nobody yet: there is nothing to tell.
            changes.take_number(user, &tel, &own.pseudonym_key)?;
            flags.report(changes, &About::User(id.clone()), &id, now)?;
            Ok(changes.add_session(&hash, user, expires)?)
        })
        .await?;
    Ok(logged_in(context, &token, expires, None, Some(user_id)))
}

/// This token, or all of the user's, are good for nothing any more.
pub(super) async fn log_out(call: &Call, request: LogoutRequest) -> Result<Reply, Refusal> {
    let (token, chat) = (call.token()?, call.context.chat.clone());
    let all = request.all.unwrap_or(false);
    call.change(move |changes, me| {
        if !all {
            return Ok(changes.drop_session(&token)?);
        }
        changes.drop_other_sessions(me.user, None)?;
        let user_id = me.user_id.clone();
        changes.then(Box::new(move || chat.logged_out(&user_id)));
        Ok(())
    })
    .await?;
    Ok(logged_out())
}

/// The browser forgets the token as well.
pub(super) fn logged_out() -> Reply {
    Reply::done().with_cookie(&token::baked(TOKEN_COOKIE, "", 0))
}

fn logged_in(
    context: &Context,
    token: &Token,
    expires: i64,
    registered: Option<bool>,
    user_id: Option<String>,
) -> Reply {
    let keys = Keys {
        token: token.expose(),
        registered,
        user_id,
        token_expire: when::written(expires, &context.config.timezone),
        token_expire_at: expires,
    };
    let seconds = expires.saturating_sub(context.now());
    let cookie = token::baked(TOKEN_COOKIE, token.expose(), seconds);
    Reply::of(&keys).with_cookie(&cookie)
}
