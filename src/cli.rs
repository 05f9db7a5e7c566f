//! The command line: what can be asked for and with which flags. What is done
//! about it stands in `main`, but for the two commands that only look at the
//! configuration.

use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::config::{self, Config, Sources};
use crate::exit::Failure;
use crate::load::Options as LoadOptions;
use crate::log;
use crate::lucky;
use crate::operator::Options as OperatorOptions;

/// Pairs strangers on their handsets and carries what they say.
#[derive(Debug, Parser)]
#[command(name = "pairline", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve handsets until SIGTERM or SIGINT.
    Serve(ServeArgs),
    /// Talk to a server as one or more handsets.
    Chat(ChatArgs),
    /// Put a server under load and check all that it says.
    Load(Box<LoadOptions>),
    /// Do what an operator does, over HTTP.
    Admin(Box<OperatorOptions>),
    /// List every key of the configuration.
    Config(ConfigArgs),
    /// Check a configuration file without starting.
    CheckConfig(CheckArgs),
    /// Copy all that a server keeps, while it runs or not, into one file.
    Backup(BackupArgs),
    /// Put what a backup holds into a data directory.
    Restore(RestoreArgs),
    /// Check a lucky draw from its published list of tickets.
    VerifyDraw(VerifyDrawArgs),
}

/// Flags of `serve`, and of whatever reads the same configuration.
#[derive(Args, Clone, Debug, Default)]
pub struct ServeArgs {
    /// Read settings from this TOML file.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where handsets connect.
    #[arg(long, value_name = "ADDR", value_parser = |text: &str| checked("chat", text))]
    pub chat: Option<String>,
    /// Where HTTP is served.
    #[arg(long, value_name = "ADDR", value_parser = |text: &str| checked("http", text))]
    pub http: Option<String>,
    /// Where everything that is kept is kept.
    #[arg(long, value_name = "DIR", value_parser = |text: &str| checked("data", text))]
    pub data: Option<String>,
    /// Chat cores; 0 for every core.
    #[arg(long, value_name = "N", value_parser = |text: &str| checked("cores", text))]
    pub cores: Option<String>,
    /// Set any key of the configuration; may be given more than once.
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
}

/// Flags of `chat`, the console handset.
#[derive(Args, Clone, Debug)]
pub struct ChatArgs {
    /// The server's chat port, HOST:PORT.
    #[arg(value_name = "ADDR", default_value = "127.0.0.1:9400", value_parser = host_and_port)]
    addr: String,
    /// With piped input: end when nothing has arrived for so long.
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = config::duration)]
    pub linger: Duration,
}

/// Flags of `config`.
#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// As a Markdown table.
    #[arg(long, conflicts_with_all = ["effective", "config", "chat", "http", "data", "cores", "set"])]
    markdown: bool,
    /// Show the values in force and their sources instead; any other flag
    /// implies it.
    #[arg(long)]
    effective: bool,
    #[command(flatten)]
    sources: ServeArgs,
}

/// Flags of `check-config`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The TOML file.
    file: PathBuf,
}

/// Flags of `backup`.
#[derive(Args, Debug)]
pub struct BackupArgs {
    /// Where the backup is written.
    pub file: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Flags of `restore`.
#[derive(Args, Debug)]
pub struct RestoreArgs {
    /// The backup.
    pub file: PathBuf,
    /// Move data that is there already aside.
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Flags of `verify-draw`.
#[derive(Args, Clone, Debug)]
pub struct VerifyDrawArgs {
    /// The list, as `/lucky/<id>/tickets` gives it; `-` for standard input.
    pub file: PathBuf,
    /// How the winner is chosen: concat or sha256.
    #[arg(long)]
    rule: lucky::Rule,
    /// What the lottery drew, such as 3,9,17,24,38.
    #[arg(long)]
    numbers: lucky::Numbers,
    /// The hash of the list that was published when the draw was closed.
    #[arg(long, value_name = "HEX")]
    sha256: Option<lucky::TicketsHash>,
    /// Who is said to have won: the ticket's number or its user's id.
    #[arg(long)]
    winner: Option<String>,
}

impl VerifyDrawArgs {
    /// What is to be checked.
    #[must_use]
    pub fn claim(&self) -> lucky::Claim {
        lucky::Claim {
            rule: self.rule,
            numbers: self.numbers,
            sha256: self.sha256,
            winner: self.winner.clone(),
        }
    }
}

/// Which data directory is meant, as for `serve`.
#[derive(Args, Debug)]
struct DataArgs {
    /// Read settings from this TOML file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where everything that is kept is kept.
    #[arg(long, value_name = "DIR", value_parser = |text: &str| checked("data", text))]
    data: Option<String>,
}

impl BackupArgs {
    /// As [`ServeArgs::begin`].
    pub fn begin(&self) -> Result<Config, Failure> {
        self.data.begin()
    }
}

impl RestoreArgs {
    /// As [`ServeArgs::begin`].
    pub fn begin(&self) -> Result<Config, Failure> {
        self.data.begin()
    }
}

impl DataArgs {
    fn begin(&self) -> Result<Config, Failure> {
        let same = ServeArgs {
            config: self.config.clone(),
            data: self.data.clone(),
            ..ServeArgs::default()
        };
        same.begin()
    }
}

impl ServeArgs {
    /// The checked configuration, with the log started as it says and panics
    /// made deadly.
    pub fn begin(&self) -> Result<Config, Failure> {
        let config = Config::load(&self.sources())?;
        log::start(&config.log)?;
        log::abort_on_panic();
        Ok(config)
    }

