//! `bilanz evaluate embedding`: text turned into vectors; it is read, and nothing is written.

use super::checks::{check_accelerator, check_model, check_provider, check_zone, not_negative, positive};
use super::{Common, print::print};
use crate::context;
use clap::Args;
use lca::{Activity, Counts, Deployment, Profile, Stats, Task};
use quantity::Ratio;

#[derive(Debug, Args)]
pub(crate) struct Embedding {
    /// Model as provider/name.
    #[arg(long, value_name = "PROVIDER/NAME", required_unless_present = "params")]
    pub(crate) model: Option<String>,
    /// Parameters of the model, 10^9, where its name is not known.
    #[arg(long, allow_negative_numbers = true, value_name = "B", conflicts_with = "model")]
    pub(crate) params: Option<f64>,
    /// Tokens of one request.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) input_tokens: i64,
    /// Grid zone (ISO 3166 alpha-3) or cloud region.
    #[arg(long, value_name = "ISO3|REGION")]
    pub(crate) zone: Option<String>,
    /// Provider that served it, where the model's name does not say.
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Accelerator, such as H100.
    #[arg(long)]
    pub(crate) accelerator: Option<String>,
    /// Requests served together.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) batch: Option<f64>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Values it.
pub(super) fn run(flags: &Embedding) -> anyhow::Result<()> {
    not_negative("input-tokens", Some(flags.input_tokens))?;
    positive("params", flags.params)?;
    positive("batch", flags.batch)?;
    let profile: Profile = flags.common.profile.parse()?;
    let set = context::factors(None, flags.common.factors.as_deref())?;
    if let Some(zone) = &flags.zone {
        check_zone(&set, zone)?;
    }
    if let Some(model) = &flags.model {
        check_model(&set, model, flags.provider.as_deref().unwrap_or(""), profile)?;
    }
    if let Some(accelerator) = &flags.accelerator {
        check_accelerator(&set, accelerator)?;
    }
    if let Some(provider) = &flags.provider {
        check_provider(&set, provider)?;
    }
    // That nothing is written is known, not guessed from the model's name.
    let mut counts = Counts {
        requests: Some(1),
        input_tokens: Some(flags.input_tokens),
        cache_read_tokens: Some(0),
        output_tokens: Some(0),
        ..Counts::default()
    };
    counts.fill_context();
    let deployment = Deployment {
        model: flags.model.clone(),
        provider: flags.provider.clone(),
        params_active_b: flags.params.map(Ratio::new),
        params_total_b: flags.params.map(Ratio::new),
        zone: flags.zone.clone(),
        accelerator: flags.accelerator.clone(),
        batch: flags.batch.map(Ratio::new),
        task: Some(Task::Embedding),
        ..Deployment::default()
    };
    let activity = Activity { stats: Stats::of(&counts), ..Activity::default() };
    print(&lca::evaluate(&activity, &deployment, &set, profile)?, &flags.common)
}
