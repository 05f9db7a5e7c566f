//! Twilio's Messages API: a form with basic authentication.
//!
//! After "Messages resource: Create a Message",
//! <https://www.twilio.com/docs/messaging/api/message-resource>, and "Make an
//! HTTP request to Twilio", <https://www.twilio.com/docs/usage/your-request-to-twilio>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use serde::Deserialize;

use super::client::{Client, Post, header};
use super::sign::pairs;
use super::text::{invitation, text};
use super::{Invite, SendError, Sending, Sms, SmsGateway};
use crate::config::Secret;

/// Twilio, with an account of the operator's.
pub(super) struct Twilio {
    pub(super) client: Client,
    /// The account's messages.
    pub(super) url: Uri,
    pub(super) account_sid: String,
    pub(super) auth_token: Secret,
    /// A number, or the id of a messaging service.
    pub(super) from: String,
}

/// What is read of an error; its message repeats the number.
#[derive(Deserialize)]
struct Complaint {
    code: u64,
}

/// The account's messages, below where the API is.
pub(super) fn messages(base: &str, account_sid: &str) -> String {
    let base = base.trim_end_matches('/');
    format!("{base}/2010-04-01/Accounts/{account_sid}/Messages.json")
}

impl SmsGateway for Twilio {
    fn send<'a>(&'a self, sms: &'a Sms) -> Sending<'a> {
        Box::pin(async { self.deliver(&sms.number, &text(sms)).await })
    }

    fn invite<'a>(&'a self, invite: &'a Invite) -> Sending<'a> {
        Box::pin(async {
            self.deliver(&invite.number, invitation(invite.locale))
                .await
        })
    }
}

impl Twilio {
    async fn deliver(&self, number: &str, text: &str) -> Result<(), SendError> {
        let post = self.post(number, text)?;
        let answer = self.client.post(post).await?;
        answer.by_status(|body| {
            let complaint: Complaint = serde_json::from_slice(body).ok()?;
            Some(complaint.code.to_string())
        })
    }

    fn post(&self, number: &str, text: &str) -> Result<Post, SendError> {
        let sender = if is_service(&self.from) {
            "MessagingServiceSid"
        } else {
            "From"
        };
        let body = pairs(&[("To", number), (sender, &self.from), ("Body", text)]);
        let account = format!("{}:{}", self.account_sid, self.auth_token.expose());
        let (name, mut credentials) = header(
            "authorization",
            &format!("Basic {}", STANDARD.encode(account)),
        )?;
        credentials.set_sensitive(true);
        Ok(Post {
            url: self.url.clone(),
            headers: vec![
                header("content-type", "application/x-www-form-urlencoded")?,
                (name, credentials),
            ],
            body,
        })
    }
}

/// A messaging service's id is `MG` and 32 hex digits.
fn is_service(from: &str) -> bool {
    from.strip_prefix("MG")
        .is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
