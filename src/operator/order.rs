//! From an order to its request.

use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::options::{Order, State};

/// What is asked of the server.
pub(super) struct Request {
    pub(super) method: Method,
    /// With its query.
    pub(super) path: String,
    /// Null where there is none.
    pub(super) body: Value,
}

impl Order {
    pub(super) fn request(&self) -> Request {
        match self {
            Order::Users { q } => {
                let q = q.as_deref().unwrap_or_default();
                get(format!("/admin/users?q={}", encoded(q)))
            }
            Order::User { id } => get(format!("/admin/users/{}", encoded(id))),
            Order::Kick { id } => {
                let path = format!("/admin/users/{}/kick", encoded(id));
                post(path, Value::Null)
            }
            Order::Ban {
                id,
                tel,
                span,
                reason,
            } => {
                // Less than a second is one.
                let seconds = span.map(|span| span.as_secs().max(1));
                let body = json!({"user_id": id, "tel": tel, "seconds": seconds, "reason": reason});
                post("/admin/bans".to_owned(), body)
            }
            Order::Unban { ban } => Request {
                method: Method::DELETE,
                path: format!("/admin/bans/{ban}"),
                body: Value::Null,
            },
            Order::Bans { all } => get(format!("/admin/bans?all={}", u8::from(*all))),
            Order::Reports { state } => {
                let state = match state {
                    State::Open => "open",
                    State::Resolved => "resolved",
                    State::All => "all",
                };
                get(format!("/admin/reports?state={state}"))
            }
            Order::Resolve { report, outcome } => {
                let path = format!("/admin/reports/{report}/resolve");
                post(path, json!({"outcome": outcome}))
            }
            Order::Draw { id, numbers } => {
                let path = format!("/admin/lucky/{}/draw", encoded(id));
                post(path, json!({"numbers": numbers}))
            }
            Order::Drain => post("/admin/drain".to_owned(), Value::Null),
            Order::Stats { .. } => get("/admin/stats".to_owned()),
            Order::Audit => get("/admin/audit".to_owned()),
        }
    }
}

fn get(path: String) -> Request {
    Request {
        method: Method::GET,
        path,
        body: Value::Null,
    }
}

fn post(path: String, body: Value) -> Request {
    Request {
        method: Method::POST,
        path,
        body,
    }
}

fn encoded(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_an_id_holds_it_stays_in_its_place() {
        let id = "a/../b?c=d#e 张".to_owned();
        let request = Order::User { id }.request();
        assert_eq!(
            request.path,
            "/admin/users/a%2F%2E%2E%2Fb%3Fc%3Dd%23e%20%E5%BC%A0"
        );
        let q = Some("+86 & more".to_owned());
        let request = Order::Users { q }.request();
        assert_eq!(request.path, "/admin/users?q=%2B86%20%26%20more");
    }
}
