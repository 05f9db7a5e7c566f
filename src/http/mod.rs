//! HTTP on a thread of its own: tokio, axum, and nothing of a chat core.
//!
//! A server is a listener and a router. The routers are handed out in three
//! parts, so that what is the operator's can have an address of its own:
//! [`public_router`] is what handsets call, [`ops_router`] what probes and
//! scrapers do, [`admin_router`] what operators do. On one address they are
//! [merged](Router::merge).
//!
//! A request goes through `entrance`, where it gets an address and an id and
//! may be turned away, to `dispatch`, which has the table of operations. Each
//! area of them is a file of its own. Only the operator's pages lie outside of
//! the entrance: whoever watches a server must not be turned away.

mod account;
mod address;
mod admin;
mod banned;
mod body;
mod bonds;
mod call;
mod chat;
mod codes;
mod context;
mod crush;
mod dispatch;
mod entrance;
mod fault;
mod fields;
mod language;
mod login;
mod lucky;
mod notice;
mod openapi;
mod ops;
mod pictures;
mod profile;
mod rate;
mod readiness;
mod reply;
mod reports;
mod server;
mod shares;
mod sms;
mod sockets;
mod tel;
mod token;
mod when;
mod words;

#[cfg(test)]
mod tests;

pub use admin::{ADMIN_REQUESTS, OperatorKey, Operators};
pub use chat::{Chat, Live, Sighting, SpokenLine, TalkOn, TalkSeen};
pub use codes::CodeKey;
pub use context::{Context, Parts};
pub use dispatch::REQUESTS;
pub use notice::Notice;
pub use ops::{ops_alone, ops_router};
pub use pictures::Pictures;
pub use readiness::{Phase, Readiness};
pub use server::{Gate, Server, serve};

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::metrics::Metrics;

/// What the operator's pages look at.
#[derive(Clone, Debug)]
pub struct HttpState {
    /// The server's counters.
    pub metrics: Arc<Metrics>,
    /// How far the server is.
    pub readiness: Arc<Readiness>,
}

/// What handsets call, the document that says what that is, and the answer to
/// all that is not there.
pub fn public_router(context: Arc<Context>) -> Router {
    let has_ops = context.config.admin_listen.is_none();
    let routes = Router::new()
        .route("/", post(dispatch::by_body))
        .route("/index.php", post(dispatch::by_body))
        .route("/v1/{type}", post(dispatch::by_path))
        .route("/uploads/{name}", get(pictures::file))
        .route("/lucky/{id}/tickets", get(lucky::tickets))
        .with_state(Arc::clone(&context))
        .merge(openapi::router(has_ops))
        .fallback(reply::not_found)
        .method_not_allowed_fallback(reply::wrong_method);
    entrance::build(routes, context)
}

/// What operators see and do, for the address where they are.
pub fn admin_router(context: Arc<Context>) -> Router {
    entrance::build(admin::router(&context), context)
}
