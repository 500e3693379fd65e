//! `bilanz evaluate training`: a training run, its stages, and its shares over use on lines of their own.

use super::Common;
use super::checks::{check_model, check_places, check_sizes};
use super::print::text;
use crate::{context, output};
use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use lca::{
    AMORTISED_NOTE, Activity, Allocation, Amortised, Counts, Deployment, Evaluator, Evidence, Factor, FactorSet, Impact, Indicator, Kind,
    Profile, Served, Stage, Stats, Tier, Tuning,
};
use quantity::{Lang, Ratio, Tokens};
use serde::Serialize;

#[derive(Debug, Args)]
pub(crate) struct Training {
    /// Model as provider/name.
    #[arg(long, value_name = "PROVIDER/NAME", conflicts_with_all = ["params_active", "params_total"])]
    pub(crate) model: Option<String>,
    /// Active parameters, 10^9.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) params_active: Option<f64>,
    /// Total parameters, 10^9.
    #[arg(long, allow_negative_numbers = true, value_name = "B")]
    pub(crate) params_total: Option<f64>,
    /// Hours that accelerators were occupied, all together.
    #[arg(long, allow_negative_numbers = true, value_name = "H")]
    pub(crate) gpu_hours: Option<f64>,
    /// Floating-point operations of the run, such as 3.8e25.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) flops: Option<f64>,
    /// Tokens trained on, such as 15e12.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) tokens: Option<f64>,
    /// Energy of the servers, kWh, as metered (PUE comes on top).
    #[arg(long, allow_negative_numbers = true, value_name = "KWH")]
    pub(crate) energy_kwh: Option<f64>,
    /// Accelerator, such as H100.
    #[arg(long)]
    pub(crate) accelerator: Option<String>,
    /// What the run was.
    #[arg(long, value_enum, default_value = "pre-training")]
    pub(crate) stage: StageFlag,
    /// Low-rank adapters were trained, not all weights.
    #[arg(long)]
    pub(crate) lora: bool,
    /// Tokens written by the model while it was trained by reinforcement.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) rollout_tokens: Option<f64>,
    /// Number of rollouts, for their length.
    #[arg(long, allow_negative_numbers = true, value_name = "N", requires = "rollout_tokens")]
    pub(crate) rollouts: Option<f64>,
    /// Energy of experiments and failed runs per energy of the run; 0 where they are entered themselves.
    #[arg(long, allow_negative_numbers = true, value_name = "R")]
    pub(crate) development_ratio: Option<f64>,
    /// Output tokens that the model serves over its life; an assumption of its tier stands in.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) served_tokens: Option<f64>,
    /// Output tokens that the model served to everybody in the reporting year.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) served_this_year: Option<f64>,
    /// Output tokens of your own use, which bear a share.
    #[arg(long, allow_negative_numbers = true, value_name = "N", default_value_t = 1e6)]
    pub(crate) used_tokens: f64,
    /// How much the model serves: small, medium, large, frontier; by its size where left out.
    #[arg(long)]
    pub(crate) tier: Option<String>,
    /// Years of service of the hardware.
    #[arg(long, allow_negative_numbers = true, value_name = "N")]
    pub(crate) years: Option<f64>,
    /// Grid zone (ISO 3166 alpha-3) or cloud region.
    #[arg(long, value_name = "ISO3|REGION")]
    pub(crate) zone: Option<String>,
    /// Provider whose site it ran at, for PUE and WUE.
    #[arg(long)]
    pub(crate) provider: Option<String>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StageFlag {
    PreTraining,
    FineTuning,
    Reinforcement,
    Development,
}

impl From<StageFlag> for Stage {
    fn from(flag: StageFlag) -> Self {
        match flag {
            StageFlag::PreTraining => Self::PreTraining,
            StageFlag::FineTuning => Self::FineTuning,
            StageFlag::Reinforcement => Self::Reinforcement,
            StageFlag::Development => Self::Development,
        }
    }
}

/// The result with its shares over use.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    impact: &'a Impact,
    amortised: &'a [Amortised],
    amortised_note: &'static str,
    published: Vec<&'a Factor>,
}

