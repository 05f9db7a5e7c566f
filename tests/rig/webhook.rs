//! An SMS gateway of the test's own: it takes what the server POSTs to
//! `sms.webhook.url`, checks the signature, and keeps the codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{PATIENCE, Setup};

const SECRET: &str = "only between the two of us";

/// The gateway. It answers for as long as the test runs.
#[derive(Clone)]
pub struct Webhook {
    address: SocketAddr,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

#[derive(Default)]
struct Seen {
    messages: Vec<Value>,
    status: Option<u16>,
    hang: bool,
}

const UNPOISONED: &str = "whoever holds it does not panic";

impl Webhook {
    /// One that takes everything.
    pub fn start() -> Webhook {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let webhook = Webhook {
            address: listener.local_addr().expect("it is bound"),
            seen: Arc::default(),
        };
        let own = webhook.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                thread::spawn(move || own.serve(stream));
            }
        });
        webhook
    }

    /// A server that sends its codes here.
    pub fn setup(&self, setup: Setup) -> Setup {
        setup
            .set("sms_gateway", "webhook")
            .set("sms.webhook.url", format!("http://{}/sms", self.address))
            .set("sms.webhook.secret", SECRET)
    }

    /// From now on it answers with this status.
    pub fn answer(&self, status: u16) {
        self.seen.0.lock().expect(UNPOISONED).status = Some(status);
    }

    /// From now on it takes, but answers nobody any more, or does again.
    pub fn hang(&self, hang: bool) {
        self.seen.0.lock().expect(UNPOISONED).hang = hang;
        self.seen.1.notify_all();
    }

    /// Everything that was POSTed so far.
    pub fn messages(&self) -> Vec<Value> {
        self.seen.0.lock().expect(UNPOISONED).messages.clone()
    }

    /// The last message for a number.
    #[track_caller]
    pub fn last(&self, number: &str) -> Value {
        let messages = self.messages();
        let mut sent = messages.iter().rev();
        let last = sent.find(|message| message["number"] == number);
        last.expect("a code was sent to that number").clone()
    }

    /// The last code for a number.
    #[track_caller]
    pub fn code(&self, number: &str) -> String {
        let message = self.last(number);
        message["code"].as_str().expect("a string").to_owned()
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        while let Some((head, body)) = read_request(&mut reader) {
            assert!(head.starts_with("POST /sms HTTP/1.1\r\n"), "{head}");
            let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
            mac.update(&body);
            let digest = mac.finalize().into_bytes();
            let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let signature = format!("x-pairline-signature: sha256={hex}\r\n");
            let signed = head.to_ascii_lowercase().contains(&signature);
            let status = self.take(signed.then(|| serde_json::from_slice(&body).expect("JSON")));
            let reply = format!("HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n");
            if (&stream).write_all(reply.as_bytes()).is_err() {
                return;
            }
        }
    }

    /// The status to answer with, as soon as there is to be an answer.
    fn take(&self, message: Option<Value>) -> u16 {
        let (seen, changed) = &*self.seen;
        let mut seen = seen.lock().expect(UNPOISONED);
        let Some(message) = message else { return 403 };
        seen.messages.push(message);
        while seen.hang {
            let waited = changed.wait_timeout(seen, 20 * PATIENCE);
            seen = waited.expect(UNPOISONED).0;
        }
        seen.status.unwrap_or(200)
    }
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let patience = Some(Duration::from_secs(60));
    reader.get_ref().set_read_timeout(patience).ok()?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.trim().parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}
