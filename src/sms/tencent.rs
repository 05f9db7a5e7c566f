//! Tencent Cloud's SMS, `SendSms` of version 2021-01-11, signed by
//! TC3-HMAC-SHA256.
//!
//! After "Signature v3", <https://www.tencentcloud.com/document/api/614/42761>,
//! whose worked examples (it has had two) are tests here, and "SendSms",
//! <https://www.tencentcloud.com/document/product/382/40536>.

use hyper::Uri;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::client::{Client, Post, header, host};
use super::sign::{Canonical, Key, digest, hex, hmac};
use super::{Invite, SendError, Sending, Sms, SmsGateway};

const ALGORITHM: &str = "TC3-HMAC-SHA256";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// Tencent Cloud, with an access key of the operator's.
pub(super) struct Tencent {
    pub(super) client: Client,
    pub(super) url: Uri,
    pub(super) key: Key,
    pub(super) sdk_app_id: String,
    pub(super) sign_name: String,
    pub(super) template_id: String,
    pub(super) invite_template_id: String,
    pub(super) region: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    phone_number_set: [&'a str; 1],
    sms_sdk_app_id: &'a str,
    sign_name: &'a str,
    template_id: &'a str,
    template_param_set: &'a [&'a str],
}

/// What is read of the answer; its messages may repeat the number.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Response")]
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    error: Option<Status>,
    #[serde(default)]
    send_status_set: Vec<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    code: String,
}

impl SmsGateway for Tencent {
    fn send<'a>(&'a self, sms: &'a Sms) -> Sending<'a> {
        Box::pin(async {
            let body = self.body(&sms.number, &self.template_id, &[&sms.code]);
            self.deliver(body).await
        })
    }

    fn invite<'a>(&'a self, invite: &'a Invite) -> Sending<'a> {
        Box::pin(async {
            let body = self.body(&invite.number, &self.invite_template_id, &[]);
            self.deliver(body).await
        })
    }
}

impl Tencent {
    fn body(&self, number: &str, template: &str, parameters: &[&str]) -> String {
        serde_json::to_string(&Body {
            phone_number_set: [number],
            sms_sdk_app_id: &self.sdk_app_id,
            sign_name: &self.sign_name,
            template_id: template,
            template_param_set: parameters,
        })
        .expect("texts are JSON")
    }

    async fn deliver(&self, body: String) -> Result<(), SendError> {
        let post = self.post(body, Timestamp::now())?;
        let answer = self.client.post(post).await?;
        let code = |body: &[u8]| {
            let answer: Answer = serde_json::from_slice(body).ok()?;
            let mut said = answer.response.send_status_set.into_iter();
            Some(answer.response.error.or_else(|| said.next())?.code)
        };
        answer.by_code("Ok", code)
    }

    fn post(&self, body: String, now: Timestamp) -> Result<Post, SendError> {
        let signed = [
            ("content-type", CONTENT_TYPE),
            ("host", host(&self.url)),
            ("x-tc-action", "sendsms"),
        ];
        let authorization = authorization(&self.key, "sms", &signed, &body, now);
        Ok(Post {
            url: self.url.clone(),
            headers: vec![
                header("content-type", CONTENT_TYPE)?,
                header("authorization", &authorization)?,
                header("x-tc-action", "SendSms")?,
                header("x-tc-version", "2021-01-11")?,
                header("x-tc-timestamp", &now.as_second().to_string())?,
                header("x-tc-region", &self.region)?,
            ],
            body,
        })
    }
}

/// Signs a POST to `/`: its headers, in order of names and in lower case, and
/// its body.
fn authorization(
    key: &Key,
    service: &str,
    headers: &[(&str, &str)],
    body: &str,
    now: Timestamp,
) -> String {
    let Canonical { names, hash } = Canonical::of("", headers, &digest(body));
    let date = now.strftime("%Y-%m-%d").to_string();
    let scope = format!("{date}/{service}/tc3_request");
    let seconds = now.as_second();
    let to_sign = format!("{ALGORITHM}\n{seconds}\n{scope}\n{hash}");
    let secret = format!("TC3{}", key.secret.expose());
    let of_day = hmac(secret.as_bytes(), &date);
    let of_service = hmac(&of_day, service);
    let signature = hex(&hmac(&hmac(&of_service, "tc3_request"), &to_sign));
    let id = &key.id;
    format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn the_documents_examples_are_signed_as_they_say() {
        let headers = [
            ("content-type", CONTENT_TYPE),
            ("host", "cvm.tencentcloudapi.com"),
            ("x-tc-action", "describeinstances"),
        ];
        let body = r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
        let now = Timestamp::from_second(1_551_113_065).unwrap();
        let table = [
            (
                "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
                2,
                "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
            ),
            (
                "Gu5t9xGARNpq86cd98joQYCN3*******",
                3,
                "be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3",
            ),
        ];
        for (secret, signed, signature) in table {
            let key = Key {
                id: "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE".into(),
                secret: Secret::new(secret),
            };
            let names = ["content-type", "host", "x-tc-action"][..signed].join(";");
            assert_eq!(
                authorization(&key, "cvm", &headers[..signed], body, now),
                format!(
                    "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/\
                     cvm/tc3_request, SignedHeaders={names}, Signature={signature}"
                )
            );
        }
    }
}
