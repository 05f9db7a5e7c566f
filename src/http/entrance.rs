//! What every request passes on its way in: its id and its span in the log, its
//! client's address, and that client's limit.
//!
//! Deliberately absent: catching panics. A panic takes the process down, here
//! as on a core.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::address::{self, Origin, Peer};
use super::context::Context;
use super::dispatch::Client;
use super::fault::Fault;
use super::language::Language;
use super::reply;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The routes behind the entrance.
pub(super) fn build(routes: Router, context: Arc<Context>) -> Router {
    // The layer added last is the outermost.
    routes
        .layer(from_fn_with_state(context, let_in))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(answered),
        )
        .layer(SetRequestIdLayer::new(REQUEST_ID, Numbers))
}

/// Finds out whose request it is, and whether it is one too many.
async fn let_in(
    State(context): State<Arc<Context>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let trusted = &context.config.trusted_proxies;
    let client = address::client(peer, request.headers(), trusted);
    let room = match &context.rate {
        Some(rate) => rate.take(Origin::of(client)),
        None => Ok(()),
    };
    if let Err(wait) = room {
        let language = Language::of(request.headers());
        let limited = StatusCode::TOO_MANY_REQUESTS;
        let mut response = reply::refuse(limited, Fault::LimitReached, language);
        let seconds = HeaderValue::from(whole_seconds(wait).max(1));
        response.headers_mut().insert(RETRY_AFTER, seconds);
        return response;
    }
    request.extensions_mut().insert(Client(client));
    next.run(request).await
}

/// Rounded up: whoever waits that long does not come too soon.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// Names requests that have no name yet.
#[derive(Clone, Copy)]
struct Numbers;

impl MakeRequestId for Numbers {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        let name = format!("{:016x}", fastrand::u64(..));
        HeaderValue::try_from(name).ok().map(RequestId::new)
    }
}

/// Neither headers nor the query: tokens may stand there.
fn span(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.and_then(|id| id.header_value().to_str().ok());
    tracing::debug_span!(
        "http",
        id = id.unwrap_or_default(),
        method = %request.method(),
    )
}

fn answered(response: &Response, spent: Duration, _: &Span) {
    let status = response.status().as_u16();
    tracing::trace!(status, ?spent, "sent");
}
