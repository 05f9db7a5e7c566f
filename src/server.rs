//! A server's life: everything is opened, then the ready line, then it runs
//! until it is told to stop, then everything is drained and written down.
//!
//! Whatever the system refuses is found out before the ready line, and said
//! with what to do about it.

mod cores;
mod open;
mod questions;

use std::io::{self, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::Config;
use crate::engine::ids::Time;
use crate::exit::Failure;
use crate::http::{self, Chat, CodeKey, Context, HttpState, Pictures, Readiness};
use crate::metrics::{Metrics, StoreOp};
use crate::net::Clock;
use crate::sms::Gateways;
use crate::store::sqlite::{self, Sqlite};
use crate::store::writer::Writer;
use crate::store::{Door, Readers, Store as _};
use cores::Cores;
use questions::Desk;

/// Serves until a signal ends it.
///
/// # Errors
///
/// What kept it from starting, or ended it early.
pub fn run(config: Config) -> Result<(), Failure> {
    let clock = Clock::start();
    if config.test_mode {
        tracing::warn!(
            "TEST MODE: fixed codes and shrunken buffers may be in force; never run a real service like this"
        );
    }
    let limits = open::raise_limits()?;
    let cpus = open::cpus(&config)?;
    let cores = u16::try_from(cpus.len()).map_err(Failure::config)?;
    let metrics = Arc::new(Metrics::new(cores).with_requests(http::REQUESTS));
    let config = Arc::new(config);

    let mut store = sqlite::open(&config.data).map_err(Failure::system)?;
    let started = clock.now();
    let loaded = store.load(started).map_err(Failure::system)?;
    metrics
        .store()
        .took(StoreOp::Load, clock.now().since(started));

    let readiness = Arc::new(Readiness::new());
    let chat = open::chat_port(&config)?;
    let code_key = code_key(&store)?;
    let ports = Ports::open(&config)?;
    let readers = Readers::start(|| store.reader(), &metrics).map_err(Failure::system)?;
    let writer =
        Writer::start(store, Arc::clone(&metrics), clock.now()).map_err(Failure::system)?;
    let door = Door::new(writer.handle(), readers.handle());
    let desk = Desk {
        door: door.clone(),
        clock,
        token_ttl: i64::try_from(config.token_ttl.as_secs()).unwrap_or(i64::MAX),
    };
    let pictures = Pictures::open(&config.data, &door).map_err(Failure::system)?;
    let context = Context::new(http::Parts {
        config: Arc::clone(&config),
        door,
        metrics: Arc::clone(&metrics),
        gateways: Gateways::open(&config, Arc::clone(&metrics))?,
        chat: Arc::new(Unlinked),
        code_key,
        pictures,
    });
    let state = HttpState {
        metrics: Arc::clone(&metrics),
        readiness: Arc::clone(&readiness),
    };
    let http = Http::serve(ports, state, context)?;

    let (failed, failures) = mpsc::unbounded_channel();
    let plan = cores::Plan {
        config: &config,
        max_sessions: open::max_sessions(&config, limits),
        cpus,
        chat: &chat,
        loaded: &loaded,
        clock,
        metrics,
        writer: writer.handle(),
        desk,
        failed,
    };
    let cores = Cores::start(plan)?;
    drop(loaded);
    // Whoever has read the ready line may end the server at once.
    let signals = Signals::listen().map_err(Failure::system)?;
    readiness.set_ready();
    say_ready(&format!(
        "ready chat={} http={} cores={} pid={}",
        chat.address(),
        http.public.address(),
        cores.count(),
        std::process::id()
    ))?;

    let end = signals.wait(failures);
    readiness.set_draining();
    tracing::info!("draining");
    cores.drain();
    let joined = cores.join();
    // Whoever waits for a change still gets it.
    http.stop();
    readers.stop();
    let written = writer.stop();
    if !written.all_written() {
        tracing::error!(
            unwritten = written.unwritten,
            given_up = written.given_up,
            "not everything could be written down"
        );
        return Err(Failure::other(
            "not everything could be written down; the log says why",
        ));
    }
    end.and(joined)
}

/// The key for codes, which outlives the process as they do.
fn code_key(store: &Sqlite) -> Result<CodeKey, Failure> {
    let mut fresh = [0; 32];
    getrandom::fill(&mut fresh)
        .map_err(|error| Failure::system(format!("random numbers: {error}")))?;
    let kept = store.secret("codes", &fresh);
    kept.map(CodeKey).map_err(Failure::system)
}

/// No core listens to HTTP yet.
struct Unlinked;

impl Chat for Unlinked {
    fn block(&self, _: &str, _: &str) {}
    fn unblock(&self, _: &str, _: &str) {}
    fn logged_out(&self, _: &str) {}
    fn deleted(&self, _: &str) {}
}

/// The one line on standard output.
fn say_ready(line: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| Failure::system(format!("standard output: {error}")))
}

/// What ends a server: SIGTERM or SIGINT, from the moment this is made.
struct Signals {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Signals> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let context = runtime.enter();
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        drop(context);
        Ok(Signals {
            runtime,
            terminate,
            interrupt,
        })
    }

    /// Until one comes, or a core gives up.
    fn wait(mut self, mut failures: mpsc::UnboundedReceiver<Failure>) -> Result<(), Failure> {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.terminate.recv() => Ok(()),
                _ = self.interrupt.recv() => Ok(()),
                failure = failures.recv() => Err(failure.unwrap_or_else(|| Failure::other("every core has ended"))),
            }
        })
    }
}

/// The ports of the HTTP side: one, or two when the operator's pages are apart.
struct Ports {
    public: TcpListener,
    ops: Option<TcpListener>,
}

impl Ports {
    fn open(config: &Config) -> Result<Ports, Failure> {
        let ops = |address| open::http_port("admin_listen", address);
        Ok(Ports {
            public: open::http_port("http", config.http)?,
            ops: config.admin_listen.map(ops).transpose()?,
        })
    }
}

/// What serves on them.
struct Http {
    public: http::Server,
    ops: Option<http::Server>,
}

impl Http {
    fn serve(ports: Ports, state: HttpState, context: Arc<Context>) -> Result<Http, Failure> {
        let serve =
            |name, listener, router| http::serve(name, listener, router).map_err(Failure::system);
        let (public, ops) = (http::public_router(context), http::ops_router(state));
        match ports.ops {
            None => Ok(Http {
                public: serve("pairline-http", ports.public, public.merge(ops))?,
                ops: None,
            }),
            Some(listener) => {
                let ops = serve("pairline-ops", listener, ops)?;
                // The port may be one that the system picked.
                tracing::info!(address = %ops.address(), "admin_listen");
                Ok(Http {
                    public: serve("pairline-http", ports.public, public)?,
                    ops: Some(ops),
                })
            }
        }
    }

    fn stop(self) {
        self.public.stop();
        if let Some(ops) = self.ops {
            ops.stop();
        }
    }
}

/// Counts for talk ids, in 2^16ths of a second: what an earlier run gave out
/// lies below, as no core begins more talks than that for long.
const fn first_talk(now: Time) -> u64 {
    const SECOND: u64 = 1_000_000_000;
    let ticks = ((now.0 / SECOND) << 16) | (((now.0 % SECOND) << 16) / SECOND);
    ticks & ((1 << 48) - 1)
}
