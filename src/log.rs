//! The log: to standard error, for people on a terminal and as JSON lines
//! elsewhere.
//!
//! Peers' texts end up in it. JSON escapes control characters by itself; the
//! format for people is given a field writer that does, since the library's own
//! lets line ends through, and with them forged lines. Deliberately absent: log
//! files and their rotation, which are the work of whoever started us.

use std::any::Any;
use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write as _};

use tracing::Subscriber;
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::util::SubscriberInitExt;

use crate::exit::Failure;

/// Starts the log with the filter of the key `log`.
pub fn start(filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::builder()
        .parse(filter)
        .map_err(|error| Failure::config(format!("log: {error}")))?;
    let started = if io::stderr().is_terminal() {
        for_people(filter, io::stderr).try_init()
    } else {
        for_machines(filter, io::stderr).try_init()
    };
    started.map_err(Failure::other)
}

/// Says why the process cannot go on: in the log where machines read it, else
/// plainly. Said in any case, whatever the log lets through.
pub fn say_failure(failure: &Failure) {
    let machines = tracing::dispatcher::has_been_set() && !io::stderr().is_terminal();
    for line in failure.message.lines() {
        if machines && tracing::enabled!(tracing::Level::ERROR) {
            tracing::error!("{line}");
        } else {
            // With standard error gone, the exit code is all that is left to say.
            let _ = writeln!(io::stderr(), "pairline: {line}");
        }
    }
}

/// Shows the operator's token, beside the log and whatever that lets through.
/// It is shown once and kept nowhere.
pub fn say_token(token: &str) {
    const WHAT: &str = "the operator's token, which is shown this once and kept nowhere";
    let said = if io::stderr().is_terminal() {
        writeln!(io::stderr(), "\n{WHAT}:\n\n    {token}\n")
    } else {
        let timestamp = jiff::Timestamp::now();
        let line = serde_json::json!({
            "timestamp": timestamp.to_string(), "message": WHAT, "operator_token": token,
        });
        writeln!(io::stderr(), "{line}")
    };
    // With standard error gone, nobody can be told; PAIRLINE_ADMIN_TOKEN helps.
    drop(said);
}

/// From now on a panic, in whatever thread, is logged and ends the process:
/// a half-dead server would keep its sockets and serve nobody.
pub fn abort_on_panic() {
    std::panic::set_hook(Box::new(|info| {
        let message = message(info.payload());
        let place = info.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("unnamed");
        if tracing::dispatcher::has_been_set() {
            tracing::error!(thread, place, "panic: {message}");
        } else {
            let _ = writeln!(io::stderr(), "panic in {thread} at {place}: {message}");
        }
        std::process::abort();
    }));
}

/// What `panic!` was given: a literal or a text made on the spot.
fn message(payload: &dyn Any) -> &str {
    let literal = payload.downcast_ref::<&str>().copied();
    let text = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message")
}

fn for_people<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        // It would complain on standard error, and panic when that is closed.
        .log_internal_errors(false)
        .fmt_fields(debug_fn(write_field).delimited(" "))
        .finish()
}

fn for_machines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .log_internal_errors(false)
        .json()
        .flatten_event(true)
        .finish()
}

fn write_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    match field.name() {
        "message" => write!(Escaping(writer), "{value:?}"),
        name => {
            write!(writer, "{name}=")?;
            write!(Escaping(writer), "{value:?}")
        }
    }
}

/// Writes on, but for what could move the cursor, end the line or turn the
/// direction of what follows.
struct Escaping<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for letter in text.chars() {
            if harmless(letter) {
                self.0.write_char(letter)?;
            } else {
                write!(self.0, "{}", letter.escape_default())?;
            }
        }
        Ok(())
    }
}

fn harmless(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
