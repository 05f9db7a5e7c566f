//! One run from its options to its report.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::course::{Course, Outcome};
use super::crew::{Crew, run_part};
use super::options::{Options, Target};
use super::progress::Progress;
use super::report::{Report, html, table};
use super::server::{self, Server};
use super::unruly::Unruly;
use super::web::hook::{self, Codes};
use crate::exit::Failure;
use crate::ring::Limits;

/// Descriptors of a process that are no connections.
const OTHER_DESCRIPTORS: u64 = 200;

/// Runs the generator.
///
/// # Errors
///
/// What kept it from running, or the checks that failed.
pub fn run(options: Options) -> Result<(), Failure> {
    let mut options = options.settle()?;
    let limits = Limits::raise().map_err(Failure::system)?;
    let given = options.target()?;
    if let (Some(part), Some(target)) = (options.part, given) {
        return run_part(&options, target, part);
    }
    let progress = Progress::new();
    let processes = processes(&options, limits)?;
    options.callers = options.wanted_callers(processes);
    let (hook, codes) = listen(&options)?.unzip();
    let own = match given {
        Some(_) => None,
        None => Some(start_server(&options, hook, &progress)?),
    };
    let target = given.or(own.as_ref().map(|server| server.target));
    let target = target.expect("one of both is there");
    let pid = options.pid.or(own.as_ref().map(Server::pid));
    if let Some(before) = options.warm_up() {
        warm_up(&before, target, pid)?;
    }
    let unruly = Unruly::start(&options, target.chat)?;
    let codes = codes.unwrap_or_default();
    let crew = Crew::start(&options, target, processes, codes)?;
    let mut outcome = Course::new(&options, crew, progress, pid).follow()?;
    outcome.unruly = unruly.map(Unruly::end);
    let failures = outcome.failures(&options, own.is_some());
    let report = Report::new(&options, processes, own.is_some(), &outcome, &failures);
    tell(&options, &report, &outcome)?;
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::other(failures.join("\n")))
}

/// Where codes come in, if there is anybody to hand them in.
fn listen(options: &Options) -> Result<Option<(SocketAddr, Codes)>, Failure> {
    if options.callers == 0 {
        return Ok(None);
    }
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let address = options.hook.unwrap_or(anywhere);
    let listening = hook::listen(address)
        .map_err(|error| Failure::system(format!("listening on {address} for codes: {error}")))?;
    Ok(Some(listening))
}

fn start_server(
    options: &Options,
    hook: Option<SocketAddr>,
    progress: &Progress,
) -> Result<Server, Failure> {
    let set = server::set(hook);
    let server = Server::start(options.server_cores, &set)?;
    let (chat, cores) = (server.target.chat, options.server_cores);
    progress.say(&format!(
        "started a server on {chat} with {cores} cores and {}",
        set.join(", ")
    ));
    Ok(server)
}

/// Its lines are checked as all are, but nothing of it is told.
fn warm_up(options: &Options, target: Target, pid: Option<u32>) -> Result<(), Failure> {
    /// For the server to see that everybody has gone.
    const GONE_BY: Duration = Duration::from_millis(300);
    let crew = Crew::start(options, target, 1, Codes::default())?;
    let outcome = Course::new(options, crew, Progress::silent(), pid).follow()?;
    let failures = outcome.failures(options, false);
    if !failures.is_empty() {
        return Err(Failure::other(failures.join("\n")));
    }
    thread::sleep(GONE_BY);
    Ok(())
}

/// As many as asked for, or as the descriptors make necessary.
fn processes(options: &Options, limits: Limits) -> Result<u32, Failure> {
    let room = limits.descriptors.saturating_sub(OTHER_DESCRIPTORS).max(2);
    let needed = (u64::from(options.pairs) * 2).div_ceil(room);
    let needed = u32::try_from(needed).map_err(Failure::usage)?;
    Ok(options.processes.unwrap_or(needed))
}

fn tell(options: &Options, report: &Report, outcome: &Outcome) -> Result<(), Failure> {
    let text = table::of(report, outcome);
    // A reader that has seen enough is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if let Some(file) = &options.json {
        let text = serde_json::to_string_pretty(report).map_err(Failure::other)?;
        write(file, &format!("{text}\n"))?;
    }
    if let Some(file) = &options.html {
        let page = html::page(report).map_err(Failure::other)?;
        write(file, &page)?;
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|error| Failure::system(format!("{}: {error}", file.display())))
}
