//! Twilio, Aliyun and Tencent as their documents have them: the request is
//! checked from what arrived, by rules written down here once more.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::rig::{Answer, CODE, Heard, NUMBER, Provider, gateways, parse, sms};
use crate::sms::sign::{digest, hex, hmac, pairs};
use crate::sms::{SendError, Undelivered};

#[tokio::test]
async fn twilio_gets_a_form_with_basic_authentication() {
    let provider = Provider::answering(Answer::Now(201, r#"{"sid":"SM1"}"#)).await;
    let (from_number, _) = gateways("twilio", provider.address, &[]);
    from_number.send(&sms()).await.unwrap();
    let service = "MG0123456789abcdef0123456789abcdef";
    let (from_service, _) = gateways("twilio", provider.address, &[("sms.twilio.from", service)]);
    from_service.send(&sms()).await.unwrap();
    let heard = provider.heard();
    for (heard, sender) in heard
        .iter()
        .zip([("From", "+15005550006"), ("MessagingServiceSid", service)])
    {
        assert_eq!(heard.method, "POST");
        assert_eq!(heard.uri, "/2010-04-01/Accounts/AC0123456789/Messages.json");
        assert_eq!(
            heard.header("content-type"),
            "application/x-www-form-urlencoded"
        );
        let account = heard
            .header("authorization")
            .strip_prefix("Basic ")
            .unwrap();
        let account = STANDARD.decode(account).unwrap();
        assert_eq!(account, b"AC0123456789:twilio-secret");
        let text = format!("{CODE} is your code to log in, good for 5 minutes. Tell it to nobody.");
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let form: BTreeMap<_, _> = [("To", NUMBER), ("Body", &text), sender].map(own).into();
        assert_eq!(parse(&heard.body), form);
    }
    assert_eq!(heard.len(), 2);
}

#[tokio::test]
async fn aliyun_gets_a_query_signed_by_acs3() {
    let answer = r#"{"Message":"OK","RequestId":"F655","Code":"OK","BizId":"9006"}"#;
    let provider = Provider::answering(Answer::Now(200, answer)).await;
    let (gateways, _) = gateways("aliyun", provider.address, &[]);
    gateways.send(&sms()).await.unwrap();
    gateways.send(&sms()).await.unwrap();
    let heard = provider.heard();
    for heard in &heard {
        check_acs3(heard);
        assert_eq!(heard.uri.path(), "/");
        assert_eq!(heard.header("x-acs-action"), "SendSms");
        assert_eq!(heard.header("x-acs-version"), "2017-05-25");
        let query = parse(heard.uri.query().unwrap());
        assert_eq!(query["PhoneNumbers"], NUMBER.trim_start_matches('+'));
        assert_eq!(query["SignName"], "配对 & 聊");
        assert_eq!(query["TemplateCode"], "SMS_154950909");
        assert_eq!(query["RegionId"], "cn-hangzhou");
        let parameters: Value = serde_json::from_str(&query["TemplateParam"]).unwrap();
        assert_eq!(parameters, json!({ "code": CODE }));
        let date: jiff::Timestamp = heard.header("x-acs-date").parse().unwrap();
        let age = jiff::Timestamp::now().duration_since(date);
        assert!(age.abs() < jiff::SignedDuration::from_mins(15));
    }
    let nonce = |heard: &Heard| heard.header("x-acs-signature-nonce").to_owned();
    assert_ne!(nonce(&heard[0]), nonce(&heard[1]));
}

#[tokio::test]
async fn tencent_gets_json_signed_by_tc3() {
    let answer = r#"{"Response":{"SendStatusSet":[{"SerialNo":"5000","PhoneNumber":"+8618612344931","Fee":1,"SessionContext":"","Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"a0aabda6"}}"#;
    let provider = Provider::answering(Answer::Now(200, answer)).await;
    let (gateways, _) = gateways("tencent", provider.address, &[]);
    gateways.send(&sms()).await.unwrap();
    let heard = provider.one();
    check_tc3(&heard);
    assert_eq!(heard.uri, "/");
    assert_eq!(heard.header("x-tc-action"), "SendSms");
    assert_eq!(heard.header("x-tc-version"), "2021-01-11");
    assert_eq!(heard.header("x-tc-region"), "ap-guangzhou");
    let body: Value = serde_json::from_str(&heard.body).unwrap();
    let expected = json!({
        "PhoneNumberSet": [NUMBER], "SmsSdkAppId": "1400006666", "SignName": "配对聊",
        "TemplateId": "1110", "TemplateParamSet": [CODE],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn what_a_provider_does_not_take_is_told_by_its_own_name_for_it() {
    let refused = |words: &str| SendError::Refused(words.into());
    let failed = |words: &str| SendError::Failed(words.into());
    let table = [
        (
            "twilio",
            Answer::Now(
                400,
                r#"{"code":21211,"message":"Invalid 'To' Phone Number: +8618612344931","status":400}"#,
            ),
            refused("status 400, 21211"),
        ),
        (
            "twilio",
            Answer::Now(401, r#"{"code":20003,"message":"Authenticate"}"#),
            refused("status 401, 20003"),
        ),
        ("twilio", Answer::Now(503, "busy"), failed("status 503")),
        (
            "aliyun",
            Answer::Now(
                200,
                r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发"}"#,
            ),
            refused("isv.BUSINESS_LIMIT_CONTROL"),
        ),
        (
            "aliyun",
            Answer::Now(400, r#"{"Code":"SignatureDoesNotMatch","Message":"…"}"#),
            refused("status 400, SignatureDoesNotMatch"),
        ),
        (
            "aliyun",
            Answer::Now(200, "<html>"),
            failed("an answer without a code"),
        ),
        (
            "tencent",
            Answer::Now(
                200,
                r#"{"Response":{"Error":{"Code":"AuthFailure.SignatureFailure","Message":"…"}}}"#,
            ),
            refused("AuthFailure.SignatureFailure"),
        ),
        (
            "tencent",
            Answer::Now(
                200,
                r#"{"Response":{"SendStatusSet":[{"Code":"LimitExceeded.PhoneNumberDailyLimit","Message":"+8618612344931"}]}}"#,
            ),
            refused("LimitExceeded.PhoneNumberDailyLimit"),
        ),
        (
            "tencent",
            Answer::Now(200, r#"{"Response":{}}"#),
            failed("an answer without a code"),
        ),
        // What comes from outside goes to the log: no lines, no escapes, not much.
        (
            "tencent",
            Answer::Now(
                200,
                r#"{"Response":{"Error":{"Code":"a\nb\u001b[31m <i>\"c\""}}}"#,
            ),
            refused("ab31mic"),
        ),
    ];
    for (name, answer, error) in table {
        let provider = Provider::answering(answer).await;
        let (gateways, _) = gateways(name, provider.address, &[]);
        let outcome = gateways.send(&sms()).await;
        assert_eq!(outcome, Err(Undelivered::Gateway(error)), "{name}");
    }
}

/// As a server checks it: the query taken apart, sorted and put together anew.
fn check_acs3(heard: &Heard) {
    let authorization = heard.header("authorization");
    let rest = authorization.strip_prefix("ACS3-HMAC-SHA256 ").unwrap();
    let fields: BTreeMap<_, _> = rest
        .split(',')
        .map(|field| field.split_once('=').unwrap())
        .collect();
    assert_eq!(fields["Credential"], "LTAI0123");
    let body_hash = digest(&heard.body);
    assert_eq!(heard.header("x-acs-content-sha256"), body_hash);
    let query = parse(heard.uri.query().unwrap_or_default());
    let query: Vec<_> = query
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let names = fields["SignedHeaders"];
    let present = heard.headers.keys().map(axum::http::HeaderName::as_str);
    for name in present.filter(|name| name.starts_with("x-acs-") || *name == "host") {
        assert!(names.split(';').any(|signed| signed == name), "{name}");
    }
    let mut canonical = format!("{}\n/\n{}\n", heard.method, pairs(&query));
    for name in names.split(';') {
        canonical += &format!("{name}:{}\n", heard.header(name).trim());
    }
    canonical += &format!("\n{names}\n{body_hash}");
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", digest(&canonical));
    assert_eq!(fields["Signature"], hex(&hmac(b"aliyun-secret", &to_sign)));
}

fn check_tc3(heard: &Heard) {
    let authorization = heard.header("authorization");
    let rest = authorization.strip_prefix("TC3-HMAC-SHA256 ").unwrap();
    let fields: BTreeMap<_, _> = rest
        .split(", ")
        .map(|field| field.split_once('=').unwrap())
        .collect();
    let seconds: i64 = heard.header("x-tc-timestamp").parse().unwrap();
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    let age = jiff::Timestamp::now().duration_since(time);
    assert!(age.abs() < jiff::SignedDuration::from_mins(5));
    let day = time.to_string()[..10].to_owned();
    let scope = format!("{day}/sms/tc3_request");
    assert_eq!(fields["Credential"], format!("AKID0123/{scope}"));
    let names = fields["SignedHeaders"];
    let mut canonical = format!("{}\n/\n\n", heard.method);
    for name in names.split(';') {
        let value = heard.header(name).trim().to_lowercase();
        canonical += &format!("{name}:{value}\n");
    }
    canonical += &format!("\n{names}\n{}", digest(&heard.body));
    let to_sign = format!(
        "TC3-HMAC-SHA256\n{seconds}\n{scope}\n{}",
        digest(&canonical)
    );
    let mut key = b"TC3tencent-secret".to_vec();
    for part in [day.as_str(), "sms", "tc3_request"] {
        key = hmac(&key, part).to_vec();
    }
    assert_eq!(fields["Signature"], hex(&hmac(&key, &to_sign)));
}
