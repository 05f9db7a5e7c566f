//! The chat cores: a pinned thread each, started together.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Barrier, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::first_talk;
use super::lookout::Lookout;
use super::questions::Desk;
use crate::config::Config;
use crate::engine::durable::Loaded;
use crate::engine::ids::CoreId;
use crate::engine::profile::Keyring;
use crate::engine::rules::Rules;
use crate::engine::shard::{self, Shard};
use crate::exit::Failure;
use crate::filter::Filter;
use crate::limits::PROXY_HEADER_FOR;
use crate::mesh::{self, Inbox, Wake};
use crate::metrics::Metrics;
use crate::net::chat_link::ChatLink;
use crate::net::{Clock, Core, Message, Parts, Settings, Shared};
use crate::ring::socket::{self, BACKLOG, Claim};
use crate::ring::{Blank, Cpu, Faults, Rates, Ring, Setup, Waker, pin};
use crate::store::writer::WriteHandle;

/// What the cores are started from.
pub(super) struct Plan<'a> {
    pub(super) config: &'a Config,
    pub(super) max_sessions: usize,
    pub(super) cpus: Vec<Cpu>,
    pub(super) chat: &'a Claim,
    pub(super) loaded: &'a Loaded,
    /// What talks are looked through for.
    pub(super) filter: Option<Filter>,
    pub(super) clock: Clock,
    pub(super) metrics: Arc<Metrics>,
    pub(super) writer: WriteHandle,
    pub(super) desk: Desk,
    pub(super) lookout: Lookout,
    /// Where a core says that it cannot go on.
    pub(super) failed: UnboundedSender<Failure>,
}

/// The running cores.
pub(super) struct Cores {
    threads: Vec<JoinHandle<Result<(), Failure>>>,
    inboxes: Vec<Inbox<Message>>,
    keyring: Keyring,
}

/// What one core's thread is given, but for its ring.
type Rest = Box<dyn FnOnce(Ring) -> Core + Send>;

impl Cores {
    /// Starts them; they accept connections when this returns.
    pub(super) fn start(plan: Plan<'_>) -> Result<Cores, Failure> {
        let count = plan.cpus.len();
        let blanks = setup(plan.config).make(count).map_err(Failure::system)?;
        tracing::info!(cores = count, cq_entries = blanks[0].cq_entries(), "rings");
        let bells: Vec<_> = blanks.iter().map(Blank::bell).collect();
        let wakers = (0..count)
            .map(|_| Waker::new())
            .collect::<Result<Vec<_>, _>>()
            .map_err(Failure::system)?;
        let wakes = wakers.iter().map(|waker| {
            let waker = waker.clone();
            Box::new(move || waker.wake()) as Wake
        });
        let ends = mesh::connect(wakes.collect(), plan.config.test.lane_entries as usize);
        let shared = Shared::new(plan.max_sessions, plan.config.max_per_address);
        let settings = Settings {
            drain_timeout: plan.config.drain_timeout,
            proxy_header: proxy_header(plan.config),
        };
        let hash_seed = (seed()?, seed()?);
        // Every ring is open before any core can ring another's doorbell.
        let barrier = Arc::new(Barrier::new(count + 1));
        let (opened, openings) = mpsc::channel();

        let mut cores = Cores {
            threads: Vec::new(),
            inboxes: Vec::new(),
            keyring: Keyring::new(hash_seed),
        };
        let each = plan
            .cpus
            .iter()
            .zip(blanks)
            .zip(ends.into_iter().zip(wakers));
        for (id, ((&cpu, blank), (end, waker))) in (0_u16..).zip(each) {
            let mut shard = Shard::new(shard::Setup {
                core: CoreId(id),
                cores: u16::try_from(count).expect("cores are counted in 16 bits"),
                rules: rules(plan.config),
                hash_seed,
                draw_seed: seed()?,
                first_talk: first_talk(plan.clock.now()),
                first_word: plan
                    .loaded
                    .words
                    .iter()
                    .map(|word| word.id)
                    .max()
                    .unwrap_or(0)
                    + 1,
            });
            shard.load(plan.loaded);
            shard.set_filter(plan.filter.clone());
            let (writer, bells, listener) = (plan.writer.clone(), bells.clone(), listen(&plan)?);
            let (metrics, shared, settings, clock) = (
                Arc::clone(&plan.metrics),
                Arc::clone(&shared),
                settings.clone(),
                plan.clock,
            );
            let (port, inbox, desk) = (end.port, end.inbox.clone(), plan.desk.clone());
            let lookout = plan.lookout.clone();
            let rest: Rest = Box::new(move |ring| {
                let store = Box::new(move |write| writer.push(write));
                let ask = Box::new(move |question| desk.ask(question, &inbox));
                let tell = Box::new(move |tidings| lookout.hear(tidings));
                Core::new(Parts {
                    ring,
                    listener,
                    shard,
                    port,
                    bells,
                    waker,
                    store,
                    ask,
                    tell,
                    metrics,
                    shared,
                    clock,
                    settings,
                })
            });
            cores.inboxes.push(end.inbox);
            let (opened, barrier) = (opened.clone(), Arc::clone(&barrier));
            let failed = plan.failed.clone();
            let faults = faults(plan.config, id)?;
            let thread = thread::Builder::new().name(format!("pairline-{id}"));
            let run = move || {
                let mut ring = open_ring(id, cpu, blank, &opened)?;
                if let Some(faults) = faults {
                    ring.inject(faults);
                }
                barrier.wait();
                run_core(id, rest(ring), &failed)
            };
            cores
                .threads
                .push(thread.spawn(run).map_err(Failure::system)?);
        }
        for _ in 0..count {
            openings.recv().expect("each core says how it went")?;
        }
        barrier.wait();
        Ok(cores)
    }

