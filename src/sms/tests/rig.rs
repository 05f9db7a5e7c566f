//! A provider that the tests run themselves, and the gateways that speak to it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;

use crate::config::{Config, Sources};
use crate::metrics::Metrics;
use crate::sms::{Gateways, Invite, Locale, Purpose, Sms};

pub(super) const NUMBER: &str = "+8618612344931";
pub(super) const CODE: &str = "004711";

/// A request as it came in.
#[derive(Clone)]
pub(super) struct Heard {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).expect(name).to_str().unwrap()
    }
}

/// What it answers, always the same.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    Now(u16, &'static str),
    Never,
}

pub(super) struct Provider {
    pub(super) address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Provider {
    pub(super) async fn answering(answer: Answer) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        let listen = move |method, uri, headers, body: Bytes| async move {
            let body = String::from_utf8(body.to_vec()).unwrap();
            ears.lock().unwrap().push(Heard {
                method,
                uri,
                headers,
                body,
            });
            match answer {
                Answer::Now(status, text) => (StatusCode::from_u16(status).unwrap(), text),
                Answer::Never => std::future::pending().await,
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(listen);
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { address, heard }
    }

    pub(super) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The only request.
    pub(super) fn one(&self) -> Heard {
        let heard = self.heard();
        assert_eq!(heard.len(), 1);
        heard[0].clone()
    }
}

/// A port where nobody listens.
pub(super) async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// Gateways with every secret set and `more` besides.
pub(super) fn gateways(
    chain: &str,
    provider: SocketAddr,
    more: &[(&str, &str)],
) -> (Gateways, Arc<Metrics>) {
    let url = format!("http://{provider}");
    let hook = format!("{url}/codes?from=pairline");
    let mut set = vec![
        ("sms_gateway", chain),
        ("sms.webhook.url", &hook),
        ("sms.webhook.secret", "webhook-secret"),
        ("sms.twilio.url", &url),
        ("sms.twilio.account_sid", "AC0123456789"),
        ("sms.twilio.auth_token", "twilio-secret"),
        ("sms.twilio.from", "+15005550006"),
        ("sms.aliyun.url", &url),
        ("sms.aliyun.access_key_id", "LTAI0123"),
        ("sms.aliyun.access_key_secret", "aliyun-secret"),
        ("sms.aliyun.sign_name", "配对 & 聊"),
        ("sms.aliyun.template_code", "SMS_154950909"),
        ("sms.tencent.url", &url),
        ("sms.tencent.secret_id", "AKID0123"),
        ("sms.tencent.secret_key", "tencent-secret"),
        ("sms.tencent.sdk_app_id", "1400006666"),
        ("sms.tencent.sign_name", "配对聊"),
        ("sms.tencent.template_id", "1110"),
        ("sms.aliyun.invite_template_code", "SMS_154950910"),
        ("sms.tencent.invite_template_id", "1111"),
    ];
    set.extend(more);
    let own = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let sources = Sources {
        set: set.into_iter().map(own).collect(),
        ..Sources::default()
    };
    let config = Config::load(&sources).unwrap();
    let metrics = Arc::new(Metrics::new(1));
    let gateways = Gateways::open(&config, Arc::clone(&metrics)).unwrap();
    (gateways, metrics)
}

pub(super) fn sms() -> Sms {
    Sms {
        number: NUMBER.into(),
        code: CODE.into(),
        ttl: Duration::from_secs(300),
        locale: Locale::En,
        purpose: Purpose::Login,
    }
}

pub(super) fn invite() -> Invite {
    Invite {
        number: NUMBER.into(),
        locale: Locale::En,
    }
}

/// `name=value&…` taken apart.
pub(super) fn parse(pairs: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    pairs
        .split('&')
        .map(|pair| pair.split_once('=').expect(pair))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
