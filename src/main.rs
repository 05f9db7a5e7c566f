//! The `pairline` command.
#![deny(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use pairline::cli::{Cli, Command};
use pairline::exit::Failure;
use pairline::log;

fn main() -> ExitCode {
    let Err(failure) = run(&Cli::parse().command) else {
        return ExitCode::SUCCESS;
    };
    log::say_failure(&failure);
    failure.code.into()
}

fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => args.begin().and_then(pairline::server::run),
        Command::Chat(args) => args
            .server()
            .and_then(|server| pairline::chat::run(server, args.linger)),
        Command::Load(options) => pairline::load::run((**options).clone()),
        Command::Admin(options) => pairline::operator::run(options),
        Command::Config(args) => args.run(),
        Command::CheckConfig(args) => args.run(),
        Command::Backup(args) => args
            .begin()
            .and_then(|config| pairline::archive::backup(&config.data, &args.file, args.force)),
        Command::VerifyDraw(args) => pairline::lucky::verify(&args.file, &args.claim()),
        Command::Restore(args) => args
            .begin()
            .and_then(|config| pairline::archive::restore(&args.file, &config.data, args.force)),
    }
}
