//! Loading: every row is checked before it counts, and an error names file and row.

use super::factor::{Distribution, EvidenceClass, Factor, Part};
use super::measured::Measured;
use super::set::{Accelerator, Alias, EcologitsProvider, Model, Parts, Provider, Region, Server, Source, Zone};
use quantity::Ratio;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A factor file that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct FactorError {
    /// The file.
    pub file: String,
    /// The row, what is wrong with it and what to do.
    pub message: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    source: BTreeMap<String, RawSource>,
    factor: Vec<RawFactor>,
    model: Vec<Model>,
    provider: Vec<Provider>,
    region: Vec<Region>,
    zone: Vec<Zone>,
    accelerator: Vec<Accelerator>,
    server: Vec<Server>,
    measured: Vec<Measured>,
    ecologits_provider: Vec<EcologitsProvider>,
    ecologits_alias: Vec<Alias>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawSource {
    citation: String,
    licence: String,
    retrieved: String,
    evidence: Option<EvidenceClass>,
    url: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawFactor {
    id: String,
    median: Option<Ratio>,
    gsd: Option<Ratio>,
    low: Option<Ratio>,
    high: Option<Ratio>,
    mixture: Option<Vec<Part>>,
    unit: String,
    parent: Option<String>,
    geography: String,
    period: String,
    boundary: String,
    source: String,
    place: String,
    evidence: Option<EvidenceClass>,
    supersedes: Option<String>,
    note: Option<String>,
}

/// Primary energy behind one kilowatt-hour of electricity cannot be less than the kilowatt-hour itself.
const PRIMARY_ENERGY_FLOOR_MJ_PER_KWH: f64 = 3.6;

/// Parses one file into `parts`; sources are resolved by [`check`] once all files are in.
pub(super) fn parse_file(name: &str, text: &str, parts: &mut Parts) -> Result<(), FactorError> {
    let fail = |message: String| FactorError { file: name.to_owned(), message };
    let file: File = toml::from_str(text).map_err(|error| fail(error.to_string().trim_end().to_owned()))?;
    for (id, raw) in file.source {
        for (field, value) in [("citation", &raw.citation), ("licence", &raw.licence), ("retrieved", &raw.retrieved)] {
            if value.trim().is_empty() {
                return Err(fail(format!("source `{id}` has no {field}; a source without {field} does not load")));
            }
        }
        let source = Source {
            id: id.clone(),
            citation: raw.citation,
            licence: raw.licence,
            retrieved: raw.retrieved,
            evidence: raw.evidence,
            url: raw.url,
        };
        parts.sources.insert(id, source);
    }
    for raw in file.factor {
        let id = raw.id.clone();
        let factor = check_row(name, raw).map_err(|message| fail(format!("{}{message}", line_of(text, &id))))?;
        if let Some(old) = parts.factors.get(&factor.id) {
            if old.file == factor.file {
                return Err(fail(format!("factor `{}` stands twice in this file", factor.id)));
            }
            if old.unit != factor.unit {
                return Err(fail(format!(
                    "{}factor `{}` is in {}, but the row it replaces is in {}; convert the value and state that unit",
                    line_of(text, &factor.id),
                    factor.id,
                    factor.unit,
                    old.unit
                )));
            }
            parts.replaced.push((old.clone(), factor.id.clone()));
        }
        parts.factors.insert(factor.id.clone(), factor);
    }
    for row in file.measured {
        if let Some(fault) = row.fault() {
            return Err(fail(format!("{}measured series `{}`: {fault}", line_of(text, &row.id), row.id)));
        }
        parts.measured.push(row);
    }
    parts.models.extend(file.model.into_iter().map(|row| (row.id.clone(), row)));
    parts.providers.extend(file.provider.into_iter().map(|row| (row.id.clone(), row)));
    parts.regions.extend(file.region.into_iter().map(|row| (row.id.clone(), row)));
    parts.zones.extend(file.zone.into_iter().map(|row| (row.id.clone(), row)));
    parts.accelerators.extend(file.accelerator.into_iter().map(|row| (row.id.clone(), row)));
    parts.servers.extend(file.server.into_iter().map(|row| (row.id.clone(), row)));
    parts.ecologits_providers.extend(file.ecologits_provider.into_iter().map(|row| (row.id.clone(), row)));
    parts.ecologits_aliases.extend(file.ecologits_alias.into_iter().map(|row| (row.id.to_lowercase(), row.to)));
    Ok(())
}

/// `line N: ` of the row with this id, for messages; empty when it cannot be told.
fn line_of(text: &str, id: &str) -> String {
    let quoted = format!("\"{id}\"");
    let place = text
        .lines()
        .position(|line| line.split_once(&quoted).is_some_and(|(before, _)| before.trim_end().ends_with('=') && before.contains("id")));
    place.map_or_else(String::new, |line| format!("line {}: ", line + 1))
}

/// Family of an id: the first word and the last, such as `grid.*.gwp`.
fn family(id: &str) -> Option<(&str, &str)> {
    let (first, rest) = id.split_once('.')?;
    let (_, last) = rest.rsplit_once('.')?;
    Some((first, last))
}

/// Above, a grid was certainly stated in grams.
const MOST_KG_PER_KWH: f64 = 5.0;

fn check_row(file: &str, raw: RawFactor) -> Result<Factor, String> {
    if raw.id.trim().is_empty() {
        return Err("a factor row has no id".to_owned());
    }
    let id = raw.id;
    for (field, value) in [
        ("unit", &raw.unit),
        ("source", &raw.source),
        ("place", &raw.place),
        ("geography", &raw.geography),
        ("period", &raw.period),
        ("boundary", &raw.boundary),
    ] {
        if value.trim().is_empty() {
            return Err(format!("factor `{id}` has no {field}; a factor without {field} does not load"));
        }
    }
    let bad = |what: &str| format!("factor `{id}`: {what}");
    let distribution = match (raw.median, raw.gsd, raw.low, raw.high, raw.mixture) {
        (Some(median), Some(gsd), None, None, None) => Distribution::Lognormal { median, gsd },
        (None, None, Some(low), Some(high), None) => Distribution::Range { low, high },
        (None, None, None, None, Some(parts)) if !parts.is_empty() => Distribution::Mixture(parts),
        (Some(_), None, ..) => return Err(bad("has no spread; state `gsd` (1.0 for a number that is exact by definition)")),
        _ => return Err(bad("has no spread; state `median` and `gsd`, or `low` and `high`, or `mixture`")),
    };
    let numbers: Vec<f64> = match &distribution {
        Distribution::Lognormal { median, gsd } => {
            if !(gsd.get() >= 1.0 && gsd.get() <= 100.0) {
                return Err(bad("gsd must lie between 1 and 100"));
            }
            vec![median.get()]
        }
        Distribution::Range { low, high } => {
            if low > high {
                return Err(bad("low lies above high"));
            }
            vec![low.get(), high.get()]
        }
        Distribution::Mixture(parts) => {
            if parts.iter().any(|part| !(part.gsd.get() >= 1.0 && part.weight.get() > 0.0 && part.median.get() > 0.0)) {
                return Err(bad("every part of a mixture needs weight > 0, median > 0 and gsd >= 1"));
            }
            parts.iter().map(|part| part.median.get()).collect()
        }
    };
    let compatible = id.starts_with("ecologits.");
    if numbers.iter().any(|number| !number.is_finite() || (*number < 0.0 && !compatible)) {
        return Err(bad("the value must be a finite number and not negative"));
    }
    if !compatible && id.ends_with(".pue") && numbers.iter().any(|number| *number < 1.0) {
        return Err(bad("PUE lies below 1; a site draws at least what its IT equipment draws"));
    }
    let grams = id.starts_with("grid.") && raw.unit == "kgCO2e/kWh" && numbers.iter().any(|number| *number > MOST_KG_PER_KWH);
    if grams {
        return Err(bad("the value lies above any grid; it counts kilograms, not grams"));
    }
    if !compatible && raw.unit == "MJ/kWh" && numbers.iter().any(|number| *number < PRIMARY_ENERGY_FLOOR_MJ_PER_KWH) {
        return Err(bad("primary energy lies below the physical floor of 3.6 MJ/kWh; it probably counts non-renewable energy only"));
    }
    Ok(Factor {
        distribution,
        unit: raw.unit,
        parent: raw.parent,
        geography: raw.geography,
        period: raw.period,
        boundary: raw.boundary,
        source: raw.source,
        place: raw.place,
        evidence: raw.evidence,
        supersedes: raw.supersedes,
        note: raw.note,
        file: file.to_owned(),
        id,
    })
}

/// Checks what only the whole set can tell: sources, units, parents, relations.
pub(super) fn check(parts: &Parts, files: &[(String, String)]) -> Result<(), FactorError> {
    let place = |factor: &Factor| {
        files.iter().find(|(name, _)| *name == factor.file).map_or_else(String::new, |(_, text)| line_of(text, &factor.id))
    };
    let own = |factor: &&Factor| factor.file.starts_with("overlay/");
    // Only the user's own rows are held to the units of their family, so that a set without them is not searched.
    for factor in parts.factors.values().filter(own) {
        let Some(family) = family(&factor.id) else { continue };
        let built_in = parts.factors.values().filter(|other| !own(other) && self::family(&other.id) == Some(family));
        let units: BTreeSet<&str> = built_in.map(|other| other.unit.as_str()).collect();
        if !units.is_empty() && !units.contains(factor.unit.as_str()) {
            let unit = units.into_iter().collect::<Vec<_>>().join(" or ");
            return Err(FactorError {
                file: factor.file.clone(),
                message: format!(
                    "{}factor `{}` is in {}, but factors {}.*.{} are in {unit}; convert the value and state that unit",
                    place(factor),
                    factor.id,
                    factor.unit,
                    family.0,
                    family.1
                ),
            });
        }
    }
    for row in &parts.measured {
        if !(parts.sources.contains_key(&row.source)
            && parts.accelerators.contains_key(&row.accelerator)
            && parts.models.contains_key(&row.model))
        {
            return Err(FactorError {
                file: "measured".to_owned(),
                message: format!(
                    "measured series `{}` names source `{}`, accelerator `{}` and model `{}`, and not all are defined",
                    row.id, row.source, row.accelerator, row.model
                ),
            });
        }
    }
    for factor in parts.factors.values() {
        let fail = |message: String| FactorError { file: factor.file.clone(), message: format!("{}{message}", place(factor)) };
        if !parts.sources.contains_key(&factor.source) {
            return Err(fail(format!("factor `{}` cites source `{}`, which no file defines", factor.id, factor.source)));
        }
        let mut at = factor;
        for depth in 0.. {
            let Some(parent) = &at.parent else { break };
            if depth == 4 {
                return Err(fail(format!("factor `{}` has a chain of more than 4 parents", factor.id)));
            }
            at = parts
                .factors
                .get(parent)
                .ok_or_else(|| fail(format!("factor `{}` names parent `{parent}`, which no file defines", factor.id)))?;
        }
    }
    for model in parts.models.values() {
        if !parts.providers.contains_key(&model.provider) {
            return Err(FactorError {
                file: "models".to_owned(),
                message: format!("model `{}` names provider `{}`, which no file defines", model.id, model.provider),
            });
        }
    }
    for region in parts.regions.values() {
        if !parts.zones.contains_key(&region.zone) {
            return Err(FactorError {
                file: "regions".to_owned(),
                message: format!("region `{}` names zone `{}`, which no file defines", region.id, region.zone),
            });
        }
    }
    Ok(())
}
