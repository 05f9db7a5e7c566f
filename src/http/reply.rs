//! The shape that every reply has.

use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::fault::Fault;
use super::language::Language;
use crate::limits::BUSY_FOR;
use crate::store::StoreError;

/// What an operation answers beside the keys that all replies have.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// JSON's inside of an object: `"a":1,"b":2`.
    keys: String,
    cookies: Vec<HeaderValue>,
}

impl Reply {
    /// Nothing but what all replies have.
    pub(super) fn done() -> Reply {
        Reply::default()
    }

    /// The keys of this struct or map.
    pub(super) fn of(keys: &impl Serialize) -> Reply {
        Reply::of_keys(inside(keys))
    }

    /// Keys that are written already.
    pub(super) fn of_keys(keys: String) -> Reply {
        Reply {
            keys,
            cookies: Vec::new(),
        }
    }

    pub(super) fn sets_cookies(&self) -> bool {
        !self.cookies.is_empty()
    }

    /// Sets a cookie as well.
    pub(super) fn with_cookie(mut self, cookie: &cookie::Cookie<'_>) -> Reply {
        let value = HeaderValue::try_from(cookie.to_string());
        self.cookies
            .push(value.expect("our cookies are plain ASCII"));
        self
    }
}

/// A struct or map without its braces.
pub(super) fn inside(keys: &impl Serialize) -> String {
    let mut object = serde_json::to_string(keys).expect("replies are plain structs");
    let is_object = object.starts_with('{') && object.pop() == Some('}');
    assert!(is_object, "a struct is written as an object");
    object.remove(0);
    object
}

/// A request that is not done: why, and what more is said about it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) fault: Fault,
    pub(super) reply: Reply,
}

impl Refusal {
    /// With more keys.
    pub(super) fn with(fault: Fault, keys: &impl Serialize) -> Refusal {
        Refusal {
            fault,
            reply: Reply::of(keys),
        }
    }

    /// This key is missing or its value not valid.
    pub(super) fn bad_key(key: &str) -> Refusal {
        #[derive(Serialize)]
        struct Which<'a> {
            key: &'a str,
        }
        Refusal::with(Fault::BadKey, &Which { key })
    }

    /// Too much of the kind is being done; there may be room in a moment.
    pub(super) fn busy() -> Refusal {
        #[derive(Serialize)]
        struct Later {
            retry_after: u64,
        }
        let retry_after = BUSY_FOR.as_secs();
        Refusal::with(Fault::TooSoon, &Later { retry_after })
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Refusal {
            fault,
            reply: Reply::done(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed in the store");
        Fault::Internal.into()
    }
}

/// A path that no route has.
pub(super) async fn not_found(headers: HeaderMap) -> Response {
    let language = Language::of(&headers);
    refuse(StatusCode::NOT_FOUND, Fault::NoSuchThing, language)
}

/// A method that a route does not have; the router adds `Allow`.
pub(super) async fn wrong_method(headers: HeaderMap) -> Response {
    let language = Language::of(&headers);
    refuse(StatusCode::METHOD_NOT_ALLOWED, Fault::NotAllowed, language)
}

/// A failure outside the dispatcher, which knows no `type`.
pub(super) fn refuse(status: StatusCode, fault: Fault, language: Language) -> Response {
    write("", Err(fault.into()), Some(status), language)
}

/// What came of an operation whose reply is called `kind`. The status is the
/// fault's, unless another is given.
pub(super) fn write(
    kind: &str,
    outcome: Result<Reply, Refusal>,
    status: Option<StatusCode>,
    language: Language,
) -> Response {
    let (fault, reply) = match outcome {
        Ok(reply) => (None, reply),
        Err(Refusal { fault, reply }) => (Some(fault), reply),
    };
    let success = fault.is_none();
    let number = fault.map_or(0, Fault::number);
    let text = fault.map_or("", |fault| fault.text(language));
    let comma = if reply.keys.is_empty() { "" } else { "," };
    // Kinds and texts are ours and hold nothing to escape.
    let body = format!(
        r#"{{"type":"{kind}","success":{success},"error_no":{number},"err_msg":"{text}","error_msg":"{text}"{comma}{}}}"#,
        reply.keys
    );
    let status = status.unwrap_or(fault.map_or(StatusCode::OK, Fault::status));
    let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    let mut response = (status, content_type, body).into_response();
    for cookie in reply.cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::{Value, json};

    use super::*;

    async fn body(response: Response) -> Value {
        let bytes = to_bytes(response.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_reply_has_its_own_keys_beside_the_common_ones() {
        let reply = Reply::of(&json!({"a": "\"", "b": {"c": [1]}}));
        let response = write("x", Ok(reply), None, Language::English);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            body(response).await,
            json!({"type": "x", "success": true, "error_no": 0, "err_msg": "",
                   "error_msg": "", "a": "\"", "b": {"c": [1]}})
        );
        let response = write("x", Ok(Reply::of(&json!({}))), None, Language::English);
        assert_eq!(body(response).await["success"], true);
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        let refusal = Refusal::bad_key("tel");
        let response = write("x", Err(refusal), None, Language::English);
        assert_eq!(response.status(), StatusCode::OK);
        let text = Fault::BadKey.text(Language::English);
        assert_eq!(
            body(response).await,
            json!({"type": "x", "success": false, "error_no": 3, "err_msg": text,
                   "error_msg": text, "key": "tel"})
        );
        let error = StoreError::Unavailable("secret details".into());
        let response = write("x", Err(error.into()), None, Language::Chinese);
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(body(response).await["error_no"], 500);
    }
}
