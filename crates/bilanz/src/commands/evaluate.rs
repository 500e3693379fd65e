//! `bilanz evaluate`: one activity, valued without any books.

use crate::cli::{Evaluate, EvaluateCommand, EvaluateCommon, EvaluateElectricity, EvaluateInference, Meter, Precision};
use crate::{context, output};
use anyhow::{Context as _, bail};
use lca::{Activity, Counts, Deployment, Evidence, FactorSet, Impact, Indicator, Kind, Profile, Stats};
use quantity::{Lang, Ratio};

/// Evaluates.
pub(crate) fn run(flags: &Evaluate) -> anyhow::Result<()> {
    match &flags.command {
        EvaluateCommand::Inference(flags) => inference(flags),
        EvaluateCommand::Electricity(flags) => electricity(flags),
    }
}

/// Refuses a zone that no table knows.
pub(crate) fn check_zone(set: &FactorSet, zone: &str) -> anyhow::Result<()> {
    let compatible = || set.compatible().is_ok_and(|tables| tables.zone_names().contains(&zone.to_uppercase().as_str()));
    if set.zone_of_region(zone).is_none() && !compatible() {
        bail!(
            "no table knows the zone or region `{zone}`; write an ISO 3166 alpha-3 code such as DEU, or a cloud region such as aws/eu-central-1 (`bilanz factors list grid.` lists the zones)"
        );
    }
    Ok(())
}

fn check_model(set: &FactorSet, model: &str, provider: &str, profile: Profile) -> anyhow::Result<()> {
    let known = set.resolve_model(provider, model).known;
    let compatible = profile == Profile::Ecologits && set.compatible()?.generation_us(model, 1, None).is_some();
    if known || compatible {
        return Ok(());
    }
    let near = set.nearest_models(model);
    let hint = if near.is_empty() { String::new() } else { format!("; the nearest are {}", near.join(", ")) };
    bail!(
        "the factor set knows no model `{model}`{hint}. Otherwise state its size with --params-active and --params-total, or add it to your own factors"
    )
}

fn not_negative(name: &str, value: Option<i64>) -> anyhow::Result<()> {
    match value {
        Some(value) if value < 0 => bail!("--{name} is {value}; a count cannot be negative. Leave it out when unknown, write 0 for none"),
        Some(value) if value > books::MAX_TOKENS_PER_ROW => bail!("--{name} is {value}, above 10^15; check the unit"),
        _ => Ok(()),
    }
}

fn positive(name: &str, value: Option<f64>) -> anyhow::Result<()> {
    match value {
        Some(value) if !(value.is_finite() && value > 0.0) => bail!("--{name} is {value}; it must be a number above 0"),
        _ => Ok(()),
    }
}

fn inference(flags: &EvaluateInference) -> anyhow::Result<()> {
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
    if let Some(accelerator) = &flags.accelerator
        && set.accelerator(accelerator).is_none()
    {
        let known: Vec<_> = set.accelerators().keys().map(String::as_str).collect();
        bail!("the factor set knows no accelerator `{accelerator}`; one of: {}", known.join(", "));
    }
    if let Some(provider) = &flags.provider
        && set.provider_id(provider).is_none()
    {
        let known: Vec<_> = set.providers().keys().map(String::as_str).collect();
        bail!("the factor set knows no provider `{provider}`; one of: {}", known.join(", "));
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

fn electricity(flags: &EvaluateElectricity) -> anyhow::Result<()> {
    if !(flags.energy_kwh.is_finite() && flags.energy_kwh >= 0.0) {
        bail!("--energy-kwh is {}; it must be a number and not negative", flags.energy_kwh);
    }
    let profile: Profile = flags.common.profile.parse()?;
    let set = context::factors(None, flags.common.factors.as_deref())?;
    if let Some(zone) = &flags.zone {
        check_zone(&set, zone)?;
    }
    // Below, the integer of the books would be zero; above, a typing error is certain.
    if flags.energy_kwh != 0.0 && !(1e-12..=1e15).contains(&flags.energy_kwh) {
        bail!("--energy-kwh is {}; between 1e-12 and 1e15 kWh are valued, check the unit", flags.energy_kwh);
    }
    let nanojoules = flags.energy_kwh * 3.6e15;
    let counts = Counts { energy_nj: Some(nanojoules as i128), ..Counts::default() };
    let evidence = match flags.meter {
        Meter::Plug => Evidence::Plug,
        Meter::Counter => Evidence::Counter,
        Meter::Share => Evidence::Share,
    };
    let activity = Activity { kind: Kind::Electricity, evidence, stats: Stats::of(&counts), ..Activity::default() };
    let deployment = Deployment { zone: flags.zone.clone(), provider: flags.provider.clone(), ..Deployment::default() };
    print(&lca::evaluate(&activity, &deployment, &set, profile)?, &flags.common)
}

fn print(impact: &Impact, common: &EvaluateCommon) -> anyhow::Result<()> {
    if common.json.json {
        return output::json(impact);
    }
    let lang: Lang = common.lang.into();
    let mut text = String::new();
    for indicator in Indicator::ALL {
        let name = report::names::indicator(*indicator).text(lang);
        text.push_str(&format!("{name:<26} {}\n", report::figures::line(&impact.impacts, *indicator, &impact.currency, lang)));
    }
    let words = |en: &'static str, de: &'static str| if lang == Lang::De { de } else { en };
    text.push_str(&format!(
        "\n{} {}   {} {}   {} {}   {} {}\n",
        words("Grade", "Güte"),
        impact.grade,
        words("profile", "Profil"),
        impact.profile,
        words("factor set", "Faktorsatz"),
        impact.factor_set,
        words("method", "Methode"),
        impact.method
    ));
    text.push_str(words("\nWhat makes it uncertain\n", "\nWas es unsicher macht\n"));
    for driver in &impact.basis.drivers {
        text.push_str(&format!("  {:>4}  {}\n", report::figures::percent(driver.share, lang), driver.factor));
    }
    text.push_str(words("\nWhat weakens it\n", "\nWas es schwächt\n"));
    for weakness in &impact.basis.weaknesses {
        text.push_str(&format!("  {}: {}\n", weakness.about, report::weakness_text(weakness, lang)));
    }
    text.push_str(words("\nSources\n", "\nQuellen\n"));
    for source in &impact.sources {
        text.push_str(&format!("  {} ({}, {} {})\n", source.citation, source.licence, words("retrieved", "abgerufen"), source.retrieved));
    }
    output::data(&text).context("cannot print the result")
}
