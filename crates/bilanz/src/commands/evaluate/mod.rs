//! `bilanz evaluate`: one activity or a whole system of them, valued without any books.

mod assessment;
mod audio;
mod checks;
mod dual;
mod electricity;
mod embedding;
mod hardware;
mod image;
mod inference;
mod media;
mod print;
mod training;
mod video;

pub(crate) use checks::check_zone;

use crate::cli::{JsonFlag, LangFlag};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Evaluate {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) assessment: assessment::Assessment,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Value an answer of a language model. What is left out is unknown, which widens the interval; 0 means none.
    #[command(after_help = "Examples:
  bilanz evaluate inference --model openai/gpt-4o --input-tokens 800 --output-tokens 400 --zone DEU
  bilanz evaluate inference --params-active 8 --params-total 8 --output-tokens 400 --accelerator H100 --json")]
    Inference(inference::Inference),
    /// Value generated images.
    #[command(
        after_help = "Example:\n  bilanz evaluate image --model black-forest-labs/flux.1-dev --count 10 --width 1024 --height 1024 --steps 28 --accelerator H100 --accelerators 1 --zone DEU"
    )]
    Image(image::Image),
    /// Value generated videos.
    #[command(after_help = "Examples:
  bilanz evaluate video --model tencent/HunyuanVideo --width 1280 --height 720 --seconds 5 --fps 24 --zone DEU
  bilanz evaluate video --model openai/sora-2-pro --width 1280 --height 720 --seconds 8 --profile ecologits")]
    Video(video::Video),
    /// Value speech turned into text, or text into speech.
    #[command(after_help = "Example:\n  bilanz evaluate audio --model openai/whisper-1 --seconds 60 --direction asr --zone DEU")]
    Audio(audio::Audio),
    /// Value text turned into vectors.
    #[command(after_help = "Example:\n  bilanz evaluate embedding --model openai/text-embedding-3-small --input-tokens 1000 --zone DEU")]
    Embedding(embedding::Embedding),
    /// Value metered electricity, by place or by contract.
    #[command(after_help = "Examples:
  bilanz evaluate electricity --energy-kwh 120 --zone FRA --meter plug
  bilanz evaluate electricity --energy-kwh 1e6 --zone DEU --contract ppa:wind:0.6 --dual
  bilanz evaluate electricity --load-series load.csv --grid-series grid.csv --grid-zone GB --zone GBR --contract ppa:wind:0.6:hour --dual")]
    Electricity(electricity::Electricity),
    /// Value a training run. Without any amount, the run that the model's maker published stands in.
    #[command(after_help = "Examples:
  bilanz evaluate training --model meta-llama/Llama-3.1-8B-Instruct --accelerator H100 --gpu-hours 1.46e6 --zone USA
  bilanz evaluate training --params-active 8 --stage fine-tuning --lora --tokens 2e9 --accelerator H100 --zone DEU
  bilanz evaluate training --model bigscience/bloom --zone FRA")]
    Training(Box<training::Training>),
    /// Value bought accelerators: by part, in full in the inventory of the year, and by what use will bear.
    #[command(after_help = "Example:\n  bilanz evaluate hardware --accelerator H100 --count 8 --with-server --years 5")]
    Hardware(hardware::Hardware),
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
        Some(Command::Inference(flags)) => inference::run(flags),
        Some(Command::Image(flags)) => image::run(flags),
        Some(Command::Video(flags)) => video::run(flags),
        Some(Command::Audio(flags)) => audio::run(flags),
        Some(Command::Embedding(flags)) => embedding::run(flags),
        Some(Command::Electricity(flags)) => electricity::run(flags),
        Some(Command::Training(flags)) => training::run(flags),
        Some(Command::Hardware(flags)) => hardware::run(flags),
        None => assessment::run(&flags.assessment),
    }
}
