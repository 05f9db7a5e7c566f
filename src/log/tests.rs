use std::process::Command;
use std::sync::{Arc, Mutex};

use super::*;

/// A writer that keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn filter() -> EnvFilter {
    EnvFilter::new("info")
}

/// Everywhere that a peer's text can get to.
fn say(text: &str) {
    let span = tracing::info_span!("session", user = %text);
    let _inside = span.enter();
    let error = io::Error::other(text.to_owned());
    tracing::info!(shown = %text, plain = text, debug = ?text, "said {text}");
    tracing::info!(error = &error as &dyn std::error::Error, "{}", text);
}

fn logged_for_people(text: &str) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = for_people(filter(), move || writer.clone());
    tracing::subscriber::with_default(subscriber, || say(text));
    kept.text()
}

fn logged_for_machines(text: &str) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = for_machines(filter(), move || writer.clone());
    tracing::subscriber::with_default(subscriber, || say(text));
    kept.text()
}

const FORGED: &str =
    "x\r\n2026-01-01T00:00:00Z ERROR forged\x1b[2J\x07\u{85}\u{2028}\u{9b}\u{202e}\0";

#[test]
fn no_text_forges_a_line_for_people() {
    // The library's own colours use the escape character, so what a text may
    // not add is compared with what a tame text has.
    let tame = logged_for_people("tame");
    let wild = logged_for_people(FORGED);
    assert_eq!(tame.lines().count(), 2, "{tame}");
    for letter in FORGED.chars().filter(|letter| !harmless(*letter)) {
        let count = |text: &str| text.matches(letter).count();
        assert_eq!(count(&wild), count(&tame), "{letter:?} in {wild:?}");
    }
    assert!(wild.contains(r"x\r\n2026"), "{wild:?}");
}

#[test]
fn no_text_forges_a_line_for_machines() {
    let wild = logged_for_machines(FORGED);
    assert_eq!(wild.lines().count(), 2, "{wild}");
    for line in wild.lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["span"]["user"], FORGED);
        assert_eq!(object["level"], "INFO");
    }
}

#[test]
fn ordinary_letters_stay_as_they_are() {
    let line = logged_for_people("早上好 penny");
    assert!(line.contains("said 早上好 penny"), "{line}");
    assert!(line.contains("user=早上好 penny"), "{line}");
}

#[test]
fn the_filter_holds() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = for_people(EnvFilter::new("warn"), move || writer.clone());
    tracing::subscriber::with_default(subscriber, || {
        tracing::info!("low");
        tracing::warn!("high");
    });
    assert!(!kept.text().contains("low"));
    assert!(kept.text().contains("high"));
}

#[test]
fn a_bad_filter_names_its_key() {
    let failure = start("pairline=loud").unwrap_err();
    assert_eq!(failure.code, crate::exit::Code::Config);
    assert!(failure.message.starts_with("log: "), "{failure}");
}

/// Runs itself in a second process, because the hook ends the first.
#[test]
fn a_panic_in_any_thread_aborts() {
    const CHILD: &str = "ABORT_ON_PANIC_CHILD";
    if std::env::var_os(CHILD).is_some() {
        start("info").unwrap();
        abort_on_panic();
        let thread = std::thread::Builder::new().name("core-7".into());
        let _ = thread.spawn(|| panic!("on purpose")).unwrap().join();
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "log::tests::a_panic_in_any_thread_aborts",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(
        !child.status.success() && child.status.code().is_none(),
        "{said}"
    );
    assert!(said.contains("panic: on purpose"), "{said}");
    assert!(said.contains("core-7"), "{said}");
}