/// Values it.
pub(super) fn run(flags: &Training) -> anyhow::Result<()> {
    let profile: Profile = flags.common.profile.parse()?;
    let set = context::factors(None, flags.common.factors.as_deref())?;
    check(flags, &set, profile)?;
    let published = published(flags, &set);
    let amounts = [flags.gpu_hours, flags.flops, flags.tokens, flags.rollout_tokens, flags.energy_kwh];
    let nothing = amounts.iter().all(Option::is_none);
    if nothing && published.is_empty() {
        bail!(
            "nothing says how much was trained, and no run of this model is published: state --gpu-hours, --flops, --tokens or --energy-kwh"
        );
    }
    if nothing && flags.stage != StageFlag::PreTraining {
        bail!(
            "no amount is stated, and the run that the maker published is the pre-training, not this stage: state --gpu-hours, --flops, --tokens or --energy-kwh"
        );
    }
    let counts = counts(flags);
    let activity = Activity {
        kind: Kind::Training,
        stage: Some(flags.stage.into()),
        evidence: if flags.energy_kwh.is_some() { Evidence::Counter } else { Evidence::Counted },
        stats: Stats::of(&counts),
        ..Activity::default()
    };
    let deployment = Deployment {
        model: flags.model.clone(),
        provider: flags.provider.clone(),
        params_active_b: flags.params_active.map(Ratio::new),
        params_total_b: flags.params_total.map(Ratio::new),
        zone: flags.zone.clone(),
        accelerator: flags.accelerator.clone(),
        tuning: if flags.lora { Tuning::Lora } else { Tuning::Full },
        development: flags.development_ratio.map(Ratio::new),
        published: nothing,
        lifetime_years: flags.years.map(Ratio::new),
        ..Deployment::default()
    };
    let mut evaluator = Evaluator::new(&set, profile);
    let sample = evaluator.sample(&activity, &deployment)?;
    let impact = sample.impact();
    let tokens = |value: f64| Tokens(value as i128);
    let served = Served {
        used: tokens(flags.used_tokens),
        life: flags.served_tokens.map(tokens),
        year: flags.served_this_year.map(tokens),
        tier: tier(flags, &set)?,
    };
    let amortised = evaluator.amortise(&sample, &served);
    let answer = Answer { impact: &impact, amortised: &amortised, amortised_note: AMORTISED_NOTE, published };
    if flags.common.json.json {
        return output::json(&answer);
    }
    output::data(&words(&answer, flags)).context("cannot print the result")
}

