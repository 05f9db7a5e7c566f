//! What can be asked of the generator, and what of that makes sense together.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::peer::{Peer, shortest_line};
use super::source::{Listed, listed};
use super::web::data_url;
use crate::config::duration;
use crate::exit::Failure;
use crate::limits::LINE_BYTES;

/// What the simulated users do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Pairs talk: each line that arrives is answered by one.
    Relay,
    /// One line a pair goes to and fro.
    Pingpong,
    /// Join, be matched, end the talk, ask for the next.
    Match,
    /// Join, wait and stay: what a session takes of memory.
    Idle,
    /// Connect, join, vanish.
    Churn,
    /// Over HTTP: get a code, register, upload a picture, look, like.
    Http,
    /// All of it, at a fixed rate.
    Mix,
}

/// Flags of `load`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// What the users do.
    #[arg(value_enum)]
    pub scenario: Scenario,
    /// The server's chat port, HOST:PORT; without it a server is started.
    #[arg(long, value_name = "ADDR")]
    pub chat: Option<String>,
    /// The server's HTTP port, for `http` and `mix`; without it, `mix` with
    /// `--chat` has no HTTP.
    #[arg(long, value_name = "ADDR")]
    pub http: Option<String>,
    /// Where that server's codes come in: its `sms.webhook.url` leads here, its
    /// `sms.webhook.secret` is `load`.
    #[arg(long, value_name = "ADDR", requires = "http")]
    pub hook: Option<SocketAddr>,
    /// The picture that is uploaded; by default a small one.
    #[arg(long, value_name = "FILE", value_parser = data_url)]
    pub picture: Option<Arc<str>>,
    /// What is at the other end.
    #[arg(long, value_enum, default_value = "pairline")]
    pub peer: Peer,
    /// Pairs of users; each has a connection of its own.
    #[arg(long, default_value_t = 50)]
    pub pairs: u32,
    /// Lines in flight a connection, for each to begin with.
    #[arg(long, default_value_t = 1)]
    pub window: u32,
    /// Bytes of a line, without its end.
    #[arg(long, default_value_t = 160)]
    pub size: usize,
    /// How long to measure.
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub duration: Duration,
    /// How long to run before that.
    #[arg(long, default_value = "1s", value_parser = duration)]
    pub warmup: Duration,
    /// Open loop: so many a second over all users, evenly spaced, whatever the
    /// server does. 0: closed loop, each user waits for its turn.
    #[arg(long, default_value_t = 0)]
    pub rate: u64,
    /// Threads in each process.
    #[arg(long, default_value_t = 1)]
    pub threads: u32,
    /// Processes; by default as many as the descriptor limit makes necessary.
    #[arg(long)]
    pub processes: Option<u32>,
    /// Connections a second while connecting; 0: as fast as the server takes
    /// them.
    #[arg(long, default_value_t = 0)]
    pub ramp: u32,
    /// Names the users and decides what is left to chance; by default another
    /// one each time.
    #[arg(long)]
    pub seed: Option<u32>,
    /// Write the result as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the result as a page with curves.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// The server's process, to report its CPU time and memory.
    #[arg(long)]
    pub pid: Option<u32>,
    /// Keep the generator on this processor, further threads on the next ones.
    #[arg(long, value_name = "N")]
    pub core: Option<u16>,
    /// Where each connection comes from, an IP:PORT a line: with a server on
    /// several cores the kernel chooses the core by that.
    #[arg(long, value_name = "FILE", value_parser = listed)]
    pub sources: Option<Listed>,
    /// Beside the users: so many handsets that flood each other and read little
    /// of it.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub slow: u32,
    /// Beside the users: so many handsets that send rubbish.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub rubbish: u32,
    /// Cores of the server that is started.
    #[arg(long, default_value_t = 1, conflicts_with_all = ["chat", "http"])]
    pub server_cores: u16,
    /// Which of the processes this is.
    #[arg(long, hide = true, requires = "processes")]
    pub part: Option<u32>,
    /// Users of HTTP, by scenario and pairs.
    #[arg(skip)]
    pub callers: u32,
}

