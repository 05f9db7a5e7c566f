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
//! area of them is a file of its own.

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
pub use ops::ops_router;
pub use pictures::Pictures;
pub use readiness::{Phase, Readiness};

use std::future::IntoFuture;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::routing::{get, post};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::limits::CLOSING_FOR;
use crate::metrics::Metrics;
use address::Peer;
use sockets::{Bounds, Sockets};

/// What the operator's pages look at.
#[derive(Clone, Debug)]
pub struct HttpState {
    /// The server's counters.
    pub metrics: Arc<Metrics>,
    /// How far the server is.
    pub readiness: Arc<Readiness>,
}

/// What handsets call, and the document that says what that is.
pub fn public_router(context: Arc<Context>) -> Router {
    let has_ops = context.config.admin_listen.is_none();
    let routes = Router::new()
        .route("/", post(dispatch::by_body))
        .route("/index.php", post(dispatch::by_body))
        .route("/v1/{type}", post(dispatch::by_path))
        .route("/uploads/{name}", get(pictures::file))
        .route("/lucky/{id}/tickets", get(lucky::tickets))
        .with_state(Arc::clone(&context))
        .merge(openapi::router(has_ops));
    entrance::build(routes, context)
}

/// What operators see and do, for the address where they are.
pub fn admin_router(context: Arc<Context>) -> Router {
    entrance::build(admin::router(&context), context)
}

/// A running server. Dropped without a [`stop`](Server::stop), it ends by itself
/// and nobody waits for it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    /// The server runs as long as this lives.
    alive: watch::Sender<()>,
    thread: JoinHandle<()>,
}

/// Serves `router` on `listener`, on a thread called `name`. What the router
/// does not know is answered in the shape that all replies have.
pub fn serve(name: &str, listener: TcpListener, router: Router) -> io::Result<Server> {
    serve_within(name, listener, router, Bounds::default())
}

fn serve_within(
    name: &str,
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
) -> io::Result<Server> {
    let address = listener.local_addr()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let sockets = {
        let _context = runtime.enter();
        Sockets::new(listener, bounds)?
    };
    let router = router
        .fallback(reply::not_found)
        .method_not_allowed_fallback(reply::wrong_method);
    let (alive, stopped) = watch::channel(());
    let thread = thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || run(runtime, sockets, router, stopped))?;
    Ok(Server {
        address,
        alive,
        thread,
    })
}

impl Server {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more, lets running requests end for a moment, and returns
    /// when the thread has ended.
    pub fn stop(self) {
        drop(self.alive);
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}

fn run(runtime: Runtime, sockets: Sockets, router: Router, stopped: watch::Receiver<()>) {
    runtime.block_on(async {
        let service = router.into_make_service_with_connect_info::<Peer>();
        let serving = axum::serve(sockets, service)
            .with_graceful_shutdown(dropped(stopped.clone()))
            .into_future();
        let impatience = async {
            dropped(stopped).await;
            tokio::time::sleep(CLOSING_FOR).await;
        };
        tokio::select! {
            _ = serving => {}
            () = impatience => {}
        }
    });
    runtime.shutdown_background();
}

/// Waits until the sender is gone.
async fn dropped(mut sender: watch::Receiver<()>) {
    while sender.changed().await.is_ok() {}
}
