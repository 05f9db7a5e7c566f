//! The operator's desk: what an operator may see and do, under `/admin`.
//!
//! Every route but the log-in lies behind one check, in `gate`; so does every
//! path under `/admin/` that there is not. What is asked for by `GET` changes
//! nothing. Whatever changes something goes through [`Order::act`], which
//! writes it down in the same transaction.
//!
//! The files of the desk's page, `page`, stand beside the log-in, in `open`: who
//! is not logged in must be able to do so.

mod audit;
mod bans;
mod drain;
mod events;
mod gate;
mod key;
mod login;
mod lucky;
mod order;
mod page;
mod removal;
mod reports;
mod sessions;
mod stats;
mod tries;
mod users;
mod words;

pub use key::OperatorKey;

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{Extension, RawPathParams, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, any, delete, get, post};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;

use super::address::Origin;
use super::body::{NoBody, Whole};
use super::context::Context;
use super::fault::Fault;
use super::language::Language;
use super::readiness::Readiness;
use super::reply::{self, Refusal, Reply};
use crate::limits::{ANSWER_FOR, BODY_BYTES, EVENT_LISTENERS};
use crate::metrics::Metrics;
use gate::Operator;
use order::Order;
use sessions::Sessions;
use stats::Stats;
use tries::Tries;

/// What the desk keeps between requests.
pub(super) struct Admin {
    key: OperatorKey,
    tries: Tries,
    sessions: Sessions,
    stats: Stats,
    /// Room for those who listen to events.
    listeners: Arc<Semaphore>,
    /// Has the server go down.
    drain: UnboundedSender<()>,
}

/// What the desk is given.
pub struct Operators {
    /// What their token is known by.
    pub key: OperatorKey,
    /// How far the server is.
    pub readiness: Arc<Readiness>,
    /// Has the server go down.
    pub drain: UnboundedSender<()>,
}

impl Admin {
    pub(super) fn new(operators: Operators, metrics: &Arc<Metrics>) -> Admin {
        Admin {
            key: operators.key,
            tries: Tries::default(),
            sessions: Sessions::default(),
            stats: Stats::new(Arc::clone(metrics), operators.readiness),
            listeners: Arc::new(Semaphore::new(EVENT_LISTENERS)),
            drain: operators.drain,
        }
    }
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<Reply, Refusal>> + Send + 'a>>;

/// What an operator can ask for.
#[derive(Clone, Copy)]
struct Route {
    path: &'static str,
    method: fn(Route) -> MethodRouter<Arc<Context>>,
    reply: &'static str,
    run: for<'a> fn(&'a Order) -> Running<'a>,
}

/// `method "path" => reply: handler`, where a handler is an
/// `async fn(&Order) -> Result<Reply, Refusal>`.
macro_rules! routes {
    ($($method:ident $path:literal => $reply:literal: $handler:path;)+) => {
        /// What operators can ask for, as `get /admin/audit`.
        pub const ADMIN_REQUESTS: &[&str] = &[
            "post /admin/login",
            "get /admin/events",
            "get /admin/evidence/{name}",
            $(concat!(stringify!($method), " ", $path)),+
        ];

        const ROUTES: &[Route] = &[$(Route {
            path: $path,
            method: |route| $method(
                move |state, operator, id, headers, uri, body| {
                    answer(route, state, operator, id, headers, uri, body)
                }
            ),
            reply: $reply,
            run: |order| Box::pin($handler(order)),
        }),+];
    };
}

routes! {
    get "/admin/session" => "admin_session": login::session;
    post "/admin/logout" => "admin_logout": login::log_out;
    get "/admin/audit" => "admin_audit": audit::list;
    get "/admin/stats" => "admin_stats": stats::stats;
    post "/admin/drain" => "admin_drain": drain::drain;
    get "/admin/bans" => "admin_bans": bans::list;
    post "/admin/bans" => "admin_ban": bans::ban;
    delete "/admin/bans/{id}" => "admin_unban": bans::lift;
    get "/admin/reports" => "admin_reports": reports::list;
    post "/admin/reports/{id}/resolve" => "admin_resolve": reports::resolve;
    get "/admin/users" => "admin_users": users::find;
    get "/admin/users/{id}" => "admin_user": users::show;
    post "/admin/users/{id}/kick" => "admin_kick": users::kick;
    get "/admin/words" => "admin_words": words::list;
    post "/admin/words" => "admin_list_word": words::add;
    delete "/admin/words" => "admin_drop_word": words::take_off;
    delete "/admin/pictures/{id}" => "admin_remove_picture": removal::picture;
    delete "/admin/comments/{id}" => "admin_remove_comment": removal::comment;
    get "/admin/lucky" => "admin_lucky_list": lucky::list;
    post "/admin/lucky" => "admin_lucky": lucky::create;
    post "/admin/lucky/{id}/close" => "admin_lucky_close": lucky::close;
    post "/admin/lucky/{id}/draw" => "admin_lucky_draw": lucky::decide;
}

/// Everything under `/admin`, for the address where operators are.
pub(super) fn router(context: &Arc<Context>) -> Router {
    let open = page::router().route("/admin/login", post(login::log_in));
    let guarded = ROUTES
        .iter()
        .fold(Router::new(), |router, &route| {
            router.route(route.path, (route.method)(route))
        })
        .route("/admin/events", get(events::events))
        .route("/admin/evidence/{name}", get(reports::evidence))
        .route("/admin/{*rest}", any(reply::not_found))
        .method_not_allowed_fallback(reply::wrong_method)
        .layer(from_fn_with_state(Arc::clone(context), gate::check));
    open.merge(guarded).with_state(Arc::clone(context))
}

async fn answer(
    route: Route,
    State(context): State<Arc<Context>>,
    Extension(operator): Extension<Operator>,
    id: Result<RawPathParams, RawPathParamsRejection>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Response {
    let language = Language::of(&headers);
    let write = |outcome, status| reply::write(route.reply, outcome, status, language);
    let body = match read(&context, operator.address, &headers, body).await {
        Ok(body) => body,
        Err((fault, status)) => return write(Err(fault.into()), Some(status)),
    };
    // What is no text names nothing.
    let id = id.ok().and_then(|ids| {
        let (_, first) = ids.iter().next()?;
        Some(first.to_owned())
    });
    let order = Order::new(context, operator, id.unwrap_or_default(), &uri, body);
    let outcome = timeout(ANSWER_FOR, (route.run)(&order)).await;
    let outcome = outcome.unwrap_or_else(|_| {
        tracing::error!(path = route.path, "no answer in time");
        Err(Fault::Internal.into())
    });
    write(outcome, None)
}

/// A body, which is short, or why there is none.
async fn read(
    context: &Context,
    from: IpAddr,
    headers: &HeaderMap,
    body: Body,
) -> Result<Bytes, (Fault, StatusCode)> {
    let from = Origin::of(from);
    let body = context.bodies.read(from, headers, body, BODY_BYTES).await;
    body.map(Whole::into_bytes).map_err(|why| match why {
        NoBody::TooLarge => (Fault::TooLarge, StatusCode::PAYLOAD_TOO_LARGE),
        NoBody::CutShort | NoBody::NoRoom => (Fault::NoObject, StatusCode::OK),
    })
}