    fn sources(&self) -> Sources {
        let flags = [
            ("chat", &self.chat),
            ("http", &self.http),
            ("data", &self.data),
            ("cores", &self.cores),
        ];
        Sources {
            file: self.config.clone(),
            environment: std::env::vars_os().collect(),
            set: self.set.clone(),
            flags: flags
                .into_iter()
                .filter_map(|(key, text)| Some((key, text.clone()?)))
                .collect(),
        }
    }
}

impl ChatArgs {
    /// Where the server is, its name looked up.
    pub fn server(&self) -> Result<SocketAddr, Failure> {
        let unknown = |why: &str| Failure::system(format!("cannot find {}: {why}", self.addr));
        let mut found = self
            .addr
            .to_socket_addrs()
            .map_err(|error| unknown(&error.to_string()))?;
        found.next().ok_or_else(|| unknown("it has no address"))
    }
}

impl ConfigArgs {
    /// Prints the table of keys, or what is in force.
    pub fn run(&self) -> Result<(), Failure> {
        let sources = self.sources.sources();
        let given = sources.file.is_some() || !sources.set.is_empty() || !sources.flags.is_empty();
        if self.effective || given {
            print(&config::effective(&sources)?)
        } else if self.markdown {
            print(&config::markdown())
        } else {
            print(&config::for_people())
        }
    }
}

impl CheckArgs {
    /// Says what `serve` would say about the file, here and now: variables
    /// count as well.
    pub fn run(&self) -> Result<(), Failure> {
        Config::load(&Sources {
            file: Some(self.file.clone()),
            environment: std::env::vars_os().collect(),
            ..Sources::default()
        })?;
        print(&format!("{}: ok\n", self.file.display()))
    }
}

fn checked(key: &str, text: &str) -> Result<String, String> {
    config::check(key, text)?;
    Ok(text.into())
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("it has no `=`")?;
    Ok((key.trim().into(), value.into()))
}

fn host_and_port(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.into()),
        _ => Err("it may be HOST:PORT, such as 127.0.0.1:9400".into()),
    }
}

/// A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::system(format!(
            "standard output cannot be written: {error}"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[derive(Debug, Parser)]
    struct Flags<A: Args> {
        #[command(flatten)]
        flags: A,
    }

    fn read<A: Args>(flags: &[&str]) -> Result<A, clap::Error> {
        let words = std::iter::once(&"pairline").chain(flags);
        Ok(Flags::try_parse_from(words)?.flags)
    }

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
        Flags::<ServeArgs>::command().debug_assert();
        Flags::<ChatArgs>::command().debug_assert();
        Flags::<LoadOptions>::command().debug_assert();
        Flags::<VerifyDrawArgs>::command().debug_assert();
        Flags::<OperatorOptions>::command().debug_assert();
    }

    #[test]
    fn serve_hands_its_flags_to_the_configuration() {
        let flags = [
            "--chat",
            "127.0.0.1:0",
            "--cores",
            "1",
            "--set",
            "log=a=b",
            "--data",
            "d",
        ];
        let args: ServeArgs = read(&flags).unwrap();
        let sources = args.sources();
        assert_eq!(sources.set, [("log".to_owned(), "a=b".to_owned())]);
        let flags = [("chat", "127.0.0.1:0"), ("data", "d"), ("cores", "1")];
        assert_eq!(
            sources.flags,
            flags.map(|(key, text)| (key, text.to_owned()))
        );
        assert!(read::<ServeArgs>(&["--http", "9480"]).is_err());
    }

    #[test]
    fn chat_has_its_defaults() {
        let args: ChatArgs = read(&[]).unwrap();
        assert_eq!(args.server().unwrap().to_string(), "127.0.0.1:9400");
        assert_eq!(args.linger, Duration::from_secs(1));
        let args: ChatArgs = read(&["[::1]:7", "--linger", "300ms"]).unwrap();
        assert_eq!(args.server().unwrap().to_string(), "[::1]:7");
        assert_eq!(args.linger, Duration::from_millis(300));
        for bad in [
            &["--linger", "soon"][..],
            &["9400"],
            &[":9400"],
            &["host:port"],
        ] {
            assert!(read::<ChatArgs>(bad).is_err(), "{bad:?}");
        }
    }
}
