//! Who somebody is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::fault::Fault;
use super::fields;
use super::reply::{Refusal, Reply};
use crate::store::{About, Account};

/// `profile_request`
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ProfileRequest {
    user_id: Option<String>,
}

/// `profile_update_request`
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateRequest {
    nickname: Option<String>,
    #[schema(pattern = "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
    birthday: Option<String>,
    pic_id: Option<String>,
    location: Option<String>,
    words: Option<String>,
}

/// A profile as it is written; the number is shown to its owner only.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Profile)]
pub(super) struct Shown {
    #[serde(rename = "user_id")]
    user_id: String,
    nickname: String,
    gender: String,
    birthday: String,
    pic_id: String,
    location: String,
    words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tel: Option<String>,
}

/// `profile_response`
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Keys {
    profile: Shown,
}

impl Shown {
    fn new(account: Account, own: bool) -> Shown {
        let Account {
            user_id,
            tel,
            profile,
            ..
        } = account;
        Shown {
            user_id,
            nickname: profile.nickname,
            gender: profile.gender,
            birthday: profile.birthday,
            pic_id: profile.pic_id,
            location: profile.location,
            words: profile.words,
            tel: own.then_some(tel),
        }
    }
}

/// One's own, or another's.
pub(super) async fn show(call: &Call, request: ProfileRequest) -> Result<Reply, Refusal> {
    let profile = call
        .look(move |reading, me| {
            let wanted = request.user_id.as_deref().unwrap_or(&me.user_id);
            let account = reading.account_by_id(wanted)?;
            let account = account.ok_or(Fault::NoSuchThing)?;
            let own = account.user == me.user;
            if !own && reading.are_apart(account.user, me.user)? {
                return Err(Fault::NoSuchThing.into());
            }
            Ok(Shown::new(account, own))
        })
        .await?;
    Ok(Reply::of(&Keys { profile }))
}

/// What came replaces what was said before; the rest stays.
pub(super) async fn update(call: &Call, request: UpdateRequest) -> Result<Reply, Refusal> {
    let (mut look, now) = (call.context.words.begin(), call.context.now());
    let nickname = request.nickname.map(fields::nickname).transpose()?;
    let nickname = look.pass_some("nickname", nickname)?;
    let birthday = request.birthday.map(fields::birthday).transpose()?;
    let pic_id = request.pic_id.map(fields::pic_id).transpose()?;
    let location = request.location.map(fields::location).transpose()?;
    let words = request.words.map(fields::words).transpose()?;
    let words = look.pass_some("words", words)?;
    let flags = look.flags();
    let profile = call
        .change(move |changes, me| {
            let mut account = changes.account(me.user)?.ok_or(Fault::BadToken)?;
            let profile = &mut account.profile;
            let places = [
                (&mut profile.nickname, nickname),
                (&mut profile.birthday, birthday),
                (&mut profile.pic_id, pic_id),
                (&mut profile.location, location),
                (&mut profile.words, words),
            ];
            for (place, said) in places {
                if let Some(said) = said {
                    *place = said;
                }
            }
            changes.set_profile(me.user, &account.profile)?;
            flags.report(changes, &About::User(me.user_id.clone()), &me.user_id, now)?;
            Ok(Shown::new(account, true))
        })
        .await?;
    Ok(Reply::of(&Keys { profile }))
}
