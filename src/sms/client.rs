//! How gateways are spoken to: one POST on a connection of its own, and what its
//! answer says of a code.

use std::io;

use hyper::body::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, StatusCode, Uri};

use super::SendError;
pub(super) use crate::client::host;
use crate::client::{self, Ask, NoAnswer};
use crate::limits::{CODE_DIGITS, SMS_ANSWER_BYTES, SMS_CONNECTING_FOR};

/// The way to gateways.
#[derive(Clone)]
pub(super) struct Client(client::Client);

/// Where to, and what.
pub(super) struct Post {
    /// The whole address.
    pub(super) url: Uri,
    /// Beside `Host` and the length.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: String,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

impl Client {
    /// For this address.
    pub(super) fn new(url: &Uri) -> io::Result<Self> {
        client::Client::new(url, SMS_CONNECTING_FOR, SMS_ANSWER_BYTES).map(Client)
    }

    pub(super) async fn post(&self, post: Post) -> Result<Answer, SendError> {
        let Post { url, headers, body } = post;
        let method = Method::POST;
        let ask = Ask {
            method,
            url,
            headers,
            body,
        };
        let client::Answer { status, body } = self.0.ask(ask).await?;
        Ok(Answer { status, body })
    }
}

impl From<NoAnswer> for SendError {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::Unreachable(words) => SendError::Unreachable(words),
            NoAnswer::Failed(words) => SendError::Failed(words),
        }
    }
}

impl Answer {
    /// Whether this code was taken, for those who tell by the status. `why` is
    /// asked for when it was not, and must give no more than a short name.
    pub(super) fn by_status(&self, why: impl Fn(&[u8]) -> Option<String>) -> Result<(), SendError> {
        if self.status.is_success() {
            return Ok(());
        }
        let mut words = format!("status {}", self.status.as_u16());
        if let Some(why) = why(&self.body) {
            words = format!("{words}, {}", short(&why));
        }
        // Too many requests are not this code's fault.
        if self.status.is_client_error() && self.status != StatusCode::TOO_MANY_REQUESTS {
            Err(SendError::Refused(words))
        } else {
            Err(SendError::Failed(words))
        }
    }

    /// The same for those who tell by a code in the body, which is `good` if
    /// they took it.
    pub(super) fn by_code(
        &self,
        good: &str,
        code: impl Fn(&[u8]) -> Option<String>,
    ) -> Result<(), SendError> {
        self.by_status(&code)?;
        match code(&self.body) {
            Some(code) if code == good => Ok(()),
            Some(code) => Err(SendError::Refused(short(&code))),
            None => Err(SendError::Failed("an answer without a code".into())),
        }
    }
}

/// A header from a text that may hold anything.
pub(super) fn header(
    name: &'static str,
    value: &str,
) -> Result<(HeaderName, HeaderValue), SendError> {
    let value = HeaderValue::from_str(value)
        .map_err(|_| SendError::Failed(format!("{name} cannot be written as a header")))?;
    Ok((HeaderName::from_static(name), value))
}

/// A provider's name of an error. It comes from outside and is logged, so it
/// must not be a code or a number.
fn short(name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let name: String = name.chars().filter(plain).take(64).collect();
    let mut words = name.split(|c: char| !c.is_ascii_digit());
    if words.any(|digits| digits.len() >= CODE_DIGITS) {
        "an error with a number in it".into()
    } else {
        name
    }
}
