//! In at the desk, and out again.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::ORIGIN;
use axum::response::Response;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};

use super::super::context::Context;
use super::super::dispatch::Client;
use super::super::language::Language;
use super::super::reply::{self, Refusal, Reply};
use super::gate::{self, COOKIE, Operator};
use super::order::{Deed, Order};
use super::sessions::Session;
use crate::limits::{DESK_SESSION_FOR, TOKEN_BYTES};

/// `POST /admin/login`
#[derive(Deserialize)]
struct LogIn {
    token: String,
}

/// What the page needs to know of its log-in.
#[derive(Serialize)]
struct Keys<'a> {
    who: &'a str,
    /// To be sent along with each change that comes by cookie.
    csrf: Option<&'a str>,
    expires_at: Option<i64>,
}

/// Who has the token gets a cookie. Stands outside the check, and makes its
/// own.
pub(super) async fn log_in(
    State(context): State<Arc<Context>>,
    Extension(Client(address)): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = Language::of(&headers);
    let barred = |barred| gate::refuse(barred, language);
    // Other pages have nothing to log in here for.
    let told = headers.contains_key("sec-fetch-site") || headers.contains_key(ORIGIN);
    if told && !gate::is_from_own_page(&headers) {
        return barred(gate::Barred::Foreign);
    }
    let body = match super::read(&context, address, &headers, body).await {
        Ok(body) => body,
        Err((fault, status)) => return reply::refuse(status, fault, language),
    };
    let stranger = Operator {
        address,
        session: None,
    };
    let order = Order::new(
        context,
        stranger,
        String::new(),
        &"/".parse().expect("a path"),
        body,
    );
    let shown = match order.request::<LogIn>() {
        Ok(shown) if shown.token.len() <= TOKEN_BYTES => shown.token,
        Ok(_) => return barred(gate::Barred::Unknown),
        Err(refusal) => return reply::write(KIND, Err(refusal), None, language),
    };
    if let Err(why) = gate::try_token(&order.context, address, &shown) {
        return barred(why);
    }
    gate::private(reply::write(KIND, begin(order).await, None, language))
}

const KIND: &str = "admin_login";

/// The log-in is written down before it counts.
async fn begin(mut order: Order) -> Result<Reply, Refusal> {
    let now = Instant::now();
    let (token, session) = order.context.admin.sessions.begin(now)?;
    let name = session.name.clone();
    order.operator.session = Some(session.clone());
    let written = order.act(Deed::new("login", ""), |_| Ok(())).await;
    if let Err(refusal) = written {
        order.context.admin.sessions.end(&name);
        return Err(refusal);
    }
    let cookie = baked(token.expose(), DESK_SESSION_FOR.as_secs());
    Ok(Reply::of(&keys(&order, &session)).with_cookie(&cookie))
}

/// `GET /admin/session`: for a page that was loaded anew.
pub(super) async fn session(order: &Order) -> Result<Reply, Refusal> {
    Ok(match &order.operator.session {
        Some(session) => Reply::of(&keys(order, session)),
        None => Reply::of(&Keys {
            who: order.operator.name(),
            csrf: None,
            expires_at: None,
        }),
    })
}

/// `POST /admin/logout`: the cookie counts no more.
pub(super) async fn log_out(order: &Order) -> Result<Reply, Refusal> {
    if let Some(session) = &order.operator.session {
        order.act(Deed::new("logout", ""), |_| Ok(())).await?;
        order.context.admin.sessions.end(&session.name);
    }
    Ok(Reply::done().with_cookie(&baked("", 0)))
}

fn keys<'a>(order: &Order, session: &'a Session) -> Keys<'a> {
    let left = session.left(Instant::now()).as_secs();
    let expires = order.context.now().saturating_add_unsigned(left);
    Keys {
        who: &session.name,
        csrf: Some(&session.csrf),
        expires_at: Some(expires),
    }
}

/// For the desk alone, out of reach of scripts and of other sites.
fn baked(value: &str, seconds: u64) -> Cookie<'_> {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Cookie::build((COOKIE, value))
        .path("/admin")
        .max_age(Duration::seconds(seconds))
        .http_only(true)
        .same_site(SameSite::Strict)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desks_cookie_stays_at_the_desk() {
        let text = baked("x", 60).to_string();
        assert_eq!(
            text,
            "pairline_desk=x; HttpOnly; SameSite=Strict; Path=/admin; Max-Age=60"
        );
    }
}
