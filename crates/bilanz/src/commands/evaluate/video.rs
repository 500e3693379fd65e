//! `bilanz evaluate video`: generated videos.

use super::checks::positive;
use super::media::{Frame, Served, Shared, count, value};
use clap::Args;
use lca::{Counts, Media};
use quantity::{Duration, Ratio};

#[derive(Debug, Args)]
pub(crate) struct Video {
    /// Videos.
    #[arg(long, allow_negative_numbers = true, default_value_t = 1, value_name = "N")]
    pub(crate) count: i64,
    /// Length of each, seconds.
    #[arg(long, allow_negative_numbers = true, value_name = "S")]
    pub(crate) seconds: Option<f64>,
    /// Frames of each, instead of seconds and frame rate.
    #[arg(long, allow_negative_numbers = true, value_name = "N", conflicts_with_all = ["seconds", "fps"])]
    pub(crate) frames: Option<f64>,
    /// Frames per second.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) fps: Option<f64>,
    /// Without sound (used by the profile ecologits alone).
    #[arg(long)]
    pub(crate) silent: bool,
    #[command(flatten)]
    pub(crate) frame: Frame,
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(flatten)]
    pub(crate) served: Served,
}

/// Values them.
pub(super) fn run(flags: &Video) -> anyhow::Result<()> {
    for (name, value) in [("seconds", flags.seconds), ("frames", flags.frames), ("fps", flags.fps)] {
        positive(name, value)?;
    }
    let media = Media {
        seconds: flags.seconds.map(Duration::seconds),
        frames: flags.frames.map(Ratio::new),
        fps: flags.fps.map(Ratio::new),
        sound: Some(!flags.silent),
        ..flags.frame.media()?
    };
    let counts = Counts { requests: Some(1), videos: Some(count(flags.count)?), ..Counts::default() };
    value(&flags.served, Some(&flags.shared), &counts, media)
}