fn check(flags: &Training, set: &FactorSet, profile: Profile) -> anyhow::Result<()> {
    for (name, value, most) in [
        ("params-active", flags.params_active, 1e6),
        ("params-total", flags.params_total, 1e6),
        ("gpu-hours", flags.gpu_hours, 1e11),
        ("flops", flags.flops, 1e32),
        ("tokens", flags.tokens, 1e15),
        ("rollout-tokens", flags.rollout_tokens, 1e15),
        ("rollouts", flags.rollouts, 1e15),
        ("energy-kwh", flags.energy_kwh, 1e15),
        ("served-tokens", flags.served_tokens, 1e20),
        ("served-this-year", flags.served_this_year, 1e20),
        ("used-tokens", Some(flags.used_tokens), 1e20),
        ("years", flags.years, 50.0),
    ] {
        let Some(value) = value else { continue };
        if !(value.is_finite() && value > 0.0) {
            bail!("--{name} is {value}; it must be a number above 0. Leave it out when unknown");
        }
        if value > most {
            bail!("--{name} is {value}, above {most:e}; check the unit");
        }
    }
    // Below, the integers of the books would be zero.
    for (name, value, least) in [
        ("gpu-hours", flags.gpu_hours, 1e-6),
        ("flops", flags.flops, 1e15),
        ("tokens", flags.tokens, 1.0),
        ("rollout-tokens", flags.rollout_tokens, 1.0),
        ("rollouts", flags.rollouts, 1.0),
        ("energy-kwh", flags.energy_kwh, 1e-12),
        ("used-tokens", Some(flags.used_tokens), 1.0),
        ("served-tokens", flags.served_tokens, 1.0),
        ("served-this-year", flags.served_this_year, 1.0),
    ] {
        if let Some(value) = value.filter(|value| *value < least) {
            bail!("--{name} is {value}, below {least:e}; check the unit");
        }
    }
    if let Some(ratio) = flags.development_ratio
        && !(ratio.is_finite() && (0.0..=1000.0).contains(&ratio))
    {
        bail!("--development-ratio is {ratio}; it must lie between 0 and 1000 (0.5: half as much again as the run)");
    }
    check_sizes(flags.params_active, flags.params_total)?;
    for (name, value, most) in [("served-tokens", flags.served_tokens, "life"), ("served-this-year", flags.served_this_year, "year")] {
        if let Some(served) = value
            && flags.used_tokens > served
        {
            bail!(
                "--used-tokens ({}) lies above --{name} ({served}); your own use is a part of all tokens of the {most}",
                flags.used_tokens
            );
        }
    }
    if let (Some(year), Some(life)) = (flags.served_this_year, flags.served_tokens)
        && year > life
    {
        bail!("--served-this-year ({year}) lies above --served-tokens ({life}), which holds every year");
    }
    if flags.lora && matches!(flags.stage, StageFlag::PreTraining) {
        bail!("--lora tunes a trained model; state --stage fine-tuning or reinforcement with it");
    }
    if flags.rollout_tokens.is_some() && flags.stage != StageFlag::Reinforcement {
        bail!("--rollout-tokens belongs to --stage reinforcement");
    }
    if flags.gpu_hours.is_some() && (flags.flops.is_some() || flags.tokens.is_some()) || (flags.flops.is_some() && flags.tokens.is_some()) {
        bail!("--gpu-hours, --flops and --tokens are three ways to say the same; state the one that is known best, in this order");
    }
    if flags.energy_kwh.is_some() && (flags.flops.is_some() || flags.tokens.is_some()) {
        bail!("--energy-kwh was metered, so --flops or --tokens would count it twice; leave them out (--gpu-hours may stand beside it)");
    }
    let sized = flags.params_active.is_some() || flags.params_total.is_some();
    if (flags.tokens.is_some() || flags.rollout_tokens.is_some()) && !sized && flags.model.is_none() {
        bail!("the arithmetic of tokens follows from the size of the model; state --model, or --params-active and --params-total");
    }
    check_places(set, flags.zone.as_deref(), flags.accelerator.as_deref(), flags.provider.as_deref())?;
    match &flags.model {
        Some(model) if published(flags, set).is_empty() => check_model(set, model, flags.provider.as_deref().unwrap_or(""), profile),
        _ => Ok(()),
    }
}

fn counts(flags: &Training) -> Counts {
    let whole = |value: f64| value.round() as i64;
    let rollouts = flags.rollout_tokens.zip(flags.rollouts);
    Counts {
        accelerator_ms: flags.gpu_hours.map(|hours| whole(hours * 3.6e6)),
        compute_pflop: flags.flops.map(|operations| whole(operations / 1e15)),
        input_tokens: flags.tokens.map(whole),
        output_tokens: flags.rollout_tokens.map(whole),
        // Each token of an answer reads the half of it that stands before it, on average.
        context_output: rollouts.map(|(tokens, count)| whole((tokens * (tokens / count) / 2.0).min(9e18))),
        energy_nj: flags.energy_kwh.map(|kwh| (kwh * 3.6e15) as i128),
        ..Counts::default()
    }
}

/// What the maker of the model published of its run.
fn published<'a>(flags: &Training, set: &'a FactorSet) -> Vec<&'a Factor> {
    let Some(model) = &flags.model else { return Vec::new() };
    let resolved = set.resolve_model(flags.provider.as_deref().unwrap_or(""), model).model;
    ["energy_kwh", "accelerator_h", "gwp_kg"]
        .iter()
        .filter_map(|what| set.factor(&format!("published.{resolved}.{what}")).or_else(|| set.factor(&format!("published.{model}.{what}"))))
        .collect()
}

