//! Sends codes to telephones, and invitations.
//!
//! Owns the gateways and how a code gets through one of them: which is tried,
//! for how long, how often in a day and to which countries. Deliberately
//! absent: making a code, checking it, and how often one number or address may
//! ask for one, which is HTTP's.

mod aliyun;
mod allowance;
mod breaker;
mod client;
mod console;
mod gateways;
mod mask;
mod sign;
mod tencent;
mod text;
mod twilio;
mod webhook;

#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

pub use gateways::{Gateways, Undelivered};
pub use mask::Masked;

/// A code on its way to a telephone.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// E.164, with its `+`.
    pub number: String,
    /// Six digits.
    pub code: String,
    /// How long the code is good for.
    pub ttl: Duration,
    /// The language of the text.
    pub locale: Locale,
    /// What the code is for.
    pub purpose: Purpose,
}

/// An invitation to somebody whom a user has named, without saying who.
#[derive(Clone, PartialEq, Eq)]
pub struct Invite {
    /// E.164, with its `+`.
    pub number: String,
    /// The language of the text.
    pub locale: Locale,
}

/// The language of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To come in.
    Login,
    /// To change one's number; sent to the new one.
    TelChange,
    /// To delete one's account.
    AccountDelete,
}

/// A way to telephones.
pub trait SmsGateway: Send + Sync {
    /// Hands the code over. Done means that the gateway has taken it, not that
    /// the telephone has it.
    fn send<'a>(&'a self, sms: &'a Sms) -> Sending<'a>;

    /// The same with an invitation.
    fn invite<'a>(&'a self, invite: &'a Invite) -> Sending<'a>;
}

/// A code being handed over; dropping it gives up.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// Why a gateway did not take a code. The words hold neither the number nor the
/// code, so they may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection could be made, so nothing was sent: another gateway may be
    /// tried.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// It answered, and does not take this code.
    #[error("refused: {0}")]
    Refused(String),
    /// It answered something else than it should, or not to the end.
    #[error("failed: {0}")]
    Failed(String),
    /// It did not answer in time; the code may have been sent.
    #[error("no answer in time")]
    TimedOut,
}

impl Locale {
    /// As a webhook reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Locale::Zh => "zh",
            Locale::En => "en",
        }
    }
}

impl Purpose {
    /// As the wire contract writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Purpose::Login => "login",
            Purpose::TelChange => "tel_change",
            Purpose::AccountDelete => "account_delete",
        }
    }
}

/// Without the code, and with the number masked.
impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms")
            .field("number", &format_args!("{}", Masked(&self.number)))
            .field("ttl", &self.ttl)
            .field("locale", &self.locale)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}
