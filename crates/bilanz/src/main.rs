//! The binary: command line, wiring and the clock.

mod browser;
mod cli;
mod clock;
mod commands;
mod context;
mod demo;
mod names;
mod output;
mod process;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}
