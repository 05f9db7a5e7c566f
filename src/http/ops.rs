//! What operators' machines ask: counters and health.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;

use super::HttpState;
use super::readiness::Phase;
use super::reply;

/// `/metrics`, `/healthz` and `/readyz`, on an address that has nothing else.
pub fn ops_alone(state: HttpState) -> Router {
    ops_router(state).fallback(reply::not_found)
}

/// The same, beside what else there is.
pub fn ops_router(state: HttpState) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .method_not_allowed_fallback(reply::wrong_method)
        .with_state(state)
}

async fn metrics(State(state): State<HttpState>) -> impl IntoResponse {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, content_type)], state.metrics.text())
}

/// Answering is all there is to it.
async fn healthz() -> &'static str {
    "ok\n"
}

/// A failing store is told but does not make the server unready: users are
/// still paired, writes are kept and tried again, and whoever took the server
/// out of service for it would end every talk to save a few last words.
async fn readyz(State(state): State<HttpState>) -> (StatusCode, &'static str) {
    match state.readiness.phase() {
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Phase::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        Phase::Ready if state.metrics.store().is_failing() => {
            (StatusCode::OK, "ready, but the store is failing\n")
        }
        Phase::Ready => (StatusCode::OK, "ready\n"),
    }
}