    pub(super) fn count(&self) -> usize {
        self.threads.len()
    }

    /// The way in for what happens beside the chat. The clock is theirs.
    pub(super) fn link(&self, clock: Clock) -> ChatLink {
        ChatLink::new(self.inboxes.clone(), self.keyring, clock)
    }

    /// Has them tell everybody, flush and end.
    pub(super) fn drain(&self) {
        for inbox in &self.inboxes {
            inbox.send(Message::Drain);
        }
    }

    /// Waits for all of them.
    pub(super) fn join(self) -> Result<(), Failure> {
        let ended = self.threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(Failure::other("a core panicked")))
        });
        ended.fold(Ok(()), Result::and)
    }
}

/// Says how it went as well; without a ring the server does not start, and
/// this thread goes with the process.
fn open_ring(
    id: u16,
    cpu: Cpu,
    blank: Blank,
    opened: &mpsc::Sender<Result<(), Failure>>,
) -> Result<Ring, Failure> {
    if let Err(error) = pin(cpu) {
        tracing::warn!(core = id, %error, "could not be pinned to its processor");
    }
    let ring = blank.open().map_err(Failure::system);
    // Nobody listens any more when another core has failed.
    let _ = opened.send(ring.as_ref().map(drop).map_err(Clone::clone));
    ring
}

fn run_core(id: u16, core: Core, failed: &UnboundedSender<Failure>) -> Result<(), Failure> {
    let run = core.run();
    let ended =
        run.map_err(|error| Failure::system(format!("core {id}: the ring failed: {error}")));
    if let Err(failure) = &ended {
        // Nobody listens any more when the server is on its way out.
        let _ = failed.send(failure.clone());
    }
    ended
}

/// A core's own listener; what is set on it goes for its connections.
fn listen(plan: &Plan<'_>) -> Result<OwnedFd, Failure> {
    let config = plan.config;
    let listener = plan
        .chat
        .listen(BACKLOG)
        .map_err(|error| Failure::system(format!("chat: {error}")))?;
    if let Some(name) = &config.congestion {
        socket::set_congestion(listener.as_fd(), name)
            .map_err(|error| Failure::config(format!("congestion: {name} cannot be set: {error}; see /proc/sys/net/ipv4/tcp_available_congestion_control")))?;
    }
    let buffers = [
        (
            config.test.send_buffer,
            socket::set_send_buffer as fn(_, _) -> _,
        ),
        (config.test.receive_buffer, socket::set_receive_buffer),
    ];
    for (bytes, set) in buffers {
        if let Some(bytes) = bytes {
            set(listener.as_fd(), u32::try_from(bytes).unwrap_or(u32::MAX))
                .map_err(Failure::system)?;
        }
    }
    Ok(listener)
}

/// One that nobody outside can guess or work out from another.
fn seed() -> Result<u64, Failure> {
    getrandom::u64().map_err(|error| Failure::system(format!("random numbers: {error}")))
}

/// How long a proxy's header may take, where one is wanted: no longer than a
/// join.
fn proxy_header(config: &Config) -> Option<Duration> {
    let join = config.join_timeout.unwrap_or(Duration::MAX);
    config.proxy_protocol.then(|| join.min(PROXY_HEADER_FOR))
}

fn setup(config: &Config) -> Setup {
    let default = Setup::default();
    let entries = config.test.cq_entries;
    Setup {
        sq_entries: entries.map_or(default.sq_entries, |entries| {
            entries.min(default.sq_entries)
        }),
        cq_entries_max: entries.unwrap_or(default.cq_entries_max),
        cq_entries_min: entries.unwrap_or(default.cq_entries_min),
        buffers: u16::try_from(config.test.ring_buffers).expect("the configuration bounds it"),
        buffer_bytes: u32::try_from(config.test.ring_buffer_size)
            .expect("the configuration bounds it"),
    }
}

/// What is to go wrong on a core; on each something else.
fn faults(config: &Config, core: u16) -> Result<Option<Faults>, Failure> {
    let test = &config.test;
    let rates = Rates {
        accepts: test.fail_accepts,
        receives: test.fail_receives,
        receive_ends: test.end_receives,
        sends: test.fail_sends,
        closes: test.fail_closes,
        wakes: test.fail_wakes,
        doorbells: test.fail_doorbells,
    };
    let seed = u64::from(test.fault_seed) << 16 | u64::from(core);
    let faults = rates.any().then(|| Faults::new(seed, &rates));
    faults.transpose().map_err(Failure::system)
}

fn rules(config: &Config) -> Rules {
    Rules {
        max_line: config.max_line,
        max_guys: config.max_guys,
        pass_cooldown: config.pass_cooldown,
        pass_floor: config.pass_floor.into(),
        rematch_pause: config.rematch_pause,
        idle_timeout: config.idle_timeout,
        join_timeout: config.join_timeout,
        max_outbox: config.max_outbox,
        outbox_timeout: config.outbox_timeout,
        max_rate: config.max_rate,
        max_remembered: config
            .max_remembered
            .map_or(usize::MAX, |users| users as usize),
        require_token: config.require_token,
        keep_evidence: config.keep_evidence,
        ..Rules::default()
    }
}
