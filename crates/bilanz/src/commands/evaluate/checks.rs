//! What every evaluation refuses: names that no table knows, counts below zero.

use anyhow::bail;
use lca::{FactorSet, Profile};

/// Refuses a zone that no table knows.
pub(crate) fn check_zone(set: &FactorSet, zone: &str) -> anyhow::Result<()> {
    let compatible = || set.compatible().is_ok_and(|tables| tables.zone_names().contains(&zone.to_uppercase().as_str()));
    if set.zone_of_region(zone).is_none() && !compatible() {
        let near = set.nearest_zones(zone);
        let hint = if near.is_empty() { String::new() } else { format!("; the nearest are {}", near.join(", ")) };
        bail!(
            "no table knows the zone or region `{zone}`{hint}; write an ISO 3166 alpha-3 code such as DEU, or a cloud region such as aws/eu-central-1 (`bilanz factors list grid.` lists the zones)"
        );
    }
    Ok(())
}

/// Refuses a model that no table knows.
pub(super) fn check_model(set: &FactorSet, model: &str, provider: &str, profile: Profile) -> anyhow::Result<()> {
    let known = set.resolve_model(provider, model).known;
    let compatible = profile == Profile::Ecologits && set.compatible()?.generation_us(model, 1, None).is_some();
    if known || compatible {
        return Ok(());
    }
    let near = set.nearest_models(model);
    let hint = if near.is_empty() { String::new() } else { format!("; the nearest are {}", near.join(", ")) };
    bail!(
        "the factor set knows no model `{model}`{hint}. Otherwise state its size instead (`--help` names the option), or add it to your own factors"
    )
}

/// Refuses a model that writes no text, with the command that values it.
pub(super) fn check_writes_text(set: &FactorSet, model: &str, provider: &str) -> anyhow::Result<()> {
    let id = set.resolve_model(provider, model).model;
    if set.models().get(&id).is_some_and(|model| model.class == "media") {
        bail!("`{id}` makes or reads images, video or audio; value it with `bilanz evaluate image`, `video` or `audio`");
    }
    if id.contains("embed") {
        bail!("`{id}` embeds and writes no tokens; value it with `bilanz evaluate embedding --model {id} --input-tokens N`");
    }
    Ok(())
}

/// Refuses an accelerator that no table knows.
pub(super) fn check_accelerator(set: &FactorSet, accelerator: &str) -> anyhow::Result<()> {
    if set.accelerator(accelerator).is_none() {
        let known: Vec<_> = set.accelerators().keys().map(String::as_str).collect();
        let near = set.nearest_accelerators(accelerator);
        let hint = if near.is_empty() { String::new() } else { format!("; the nearest are {}", near.join(", ")) };
        bail!("the factor set knows no accelerator `{accelerator}`{hint}; one of: {}", known.join(", "));
    }
    Ok(())
}

/// Refuses a zone, an accelerator or a provider that no table knows.
pub(super) fn check_places(set: &FactorSet, zone: Option<&str>, accelerator: Option<&str>, provider: Option<&str>) -> anyhow::Result<()> {
    zone.map_or(Ok(()), |zone| check_zone(set, zone))?;
    accelerator.map_or(Ok(()), |accelerator| check_accelerator(set, accelerator))?;
    provider.map_or(Ok(()), |provider| check_provider(set, provider))
}

/// Refuses more active parameters than there are.
pub(super) fn check_sizes(active: Option<f64>, total: Option<f64>) -> anyhow::Result<()> {
    match (active, total) {
        (Some(active), Some(total)) if active > total => {
            bail!("--params-active ({active}) lies above --params-total ({total}); swap them")
        }
        _ => Ok(()),
    }
}

/// Refuses a provider that no table knows.
fn check_provider(set: &FactorSet, provider: &str) -> anyhow::Result<()> {
    if set.provider_id(provider).is_none() {
        let known: Vec<_> = set.providers().keys().map(String::as_str).collect();
        bail!("the factor set knows no provider `{provider}`; one of: {}", known.join(", "));
    }
    Ok(())
}

/// Refuses a count below zero or beyond belief.
pub(super) fn not_negative(name: &str, value: Option<i64>) -> anyhow::Result<()> {
    match value {
        Some(value) if value < 0 => bail!("--{name} is {value}; a count cannot be negative. Leave it out when unknown, write 0 for none"),
        Some(value) if value > books::MAX_TOKENS_PER_ROW => bail!("--{name} is {value}, above 10^15; check the unit"),
        _ => Ok(()),
    }
}

/// Refuses what is not a number above zero.
pub(super) fn positive(name: &str, value: Option<f64>) -> anyhow::Result<()> {
    match value {
        Some(value) if !(value.is_finite() && value > 0.0) => bail!("--{name} is {value}; it must be a number above 0"),
        _ => Ok(()),
    }
}