/// Lines a second in `mix` unless said otherwise.
const MIX_RATE: u64 = 10_000;
/// One thread moves all of them.
const MOST_UNRULY: u32 = 200;
/// A server takes little more connections over HTTP.
const MOST_CALLERS: u32 = 1000;
/// In `mix` there are no more.
const FEW_CALLERS: u32 = 100;

impl Options {
    /// Fills in what was left out and says what does not go together.
    pub(super) fn settle(mut self) -> Result<Options, Failure> {
        let least = shortest_line();
        let wrong = if self.pairs == 0 || self.threads == 0 || self.processes == Some(0) {
            "--pairs, --threads and --processes are at least 1".to_owned()
        } else if self.window == 0 || self.window > 100_000 {
            "--window is 1 to 100000".to_owned()
        } else if self.size < least || self.size > LINE_BYTES {
            format!("--size is {least} to {LINE_BYTES} bytes: ids, stamp and check must fit")
        } else if self.duration.is_zero() {
            "--duration is more than 0".to_owned()
        } else if self.peer != Peer::Pairline && self.chat.is_none() {
            "a foreign --peer is not started for you: say where it is with --chat".to_owned()
        } else if self.peer != Peer::Pairline && !self.scenario.suits_strangers() {
            "a foreign --peer can do relay, pingpong and idle only".to_owned()
        } else if self.slow.max(self.rubbish) > MOST_UNRULY {
            format!("--slow and --rubbish are at most {MOST_UNRULY}")
        } else if let Some(wrong) = self.wrong_about_http() {
            wrong.to_owned()
        } else if self.slow + self.rubbish > 0 && self.peer != Peer::Pairline {
            "--slow and --rubbish speak to no foreign --peer".to_owned()
        } else if self.rate > 0 && matches!(self.scenario, Scenario::Pingpong | Scenario::Idle) {
            "pingpong and idle have no --rate".to_owned()
        } else if self.sources.as_ref().is_some_and(|all| !self.suits(all)) {
            "--sources wants one for each connection, one thread and process, and a scenario \
             in which nobody reconnects"
                .to_owned()
        } else {
            if self.scenario == Scenario::Pingpong {
                self.window = 1;
            }
            if self.scenario == Scenario::Mix && self.rate == 0 {
                self.rate = MIX_RATE;
            }
            if self.sources.is_some() {
                self.processes = Some(1);
            }
            let chance = || fastrand::u32(..);
            self.seed = Some(self.seed.unwrap_or_else(chance));
            return Ok(self);
        };
        Err(Failure::usage(wrong))
    }

