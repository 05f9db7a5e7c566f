//! Headless Chromium, driven over its DevTools pipe: JSON messages, each ended
//! by a zero byte.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one tab.
pub(crate) struct Browser {
    process: Child,
    to: Option<ChildStdin>,
    messages: Receiver<Value>,
    session: Value,
    asked: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy)]
pub(crate) struct View {
    pub(crate) width: u32,
    /// `light` or `dark`.
    pub(crate) scheme: &'static str,
}

impl Browser {
    pub(crate) fn start() -> Browser {
        let profile = TempDir::new().expect("a temporary directory");
        // It reads what it is asked from descriptor 3 and answers on 4. Without
        // a sandbox, as root has none; all that it opens is our own.
        let mut process = Command::new("sh")
            .args(["-c", "exec chromium \"$@\" 3<&0 4>&1 </dev/null >&2", "sh"])
            .args(["--headless", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-dev-shm-usage", "--hide-scrollbars"])
            .args(["--disable-quic", "--no-first-run", "--disable-sync"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .arg("--remote-debugging-pipe")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("there is a shell");
        let from = BufReader::new(process.stdout.take().expect("it was piped"));
        let (read, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in from.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("it writes JSON");
                if read.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Browser {
            to: process.stdin.take(),
            process,
            messages,
            session: Value::Null,
            asked: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let tab = browser.ask("Target.createTarget", json!({ "url": "about:blank" }));
        let tab = json!({ "targetId": tab["targetId"], "flatten": true });
        browser.session = browser.ask("Target.attachToTarget", tab)["sessionId"].take();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Opens a page and waits until it is loaded.
    pub(crate) fn open(&mut self, url: &str) {
        self.events.clear();
        let gone = self.ask("Page.navigate", json!({ "url": url }));
        assert_eq!(gone.get("errorText"), None, "{url}");
        while self.told("Page.loadEventFired").is_empty() {
            let event = self.next();
            self.events.push(event);
        }
    }

    pub(crate) fn look(&mut self, view: View) {
        let phone = view.width < 600;
        let size = json!({
            "width": view.width,
            "height": if phone { 844 } else { 900 },
            "deviceScaleFactor": if phone { 2 } else { 1 },
            "mobile": phone,
        });
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let scheme = json!({ "name": "prefers-color-scheme", "value": view.scheme });
        self.ask(
            "Emulation.setEmulatedMedia",
            json!({ "features": [scheme] }),
        );
    }

    /// What an expression is worth in the page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let question = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let mut answer = self.ask("Runtime.evaluate", question);
        assert_eq!(answer.get("exceptionDetails"), None, "{answer:#}");
        answer["result"]["value"].take()
    }

    /// The whole page, as PNG.
    pub(crate) fn screenshot(&mut self) -> Vec<u8> {
        let size = self.ask("Page.getLayoutMetrics", json!({}))["cssContentSize"].take();
        let (width, height) = (&size["width"], &size["height"]);
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let shot = json!({ "captureBeyondViewport": true, "clip": clip });
        let shot = self.ask("Page.captureScreenshot", shot);
        let data = shot["data"].as_str().expect("a picture");
        BASE64_STANDARD.decode(data).expect("base64")
    }

    /// The addresses that the page asked for.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.told("Network.requestWillBeSent")
            .into_iter()
            .map(|event| event["request"]["url"].as_str().expect("a URL").to_owned())
            .collect()
    }

    /// All that the page or the browser put on the console.
    pub(crate) fn complaints(&self) -> Vec<&Value> {
        let methods = [
            "Runtime.consoleAPICalled",
            "Runtime.exceptionThrown",
            "Log.entryAdded",
        ];
        methods
            .iter()
            .flat_map(|method| self.told(method))
            .collect()
    }

    fn told(&self, method: &str) -> Vec<&Value> {
        let events = self.events.iter();
        events
            .filter(|event| event["method"] == method)
            .map(|event| &event["params"])
            .collect()
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": params });
        if self.session.is_string() {
            message["sessionId"] = self.session.clone();
        }
        let to = self.to.as_mut().expect("it was piped");
        write!(to, "{message}\0").expect("Chromium runs");
        loop {
            let mut message = self.next();
            if message["id"] == self.asked {
                assert_eq!(message.get("error"), None, "{method}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    fn next(&mut self) -> Value {
        let message = self.messages.recv_timeout(PATIENCE);
        message.expect("Chromium is installed, runs and answers")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The end of the pipe is the end of the browser, and of its children.
        drop(self.to.take());
        let _ = self.process.wait();
    }
}
