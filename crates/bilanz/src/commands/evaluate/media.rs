//! What `bilanz evaluate image`, `video` and `audio` have in common: the deployment, the checks, the valuation.

use super::checks::{check_model, check_places, positive};
use super::{Common, print::print};
use crate::context;
use anyhow::bail;
use clap::Args;
use lca::{Activity, Counts, Deployment, Media, Profile, Stats};
use quantity::Ratio;

/// How and where it was made.
#[derive(Debug, Args)]
pub(crate) struct Served {
    /// Model as provider/name.
    #[arg(long, value_name = "PROVIDER/NAME", required_unless_present = "params")]
    pub(crate) model: Option<String>,
    /// Parameters of the model, 10^9, where its name is not known.
    #[arg(long, allow_negative_numbers = true, value_name = "B", conflicts_with = "model")]
    pub(crate) params: Option<f64>,
    /// Grid zone (ISO 3166 alpha-3) or cloud region.
    #[arg(long, value_name = "ISO3|REGION")]
    pub(crate) zone: Option<String>,
    /// Provider that served it, where the model's name does not say.
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Accelerator, such as H100.
    #[arg(long)]
    pub(crate) accelerator: Option<String>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// How many accelerators share one output, and how many outputs are made together.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// Accelerators that share one output.
    #[arg(long, value_name = "N")]
    pub(crate) accelerators: Option<u32>,
    /// Outputs made together.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) batch: Option<f64>,
}

/// Width, height and steps of an image or a video.
#[derive(Debug, Args)]
pub(crate) struct Frame {
    /// Width, pixels.
    #[arg(long, value_name = "PX", requires = "height")]
    pub(crate) width: Option<u32>,
    /// Height, pixels.
    #[arg(long, value_name = "PX", requires = "width")]
    pub(crate) height: Option<u32>,
    /// Denoising steps.
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<u32>,
}

impl Frame {
    /// What it says of each output.
    pub(super) fn media(&self) -> anyhow::Result<Media> {
        for (name, value) in [("width", self.width), ("height", self.height), ("steps", self.steps)] {
            if value == Some(0) {
                bail!("--{name} is 0; leave it out when unknown");
            }
        }
        let ratio = |value: Option<u32>| value.map(|value| Ratio::new(f64::from(value)));
        Ok(Media { width_px: ratio(self.width), height_px: ratio(self.height), steps: ratio(self.steps), ..Media::default() })
    }
}

/// Checks the names, values the counts and prints.
pub(super) fn value(served: &Served, shared: Option<&Shared>, counts: &Counts, media: Media) -> anyhow::Result<()> {
    positive("params", served.params)?;
    let profile: Profile = served.common.profile.parse()?;
    let set = context::factors(None, served.common.factors.as_deref())?;
    check_places(&set, served.zone.as_deref(), served.accelerator.as_deref(), served.provider.as_deref())?;
    // Video models of the profile ecologits stand in a table of their own; what is not there is a gap with a reason.
    if let Some(model) = &served.model
        && !(profile == Profile::Ecologits && counts.videos.is_some())
    {
        check_model(&set, model, served.provider.as_deref().unwrap_or(""), profile)?;
    }
    if let Some(shared) = shared {
        positive("batch", shared.batch)?;
        if let Some(batch) = shared.batch.filter(|batch| *batch < 1.0) {
            bail!("--batch is {batch}; at least one output is made at a time. Leave it out when unknown");
        }
        if shared.accelerators == Some(0) {
            bail!("--accelerators is 0; leave it out when unknown");
        }
    }
    let deployment = Deployment {
        model: served.model.clone(),
        provider: served.provider.clone(),
        params_active_b: served.params.map(Ratio::new),
        zone: served.zone.clone(),
        accelerator: served.accelerator.clone(),
        accelerators: shared.and_then(|shared| shared.accelerators),
        batch: shared.and_then(|shared| shared.batch).map(Ratio::new),
        media: Some(media),
        ..Deployment::default()
    };
    let activity = Activity { stats: Stats::of(counts), ..Activity::default() };
    print(&lca::evaluate(&activity, &deployment, &set, profile)?, &served.common)
}

/// Refuses a number of outputs below one.
pub(super) fn count(value: i64) -> anyhow::Result<i64> {
    if value < 1 {
        bail!("--count is {value}; it must be 1 or more");
    }
    super::checks::not_negative("count", Some(value))?;
    Ok(value)
}
