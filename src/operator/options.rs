//! The flags, and the orders.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use hyper::Uri;

use crate::config::duration;

/// Flags of `admin`.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The server's HTTP port, or what `admin_listen` says.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        default_value = "http://127.0.0.1:9480",
        value_parser = server
    )]
    pub(super) server: Uri,
    /// Read the operator's token from this file, not from
    /// PAIRLINE_ADMIN_TOKEN.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// Print answers as they come.
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) order: Order,
}

/// What an operator can order.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Order {
    /// Find users by how their id, number or nickname begins.
    Users {
        /// Without it, the newest.
        q: Option<String>,
    },
    /// Show all about a user: bans, reports, and what it does now.
    User {
        /// The id.
        id: String,
    },
    /// End a user's chat session.
    Kick {
        /// The id.
        id: String,
    },
    /// Ban an id or a number.
    Ban {
        /// The id, registered or not.
        #[arg(required_unless_present = "tel")]
        id: Option<String>,
        /// A number, and whoever has it.
        #[arg(long, value_name = "NUMBER", conflicts_with = "id")]
        tel: Option<String>,
        /// For so long (10m, 24h, 30d); for good without it.
        #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
        span: Option<Duration>,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Lift a ban.
    Unban {
        /// The ban's number, as `bans` shows it.
        ban: u64,
    },
    /// List bans.
    Bans {
        /// Also those that do not stand any more.
        #[arg(long)]
        all: bool,
    },
    /// List what was reported.
    Reports {
        /// Which.
        #[arg(long, value_enum, default_value_t = State::Open)]
        state: State,
    },
    /// Say that a report has been dealt with.
    Resolve {
        /// The report's number, as `reports` shows it.
        report: u64,
        /// What came of it.
        #[arg(default_value = "")]
        outcome: String,
    },
    /// Draw a lucky draw that is closed.
    Draw {
        /// The draw's id.
        id: String,
        /// The five numbers of the lottery.
        #[arg(num_args = 5, required = true)]
        numbers: Vec<u8>,
    },
    /// Have the server tell everybody, flush and end.
    Drain,
    /// Show what goes on.
    Stats {
        /// Again every second, until interrupted.
        #[arg(long)]
        watch: bool,
    },
    /// List what operators did.
    Audit,
}

/// Which reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum State {
    /// Not dealt with yet.
    Open,
    /// Dealt with.
    Resolved,
    /// Both.
    All,
}

fn server(text: &str) -> Result<Uri, String> {
    let may_be = "it may be an http:// or https:// address";
    let url: Uri = text.parse().map_err(|_| may_be)?;
    let scheme = url.scheme_str();
    match url.host() {
        Some(_) if matches!(scheme, Some("http" | "https")) => Ok(url),
        _ => Err(may_be.into()),
    }
}
