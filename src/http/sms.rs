//! Asking for a code.
//!
//! Nothing here looks whether a number has a user: known and unknown numbers
//! are answered alike.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::address::Origin;
use super::call::Call;
use super::codes;
use super::context::Context;
use super::entrance::whole_seconds;
use super::fault::Fault;
use super::language::Language;
use super::reply::{Refusal, Reply};
use super::tel::Tel;
use super::token::{self, REQUEST_COOKIE};
use crate::sms::{Locale, Masked, Purpose, Sms, Undelivered};
use crate::store::{Changes, Code, CodeRequest, Session, UserKey, Whose};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// `sms_validation_request`
#[derive(Deserialize, ToSchema)]
pub(super) struct SmsRequest {
    #[schema(pattern = r"^\+?[0-9]{5,15}$")]
    tel: String,
    /// The handset's clock, however it writes it; it decides nothing.
    time: Option<Value>,
    #[schema(pattern = "^(login|tel_change|account_delete)$")]
    purpose: Option<String>,
}

/// `sms_validation_send`
#[derive(Serialize, ToSchema)]
pub(super) struct Sent<'a> {
    request_id: &'a str,
    retry_after: u64,
}

/// When to ask again, in whole seconds.
#[derive(Serialize)]
struct Wait {
    retry_after: u64,
}

/// Sends a code, if it is not too soon for one.
pub(super) async fn request(call: &Call, request: SmsRequest) -> Result<Reply, Refusal> {
    let context = &call.context;
    let tel = context.tel("tel", &request.tel)?;
    let purpose = purpose(request.purpose.as_deref())?;
    let handset_time = request.time.map(|time| time.to_string());
    tracing::debug!(?tel, handset_time, "a code is asked for");
    let asked = CodeRequest {
        id: codes::request_id()?,
        tel: tel.as_str().to_owned(),
        address: Origin::of(call.address).to_string(),
        at_ms: context.now_ms(),
    };
    let user = admit(call, asked.clone(), purpose).await?;
    let delivery = Delivery {
        context: Arc::clone(context),
        asked,
        user,
        purpose,
        locale: match call.language {
            Language::Chinese => Locale::Zh,
            Language::English => Locale::En,
        },
    };
    // Goes on when the client does not wait: the code is on its way, and only
    // here it is known whether it counts.
    let sent = tokio::spawn(delivery.run()).await;
    let request_id = sent.map_err(|_| Fault::Internal)??;
    let ttl = context.config.sms_code_ttl.as_secs().cast_signed();
    let cookie = token::baked(REQUEST_COOKIE, &request_id, ttl);
    let keys = Sent {
        request_id: &request_id,
        retry_after: whole_seconds(context.config.sms_interval),
    };
    Ok(Reply::of(&keys).with_cookie(&cookie))
}

fn purpose(text: Option<&str>) -> Result<Purpose, Refusal> {
    const ALL: [Purpose; 3] = [Purpose::Login, Purpose::TelChange, Purpose::AccountDelete];
    let Some(text) = text else {
        return Ok(Purpose::Login);
    };
    let named = ALL.into_iter().find(|purpose| purpose.as_str() == text);
    named.ok_or_else(|| Refusal::bad_key("purpose"))
}

/// Counts the request, if all limits have room for it, and says who asks where
/// only a user may.
async fn admit(
    call: &Call,
    asked: CodeRequest,
    purpose: Purpose,
) -> Result<Option<UserKey>, Refusal> {
    let limits = Limits::of(&call.context);
    if purpose == Purpose::Login {
        let door = &call.context.door;
        return door
            .write(move |changes| {
                limits.take(changes, &asked)?;
                Ok(None)
            })
            .await;
    }
    call.change(move |changes, me| {
        if purpose == Purpose::AccountDelete {
            must_be_own(changes, me, &asked.tel)?;
        }
        limits.take(changes, &asked)?;
        Ok(Some(me.user))
    })
    .await
}

fn must_be_own(changes: &dyn Changes, me: &Session, tel: &str) -> Result<(), Refusal> {
    let own = changes.account(me.user)?;
    if own.is_some_and(|account| account.tel == tel) {
        Ok(())
    } else {
        Err(Fault::NotAllowed.into())
    }
}

/// How many codes there may be in how long.
struct Limits {
    interval: Duration,
    /// Whether it is for a number or from an address; how long; how many.
    counted: [(bool, Duration, Option<u32>); 4],
}

impl Limits {
    fn of(context: &Context) -> Limits {
        let config = &context.config;
        Limits {
            interval: config.sms_interval,
            counted: [
                (true, HOUR, config.sms_per_number_hour),
                (true, DAY, config.sms_per_number_day),
                (false, HOUR, config.sms_per_address_hour),
                (false, DAY, config.sms_per_address_day),
            ],
        }
    }

