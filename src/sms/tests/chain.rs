//! Two gateways, limits and a gateway that fails.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::rig::{Answer, Provider, gateways, nobody, sms};
use crate::config::Gateway;
use crate::limits::{SMS_FAILURES, SMS_FOR};
use crate::metrics::{SmsDenial, SmsResult};
use crate::sms::{SendError, Sms, Undelivered};

#[tokio::test]
async fn the_second_is_tried_when_there_is_no_connection_to_the_first() {
    let second = Provider::answering(Answer::Now(201, "{}")).await;
    let url = format!("http://{}", second.address);
    let (gateways, metrics) = gateways(
        "webhook,twilio",
        nobody().await,
        &[("sms.twilio.url", &url)],
    );
    gateways.send(&sms()).await.unwrap();
    assert_eq!(second.heard().len(), 1);
    let counted = |gateway, result| metrics.sms().results(gateway, result);
    assert_eq!(counted(Gateway::Webhook, SmsResult::Unreachable), 1);
    assert_eq!(counted(Gateway::Twilio, SmsResult::Sent), 1);
    // Again and again, and then without asking the first.
    for _ in 0..SMS_FAILURES {
        gateways.send(&sms()).await.unwrap();
    }
    let tried = u64::from(SMS_FAILURES);
    assert_eq!(counted(Gateway::Webhook, SmsResult::Unreachable), tried);
    assert_eq!(counted(Gateway::Webhook, SmsResult::LeftAlone), 1);
    assert_eq!(counted(Gateway::Twilio, SmsResult::Sent), tried + 1);
}

#[tokio::test]
async fn what_speaks_no_tls_where_it_should_was_not_reached() {
    let first = Provider::answering(Answer::Now(200, "")).await;
    let url = format!("https://{}", first.address);
    let (gateways, metrics) = gateways(
        "webhook,console",
        first.address,
        &[("sms.webhook.url", &url)],
    );
    gateways.send(&sms()).await.unwrap();
    assert!(first.heard().is_empty());
    let console = metrics.sms().results(Gateway::Console, SmsResult::Sent);
    assert_eq!(console, 1);
}

#[tokio::test]
async fn the_second_is_not_tried_once_the_first_was_reached() {
    for answer in [Answer::Now(500, ""), Answer::Now(400, "")] {
        let first = Provider::answering(answer).await;
        let (gateways, metrics) = gateways("webhook,console", first.address, &[]);
        // Nor when the first is left alone.
        for _ in 0..SMS_FAILURES + 1 {
            let outcome = gateways.send(&sms()).await;
            assert!(matches!(outcome, Err(Undelivered::Gateway(_))));
        }
        let console = metrics.sms().results(Gateway::Console, SmsResult::Sent);
        assert_eq!(console, 0);
    }
}

#[tokio::test]
async fn one_that_hangs_up_has_failed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
        }
    });
    let (gateways, metrics) = gateways("webhook,console", address, &[]);
    let outcome = gateways.send(&sms()).await;
    assert!(
        matches!(outcome, Err(Undelivered::Gateway(SendError::Failed(_)))),
        "{outcome:?}"
    );
    let console = metrics.sms().results(Gateway::Console, SmsResult::Sent);
    assert_eq!(console, 0);
}

#[tokio::test]
async fn one_that_does_not_answer_is_waited_for_five_seconds() {
    assert_eq!(SMS_FOR, Duration::from_secs(5));
    let first = Provider::answering(Answer::Never).await;
    let (gateways, metrics) = gateways("webhook,console", first.address, &[]);
    let start = Instant::now();
    let outcome = gateways.send(&sms()).await;
    assert_eq!(outcome, Err(Undelivered::Gateway(SendError::TimedOut)));
    assert!(start.elapsed() >= SMS_FOR);
    let timed_out = metrics.sms().results(Gateway::Webhook, SmsResult::TimedOut);
    assert_eq!(timed_out, 1);
}

#[tokio::test]
async fn a_gateway_that_fails_is_left_alone() {
    let provider = Provider::answering(Answer::Now(500, "")).await;
    let (gateways, metrics) = gateways("webhook", provider.address, &[]);
    for _ in 0..2 * SMS_FAILURES {
        let outcome = gateways.send(&sms()).await;
        assert!(matches!(
            outcome,
            Err(Undelivered::Gateway(SendError::Failed(_)))
        ));
    }
    assert_eq!(provider.heard().len(), SMS_FAILURES as usize);
    let left = metrics
        .sms()
        .results(Gateway::Webhook, SmsResult::LeftAlone);
    assert_eq!(left, u64::from(SMS_FAILURES));
}

