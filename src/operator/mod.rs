//! `pairline admin`: what an operator can do over HTTP, from a terminal.
//!
//! Each order is one request, and its answer is shown for people, or as it came
//! with `--json`. What users wrote is shown so that it cannot move the cursor.

mod answer;
mod options;
mod order;
mod show;
mod stats;
mod table;

pub use options::Options;

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Builder;

use crate::exit::Failure;
use answer::Server;
use options::Order;

/// Between two looks at a server that is watched.
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// Carries the order out and shows what came of it.
///
/// # Errors
///
/// The server cannot be reached or refuses, or there is no token.
pub fn run(options: &Options) -> Result<(), Failure> {
    let server = Server::open(options)?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::system)?;
    runtime.block_on(async {
        if let Order::Stats { watch: true } = options.order {
            return watch(&server, options).await;
        }
        let answer = server.ask(options.order.request()).await?;
        say(&shown(options, &answer)).map(drop)
    })
}

/// Until the server goes, or whoever reads.
async fn watch(server: &Server, options: &Options) -> Result<(), Failure> {
    let clear = io::stdout().is_terminal() && !options.json;
    let mut ticks = tokio::time::interval(WATCH_EVERY);
    loop {
        ticks.tick().await;
        let answer = server.ask(options.order.request()).await?;
        let text = shown(options, &answer);
        let text = match clear {
            // Home, and away with what was there.
            true => format!("\x1b[H\x1b[2J{text}"),
            false => text,
        };
        if !say(&text)? {
            return Ok(());
        }
    }
}

fn shown(options: &Options, answer: &Value) -> String {
    match options.json {
        true => format!("{answer}\n"),
        false => show::show(&options.order, answer),
    }
}

/// Does anybody still read? One who has seen enough (`| head`) is no failure.
fn say(text: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::system(format!(
            "standard output cannot be written: {error}"
        ))),
    }
}
