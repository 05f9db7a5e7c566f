//! Invitations: what providers hear, and that nobody else hears anything.

use serde_json::{Value, json};

use super::rig::{Answer, NUMBER, Provider, gateways, invite, parse, sms};
use crate::sms::{Invite, Undelivered};

#[tokio::test]
async fn each_gateway_sends_them_its_own_way() {
    let taken = r#"{"Code":"OK","Response":{"SendStatusSet":[{"Code":"Ok"}]}}"#;
    for chain in ["webhook", "twilio", "aliyun", "tencent", "console"] {
        let provider = Provider::answering(Answer::Now(200, taken)).await;
        let (gateways, _) = gateways(chain, provider.address, &[]);
        gateways.invite(&invite(), true).await.unwrap();
        let body = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
        match chain {
            "webhook" => assert_eq!(
                body(&provider.one().body),
                json!({
                    "number": NUMBER, "code": "", "ttl": 0, "locale": "en",
                    "purpose": "crush_invite",
                })
            ),
            "twilio" => {
                let form = parse(&provider.one().body);
                assert_eq!(form["To"], NUMBER);
                assert!(form["Body"].starts_with("Somebody has a crush on you."));
            }
            "aliyun" => {
                let query = provider.one();
                let query = parse(query.uri.query().unwrap());
                assert_eq!(query["PhoneNumbers"], NUMBER.trim_start_matches('+'));
                assert_eq!(query["TemplateCode"], "SMS_154950910");
                assert_eq!(query["TemplateParam"], "{}");
            }
            "tencent" => {
                let body = body(&provider.one().body);
                assert_eq!(body["PhoneNumberSet"], json!([NUMBER]));
                assert_eq!(body["TemplateId"], "1111");
                assert_eq!(body["TemplateParamSet"], json!([]));
            }
            _ => assert!(provider.heard().is_empty()),
        }
    }
}

#[tokio::test]
async fn one_that_nobody_needs_counts_like_any_other() {
    let provider = Provider::answering(Answer::Now(200, "")).await;
    let limits = [
        ("sms_budget_day", "3"),
        ("sms_per_prefix_day", "2"),
        ("sms_countries", "+86"),
    ];
    let (gateways, metrics) = gateways("webhook", provider.address, &limits);
    let before = metrics.text();
    let other = |number: &str| Invite {
        number: number.into(),
        ..invite()
    };
    gateways.invite(&invite(), false).await.unwrap();
    gateways.invite(&invite(), true).await.unwrap();
    for wanted in [true, false] {
        let third = gateways.invite(&invite(), wanted).await;
        assert_eq!(third, Err(Undelivered::Budget));
        let abroad = gateways.invite(&other("+85261234567"), wanted).await;
        assert_eq!(abroad, Err(Undelivered::Country));
    }
    gateways
        .invite(&other("+8618612350000"), false)
        .await
        .unwrap();
    let fourth = gateways.invite(&other("+8618612360000"), true).await;
    assert_eq!(fourth, Err(Undelivered::Budget));
    assert_eq!(provider.heard().len(), 1);
    assert_eq!(metrics.text(), before);
    // Nothing of it was taken from the codes.
    for _ in 0..2 {
        gateways.send(&sms()).await.unwrap();
    }
}

#[tokio::test]
async fn one_that_fails_is_not_seen_either() {
    let provider = Provider::answering(Answer::Now(500, "")).await;
    let limits = [("sms_budget_day", "1")];
    let (gateways, metrics) = gateways("webhook", provider.address, &limits);
    let before = metrics.text();
    let failed = gateways.invite(&invite(), true).await;
    assert!(matches!(failed, Err(Undelivered::Gateway(_))), "{failed:?}");
    // Nor given back.
    let next = gateways.invite(&invite(), true).await;
    assert_eq!(next, Err(Undelivered::Budget));
    assert_eq!(metrics.text(), before);
}
