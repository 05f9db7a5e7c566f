//! The gateways that the operator chose, in order, and what holds for all of
//! them: who gets codes at all, how many, and how long it may take.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::Uri;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::allowance::Allowance;
use super::breaker::{Breaker, Turn};
use super::client::Client;
use super::sign::Key;
use super::twilio::messages;
use super::{Invite, Masked, SendError, Sending, Sms, SmsGateway};
use super::{aliyun, console, tencent, twilio, webhook};
use crate::config::{Config, Gateway};
use crate::exit::Failure;
use crate::limits::{SMS_AT_ONCE, SMS_FOR};
use crate::metrics::{Metrics, SmsDenial, SmsResult};

/// Sends codes. Shared by all who do.
pub struct Gateways {
    lines: Vec<Line>,
    countries: Vec<String>,
    allowance: Mutex<Allowance>,
    /// Of invitations, which take nothing away from codes.
    invites: Mutex<Allowance>,
    /// Whose days are counted.
    zone: TimeZone,
    places: Semaphore,
    pub(super) patience: Duration,
    metrics: Arc<Metrics>,
}

/// Why a code did not go out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// No number of that country gets one.
    #[error("no codes go to that country")]
    Country,
    /// As many as may be were sent today.
    #[error("as many codes as may be were sent today")]
    Budget,
    /// No gateway took it.
    #[error(transparent)]
    Gateway(#[from] SendError),
}

/// One gateway.
struct Line {
    name: Gateway,
    gateway: Box<dyn SmsGateway>,
    breaker: Mutex<Breaker>,
}

impl Gateways {
    /// Those of the configuration, whose keys were checked when it was read.
    pub fn open(config: &Config, metrics: Arc<Metrics>) -> Result<Self, Failure> {
        let lines = config.sms_gateway.iter().map(|name| {
            Ok(Line {
                name: *name,
                gateway: gateway(*name, config)?,
                breaker: Mutex::default(),
            })
        });
        let allowance = || {
            Mutex::new(Allowance::new(
                config.sms_budget_day,
                config.sms_per_prefix_day,
            ))
        };
        Ok(Self {
            lines: lines.collect::<Result<_, Failure>>()?,
            countries: config.sms_countries.clone(),
            allowance: allowance(),
            invites: allowance(),
            zone: config.timezone.clone(),
            places: Semaphore::new(SMS_AT_ONCE),
            patience: SMS_FOR,
            metrics,
        })
    }

    /// Hands the code to the first gateway, or to the second if no connection
    /// to the first can be made. It takes no longer than
    /// [`SMS_FOR`]; dropping it gives up, though the code may have been sent.
    pub async fn send(&self, sms: &Sms) -> Result<(), Undelivered> {
        let today = self.take(sms)?;
        let outcome = self.hand_over(Parcel::Code(sms)).await;
        if let Err(error) = &outcome
            && *error != SendError::TimedOut
        {
            lock(&self.allowance).give_back(today, &sms.number);
        }
        Ok(outcome?)
    }

    /// Hands an invitation over as a code would be. One that nobody needs
    /// (`wanted` is false) counts as one that was sent, and none is seen in the
    /// metrics: either would tell strangers which numbers have a user.
    pub async fn invite(&self, invite: &Invite, wanted: bool) -> Result<(), Undelivered> {
        if !self.serves(&invite.number) {
            return Err(Undelivered::Country);
        }
        if !lock(&self.invites).take(self.today(), &invite.number) {
            return Err(Undelivered::Budget);
        }
        if wanted {
            self.hand_over(Parcel::Invite(invite)).await?;
        }
        Ok(())
    }

    fn serves(&self, number: &str) -> bool {
        self.countries.is_empty() || self.countries.iter().any(|code| number.starts_with(code))
    }

    fn today(&self) -> Date {
        Timestamp::now().to_zoned(self.zone.clone()).date()
    }

    /// Counts the code, if it may be sent, and says on which day.
    fn take(&self, sms: &Sms) -> Result<Date, Undelivered> {
        let number = &sms.number;
        if !self.serves(number) {
            self.metrics.sms().denied(SmsDenial::Country);
            return Err(Undelivered::Country);
        }
        let today = self.today();
        if !lock(&self.allowance).take(today, number) {
            self.metrics.sms().denied(SmsDenial::Budget);
            tracing::warn!(number = %Masked(number), "no code: as many as may be were sent today");
            return Err(Undelivered::Budget);
        }
        Ok(today)
    }

    async fn hand_over(&self, parcel: Parcel<'_>) -> Result<(), SendError> {
        let deadline = Instant::now() + self.patience;
        let metrics = parcel.is_code().then_some(&*self.metrics);
        let Ok(place) = timeout_at(deadline, self.places.acquire()).await else {
            if let Some(metrics) = metrics {
                metrics.sms().denied(SmsDenial::Busy);
            }
            return Err(SendError::TimedOut);
        };
        let _place = place.expect("it is never closed");
        let mut outcome = Err(SendError::Unreachable("there is no gateway".into()));
        for line in &self.lines {
            outcome = line.hand_over(parcel, deadline, metrics).await;
            if !matches!(outcome, Err(SendError::Unreachable(_))) {
                break;
            }
        }
        outcome
    }
}

