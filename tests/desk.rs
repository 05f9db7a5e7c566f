//! The operator's desk as a browser shows it, and what is done there. Needs
//! Chromium, so it is run by name only: `tools/test` does where there is one.
//! Pictures stay in `target/tmp/pages`, for people to look at.

pub mod rig;

#[path = "page/browser.rs"]
mod browser;
#[path = "desk/deeds.rs"]
mod deeds;
#[path = "desk/entering.rs"]
mod entering;
// What a run says of itself is looked at elsewhere.
#[allow(dead_code)]
#[path = "load/generator.rs"]
mod generator;
#[path = "desk/looks.rs"]
mod looks;

use std::thread::sleep;
use std::time::{Duration, Instant};

use browser::Browser;
use rig::operator::TOKEN;
use rig::users::Town;
use rig::{PATIENCE, Setup};
use serde_json::{Value, json};

/// A page that an operator works at.
struct Desk {
    browser: Browser,
}

fn town() -> Town {
    Town::start(Setup::new(2).operated())
}

impl Desk {
    /// In English, and not logged in.
    fn open(town: &Town) -> Desk {
        let url = format!("http://{}/admin/", town.server.http);
        let mut browser = Browser::start();
        browser.open(&url);
        browser.evaluate("localStorage.setItem('language', 'en')");
        browser.open(&url);
        let mut desk = Desk { browser };
        desk.wait("!document.getElementById('login').hidden");
        desk
    }

    fn logged_in(town: &Town) -> Desk {
        let mut desk = Desk::open(town);
        desk.log_in(TOKEN);
        desk.wait("!document.getElementById('desk').hidden");
        desk
    }

    fn log_in(&mut self, token: &str) {
        self.fill("#token", token);
        self.click("#login .main");
    }

    /// Waits until an expression holds.
    #[track_caller]
    fn wait(&mut self, expression: &str) {
        let until = Instant::now() + PATIENCE;
        while self.browser.evaluate(&format!("!!({expression})")) != true {
            let seen = "document.body.innerText";
            assert!(
                Instant::now() < until,
                "{expression}\n{}",
                self.browser.evaluate(seen)
            );
            sleep(Duration::from_millis(50));
        }
    }

    /// Waits until there is such an element, and clicks it.
    #[track_caller]
    fn click(&mut self, selector: &str) {
        let found = found(selector);
        self.wait(&found);
        self.browser.evaluate(&format!("{found}.click()"));
    }

    #[track_caller]
    fn fill(&mut self, selector: &str, text: &str) {
        let found = found(selector);
        self.wait(&found);
        self.browser
            .evaluate(&format!("{found}.value = {}", json!(text)));
    }

    /// Turns to another part of the page.
    fn go(&mut self, part: &str) {
        self.click(&format!("nav a[href='#{part}']"));
        self.wait(&format!("!document.getElementById('{part}').hidden"));
    }

    /// Is sure of what was asked.
    fn agree(&mut self) {
        self.wait("document.getElementById('sure').open");
        self.click("#sure-yes");
    }

    #[track_caller]
    fn wait_text(&mut self, selector: &str, text: &str) {
        self.wait(&format!(
            "{}?.innerText.includes({})",
            found(selector),
            json!(text)
        ));
    }

    /// Nothing was asked of others, and no script or policy complained. The
    /// browser also tells that a request was answered with 401, and that it would
    /// like a form with a token to ask for a name as well.
    #[track_caller]
    fn is_calm(&self, town: &Town) {
        let own = format!("http://{}/", town.server.http);
        for url in self.browser.requests() {
            assert!(url.starts_with(&own), "{url}");
        }
        let complaints = self.browser.complaints().into_iter();
        let complaints: Vec<&Value> = complaints
            .filter(|complaint| {
                let source = &complaint["entry"]["source"];
                source != "network" && source != "recommendation"
            })
            .collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

fn found(selector: &str) -> String {
    format!("document.querySelector({})", json!(selector))
}