fn tier(flags: &Training, set: &FactorSet) -> anyhow::Result<Tier> {
    if let Some(word) = &flags.tier {
        return Ok(word.parse()?);
    }
    let name = flags.model.as_deref().map(|model| set.resolve_model(flags.provider.as_deref().unwrap_or(""), model).model);
    if let Some(row) = name.and_then(|name| set.models().get(&name)) {
        return Ok(Tier::of_class(&row.class));
    }
    Ok(match flags.params_total.or(flags.params_active) {
        Some(size) if size < 15.0 => Tier::Small,
        Some(size) if size >= 700.0 => Tier::Frontier,
        Some(size) if size >= 100.0 => Tier::Large,
        _ => Tier::Medium,
    })
}

fn words(answer: &Answer<'_>, flags: &Training) -> String {
    let lang: Lang = flags.common.lang.into();
    let words = |en: &'static str, de: &'static str| if lang == Lang::De { de } else { en };
    let impact = answer.impact;
    let line = |impacts: &lca::Impacts, indicator| report::figures::line(impacts, indicator, &impact.currency, lang);
    let mut extra = words("\nStages\n", "\nPhasen\n").to_owned();
    for (stage, impacts) in &impact.stages {
        let name = report::names::stage(*stage).text(lang);
        extra.push_str(&format!("  {name:<24} {}   {}\n", line(impacts, Indicator::EnergyKwh), line(impacts, Indicator::GwpKgco2e)));
    }
    if !answer.published.is_empty() {
        extra.push_str(words("\nPublished by the maker\n", "\nVom Hersteller veröffentlicht\n"));
        for factor in &answer.published {
            let value = quantity::human_number(factor.distribution.median().get(), 0, lang);
            extra.push_str(&format!("  {value} {} ({})\n", factor.unit, factor.boundary));
        }
    }
    let used = quantity::human_number(flags.used_tokens, 0, lang);
    extra.push_str(&match lang {
        Lang::De => format!("\nAnteil von {used} ausgegebenen Tokens am Training, in keiner Summe enthalten\n"),
        Lang::En => format!("\nShare of {used} output tokens in the training, part of no total\n"),
    });
    for share in answer.amortised {
        let name = match share.allocation {
            Allocation::None => words("none", "keine"),
            Allocation::PerToken => words("per token over the life", "je Token über das Leben"),
            Allocation::Adopters => words("adopters of the year", "Nutzer des Jahres"),
        };
        let figure = match (&share.impact, share.allocation) {
            (Some(impact), _) => line(&impact.impacts, Indicator::GwpKgco2e),
            (None, Allocation::None) => words("nothing is attributed", "nichts wird zugerechnet").to_owned(),
            (None, _) => words("a gap", "eine Lücke").to_owned(),
        };
        extra.push_str(&format!("  {name:<24} {figure}: {}\n", basis(share, lang)));
    }
    extra.push_str(words(
        "  Training shared out over use is part of no total; SCI for AI leaves it out of the consumer's score.\n",
        "  Auf die Nutzung verteiltes Training gehört zu keiner Summe; SCI for AI lässt es aus dem Wert des Nutzers heraus.\n",
    ));
    let whole = text(impact, lang);
    // The stages and shares stand behind the totals, before the reasons.
    let place = whole.find("\n\n").map_or(whole.len(), |place| place + 1);
    format!("{}{extra}{}", &whole[..place], &whole[place..])
}

fn basis(share: &Amortised, lang: Lang) -> &str {
    match (lang, share.allocation, &share.impact) {
        (Lang::En, ..) => &share.basis,
        (Lang::De, Allocation::None, _) => "die Nutzung trägt nichts; das Training gehört dem, der trainiert hat",
        (Lang::De, Allocation::PerToken, Some(_)) => {
            "genutzte Tokens von allen, die für das Leben des Modells genannt oder angenommen sind"
        }
        (Lang::De, Allocation::PerToken, None) => "der Faktorsatz hat keine Annahme dafür",
        (Lang::De, Allocation::Adopters, Some(_)) => "genutzte Tokens von allen des Berichtsjahrs",
        (Lang::De, Allocation::Adopters, None) => "wie viele Tokens das Modell im Berichtsjahr ausgab, ist nicht genannt",
    }
}
