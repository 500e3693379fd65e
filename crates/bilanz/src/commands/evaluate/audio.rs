//! `bilanz evaluate audio`: speech turned into text, or text into speech.

use super::checks::positive;
use super::media::{Served, value};
use anyhow::bail;
use clap::{Args, ValueEnum};
use lca::{Counts, Media};

#[derive(Debug, Args)]
pub(crate) struct Audio {
    /// Length of the recording, seconds.
    #[arg(long, allow_negative_numbers = true, value_name = "S")]
    pub(crate) seconds: f64,
    /// Speech to text (asr) or text to speech (tts), where the model's name does not say.
    #[arg(long, value_enum)]
    pub(crate) direction: Option<Direction>,
    #[command(flatten)]
    pub(crate) served: Served,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Direction {
    Asr,
    Tts,
}

/// Values it.
pub(super) fn run(flags: &Audio) -> anyhow::Result<()> {
    positive("seconds", Some(flags.seconds))?;
    // The books count milliseconds.
    if !(1e-3..=1e12).contains(&flags.seconds) {
        bail!("--seconds is {}; between 0.001 and 10^12 are valued, check the unit", flags.seconds);
    }
    let milliseconds = (flags.seconds * 1000.0).round();
    let audio = flags.direction.map(|direction| match direction {
        Direction::Asr => lca::Audio::Asr,
        Direction::Tts => lca::Audio::Tts,
    });
    let counts = Counts { requests: Some(1), audio_ms: Some(milliseconds as i64), ..Counts::default() };
    value(&flags.served, None, &counts, Media { audio, ..Media::default() })
}
