//! Who is banned gets no token and no account: error 10, and until when.

use serde::Serialize;

use super::context::Context;
use super::fault::Fault;
use super::reply::Refusal;
use super::when;
use crate::store::{FOR_GOOD, Reading, Subject};

/// Until when; of one that is for good the text is empty, and there is no
/// number.
#[derive(Serialize)]
pub(super) struct Until {
    banned_until: String,
    banned_until_at: Option<i64>,
}

impl Until {
    pub(super) fn of(until: i64, context: &Context) -> Until {
        let at = (until != FOR_GOOD).then_some(until);
        let zone = &context.config.timezone;
        Until {
            banned_until: at.map_or_else(String::new, |at| when::written(at, zone)),
            banned_until_at: at,
        }
    }
}

/// Why whoever has this number may do nothing now, if so.
pub(super) fn of_tel<R: Reading + ?Sized>(
    reading: &R,
    tel: &str,
    context: &Context,
) -> Result<Result<(), Refusal>, Refusal> {
    let subject = Subject::Tel(tel.to_owned());
    let until = reading.banned_until(&subject, context.now())?;
    Ok(until.map_or(Ok(()), |until| {
        let until = Until::of(until, context);
        Err(Refusal::with(Fault::NotAllowed, &until))
    }))
}