#[tokio::test]
async fn numbers_that_are_refused_do_not_shut_the_gateway() {
    let provider = Provider::answering(Answer::Now(400, "")).await;
    let (gateways, _) = gateways("webhook", provider.address, &[]);
    for _ in 0..2 * SMS_FAILURES {
        gateways.send(&sms()).await.unwrap_err();
    }
    assert_eq!(provider.heard().len(), 2 * SMS_FAILURES as usize);
}

#[tokio::test]
async fn a_sender_who_gives_up_while_it_tries_leaves_the_gateway_to_the_next() {
    let silent = Provider::answering(Answer::Never).await;
    let (gateways, _) = gateways("webhook", silent.address, &[]);
    for n in 1..=3 {
        let sms = sms();
        let sending = gateways.send(&sms);
        let heard = async {
            while silent.heard().len() < n {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            _ = sending => panic!("it never answers"),
            () = heard => {}
        }
    }
}

#[tokio::test]
async fn a_day_has_so_many_codes_and_failures_are_not_counted() {
    let provider = Provider::answering(Answer::Now(200, "")).await;
    let (gateways, metrics) = gateways("webhook", provider.address, &[("sms_budget_day", "2")]);
    gateways.send(&sms()).await.unwrap();
    gateways.send(&sms()).await.unwrap();
    assert_eq!(gateways.send(&sms()).await, Err(Undelivered::Budget));
    assert_eq!(provider.heard().len(), 2);
    assert_eq!(metrics.sms().denials(SmsDenial::Budget), 1);
}

#[tokio::test]
async fn a_code_that_was_not_sent_costs_nothing() {
    let provider = Provider::answering(Answer::Now(400, "")).await;
    let (gateways, _) = gateways(
        "webhook",
        provider.address,
        &[("sms_budget_day", "1"), ("sms_per_prefix_day", "1")],
    );
    for _ in 0..3 {
        let outcome = gateways.send(&sms()).await;
        assert!(matches!(outcome, Err(Undelivered::Gateway(_))));
    }
}

#[tokio::test]
async fn a_code_that_may_have_been_sent_costs_one() {
    let provider = Provider::answering(Answer::Never).await;
    let (mut gateways, _) = gateways("webhook", provider.address, &[("sms_budget_day", "1")]);
    gateways.patience = Duration::from_millis(500);
    let outcome = gateways.send(&sms()).await;
    assert_eq!(outcome, Err(Undelivered::Gateway(SendError::TimedOut)));
    assert_eq!(gateways.send(&sms()).await, Err(Undelivered::Budget));
}

#[tokio::test]
async fn a_block_of_numbers_has_so_many_codes() {
    let provider = Provider::answering(Answer::Now(200, "")).await;
    let (gateways, _) = gateways("webhook", provider.address, &[("sms_per_prefix_day", "1")]);
    let to = |number: &str| Sms {
        number: number.into(),
        ..sms()
    };
    gateways.send(&to("+8618612344931")).await.unwrap();
    let outcome = gateways.send(&to("+8618612349999")).await;
    assert_eq!(outcome, Err(Undelivered::Budget));
    gateways.send(&to("+8618612354931")).await.unwrap();
}

#[tokio::test]
async fn only_listed_countries_get_codes() {
    let provider = Provider::answering(Answer::Now(200, "")).await;
    let (gateways, metrics) = gateways(
        "webhook",
        provider.address,
        &[("sms_countries", "+86,+852")],
    );
    for (number, outcome) in [
        ("+8618612344931", Ok(())),
        ("+85261234567", Ok(())),
        ("+85361234567", Err(Undelivered::Country)),
        ("+15005550006", Err(Undelivered::Country)),
    ] {
        let sms = Sms {
            number: number.into(),
            ..sms()
        };
        assert_eq!(gateways.send(&sms).await, outcome, "{number}");
    }
    assert_eq!(metrics.sms().denials(SmsDenial::Country), 2);
}
