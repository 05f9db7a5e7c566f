//! The HTTP that gateways are spoken to by: one POST on a connection of its
//! own. A kept connection may have died unseen, and a POST on it could not be
//! repeated; so it is also plain whether a connection could be made.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tower_service::Service;

use super::SendError;
use crate::limits::{CODE_DIGITS, SMS_ANSWER_BYTES, SMS_CONNECTING_FOR};

/// Makes connections, encrypted or not.
#[derive(Clone)]
pub(super) struct Client {
    connector: HttpsConnector<HttpConnector>,
}

/// Where to, and what.
pub(super) struct Post {
    /// The whole address.
    pub(super) url: Uri,
    /// Beside `Host` and the length.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: String,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

impl Client {
    /// For this address. If it is encrypted, the certificates are believed that
    /// the system believes.
    pub(super) fn new(url: &Uri) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new();
        let connector = if url.scheme() == Some(&Scheme::HTTPS) {
            connector.with_native_roots()?
        } else {
            connector.with_tls_config(believing_nobody())
        };
        Ok(Self {
            connector: connector.https_or_http().enable_http1().build(),
        })
    }

    pub(super) async fn post(&self, post: Post) -> Result<Answer, SendError> {
        let request = request(&post).map_err(|error| SendError::Failed(error.to_string()))?;
        let mut connector = self.connector.clone();
        let connecting = async {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(post.url).await
        };
        let stream = timeout(SMS_CONNECTING_FOR, connecting)
            .await
            .map_err(|_| SendError::Unreachable("not made in time".into()))?
            .map_err(|error| SendError::Unreachable(cause(&*error)))?;
        let (mut sender, connection) = http1::handshake(stream).await.map_err(broken)?;
        // It ends with the sender; what goes wrong on it, the sender tells.
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), SMS_ANSWER_BYTES)
            .collect()
            .await
            .map_err(|error| SendError::Failed(cause(&*error)))?
            .to_bytes();
        Ok(Answer { status, body })
    }
}

impl Answer {
    /// Whether this code was taken, for those who tell by the status. `why` is
    /// asked for when it was not, and must give no more than a short name.
    pub(super) fn by_status(&self, why: impl Fn(&[u8]) -> Option<String>) -> Result<(), SendError> {
        if self.status.is_success() {
            return Ok(());
        }
        let mut words = format!("status {}", self.status.as_u16());
        if let Some(why) = why(&self.body) {
            words = format!("{words}, {}", short(&why));
        }
        // Too many requests are not this code's fault.
        if self.status.is_client_error() && self.status != StatusCode::TOO_MANY_REQUESTS {
            Err(SendError::Refused(words))
        } else {
            Err(SendError::Failed(words))
        }
    }

    /// The same for those who tell by a code in the body, which is `good` if
    /// they took it.
    pub(super) fn by_code(
        &self,
        good: &str,
        code: impl Fn(&[u8]) -> Option<String>,
    ) -> Result<(), SendError> {
        self.by_status(&code)?;
        match code(&self.body) {
            Some(code) if code == good => Ok(()),
            Some(code) => Err(SendError::Refused(short(&code))),
            None => Err(SendError::Failed("an answer without a code".into())),
        }
    }
}

/// For connections that are not encrypted.
fn believing_nobody() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

/// A header from a text that may hold anything.
pub(super) fn header(
    name: &'static str,
    value: &str,
) -> Result<(HeaderName, HeaderValue), SendError> {
    let value = HeaderValue::from_str(value)
        .map_err(|_| SendError::Failed(format!("{name} cannot be written as a header")))?;
    Ok((HeaderName::from_static(name), value))
}

/// The host and port as `Host` has them.
pub(super) fn host(url: &Uri) -> &str {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

/// A provider's name of an error. It comes from outside and is logged, so it
/// must not be a code or a number.
fn short(name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    let name: String = name.chars().filter(plain).take(64).collect();
    let mut words = name.split(|c: char| !c.is_ascii_digit());
    if words.any(|digits| digits.len() >= CODE_DIGITS) {
        "an error with a number in it".into()
    } else {
        name
    }
}

fn request(post: &Post) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let path = post.url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::post(path)
        .header(HOST, host(&post.url))
        .header(USER_AGENT, concat!("pairline/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &post.headers {
        request = request.header(name, value);
    }
    request.body(Full::from(post.body.clone()))
}

fn broken(error: hyper::Error) -> SendError {
    SendError::Failed(cause(&error))
}

/// The innermost error says what happened; those around it only where.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
