//! A server's life: connections are accepted and served until it is stopped,
//! then what is under way may end.
//!
//! hyper is driven here and not by axum, which has no deadline for a request's
//! head.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tower_service::Service as _;

use super::address::Peer;
use super::sockets::{Bounds, Socket, Sockets};
use crate::config::Network;
use crate::limits::{CLOSING_FOR, HEAD_BYTES};
use crate::metrics::Metrics;

/// Who is let in, and where it is counted.
#[derive(Clone, Debug)]
pub struct Gate {
    /// They may have as many connections as there are.
    pub trusted_proxies: Vec<Network>,
    /// The server's counters.
    pub metrics: Arc<Metrics>,
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

/// Serves `router` on `listener`, on a thread called `name`.
///
/// # Errors
///
/// The system's, when the listener cannot be used or a thread not be started.
pub fn serve(name: &str, listener: TcpListener, router: Router, gate: Gate) -> io::Result<Server> {
    serve_within(name, listener, router, gate, Bounds::default())
}

pub(super) fn serve_within(
    name: &str,
    listener: TcpListener,
    router: Router,
    gate: Gate,
    bounds: Bounds,
) -> io::Result<Server> {
    let address = listener.local_addr()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let sockets = {
        let _context = runtime.enter();
        Sockets::new(listener, gate, bounds)?
    };
    let (alive, stopped) = watch::channel(());
    let thread = thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || run(runtime, sockets, router, bounds.head_for, stopped))?;
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

fn run(
    runtime: Runtime,
    sockets: Sockets,
    router: Router,
    head_for: Duration,
    stopped: watch::Receiver<()>,
) {
    runtime.block_on(async {
        let impatience = async {
            dropped(stopped.clone()).await;
            tokio::time::sleep(CLOSING_FOR).await;
        };
        tokio::select! {
            () = accept(sockets, router, head_for, stopped.clone()) => {}
            () = impatience => {}
        }
    });
    runtime.shutdown_background();
}

/// Until it is stopped and the last connection has ended.
async fn accept(
    mut sockets: Sockets,
    router: Router,
    head_for: Duration,
    stopped: watch::Receiver<()>,
) {
    let (ended, under_way) = watch::channel(());
    let mut stop = pin!(dropped(stopped.clone()));
    loop {
        let (socket, peer) = tokio::select! {
            accepted = sockets.accept() => accepted,
            () = &mut stop => break,
        };
        let (router, stopped, under_way) = (router.clone(), stopped.clone(), under_way.clone());
        tokio::spawn(async move {
            attend(socket, peer, router, head_for, stopped).await;
            drop(under_way);
        });
    }
    drop((sockets, under_way));
    ended.closed().await;
}

/// One connection, to its end.
async fn attend(
    socket: Socket,
    peer: Peer,
    router: Router,
    head_for: Duration,
    stopped: watch::Receiver<()>,
) {
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_for)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        () = dropped(stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::trace!(%error, "a connection failed");
    }
}

/// Waits until the sender is gone.
async fn dropped(mut sender: watch::Receiver<()>) {
    while sender.changed().await.is_ok() {}
}
