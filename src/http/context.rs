//! What the handlers have in common.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::config::Config;
use crate::filter::Filter;
use crate::metrics::Metrics;
use crate::sms::Gateways;
use crate::store::{Door, PseudonymKey};

use super::admin::{Admin, Operators};
use super::body::Bodies;
use super::chat::Chat;
use super::codes::CodeKey;
use super::pictures::Pictures;
use super::rate::Rate;
use super::reply::Refusal;
use super::tel::Tel;
use super::words::Words;

/// What a server gives its handlers.
pub struct Parts {
    /// What the operator set.
    pub config: Arc<Config>,
    /// The way to the store.
    pub door: Door,
    /// The server's counters.
    pub metrics: Arc<Metrics>,
    /// The ways to telephones.
    pub gateways: Gateways,
    /// The way to the chat.
    pub chat: Arc<dyn Chat>,
    /// The server's key for codes.
    pub code_key: CodeKey,
    /// The server's key for pseudonyms.
    pub pseudonym_key: PseudonymKey,
    /// The folder of pictures, and who works on it.
    pub pictures: Pictures,
    /// What the operators' desk needs.
    pub operators: Operators,
    /// What is looked for in what users write.
    pub filter: Option<Filter>,
}

/// What the handlers look at and reach for.
pub struct Context {
    pub(super) config: Arc<Config>,
    pub(super) door: Door,
    pub(super) metrics: Arc<Metrics>,
    pub(super) gateways: Gateways,
    pub(super) chat: Arc<dyn Chat>,
    pub(super) code_key: CodeKey,
    pub(super) pseudonym_key: PseudonymKey,
    pub(super) rate: Option<Rate>,
    pub(super) bodies: Bodies,
    pub(super) pictures: Pictures,
    pub(super) admin: Admin,
    pub(super) words: Words,
}

impl Context {
    /// For one server.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Context> {
        let rate = parts.config.http_rate.and_then(NonZeroU32::new);
        let admin = Admin::new(parts.operators, &parts.metrics);
        Arc::new(Context {
            admin,
            config: parts.config,
            door: parts.door,
            metrics: parts.metrics,
            gateways: parts.gateways,
            chat: parts.chat,
            code_key: parts.code_key,
            pseudonym_key: parts.pseudonym_key,
            rate: rate.map(Rate::new),
            bodies: Bodies::new(),
            pictures: parts.pictures,
            words: Words::new(parts.filter),
        })
    }

    /// A number that stands under this key.
    pub(super) fn tel(&self, key: &str, text: &str) -> Result<Tel, Refusal> {
        Tel::read(text, &self.config.default_country).ok_or_else(|| Refusal::bad_key(key))
    }

    /// The fixed code of a number that only tests use.
    pub(super) fn test_code(&self, tel: &str) -> Option<String> {
        let country = &self.config.default_country;
        let numbers = self.config.test_numbers.iter();
        let mut same = numbers.filter(|(number, _)| {
            Tel::read(number, country).is_some_and(|number| number.as_str() == tel)
        });
        same.next().map(|(_, code)| code.clone())
    }

    /// Unix seconds.
    pub(super) fn now(&self) -> i64 {
        whole(since_epoch().as_secs().into())
    }

    /// Unix milliseconds.
    pub(super) fn now_ms(&self) -> i64 {
        whole(since_epoch().as_millis())
    }

    /// How long a registration token lives, in seconds.
    pub(super) fn registration_ttl(&self) -> i64 {
        whole(self.config.registration_ttl.as_secs().into())
    }

    /// How long a new session token lives, in seconds.
    pub(super) fn token_ttl(&self) -> i64 {
        whole(self.config.token_ttl.as_secs().into())
    }
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

fn whole(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}