    fn wrong_about_http(&self) -> Option<&'static str> {
        let http = self.scenario == Scenario::Http;
        if self.http.is_some() && !http && (self.scenario != Scenario::Mix || self.chat.is_none()) {
            Some("--http goes with http, and with mix and --chat")
        } else if self.http.is_some() && self.hook.is_none() {
            Some("--http wants a --hook where its codes come in")
        } else if http && self.chat.is_some() {
            Some("http wants --http, not --chat")
        } else if http && self.pairs > MOST_CALLERS / 2 {
            Some("http has at most 500 --pairs: a server takes 1024 connections")
        } else if http && self.processes.is_some_and(|processes| processes > 1) {
            Some("the codes for http come to one process")
        } else if http && self.slow + self.rubbish > 0 {
            Some("--slow and --rubbish misbehave on the chat port only")
        } else {
            None
        }
    }

    fn suits(&self, sources: &Listed) -> bool {
        let alone = self.threads == 1 && self.processes.is_none_or(|processes| processes == 1);
        let reconnects = matches!(
            self.scenario,
            Scenario::Churn | Scenario::Mix | Scenario::Http
        );
        alone && !reconnects && sources.len() as u64 >= u64::from(self.pairs) * 2
    }

    /// Before sessions are weighed: some pairs talk for a moment and go, until
    /// the server has touched all buffers that it has whoever is there.
    pub(super) fn warm_up(&self) -> Option<Options> {
        const PAIRS: u32 = 250;
        // No more from each than the default limit lets pass.
        const LINES_A_SECOND: u64 = 2 * PAIRS as u64 * 40;
        (self.scenario == Scenario::Idle).then(|| Options {
            scenario: Scenario::Relay,
            pairs: PAIRS,
            rate: LINES_A_SECOND,
            duration: Duration::from_secs(2),
            warmup: Duration::ZERO,
            threads: 1,
            ramp: 0,
            seed: self.seed.map(|seed| !seed),
            sources: None,
            ..self.clone()
        })
    }

    /// Users of the chat.
    pub(super) fn chatters(&self) -> u32 {
        match self.scenario {
            Scenario::Http => 0,
            _ => self.pairs * 2,
        }
    }

    /// How many users of HTTP there are to be. The codes come to one process,
    /// so that several have none.
    pub(super) fn wanted_callers(&self, processes: u32) -> u32 {
        let reachable = self.chat.is_none() || self.http.is_some();
        match self.scenario {
            Scenario::Http => self.pairs * 2,
            Scenario::Mix if reachable && processes == 1 => self.pairs.min(FEW_CALLERS),
            _ => 0,
        }
    }

    /// Where the server is, if it was given.
    pub(super) fn target(&self) -> Result<Option<Target>, Failure> {
        let chat = self.chat.as_deref().map(look_up).transpose()?;
        let http = self.http.as_deref().map(look_up).transpose()?;
        Ok(match (chat.or(http), http.or(chat)) {
            (Some(chat), Some(http)) => Some(Target { chat, http }),
            _ => None,
        })
    }

    /// Whether messages are sent when they are due, not when there is room.
    pub(super) fn is_open_loop(&self) -> bool {
        self.rate > 0
    }

    /// The flags that make another process do its part of the same.
    pub(super) fn for_part(&self, part: u32, processes: u32, target: Target) -> Vec<String> {
        let flags = [
            ("chat", target.chat.to_string()),
            ("peer", name(self.peer)),
            ("pairs", self.pairs.to_string()),
            ("window", self.window.to_string()),
            ("size", self.size.to_string()),
            ("duration", format!("{}ms", self.duration.as_millis())),
            ("warmup", format!("{}ms", self.warmup.as_millis())),
            ("rate", self.rate.to_string()),
            ("threads", self.threads.to_string()),
            ("processes", processes.to_string()),
            ("ramp", self.ramp.to_string()),
            ("seed", self.seed.unwrap_or_default().to_string()),
            ("part", part.to_string()),
        ];
        let mut all = vec!["load".to_owned(), name(self.scenario)];
        for (flag, value) in flags {
            all.push(format!("--{flag}"));
            all.push(value);
        }
        if let Some(core) = self.core {
            let here = u32::from(core) + part * self.threads;
            all.extend(["--core".to_owned(), here.to_string()]);
        }
        all
    }
}

impl Scenario {
    /// Whether it needs no join, match or end.
    fn suits_strangers(self) -> bool {
        matches!(self, Scenario::Relay | Scenario::Pingpong | Scenario::Idle)
    }

    /// Whether users stay with the partner that they got at first.
    pub(super) fn keeps_pairs(self) -> bool {
        self.suits_strangers()
    }
}

/// The server's ports; one that was not given is not used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) chat: SocketAddr,
    pub(super) http: SocketAddr,
}

fn look_up(name: &str) -> Result<SocketAddr, Failure> {
    let unknown = |why: &str| Failure::system(format!("cannot find {name}: {why}"));
    let mut found = name
        .to_socket_addrs()
        .map_err(|error| unknown(&error.to_string()))?;
    found.next().ok_or_else(|| unknown("it has no address"))
}

/// As it stands on the command line.
pub(super) fn name(value: impl ValueEnum) -> String {
    let value = value.to_possible_value().expect("no value is skipped");
    value.get_name().to_owned()
}
