//! A server's life: everything is opened, then the ready line, then it runs
//! until it is told to stop, then everything is drained and written down.
//!
//! Whatever the system refuses is found out before the ready line, and said
//! with what to do about it.

mod cores;
mod http;
mod link;
mod lookout;
mod open;
mod questions;

use std::io::{self, Write as _};
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::config::Config;
use crate::engine::ids::Time;
use crate::exit::Failure;
use crate::filter::Filter;
use crate::http::{Context, HttpState, Operators, Parts, Pictures, REQUESTS, Readiness};
use crate::metrics::{Metrics, StoreOp};
use crate::net::Clock;
use crate::sms::Gateways;
use crate::store::writer::Writer;
use crate::store::{Door, Readers, Store as _, sqlite};
use cores::Cores;
use http::{Http, Ports, code_key, operator_key, pseudonym_key};
use link::Link;
use lookout::Lookout;
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
    let metrics = Arc::new(Metrics::new(cores).with_requests(REQUESTS));
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
    let pseudonym_key = pseudonym_key(&store)?;
    let words = store.word_list().map_err(Failure::system)?;
    let filter = Filter::new(words).map_err(Failure::other)?;
    let ports = Ports::open(&config)?;
    let operator = operator_key(&store, &config)?;
    let readers = Readers::start(|| store.reader(), &metrics).map_err(Failure::system)?;
    let writer =
        Writer::start(store, Arc::clone(&metrics), clock.now()).map_err(Failure::system)?;
    let door = Door::new(writer.handle(), readers.handle());
    let desk = Desk {
        door: door.clone(),
        clock,
        token_ttl: i64::try_from(config.token_ttl.as_secs()).unwrap_or(i64::MAX),
    };
    let lookout = Lookout::new(door.clone());
    let gateways = Gateways::open(&config, Arc::clone(&metrics))?;
    let pictures = Pictures::open(&config.data, &door).map_err(Failure::system)?;

    let (failed, failures) = mpsc::unbounded_channel();
    let (drain, orders) = mpsc::unbounded_channel();
    let plan = cores::Plan {
        config: &config,
        max_sessions: open::max_sessions(&config, limits),
        cpus,
        chat: &chat,
        loaded: &loaded,
        filter: filter.clone().filter(|_| config.filter_talk),
        clock,
        metrics: Arc::clone(&metrics),
        writer: writer.handle(),
        desk,
        lookout: lookout.clone(),
        failed,
    };
    let cores = Cores::start(plan)?;
    drop(loaded);
    let state = HttpState {
        metrics: Arc::clone(&metrics),
        readiness: Arc::clone(&readiness),
    };
    let context = Context::new(Parts {
        config: Arc::clone(&config),
        door,
        metrics,
        gateways,
        chat: Arc::new(Link {
            chat: cores.link(clock),
            lookout,
            filters: config.filter_talk,
        }),
        code_key,
        pseudonym_key,
        pictures,
        operators: Operators {
            key: operator,
            readiness: Arc::clone(&readiness),
            drain,
        },
        filter,
    });
    let http = Http::serve(ports, state, context)?;
    // Whoever has read the ready line may end the server at once.
    let signals = Signals::listen(orders).map_err(Failure::system)?;
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

/// The one line on standard output.
fn say_ready(line: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| Failure::system(format!("standard output: {error}")))
}

/// What ends a server: SIGTERM or SIGINT, from the moment this is made, or an
/// operator's order.
struct Signals {
    runtime: Runtime,
    terminate: Signal,
    interrupt: Signal,
    orders: mpsc::UnboundedReceiver<()>,
}

impl Signals {
    fn listen(orders: mpsc::UnboundedReceiver<()>) -> io::Result<Signals> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let context = runtime.enter();
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        drop(context);
        Ok(Signals {
            runtime,
            terminate,
            interrupt,
            orders,
        })
    }

    /// Until one comes, or a core gives up.
    fn wait(mut self, mut failures: mpsc::UnboundedReceiver<Failure>) -> Result<(), Failure> {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.terminate.recv() => Ok(()),
                _ = self.interrupt.recv() => Ok(()),
                Some(()) = self.orders.recv() => Ok(()),
                failure = failures.recv() => Err(failure.unwrap_or_else(|| Failure::other("every core has ended"))),
            }
        })
    }
}

/// Counts for talk ids, in 2^16ths of a second: what an earlier run gave out
/// lies below, as no core begins more talks than that for long.
const fn first_talk(now: Time) -> u64 {
    const SECOND: u64 = 1_000_000_000;
    let ticks = ((now.0 / SECOND) << 16) | (((now.0 % SECOND) << 16) / SECOND);
    ticks & ((1 << 48) - 1)
}
