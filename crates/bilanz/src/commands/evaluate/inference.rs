//! `bilanz evaluate inference`: an answer of a language model.

use super::checks::{check_accelerator, check_model, check_provider, check_zone, not_negative, positive};
use super::{Common, print::print};
use crate::{context, output};
use anyhow::bail;
use clap::{Args, ValueEnum};
use lca::{Activity, Counts, Deployment, Profile, Stats};
use quantity::Ratio;

#[derive(Debug, Args)]
pub(crate) struct Inference {
    /// Model as provider/name.
    #[arg(long, value_name = "PROVIDER/NAME", required_unless_present_any = ["params_active", "params_total"], conflicts_with_all = ["params_active", "params_total"])]
    pub(crate) model: Option<String>,
    /// Active parameters, 10^9.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) params_active: Option<f64>,
    /// Total parameters, 10^9.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) params_total: Option<f64>,
    /// Output tokens, reasoning included.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) output_tokens: i64,
    /// Uncached input tokens.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) input_tokens: Option<i64>,
    /// Input tokens read from a prompt cache.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) cached_tokens: Option<i64>,
    /// Measured time of the whole answer, seconds.
    #[arg(long, allow_negative_numbers = true, value_name = "S")]
    pub(crate) latency_s: Option<f64>,
    /// Grid zone (ISO 3166 alpha-3) or cloud region.
    #[arg(long, value_name = "ISO3|REGION")]
    pub(crate) zone: Option<String>,
    /// Provider that served it, where the model's name does not say.
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Accelerator, such as H100.
    #[arg(long)]
    pub(crate) accelerator: Option<String>,
    /// Accelerators that serve one copy of the model.
    #[arg(long, value_name = "N")]
    pub(crate) accelerators: Option<u32>,
    /// Requests served together.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) batch: Option<f64>,
    /// Number format of the weights.
    #[arg(long, value_enum)]
    pub(crate) precision: Option<Precision>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Precision {
    Bf16,
    Fp8,
    Mxfp4,
}

/// Values it.
pub(super) fn run(flags: &Inference) -> anyhow::Result<()> {
    for (name, value) in
        [("output-tokens", Some(flags.output_tokens)), ("input-tokens", flags.input_tokens), ("cached-tokens", flags.cached_tokens)]
    {
        not_negative(name, value)?;
    }
    for (name, value) in [
        ("params-active", flags.params_active),
        ("params-total", flags.params_total),
        ("latency-s", flags.latency_s),
        ("batch", flags.batch),
    ] {
        positive(name, value)?;
    }
    if let (Some(active), Some(total)) = (flags.params_active, flags.params_total)
        && active > total
    {
        bail!("--params-active ({active}) lies above --params-total ({total}); swap them");
    }
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
    if flags.accelerators == Some(0) {
        bail!("--accelerators is 0; leave it out when unknown");
    }
    if flags.latency_s.is_some() && profile != Profile::Ecologits {
        output::note(
            "note: --latency-s is used by the profile ecologits alone; the energy of an answer does not follow from how long the API took",
        );
    }
    let mut counts = Counts {
        requests: Some(1),
        output_tokens: Some(flags.output_tokens),
        input_tokens: flags.input_tokens,
        cache_read_tokens: flags.cached_tokens,
        ..Counts::default()
    };
    counts.fill_context();
    if let Some(latency_s) = flags.latency_s {
        let latency_ms = latency_s * 1000.0;
        counts.duration_ms = Some(latency_ms.round() as i64);
        if profile == Profile::Ecologits
            && let Some(model) = &flags.model
        {
            let tables = set.compatible()?;
            let name = set.resolve_model(flags.provider.as_deref().unwrap_or(""), model).model;
            let times = tables
                .generation_us(model, flags.output_tokens, counts.duration_ms)
                .or_else(|| tables.generation_us(&name, flags.output_tokens, counts.duration_ms));
            if let Some((low, high)) = times {
                (counts.generation_low_us, counts.generation_high_us) = (Some(low), Some(high));
            }
        }
    }
    let deployment = Deployment {
        model: flags.model.clone(),
        provider: flags.provider.clone(),
        params_active_b: flags.params_active.map(Ratio::new),
        params_total_b: flags.params_total.map(Ratio::new),
        zone: flags.zone.clone(),
        accelerator: flags.accelerator.clone(),
        accelerators: flags.accelerators,
        batch: flags.batch.map(Ratio::new),
        bytes_per_weight: flags.precision.map(|precision| {
            Ratio::new(match precision {
                Precision::Bf16 => 2.0,
                Precision::Fp8 => 1.0,
                Precision::Mxfp4 => 0.5,
            })
        }),
        ..Deployment::default()
    };
    let activity = Activity { stats: Stats::of(&counts), ..Activity::default() };
    print(&lca::evaluate(&activity, &deployment, &set, profile)?, &flags.common)
}
