//! The site: which factors fill its zone, PUE, WUE and what a kilowatt-hour costs beside greenhouse gas.

use super::{Builder, grid};
use crate::params::Param;
use crate::{Deployment, Indicator};

/// Fills the parameters of the place.
pub(super) fn fill(b: &mut Builder<'_>, deployment: &Deployment) {
    let provider = b.plan.model.provider.clone();
    let stated = deployment.zone.as_deref().filter(|zone| !zone.is_empty());
    let zone = stated.and_then(|word| b.set.zone_of_region(word));
    let region = stated.and_then(|word| b.set.region(word)).map(|region| region.id.clone());
    if let (Some(word), None) = (stated, &zone) {
        b.weak("zone_not_in_table", word, "no table maps this region to a grid zone; the default of the provider stands in");
    }
    let known = zone.is_some();
    let zone = zone
        .or_else(|| b.set.providers().get(&provider).map(|row| row.zone.clone()).filter(|zone| !zone.is_empty()))
        .unwrap_or_else(|| "WOR".to_owned());
    if !known && stated.is_none() {
        b.weak(
            "zone_unknown",
            &zone,
            "where it ran is not stated; this grid zone is assumed, with a wider spread: state the region or zone",
        );
    }
    b.plan.zone.clone_from(&zone);
    grid::fill(b, deployment, known);
    for (param, name, indicator) in [
        (Param::GridWater, "water", Indicator::WaterL),
        (Param::GridAdpe, "adpe", Indicator::AdpeKgsbeq),
        (Param::GridPe, "pe", Indicator::PeMj),
    ] {
        if let Some(id) = grid::annual(b, name, indicator) {
            let spread = if known || param != Param::GridWater { vec![id] } else { vec![id, grid::ZONE_UNKNOWN.to_owned()] };
            b.mix(param, &[(1.0, spread)]);
        }
    }
    let site = deployment.site.as_deref().unwrap_or("");
    for (param, name) in [(Param::Pue, "pue"), (Param::Wue, "wue")] {
        let mut ids = Vec::new();
        if !site.is_empty() {
            ids.push(format!("site.{site}.{name}"));
        }
        if let Some(region) = &region {
            ids.push(format!("region.{region}.{name}"));
        }
        let placed = ids.iter().any(|id| b.set.factor(id).is_some());
        if site.is_empty() {
            ids.push(format!("provider.{provider}.{name}"));
        }
        let own = ids.iter().any(|id| b.set.factor(id).is_some());
        ids.push(format!("provider.default.{name}"));
        if !b.fill(param, &ids) {
            b.weak("factor_missing", &format!("provider.default.{name}"), "the factor set has no default; the parts that need it are gaps");
        } else if !own {
            let who = if !site.is_empty() {
                site
            } else if provider.is_empty() {
                "provider unknown"
            } else {
                &provider
            };
            b.weak("site_default", who, &format!("{name} is not stated for this site; an industry default with a wide spread stands in"));
        } else if !placed && site.is_empty() && !provider_stated(b, deployment) {
            b.weak(
                "provider_assumed",
                &provider,
                "who ran it is not stated; PUE and WUE are those of the usual provider of this model: state the provider or the site",
            );
        }
    }
}

/// Whether the provider is stated, by itself or by the name of the model.
fn provider_stated(b: &Builder<'_>, deployment: &Deployment) -> bool {
    let stated = |word: &Option<String>| word.as_deref().is_some_and(|word| !word.trim().is_empty());
    let prefix = deployment.model.as_deref().and_then(|model| model.split_once('/'));
    stated(&deployment.provider) || prefix.is_some_and(|(prefix, _)| b.set.provider_id(prefix).is_some())
}