    fn take(&self, changes: &mut dyn Changes, asked: &CodeRequest) -> Result<(), Refusal> {
        let tel = Whose::Tel(&asked.tel);
        if let Some(wait) = wait(changes, tel, self.interval, 1, asked.at_ms)? {
            return Err(too_soon(Fault::TooSoon, wait));
        }
        for (for_number, window, most) in self.counted {
            let whose = if for_number {
                tel
            } else {
                Whose::Address(&asked.address)
            };
            let Some(most) = most else { continue };
            if let Some(wait) = wait(changes, whose, window, most, asked.at_ms)? {
                return Err(too_soon(Fault::LimitReached, wait));
            }
        }
        Ok(changes.add_code_request(asked)?)
    }
}

/// How long until there have been fewer than `most` in the `window`; nothing if
/// there are fewer.
fn wait(
    changes: &dyn Changes,
    whose: Whose<'_>,
    window: Duration,
    most: u32,
    now_ms: i64,
) -> Result<Option<Duration>, Refusal> {
    let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    let since = now_ms.saturating_sub(window_ms);
    let earliest = changes.nth_code_request(whose, since, most)?;
    Ok(earliest.map(|at_ms| {
        // Where the clock was set back, a request may lie ahead of it.
        let left = (at_ms - since).clamp(1, window_ms.max(1));
        Duration::from_millis(left.cast_unsigned())
    }))
}

fn too_soon(fault: Fault, wait: Duration) -> Refusal {
    let retry_after = whole_seconds(wait);
    Refusal::with(fault, &Wait { retry_after })
}

/// A code on its way, and what becomes of it.
struct Delivery {
    context: Arc<Context>,
    asked: CodeRequest,
    user: Option<UserKey>,
    purpose: Purpose,
    locale: Locale,
}

impl Delivery {
    /// The request's id, once the code counts. If it did not get away, the
    /// request does not count either.
    async fn run(self) -> Result<String, Refusal> {
        let code = match self.context.test_code(&self.asked.tel) {
            Some(code) => code,
            None => {
                let code = codes::draw()?;
                if let Err(why) = self.send(&code).await {
                    return Err(self.take_back(why).await);
                }
                code
            }
        };
        let code = self.kept(&code);
        let id = self.asked.id;
        self.context
            .door
            .write(move |changes| {
                changes.keep_code(&code)?;
                Ok(id)
            })
            .await
    }

    async fn send(&self, code: &str) -> Result<(), Undelivered> {
        let sms = Sms {
            number: self.asked.tel.clone(),
            code: code.to_owned(),
            ttl: self.context.config.sms_code_ttl,
            locale: self.locale,
            purpose: self.purpose,
        };
        self.context.gateways.send(&sms).await
    }

    /// What is kept of a code.
    fn kept(&self, code: &str) -> Code {
        let ttl = self.context.config.sms_code_ttl.as_millis();
        let ttl = i64::try_from(ttl).unwrap_or(i64::MAX);
        let tel = self.asked.tel.clone();
        Code {
            hmac: self.context.code_key.hmac(self.purpose, &tel, code),
            tel,
            purpose: self.purpose.as_str().to_owned(),
            request: self.asked.id.clone(),
            user: self.user,
            expires_ms: self.context.now_ms().saturating_add(ttl),
            wrong: 0,
        }
    }

    async fn take_back(self, why: Undelivered) -> Refusal {
        let number = Masked(&self.asked.tel).to_string();
        tracing::warn!(number, %why, "a code did not get away");
        let id = self.asked.id;
        let dropped = self
            .context
            .door
            .write::<(), Refusal>(move |changes| Ok(changes.drop_code_request(&id)?))
            .await;
        if let Err(failed) = dropped {
            return failed;
        }
        match why {
            // The attempt cost nothing.
            Undelivered::Gateway(_) => too_soon(Fault::GatewayFailed, Duration::ZERO),
            Undelivered::Budget => {
                let wait = self.context.gateways.until_tomorrow();
                too_soon(Fault::LimitReached, wait)
            }
            Undelivered::Country => Fault::NotAllowed.into(),
        }
    }
}

/// Whose code is tried: the number's, the request's, or the cookie's.
pub(super) enum Asked {
    Tel(Tel),
    Request(String),
}

impl Asked {
    pub(super) fn find(
        call: &Call,
        tel: Option<&str>,
        request_id: Option<String>,
    ) -> Result<Asked, Refusal> {
        if let Some(tel) = tel {
            return Ok(Asked::Tel(call.context.tel("tel", tel)?));
        }
        let cookie = || token::cookie(&call.headers, REQUEST_COOKIE).map(str::to_owned);
        let request = request_id.or_else(cookie);
        request
            .map(Asked::Request)
            .ok_or_else(|| Refusal::bad_key("tel"))
    }

    pub(super) fn code(&self, changes: &dyn Changes) -> Result<Option<Code>, Refusal> {
        Ok(match self {
            Asked::Tel(tel) => changes.code(tel.as_str(), Purpose::Login.as_str())?,
            Asked::Request(request) => changes.code_by_request(request)?,
        })
    }
}
