//! The `pairline` command.
#![deny(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use pairline::cli::{Cli, Command};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Config(args) => args.run(),
        Command::CheckConfig(args) => args.run(),
    };
    let Err(failure) = done else {
        return ExitCode::SUCCESS;
    };
    for line in failure.message.lines() {
        // With standard error gone, the exit code is all that is left to say.
        let _ = writeln!(std::io::stderr(), "pairline: {line}");
    }
    failure.code.into()
}
