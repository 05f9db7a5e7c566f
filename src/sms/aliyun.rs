//! Aliyun's Dysmsapi, `SendSms` of version 2017-05-25, signed by
//! ACS3-HMAC-SHA256.
//!
//! After "V3 request structure and signature",
//! <https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature>,
//! whose worked example is a test here, and "SendSms",
//! <https://www.alibabacloud.com/help/en/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms>.

use hyper::Uri;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::client::{Client, Post, header, host};
use super::sign::{Canonical, Key, digest, hex, hmac, pairs};
use super::{Invite, SendError, Sending, Sms, SmsGateway};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// Aliyun, with an access key of the operator's.
pub(super) struct Aliyun {
    pub(super) client: Client,
    pub(super) url: Uri,
    pub(super) key: Key,
    pub(super) sign_name: String,
    pub(super) template_code: String,
    pub(super) invite_template_code: String,
    pub(super) region: String,
}

/// What is read of the answer; its message may repeat the number.
#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Code")]
    code: String,
}

impl SmsGateway for Aliyun {
    fn send<'a>(&'a self, sms: &'a Sms) -> Sending<'a> {
        let parameters = json!({ "code": sms.code }).to_string();
        Box::pin(async move {
            let template = [&self.template_code, &*parameters];
            self.deliver(&sms.number, template).await
        })
    }

    fn invite<'a>(&'a self, invite: &'a Invite) -> Sending<'a> {
        Box::pin(async {
            let template = [&self.invite_template_code, "{}"];
            self.deliver(&invite.number, template).await
        })
    }
}

impl Aliyun {
    async fn deliver(&self, number: &str, template: [&str; 2]) -> Result<(), SendError> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|error| SendError::Failed(error.to_string()))?;
        let post = self.post(number, template, Timestamp::now(), &hex(&nonce))?;
        let answer = self.client.post(post).await?;
        let code = |body: &[u8]| Some(serde_json::from_slice::<Answer>(body).ok()?.code);
        answer.by_code("OK", code)
    }

    /// The template comes with its parameters, in JSON.
    fn post(
        &self,
        number: &str,
        [template, parameters]: [&str; 2],
        now: Timestamp,
        nonce: &str,
    ) -> Result<Post, SendError> {
        // In the order that is signed: sorted by name.
        let query = pairs(&[
            ("PhoneNumbers", number.trim_start_matches('+')),
            ("RegionId", &self.region),
            ("SignName", &self.sign_name),
            ("TemplateCode", template),
            ("TemplateParam", parameters),
        ]);
        let body = String::new();
        let (hash, date) = (
            digest(&body),
            now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        );
        let signed = [
            ("host", host(&self.url)),
            ("x-acs-action", "SendSms"),
            ("x-acs-content-sha256", &hash),
            ("x-acs-date", &date),
            ("x-acs-signature-nonce", nonce),
            ("x-acs-version", "2017-05-25"),
        ];
        let authorization = authorization(&self.key, &query, &signed, &hash);
        let mut headers = vec![header("authorization", &authorization)?];
        for (name, value) in &signed[1..] {
            headers.push(header(name, value)?);
        }
        let base = self.url.to_string();
        let url = format!("{}/?{query}", base.trim_end_matches('/'))
            .parse()
            .map_err(|_| SendError::Failed("its address takes no query".into()))?;
        Ok(Post { url, headers, body })
    }
}

/// Signs a POST: its query in order of names, its headers in order of names and
/// its body by its hash.
fn authorization(key: &Key, query: &str, headers: &[(&str, &str)], body_hash: &str) -> String {
    let Canonical { names, hash } = Canonical::of(query, headers, body_hash);
    let to_sign = format!("{ALGORITHM}\n{hash}");
    let signature = hex(&hmac(key.secret.expose().as_bytes(), &to_sign));
    let id = &key.id;
    format!("{ALGORITHM} Credential={id},SignedHeaders={names},Signature={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn the_documents_example_is_signed_as_it_says() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let key = Key {
            id: "YourAccessKeyId".into(),
            secret: Secret::new("YourAccessKeySecret"),
        };
        let query = pairs(&[
            (
                "ImageId",
                "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            ),
            ("RegionId", "cn-shanghai"),
        ]);
        let headers = [
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", empty),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
        ];
        assert_eq!(
            authorization(&key, &query, &headers, empty),
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;\
             x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }
}