/// What goes through a gateway.
#[derive(Clone, Copy)]
enum Parcel<'a> {
    Code(&'a Sms),
    Invite(&'a Invite),
}

impl<'a> Parcel<'a> {
    const fn is_code(self) -> bool {
        matches!(self, Parcel::Code(_))
    }

    fn number(self) -> &'a str {
        match self {
            Parcel::Code(sms) => &sms.number,
            Parcel::Invite(invite) => &invite.number,
        }
    }

    fn through(self, gateway: &'a dyn SmsGateway) -> Sending<'a> {
        match self {
            Parcel::Code(sms) => gateway.send(sms),
            Parcel::Invite(invite) => gateway.invite(invite),
        }
    }
}

impl Line {
    /// With metrics only for what may be seen in them.
    async fn hand_over<'a>(
        &'a self,
        parcel: Parcel<'a>,
        deadline: Instant,
        metrics: Option<&Metrics>,
    ) -> Result<(), SendError> {
        let gateway = self.name.name();
        let tell = |result| {
            if let Some(metrics) = metrics {
                metrics.sms().tried(self.name, result);
            }
        };
        let attempt = Attempt::begin(&self.breaker).inspect_err(|_| tell(SmsResult::LeftAlone))?;
        let outcome = timeout_at(deadline, parcel.through(&*self.gateway))
            .await
            .unwrap_or(Err(SendError::TimedOut));
        tell(result(&outcome));
        if let Err(error) = &outcome {
            tracing::warn!(gateway, number = %Masked(parcel.number()), %error, "no SMS sent");
        }
        match attempt.settle(&outcome) {
            Turn::None => {}
            Turn::Opened => tracing::error!(gateway, "it fails again and again; left alone"),
            Turn::Closed => tracing::info!(gateway, "it works again"),
        }
        outcome
    }
}

/// A code that the breaker let through. Dropped without being settled, it was
/// given up.
struct Attempt<'a> {
    breaker: &'a Mutex<Breaker>,
    settled: bool,
}

impl<'a> Attempt<'a> {
    fn begin(breaker: &'a Mutex<Breaker>) -> Result<Self, SendError> {
        lock(breaker).admit(std::time::Instant::now())?;
        Ok(Self {
            breaker,
            settled: false,
        })
    }

    fn settle(mut self, outcome: &Result<(), SendError>) -> Turn {
        self.settled = true;
        lock(self.breaker).settle(std::time::Instant::now(), outcome)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.settled {
            lock(self.breaker).given_up(std::time::Instant::now());
        }
    }
}

const fn result(outcome: &Result<(), SendError>) -> SmsResult {
    match outcome {
        Ok(()) => SmsResult::Sent,
        Err(SendError::Unreachable(_)) => SmsResult::Unreachable,
        Err(SendError::Refused(_)) => SmsResult::Refused,
        Err(SendError::Failed(_)) => SmsResult::Failed,
        Err(SendError::TimedOut) => SmsResult::TimedOut,
    }
}

/// What is locked is left whole whatever happens.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn gateway(name: Gateway, config: &Config) -> Result<Box<dyn SmsGateway>, Failure> {
    let sms = &config.sms;
    Ok(match name {
        Gateway::Console => Box::new(console::Console),
        Gateway::Webhook => {
            let (client, url) = reach(name, &sms.webhook.url)?;
            Box::new(webhook::Webhook {
                client,
                url,
                secret: sms.webhook.secret.clone(),
            })
        }
        Gateway::Twilio => {
            let messages = messages(&sms.twilio.url, &sms.twilio.account_sid);
            let (client, url) = reach(name, &messages)?;
            Box::new(twilio::Twilio {
                client,
                url,
                account_sid: sms.twilio.account_sid.clone(),
                auth_token: sms.twilio.auth_token.clone(),
                from: sms.twilio.from.clone(),
            })
        }
        Gateway::Aliyun => {
            let (client, url) = reach(name, &sms.aliyun.url)?;
            Box::new(aliyun::Aliyun {
                client,
                url,
                key: Key {
                    id: sms.aliyun.access_key_id.clone(),
                    secret: sms.aliyun.access_key_secret.clone(),
                },
                sign_name: sms.aliyun.sign_name.clone(),
                template_code: sms.aliyun.template_code.clone(),
                invite_template_code: sms.aliyun.invite_template_code.clone(),
                region: sms.aliyun.region.clone(),
            })
        }
        Gateway::Tencent => {
            let (client, url) = reach(name, &sms.tencent.url)?;
            Box::new(tencent::Tencent {
                client,
                url,
                key: Key {
                    id: sms.tencent.secret_id.clone(),
                    secret: sms.tencent.secret_key.clone(),
                },
                sdk_app_id: sms.tencent.sdk_app_id.clone(),
                sign_name: sms.tencent.sign_name.clone(),
                template_id: sms.tencent.template_id.clone(),
                invite_template_id: sms.tencent.invite_template_id.clone(),
                region: sms.tencent.region.clone(),
            })
        }
    })
}

/// The address and what connects to it. What is wrong with an address is not
/// said: it may hold a secret.
fn reach(gateway: Gateway, url: &str) -> Result<(Client, Uri), Failure> {
    let name = gateway.name();
    let uri = url.parse::<Uri>().ok();
    let uri = uri
        .filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))
        .ok_or_else(|| Failure::config(format!("sms.{name}.url is no address")))?;
    let client = Client::new(&uri).map_err(|error| {
        Failure::system(format!(
            "sms_gateway {name}: the system has no certificates to check its own against: {error}; \
             install ca-certificates or set SSL_CERT_FILE"
        ))
    })?;
    Ok((client, uri))
}
