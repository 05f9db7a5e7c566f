//! The workers, be they threads of this process or of others: what they are
//! told and what they tell.
//!
//! Another process is this program again with `--part`; it is told by words on
//! its standard input and tells by lines of JSON on its standard output.

use std::io::{BufRead, BufReader, Write};
use std::ops::Range;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::clock::{Clock, nanos};
use super::options::{Options, Target};
use super::tally::Message;
use super::web::{self, hook::Codes};
use super::worker::{self, Control, Plan};
use crate::exit::Failure;
use crate::ring::Cpu;

/// All workers of a run.
pub(super) struct Crew {
    control: Arc<Control>,
    children: Vec<Child>,
    pub(super) messages: Receiver<Message>,
    /// How many users each worker has.
    pub(super) users: Vec<u32>,
}

/// What they can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The worker with this number may let its users join.
    Turn(u32),
    Go,
    Stop,
}

impl Word {
    fn text(self) -> String {
        match self {
            Word::Turn(worker) => format!("turn {worker}\n"),
            Word::Go => "go\n".into(),
            Word::Stop => "stop\n".into(),
        }
    }

    fn read(line: &str) -> Option<Word> {
        match line.trim_end() {
            "go" => Some(Word::Go),
            "stop" => Some(Word::Stop),
            line => Some(Word::Turn(line.strip_prefix("turn ")?.parse().ok()?)),
        }
    }

    fn tell(self, control: &Control) {
        match self {
            Word::Turn(worker) => control.turn.store(worker, Ordering::Release),
            Word::Go => control.go.store(true, Ordering::Release),
            Word::Stop => control.stop.store(true, Ordering::Release),
        }
    }
}

impl Crew {
    /// Starts all workers; nothing is measured before [`Word::Go`].
    pub(super) fn start(
        options: &Options,
        target: Target,
        processes: u32,
        codes: Codes,
    ) -> Result<Crew, Failure> {
        let (to, messages) = mpsc::channel();
        let control = Arc::new(Control {
            codes,
            ..Control::default()
        });
        let workers = processes * options.threads;
        let users = |worker| {
            let plan = plan(options, target, worker, workers);
            plan.users + plan.callers
        };
        let mut crew = Crew {
            control: Arc::clone(&control),
            children: Vec::new(),
            messages,
            users: (0..workers).map(users).collect(),
        };
        if processes == 1 {
            start_threads(options, target, 0, 1, &control, &to)?;
            return Ok(crew);
        }
        for part in 0..processes {
            let flags = options.for_part(part, processes, target);
            crew.children.push(start_process(&flags, to.clone())?);
        }
        Ok(crew)
    }

    pub(super) fn tell(&mut self, word: Word) {
        word.tell(&self.control);
        for child in &mut self.children {
            if let Some(input) = &mut child.stdin {
                // One that has ended has said why.
                let _ = input.write_all(word.text().as_bytes());
            }
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.tell(Word::Stop);
        for child in &mut self.children {
            // The end of its input ends it, whatever it does.
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// One of the other processes: does its part and reports on standard output.
pub(super) fn run_part(options: &Options, target: Target, part: u32) -> Result<(), Failure> {
    let (to, messages) = mpsc::channel();
    let control = Arc::new(Control::default());
    let processes = options.processes.unwrap_or(1);
    let hearing = Arc::clone(&control);
    thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if let Some(word) = Word::read(&line) {
                word.tell(&hearing);
            }
        }
        Word::Stop.tell(&hearing);
    });
    start_threads(options, target, part, processes, &control, &to)?;
    drop(to);
    let mut out = std::io::stdout().lock();
    for message in messages {
        let line = serde_json::to_string(&message).map_err(Failure::other)?;
        writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(|error| Failure::system(format!("standard output: {error}")))?;
    }
    Ok(())
}

fn start_threads(
    options: &Options,
    target: Target,
    part: u32,
    processes: u32,
    control: &Arc<Control>,
    to: &Sender<Message>,
) -> Result<(), Failure> {
    let clock = Clock::start();
    let workers = processes * options.threads;
    for thread in 0..options.threads {
        let mut plan = plan(options, target, part * options.threads + thread, workers);
        plan.cpu = match options.core {
            Some(core) => {
                let cpu = u32::from(core) + thread;
                Some(Cpu(u16::try_from(cpu).map_err(Failure::usage)?))
            }
            None => None,
        };
        let (control, to) = (Arc::clone(control), to.clone());
        thread::Builder::new()
            .name(format!("load-{}", plan.worker))
            .spawn(move || worker::run(plan, control, clock, to))
            .map_err(|error| Failure::system(format!("starting a thread: {error}")))?;
    }
    Ok(())
}

/// Which of so many are one worker's.
fn share(all: u32, worker: u32, workers: u32) -> Range<u32> {
    let until = |worker: u32| {
        let part = u64::from(all) * u64::from(worker) / u64::from(workers);
        u32::try_from(part).expect("it is at most all")
    };
    until(worker)..until(worker + 1)
}

fn plan(options: &Options, target: Target, worker: u32, workers: u32) -> Plan {
    let pairs = share(options.chatters() / 2, worker, workers);
    let callers = share(options.callers, worker, workers);
    Plan {
        scenario: options.scenario,
        peer: options.peer,
        target,
        seed: options.seed.unwrap_or_default(),
        window: options.window,
        size: options.size,
        rate: options.rate,
        warmup: nanos(options.warmup),
        duration: nanos(options.duration),
        ramp: options.ramp,
        worker,
        workers,
        first: pairs.start * 2,
        users: (pairs.end - pairs.start) * 2,
        total: options.chatters(),
        first_caller: callers.start,
        callers: callers.end - callers.start,
        all_callers: options.callers,
        picture: options.picture.clone().unwrap_or_else(web::small),
        cpu: None,
        sources: options.sources.clone(),
    }
}

fn start_process(flags: &[String], to: Sender<Message>) -> Result<Child, Failure> {
    let broken = |error| Failure::system(format!("starting another process: {error}"));
    let program = std::env::current_exe().map_err(broken)?;
    let mut child = Command::new(program)
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    let output = child.stdout.take().expect("it was piped");
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let message = serde_json::from_str(&line).unwrap_or_else(|error| {
                Message::Broken(format!("a process of the generator said {line:?}: {error}"))
            });
            // Nobody listens any more: the run is over.
            let _ = to.send(message);
        }
    });
    Ok(child)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_understood() {
        for word in [Word::Turn(12), Word::Go, Word::Stop] {
            assert_eq!(Word::read(&word.text()), Some(word));
        }
        assert_eq!(Word::read("turn\n"), None);
    }
}
