use serde_json::{Value, json};

use super::rig::{Answer, CODE, NUMBER, Provider, gateways, sms};
use crate::sms::sign::{hex, hmac};
use crate::sms::{Locale, Purpose, SendError, Undelivered};

#[tokio::test]
async fn a_webhook_hears_what_the_contract_says_and_can_check_it() {
    let provider = Provider::answering(Answer::Now(204, "")).await;
    let (gateways, _) = gateways("webhook", provider.address, &[]);
    gateways.send(&sms()).await.unwrap();
    let heard = provider.one();
    assert_eq!(heard.method, "POST");
    assert_eq!(heard.uri, "/codes?from=pairline");
    assert_eq!(heard.header("host"), provider.address.to_string());
    assert_eq!(
        heard.header("content-type"),
        "application/json; charset=utf-8"
    );
    let signature = hex(&hmac(b"webhook-secret", &heard.body));
    assert_eq!(
        heard.header("x-pairline-signature"),
        format!("sha256={signature}")
    );
    let body: Value = serde_json::from_str(&heard.body).unwrap();
    let expected = json!({
        "number": NUMBER, "code": CODE, "ttl": 300, "locale": "en", "purpose": "login",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn locale_and_purpose_have_their_names() {
    let provider = Provider::answering(Answer::Now(200, "ok")).await;
    let (gateways, _) = gateways("webhook", provider.address, &[]);
    for (locale, purpose) in [
        (Locale::Zh, Purpose::TelChange),
        (Locale::En, Purpose::AccountDelete),
    ] {
        let sms = crate::sms::Sms {
            locale,
            purpose,
            ..sms()
        };
        gateways.send(&sms).await.unwrap();
    }
    let said: Vec<_> = provider
        .heard()
        .iter()
        .map(|heard| serde_json::from_str::<Value>(&heard.body).unwrap())
        .map(|body| (body["locale"].clone(), body["purpose"].clone()))
        .collect();
    assert_eq!(
        said,
        [
            (json!("zh"), json!("tel_change")),
            (json!("en"), json!("account_delete")),
        ]
    );
}

#[tokio::test]
async fn any_status_but_2xx_is_a_failure() {
    for (status, good) in [(200, true), (201, true), (204, true), (299, true)] {
        let provider = Provider::answering(Answer::Now(status, "")).await;
        let (gateways, _) = gateways("webhook", provider.address, &[]);
        assert_eq!(gateways.send(&sms()).await.is_ok(), good, "{status}");
    }
    for (status, refused) in [
        (301, false),
        (400, true),
        (404, true),
        (429, false),
        (500, false),
        (503, false),
    ] {
        let provider = Provider::answering(Answer::Now(status, "")).await;
        let (gateways, _) = gateways("webhook", provider.address, &[]);
        let words = format!("status {status}");
        let error = if refused {
            SendError::Refused(words)
        } else {
            SendError::Failed(words)
        };
        assert_eq!(
            gateways.send(&sms()).await,
            Err(Undelivered::Gateway(error))
        );
        // It is not followed elsewhere, nor tried again.
        assert_eq!(provider.heard().len(), 1);
    }
}
