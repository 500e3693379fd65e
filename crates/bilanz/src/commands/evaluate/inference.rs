//! `bilanz evaluate inference`: an answer of a language model.

use super::checks::{check_model, check_places, check_sizes, check_writes_text, not_negative, positive};
use super::{Common, print::print};
use crate::{context, output};
use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use lca::{Activity, Boundary, Counts, Deployment, Impact, Indicator, Profile, Scope, Stats, Task};
use quantity::{Lang, Ratio};

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
    /// Tokens of context that the answer builds on, where it is more than the input (an earlier conversation).
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) context_tokens: Option<i64>,
    /// What the request is for; gives the typical prompt where --input-tokens is left out.
    #[arg(long, default_value = "chat", value_name = "chat|reasoning|code|image-chat|video-chat")]
    pub(crate) task: String,
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
    /// Mean time between the tokens of the answer, milliseconds; narrows the batch where --batch is left out.
    #[arg(long, allow_negative_numbers = true, value_name = "MS")]
    pub(crate) inter_token_ms: Option<f64>,
    /// Layers of the model, where it is given by its size.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) layers: Option<f64>,
    /// Key-value cache per token of context, MB, where the model is given by its size.
    #[arg(long, allow_negative_numbers = true, value_name = "MB")]
    pub(crate) kv_mb_per_token: Option<f64>,
    /// Where the energy is counted: accelerator, server, site. All but the site are for comparison with measurements.
    #[arg(long, default_value = "site")]
    pub(crate) boundary: String,
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
    for (name, value) in [
        ("output-tokens", Some(flags.output_tokens)),
        ("input-tokens", flags.input_tokens),
        ("cached-tokens", flags.cached_tokens),
        ("context-tokens", flags.context_tokens),
    ] {
        not_negative(name, value)?;
        if let Some(tokens) = value.filter(|tokens| *tokens > books::MOST_TOKENS_PER_REQUEST) {
            bail!(
                "--{name} is {tokens}, more than any model takes in one answer; value many answers with `requests` in a file (`bilanz evaluate --file`)"
            );
        }
    }
    for (name, value) in [
        ("params-active", flags.params_active),
        ("params-total", flags.params_total),
        ("latency-s", flags.latency_s),
        ("batch", flags.batch),
        ("inter-token-ms", flags.inter_token_ms),
        ("layers", flags.layers),
        ("kv-mb-per-token", flags.kv_mb_per_token),
    ] {
        positive(name, value)?;
    }
    check_sizes(flags.params_active, flags.params_total)?;
    let profile: Profile = flags.common.profile.parse()?;
    let set = context::factors(None, flags.common.factors.as_deref())?;
    check_places(&set, flags.zone.as_deref(), flags.accelerator.as_deref(), flags.provider.as_deref())?;
    if let Some(model) = &flags.model {
        check_model(&set, model, flags.provider.as_deref().unwrap_or(""), profile)?;
        if profile != Profile::Ecologits {
            check_writes_text(&set, model, flags.provider.as_deref().unwrap_or(""))?;
        }
    }
    if flags.batch.is_some() && flags.inter_token_ms.is_some() {
        bail!("--batch says how many requests were served together; --inter-token-ms would only guess it. Keep one");
    }
    if let Some(model) = &flags.model {
        let id = set.resolve_model(flags.provider.as_deref().unwrap_or(""), model).model;
        for (flag, stated, name) in [("layers", flags.layers, "layers"), ("kv-mb-per-token", flags.kv_mb_per_token, "kv_mb_per_token")] {
            let known = format!("model.{id}.{name}");
            if stated.is_some() && set.factor(&known).is_some() {
                bail!(
                    "the factor set knows the shape of `{id}` (`bilanz factors show {known}`); leave --{flag} out, or lay your own factor over it"
                );
            }
        }
    }
    if flags.accelerators == Some(0) {
        bail!("--accelerators is 0; leave it out when unknown");
    }
    if let Some(batch) = flags.batch
        && batch < 1.0
    {
        bail!("--batch is {batch}; at least one request is served at a time. Leave it out when unknown");
    }
    let task: Task = flags.task.parse()?;
    let boundary: Boundary = flags.boundary.parse()?;
    if boundary != Boundary::Site && profile == Profile::Ecologits {
        bail!("the profile ecologits has a boundary of its own; leave --boundary out");
    }
    let input = flags.input_tokens.unwrap_or(0) + flags.cached_tokens.unwrap_or(0);
    if let Some(context) = flags.context_tokens
        && context < input
    {
        bail!("--context-tokens ({context}) lies below the input ({input} tokens), which is part of it");
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
    if let Some(context) = flags.context_tokens {
        let clamp = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
        let (context, output) = (i128::from(context), i128::from(flags.output_tokens));
        counts.context_input = Some(clamp(context * i128::from(flags.input_tokens.unwrap_or(0))));
        counts.context_output = Some(clamp(output * context + output * output / 2));
    }
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
        inter_token_ms: flags.inter_token_ms.map(Ratio::new),
        layers: flags.layers.map(Ratio::new),
        kv_mb_per_token: flags.kv_mb_per_token.map(Ratio::new),
        task: Some(task),
        bytes_per_weight: flags.precision.map(|precision| Ratio::new(precision.bytes_per_weight())),
        ..Deployment::default()
    };
    if let Some(why) = set.too_small(&deployment) {
        bail!("{why}; state more accelerators or a smaller --precision");
    }
    let activity = Activity { stats: Stats::of(&counts), ..Activity::default() };
    let impact = lca::evaluate(&activity, &deployment, &set, Scope { profile, boundary })?;
    if boundary == Boundary::Accelerator && flags.output_tokens > 0 {
        return print_with_token(&impact, flags);
    }
    print(&impact, &flags.common)
}

/// Prints a result with the joules per output token at the accelerators.
fn print_with_token(impact: &Impact, flags: &Inference) -> anyhow::Result<()> {
    let Some(row) = impact.impacts.row(Indicator::EnergyKwh) else { return print(impact, &flags.common) };
    let [low, median, high] = row.map(|kwh| quantity::six_digits(kwh.get() * 3.6e6 / flags.output_tokens as f64));
    if flags.common.json.json {
        let mut value = serde_json::to_value(impact).context("cannot write the result as JSON")?;
        value["per_output_token_j"] = serde_json::json!({"low": low, "median": median, "high": high});
        return output::json(&value);
    }
    let lang: Lang = flags.common.lang.into();
    let name = if lang == Lang::De { "Energie je Ausgabe-Token" } else { "Energy per output token" };
    let [low, median, high] = [low, median, high].map(|joules| quantity::human_number(joules, 3, lang));
    let line = format!("{name:<26} {median} J ({low} – {high})\n");
    output::data(&(line + &super::print::text(impact, lang))).context("cannot print the result")
}

impl Precision {
    const fn bytes_per_weight(self) -> f64 {
        match self {
            Self::Bf16 => 2.0,
            Self::Fp8 => 1.0,
            // Four bits and the scale that every block of 32 shares.
            Self::Mxfp4 => 0.53,
        }
    }
}
