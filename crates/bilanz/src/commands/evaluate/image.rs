//! `bilanz evaluate image`: generated images.

use super::media::{Frame, Served, Shared, count, value};
use clap::Args;
use lca::Counts;

#[derive(Debug, Args)]
pub(crate) struct Image {
    /// Images.
    #[arg(long, allow_negative_numbers = true, default_value_t = 1, value_name = "N")]
    pub(crate) count: i64,
    #[command(flatten)]
    pub(crate) frame: Frame,
    #[command(flatten)]
    pub(crate) shared: Shared,
    #[command(flatten)]
    pub(crate) served: Served,
}

/// Values them.
pub(super) fn run(flags: &Image) -> anyhow::Result<()> {
    let counts = Counts { requests: Some(1), images: Some(count(flags.count)?), ..Counts::default() };
    value(&flags.served, Some(&flags.shared), &counts, flags.frame.media()?)
}
