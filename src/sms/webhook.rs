//! A POST to an address of the operator's, signed so that it can tell whose it
//! is. The wire contract, section 4, has the form.

use hyper::Uri;
use serde::Serialize;

use super::client::{Client, Post, header};
use super::sign::{hex, hmac};
use super::{Invite, SendError, Sending, Sms, SmsGateway};
use crate::config::Secret;

/// The purpose of what brings no code.
const INVITE: &str = "crush_invite";

/// Any status but 2xx is a failure.
pub(super) struct Webhook {
    pub(super) client: Client,
    pub(super) url: Uri,
    pub(super) secret: Secret,
}

#[derive(Serialize)]
struct Body<'a> {
    number: &'a str,
    code: &'a str,
    ttl: u64,
    locale: &'a str,
    purpose: &'a str,
}

impl SmsGateway for Webhook {
    fn send<'a>(&'a self, sms: &'a Sms) -> Sending<'a> {
        Box::pin(async {
            self.post(&Body {
                number: &sms.number,
                code: &sms.code,
                ttl: sms.ttl.as_secs(),
                locale: sms.locale.as_str(),
                purpose: sms.purpose.as_str(),
            })
            .await
        })
    }

    fn invite<'a>(&'a self, invite: &'a Invite) -> Sending<'a> {
        Box::pin(async {
            self.post(&Body {
                number: &invite.number,
                code: "",
                ttl: 0,
                locale: invite.locale.as_str(),
                purpose: INVITE,
            })
            .await
        })
    }
}

impl Webhook {
    async fn post(&self, body: &Body<'_>) -> Result<(), SendError> {
        let post = self.signed(body)?;
        self.client.post(post).await?.by_status(|_| None)
    }

    fn signed(&self, body: &Body<'_>) -> Result<Post, SendError> {
        let body = serde_json::to_string(body).expect("texts and numbers are JSON");
        let signature = hex(&hmac(self.secret.expose().as_bytes(), &body));
        Ok(Post {
            url: self.url.clone(),
            headers: vec![
                header("content-type", "application/json; charset=utf-8")?,
                header("x-pairline-signature", &format!("sha256={signature}"))?,
            ],
            body,
        })
    }
}
