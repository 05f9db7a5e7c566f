//! Crushes: naming a number, and who hears of it.
//!
//! Before two have named each other, what one of them sees is the same whatever
//! the other has done, and whether there is another at all. `HANDSETS.md` says
//! of each way to find out why it is none.

mod invite;
mod list;
mod news;
mod setting;

pub(super) use list::{ListRequest, Lists, list};
pub(super) use news::tell;
pub(super) use setting::{Setting, SettingRequest, setting};

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::Call;
use super::context::Context;
use super::entrance::whole_seconds;
use super::fault::Fault;
use super::fields;
use super::reply::{Refusal, Reply};
use super::words::Flags;
use crate::limits::CRUSHES_A_DAY;
use crate::store::{About, Changes, Named, Naming, Session, Standing};

/// `crush_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct CrushRequest {
    #[schema(pattern = r"^\+?[0-9]{5,15}$")]
    tel: String,
    words: Option<String>,
}

/// `crush_cancel_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct CancelRequest {
    #[schema(pattern = r"^\+?[0-9]{5,15}$")]
    tel: String,
}

/// `crush_response`
#[derive(Serialize, ToSchema)]
pub(super) struct Kept {
    mutual: bool,
}

#[derive(Serialize)]
struct Wait {
    retry_after: u64,
}

/// The caller has a crush on whoever has this number, or will.
pub(super) async fn request(call: &Call, request: CrushRequest) -> Result<Reply, Refusal> {
    let context = Arc::clone(&call.context);
    let tel = context.tel("tel", &request.tel)?;
    let words = fields::words(request.words.unwrap_or_default())?;
    let mut look = context.words.begin();
    let asked = Asked {
        tel: tel.as_str().to_owned(),
        given: request.tel,
        words: look.pass("words", words)?,
        flags: look.flags(),
        now: context.now(),
    };
    let own = Arc::clone(&context);
    let (standing, may_invite) = call
        .change(move |changes, me| asked.keep(changes, me, &own))
        .await?;
    if may_invite {
        invite::later(context, tel, standing.has_user);
    }
    let mutual = standing.is_mutual;
    Ok(Reply::of(&Kept { mutual }))
}

/// A `crush_request` that may be kept.
struct Asked {
    tel: String,
    given: String,
    words: String,
    flags: Flags,
    now: i64,
}

impl Asked {
    /// What came of it, and whether the number may get an invitation for it.
    fn keep(
        self,
        changes: &mut dyn Changes,
        me: &Session,
        context: &Context,
    ) -> Result<(Standing, bool), Refusal> {
        must_be_anothers(changes, me, &self.tel)?;
        let today = Today::at(self.now, &context.config.timezone);
        let naming = Naming {
            by: me.user,
            tel: self.tel,
            given: self.given,
            words: self.words,
            day: today.day,
            most: CRUSHES_A_DAY,
        };
        let standing = match changes.name_number(&naming, &context.pseudonym_key)? {
            Named::TooMany => {
                let retry_after = today.left;
                return Err(Refusal::with(Fault::LimitReached, &Wait { retry_after }));
            }
            Named::Done(standing) => standing,
        };
        let about = About::User(me.user_id.clone());
        self.flags.report(changes, &about, &me.user_id, self.now)?;
        tell(changes, &context.chat, &standing.revealed);
        let may_invite = context.config.crush_invites
            && standing.is_new
            && changes.take_invite(me.user, &naming.tel, self.now)?;
        Ok((standing, may_invite))
    }
}

/// Nobody has a crush on themself.
fn must_be_anothers(changes: &dyn Changes, me: &Session, tel: &str) -> Result<(), Refusal> {
    let own = changes.account(me.user)?.ok_or(Fault::BadToken)?;
    if own.tel == tel {
        return Err(Refusal::bad_key("tel"));
    }
    Ok(())
}

/// The caller takes it back.
pub(super) async fn cancel(call: &Call, request: CancelRequest) -> Result<Reply, Refusal> {
    let tel = call.context.tel("tel", &request.tel)?;
    let stood = call
        .change(move |changes, me| Ok(changes.cancel_crush(me.user, tel.as_str())?))
        .await?;
    if stood {
        Ok(Reply::done())
    } else {
        Err(Fault::NoSuchThing.into())
    }
}

/// The day that limits count.
struct Today {
    day: String,
    /// Whole seconds to its end.
    left: u64,
}

impl Today {
    /// As the operator's zone has it.
    fn at(now: i64, zone: &TimeZone) -> Today {
        let now = Timestamp::from_second(now).unwrap_or(Timestamp::MAX);
        let now = now.to_zoned(zone.clone());
        let left = end_of_day(&now).map(|end| end.duration_since(&now).unsigned_abs());
        Today {
            day: now.date().to_string(),
            left: whole_seconds(left.unwrap_or(Duration::from_secs(86_400))),
        }
    }
}

/// When the next one begins, as long as there is one.
fn end_of_day(now: &Zoned) -> Option<Zoned> {
    now.tomorrow().and_then(|then| then.start_of_day()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_of_the_zones() {
        let china = TimeZone::get("Asia/Shanghai").unwrap();
        let table = [
            (1_438_623_840, "2015-08-04", 22 * 3600 + 16 * 60),
            (1_438_617_599, "2015-08-03", 1),
            (1_438_617_600, "2015-08-04", 86_400),
        ];
        for (now, day, left) in table {
            let today = Today::at(now, &china);
            assert_eq!((today.day.as_str(), today.left), (day, left));
        }
        // A day that has 23 hours.
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        assert_eq!(Today::at(1_774_738_800, &berlin).left, 23 * 3600);
        assert_eq!(Today::at(i64::MAX, &china).left, 86_400);
    }
}
