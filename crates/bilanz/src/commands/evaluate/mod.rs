//! `bilanz evaluate`: one activity, valued without any books.

mod checks;
mod dual;
mod electricity;
mod inference;
mod print;

pub(crate) use checks::check_zone;

use crate::cli::{JsonFlag, LangFlag};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Evaluate {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Value an answer of a language model. What is left out is unknown, which widens the interval; 0 means none.
    #[command(after_help = "Examples:
  bilanz evaluate inference --model openai/gpt-4o --input-tokens 800 --output-tokens 400 --zone DEU
  bilanz evaluate inference --params-active 8 --params-total 8 --output-tokens 400 --accelerator H100 --json")]
    Inference(inference::Inference),
    /// Value metered electricity, by place or by contract.
    #[command(after_help = "Examples:
  bilanz evaluate electricity --energy-kwh 120 --zone FRA --meter plug
  bilanz evaluate electricity --energy-kwh 1e6 --zone DEU --contract ppa:wind:0.6 --dual
  bilanz evaluate electricity --load-series load.csv --grid-series grid.csv --grid-zone GB --zone GBR --contract ppa:wind:0.6:hour --dual")]
    Electricity(electricity::Electricity),
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Which stages and which accounting count: full, operational, sci-consumer, sci-provider, ghg-location, ghg-market, ecologits.
    #[arg(long, default_value = "full")]
    pub(crate) profile: String,
    /// Folder with factors of your own, laid over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) factors: Option<PathBuf>,
    /// Language of the text: de or en.
    #[arg(long, value_enum, default_value = "en")]
    pub(crate) lang: LangFlag,
    #[command(flatten)]
    pub(crate) json: JsonFlag,
}

/// Evaluates.
pub(crate) fn run(flags: &Evaluate) -> anyhow::Result<()> {
    match &flags.command {
        Command::Inference(flags) => inference::run(flags),
        Command::Electricity(flags) => electricity::run(flags),
    }
}
