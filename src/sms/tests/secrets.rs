//! Neither codes nor secrets nor whole numbers get into the log, but for the
//! console's code.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::rig::{Answer, CODE, NUMBER, Provider, gateways, nobody, sms};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that is logged at the finest level on this thread, which is the only one.
fn listen() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn whatever_becomes_of_a_code_the_log_keeps_it_secret() {
    let (log, _guard) = listen();
    let spiteful = r#"{"code":21211,"Code":"+8618612344931 004711","message":"+8618612344931"}"#;
    for answer in [Answer::Now(200, spiteful), Answer::Now(500, spiteful)] {
        let provider = Provider::answering(answer).await;
        for name in ["webhook", "twilio", "aliyun", "tencent"] {
            for address in [provider.address, nobody().await] {
                let (gateways, _) = gateways(name, address, &[]);
                let outcome = gateways.send(&sms()).await;
                tracing::info!(?outcome, sms = ?sms(), "tried");
            }
        }
    }
    let log = log.text();
    assert!(log.contains("no SMS sent") && log.contains("+86186****4931"));
    for secret in [CODE, NUMBER, &NUMBER[1..], "-secret"] {
        assert!(!log.contains(secret), "{secret}\n{log}");
    }
}

#[tokio::test]
async fn the_console_prints_the_code_and_masks_the_number() {
    let (log, _guard) = listen();
    let (gateways, _) = gateways("console", nobody().await, &[]);
    gateways.send(&sms()).await.unwrap();
    let log = log.text();
    let lines: Vec<_> = log.lines().filter(|line| line.contains(CODE)).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("INFO") && lines[0].contains("+86186****4931"));
    assert!(!log.contains(&NUMBER[1..]));
}
