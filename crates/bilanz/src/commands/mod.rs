//! One file per verb; each is thin: read flags, ask a room, print.

mod demo_live;
pub(crate) mod evaluate;
mod factors;
mod footprint;
mod gateway;
mod house;
mod import;
mod imports;
mod init;
mod inspect;
pub(crate) mod keys;
pub(crate) mod mock_provider;
pub(crate) mod rules;
mod show_demo;

use crate::cli::{Cli, Command, ReportCommand};
use clap::CommandFactory as _;
use std::process::ExitCode;

/// Runs a command; the exit code is that of the process.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let done = |result: anyhow::Result<()>| result.map(|()| ExitCode::SUCCESS);
    match cli.command {
        Command::Init(flags) => done(init::run(&flags)),
        Command::Demo(flags) => done(show_demo::run(&flags)),
        Command::Serve(flags) => done(house::run(&flags)),
        Command::Import(flags) => done(import::run(&flags)),
        Command::Imports(flags) => done(imports::run(&flags)),
        Command::Evaluate(flags) => done(evaluate::run(&flags)),
        Command::Report(flags) => match flags.command {
            ReportCommand::Footprint(flags) => done(footprint::run(&flags)),
        },
        Command::Factors(flags) => done(factors::run(&flags)),
        Command::Rules(flags) => rules::run(&flags),
        Command::Query(flags) => done(inspect::query(&flags)),
        Command::Verify(flags) => inspect::verify(&flags),
        Command::Keys(flags) => done(keys::run(&flags)),
        Command::MockProvider(flags) => done(mock_provider::run(&flags)),
        Command::Completions(flags) => {
            let mut command = Cli::command();
            let mut out = Vec::new();
            clap_complete::generate(flags.shell, &mut command, "bilanz", &mut out);
            done(crate::output::data(&String::from_utf8_lossy(&out)))
        }
    }
}
