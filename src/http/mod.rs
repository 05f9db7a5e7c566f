//! HTTP on a thread of its own: tokio, axum, and nothing of a chat core.
//!
//! A server is a listener and a router. The routers are handed out in two
//! parts, so that the operator's pages can have an address of their own:
//! [`public_router`] is what handsets call, [`ops_router`] what probes and
//! scrapers do. On one address they are [merged](Router::merge).

mod language;
mod ops;
mod readiness;
mod reply;
mod sockets;

#[cfg(test)]
mod tests;

pub use ops::ops_router;
pub use readiness::{Phase, Readiness};

use std::future::IntoFuture;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::limits::CLOSING_FOR;
use crate::metrics::Metrics;
use sockets::{Bounds, Sockets};

/// What the handlers look at.
#[derive(Clone, Debug)]
pub struct HttpState {
    /// The server's counters.
    pub metrics: Arc<Metrics>,
    /// How far the server is.
    pub readiness: Arc<Readiness>,
}

/// What handsets call.
pub fn public_router() -> Router {
    Router::new()
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
        let serving = axum::serve(sockets, router)
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
