//! Where the server's webhook gateway delivers codes, for callers to hand in.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

/// `sms.webhook.secret` of a server whose codes come here.
pub(in crate::load) const SECRET: &str = "load";

/// Codes that nobody has handed in yet, by number.
#[derive(Clone, Debug, Default)]
pub(in crate::load) struct Codes(Arc<Mutex<HashMap<String, String>>>);

impl Codes {
    /// The code that came for this number.
    pub(in crate::load) fn take(&self, number: &str) -> Option<String> {
        self.lock().remove(number)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
struct Delivery {
    number: String,
    code: String,
}

/// Listens, on a thread of its own, until the process ends. Where it does, and
/// what comes in.
pub(in crate::load) fn listen(address: SocketAddr) -> io::Result<(SocketAddr, Codes)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let codes = Codes::default();
    let router = Router::new()
        .route("/", post(deliver))
        .with_state(codes.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name("load-codes".into())
        .spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener);
                let listener = listener.expect("it does not block");
                // It serves until the process ends.
                let _ = axum::serve(listener, router).await;
            });
        })?;
    Ok((address, codes))
}

/// Only what the server signed is taken.
async fn deliver(State(codes): State<Codes>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let signature = headers
        .get("x-pairline-signature")
        .and_then(|value| value.to_str().ok()?.strip_prefix("sha256="));
    if signature != Some(&sign(&body)) {
        return StatusCode::UNAUTHORIZED;
    }
    match serde_json::from_slice::<Delivery>(&body) {
        Ok(Delivery { number, code }) => {
            codes.lock().insert(number, code);
            StatusCode::NO_CONTENT
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

fn sign(body: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length will do");
    mac.update(body);
    let digits = mac.finalize().into_bytes();
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}
