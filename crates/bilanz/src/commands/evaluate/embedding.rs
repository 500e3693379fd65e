//! `bilanz evaluate embedding`: text turned into vectors; it is read, and nothing is written.

use super::checks::{check_model, check_places, not_negative, positive};
use super::media::Served;
use super::print::print;
use crate::context;
use clap::Args;
use lca::{Activity, Counts, Deployment, Profile, Stats, Task};
use quantity::Ratio;

#[derive(Debug, Args)]
pub(crate) struct Embedding {
    /// Tokens of one request.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) input_tokens: i64,
    /// Requests served together.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) batch: Option<f64>,
    #[command(flatten)]
    pub(crate) served: Served,
}

/// Values it.
pub(super) fn run(flags: &Embedding) -> anyhow::Result<()> {
    let served = &flags.served;
    not_negative("input-tokens", Some(flags.input_tokens))?;
    positive("params", served.params)?;
    positive("batch", flags.batch)?;
    let profile: Profile = served.common.profile.parse()?;
    let set = context::factors(None, served.common.factors.as_deref())?;
    check_places(&set, served.zone.as_deref(), served.accelerator.as_deref(), served.provider.as_deref())?;
    if let Some(model) = &served.model {
        check_model(&set, model, served.provider.as_deref().unwrap_or(""), profile)?;
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
        model: served.model.clone(),
        provider: served.provider.clone(),
        params_active_b: served.params.map(Ratio::new),
        params_total_b: served.params.map(Ratio::new),
        zone: served.zone.clone(),
        accelerator: served.accelerator.clone(),
        batch: flags.batch.map(Ratio::new),
        task: Some(Task::Embedding),
        ..Deployment::default()
    };
    let activity = Activity { stats: Stats::of(&counts), ..Activity::default() };
    print(&lca::evaluate(&activity, &deployment, &set, profile)?, &served.common)
}
