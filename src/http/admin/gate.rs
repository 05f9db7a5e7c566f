//! The one check that every request to the desk passes: is it an operator's?
//!
//! An operator shows the token as a bearer, or has logged in and has a cookie.
//! A browser sends the cookie whoever has made it ask, so a change that comes
//! by cookie must also bring the log-in's second secret, and say that it comes
//! from the desk's own page.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::super::address::Origin;
use super::super::context::Context;
use super::super::dispatch::Client;
use super::super::entrance::whole_seconds;
use super::super::fault::Fault;
use super::super::language::Language;
use super::super::{reply, token};
use super::sessions::Session;
use super::tries::Tried;
use crate::metrics::OperatorTry;

/// The cookie that a log-in sets.
pub(super) const COOKIE: &str = "pairline_desk";
/// The header that brings a log-in's second secret.
pub(super) const CSRF: &str = "x-csrf-token";

/// Whose request it is.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    /// From where.
    pub(super) address: IpAddr,
    /// The log-in; none with the token itself.
    pub(super) session: Option<Session>,
}

/// Why a request is not an operator's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Barred {
    /// Nothing that counts was shown.
    Unknown,
    /// What was shown was not looked at: too many wrong ones came before.
    Slowed(std::time::Duration),
    /// The cookie is good, but the change may be another page's.
    Foreign,
}

impl Operator {
    /// What the audit calls them.
    pub(super) fn name(&self) -> &str {
        self.session.as_ref().map_or("token", |own| &own.name)
    }
}

/// Lets operators in, and nobody else.
pub(super) async fn check(
    State(context): State<Arc<Context>>,
    Extension(Client(address)): Extension<Client>,
    mut request: Request,
    next: Next,
) -> Response {
    match admit(&context, address, request.method(), request.headers()) {
        Ok(operator) => {
            request.extensions_mut().insert(operator);
            private(next.run(request).await)
        }
        Err(barred) => refuse(barred, Language::of(request.headers())),
    }
}

fn admit(
    context: &Context,
    address: IpAddr,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Operator, Barred> {
    if let Some(shown) = token::bearer(headers) {
        let session = None;
        try_token(context, address, shown)?;
        return Ok(Operator { address, session });
    }
    let shown = token::cookie(headers, COOKIE).ok_or(Barred::Unknown)?;
    let session = context.admin.sessions.find(shown, Instant::now());
    let session = session.ok_or(Barred::Unknown)?;
    let changes = !matches!(*method, Method::GET | Method::HEAD);
    if changes && !(brings_secret(&session, headers) && is_from_own_page(headers)) {
        return Err(Barred::Foreign);
    }
    let session = Some(session);
    Ok(Operator { address, session })
}

/// What operators see is kept nowhere on the way.
pub(super) fn private(mut response: Response) -> Response {
    let kept = response.headers_mut().entry(CACHE_CONTROL);
    kept.or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Is this the operator's token? Wrong ones are counted and slowed.
pub(super) fn try_token(context: &Context, address: IpAddr, shown: &str) -> Result<(), Barred> {
    let admin = &context.admin;
    let (origin, now) = (Origin::of(address), Instant::now());
    let fits = || admin.key.fits(shown);
    match admin.tries.try_at(origin, now, fits) {
        Tried::Right => Ok(()),
        Tried::Wrong => {
            context.metrics.admin().tried(OperatorTry::Wrong);
            tracing::warn!(%address, "a wrong operator's token");
            Err(Barred::Unknown)
        }
        Tried::Slowed(wait) => {
            context.metrics.admin().tried(OperatorTry::Slowed);
            Err(Barred::Slowed(wait))
        }
    }
}

fn brings_secret(session: &Session, headers: &HeaderMap) -> bool {
    let brought = headers.get(CSRF).and_then(|value| value.to_str().ok());
    brought.is_some_and(|brought| session.is_meant(brought))
}

/// Does a browser say that the request comes from a page of this very server?
/// What it says in `Sec-Fetch-Site` it has found out by itself; where it does
/// not (without TLS), `Origin` must be where the request went. One that says
/// neither is none that the desk's page runs in.
pub(super) fn is_from_own_page(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let authority = text(ORIGIN).and_then(|origin| origin.split_once("://"));
    match (authority, text(HOST)) {
        (Some((_, authority)), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// In the shape that all replies have.
pub(super) fn refuse(barred: Barred, language: Language) -> Response {
    match barred {
        Barred::Unknown => {
            let mut response = reply::refuse(StatusCode::UNAUTHORIZED, Fault::BadToken, language);
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
            response
        }
        Barred::Slowed(wait) => {
            let limited = StatusCode::TOO_MANY_REQUESTS;
            let mut response = reply::refuse(limited, Fault::TooSoon, language);
            let seconds = HeaderValue::from(whole_seconds(wait));
            response.headers_mut().insert(RETRY_AFTER, seconds);
            response
        }
        Barred::Foreign => reply::refuse(StatusCode::FORBIDDEN, Fault::NotAllowed, language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_desks_own_page_may_make_changes() {
        let table: &[(&[(&'static str, &str)], bool)] = &[
            (&[], false),
            (&[("host", "a:1")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("host", "a:1"), ("origin", "http://a:1")], true),
            (&[("host", "a"), ("origin", "https://A")], true),
            (&[("host", "a:1"), ("origin", "http://a")], false),
            (&[("host", "a:1"), ("origin", "http://a:1.evil")], false),
            (&[("host", "a:1"), ("origin", "http://b:1")], false),
            (&[("host", "a:1"), ("origin", "null")], false),
            (&[("origin", "http://a:1")], false),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("host", "a"),
                    ("origin", "http://a"),
                ],
                false,
            ),
        ];
        for (given, wanted) in table {
            let mut headers = HeaderMap::new();
            for (name, value) in *given {
                headers.append(*name, value.parse().unwrap());
            }
            assert_eq!(is_from_own_page(&headers), *wanted, "{given:?}");
        }
    }
}
