//! HTTP/1.1 for those who ask others: one request on a connection of its own. A
//! kept connection may have died unseen, and a POST on it could not be
//! repeated; so it is also plain whether a connection could be made.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderName, HeaderValue, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::{Method, Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tower_service::Service;

/// Makes connections, encrypted or not.
#[derive(Clone)]
pub struct Client {
    connector: HttpsConnector<HttpConnector>,
    connecting_for: Duration,
    answer_bytes: usize,
}

/// What is asked, and of whom.
#[derive(Clone, Debug)]
pub struct Ask {
    /// How.
    pub method: Method,
    /// The whole address.
    pub url: Uri,
    /// Beside `Host` and the length.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What goes with it.
    pub body: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How it went.
    pub status: StatusCode,
    /// All of it.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// No connection could be made, so nothing was asked.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// It was asked, and perhaps heard.
    #[error("{0}")]
    Failed(String),
}

impl Client {
    /// For this address. If it is encrypted, the certificates are believed that
    /// the system believes. A connection is made within so long or not at all,
    /// and of an answer so much is read.
    ///
    /// # Errors
    ///
    /// The system's certificates cannot be read.
    pub fn new(url: &Uri, connecting_for: Duration, answer_bytes: usize) -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new();
        let connector = if url.scheme() == Some(&Scheme::HTTPS) {
            connector.with_native_roots()?
        } else {
            connector.with_tls_config(believing_nobody())
        };
        Ok(Self {
            connector: connector.https_or_http().enable_http1().build(),
            connecting_for,
            answer_bytes,
        })
    }

    /// Asks, and waits for the whole answer; for how long is the caller's care.
    ///
    /// # Errors
    ///
    /// See [`NoAnswer`].
    pub async fn ask(&self, ask: Ask) -> Result<Answer, NoAnswer> {
        let request = request(&ask).map_err(|error| NoAnswer::Failed(error.to_string()))?;
        let mut connector = self.connector.clone();
        let connecting = async {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(ask.url).await
        };
        let stream = timeout(self.connecting_for, connecting)
            .await
            .map_err(|_| NoAnswer::Unreachable("not made in time".into()))?
            .map_err(|error| NoAnswer::Unreachable(cause(&*error)))?;
        let (mut sender, connection) = http1::handshake(stream).await.map_err(broken)?;
        // It ends with the sender; what goes wrong on it, the sender tells.
        tokio::spawn(connection);
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), self.answer_bytes)
            .collect()
            .await
            .map_err(|error| NoAnswer::Failed(cause(&*error)))?
            .to_bytes();
        Ok(Answer { status, body })
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

/// The host and port as `Host` has them.
#[must_use]
pub fn host(url: &Uri) -> &str {
    let authority = url.authority().map_or("", |authority| authority.as_str());
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

fn request(ask: &Ask) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let path = ask.url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(&ask.method)
        .uri(path)
        .header(HOST, host(&ask.url))
        .header(USER_AGENT, concat!("pairline/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &ask.headers {
        request = request.header(name, value);
    }
    request.body(Full::from(ask.body.clone()))
}

fn broken(error: hyper::Error) -> NoAnswer {
    NoAnswer::Failed(cause(&error))
}

/// The innermost error says what happened; those around it only where.
fn cause(error: &(dyn Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
