//! What a statement covers, and what each provider tells.

use crate::build::{ReportError, sample_of, short};
use crate::contract::{Lots, contract, place};
use crate::{By, Coverage, Disclosure, Group, Period, Request, boundary};
use books::Config;
use lca::{Evaluator, FactorSet, Sample};
use lca::{Impact, Indicator, Stage};
use quantity::{Grade, Lang, Ratio};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Indicators whose total lacks a part, with the share of the energy that has no figure.
type Partial = Vec<(Indicator, Option<Ratio>)>;

/// What is covered and what is not.
pub fn coverage(
    request: &Request,
    lots: &Lots<'_>,
    period: &Period,
    total: &Group,
    impact: &Impact,
    config: &Config,
    factors: &FactorSet,
) -> Coverage {
    let days = &lots.days;
    let mut known: HashMap<&str, bool> = HashMap::new();
    let mut zones: HashMap<std::sync::Arc<str>, bool> = HashMap::new();
    let (mut entries, mut tokens, mut model_known, mut zone_known) = (0, 0, 0, 0);
    let (mut requests, mut cache_unknown) = (0, 0);
    for (key, stats) in &lots.list {
        let here = stats.tokens_all();
        entries += stats.entries;
        tokens += here;
        requests += stats.requests;
        cache_unknown += stats.requests_cache_unknown;
        if *known.entry(&key.model).or_insert_with(|| factors.model_known(&key.model)) {
            model_known += here;
        }
        let place = place(key, config);
        if *zones.entry(place.clone()).or_insert_with(|| factors.zone_of_region(&place).is_some()) {
            zone_known += here;
        }
    }
    let length = match (period.from, period.to) {
        (Some(from), Some(to)) => u64::try_from(i64::from(to.0) - i64::from(from.0) + 1).unwrap_or(0),
        _ => 0,
    };
    let within = days.iter().filter(|day| period.from.is_none_or(|from| **day >= from) && period.to.is_none_or(|to| **day <= to)).count();
    // A fold from zero: the empty sum of floats is minus zero.
    let metered =
        [Grade::A, Grade::B, Grade::C].iter().filter_map(|grade| total.grade_shares.get(grade)).fold(0.0, |sum, share| sum + share.get());
    let included: Vec<Stage> = impact.stages.keys().copied().collect();
    let excluded = Stage::ALL.iter().filter(|stage| !included.contains(stage));
    let empty = entries == 0;
    Coverage {
        entries,
        model_known: share(model_known, tokens),
        zone_known: share(zone_known, tokens),
        cache_known: share(requests - cache_unknown, requests),
        metered: short(Ratio::new(metered.min(1.0))),
        days_without_entries: length.saturating_sub(within as u64),
        stages_excluded: excluded
            .map(|stage| (*stage, boundary::stage_reason(*stage, request.profile).text(Lang::En).to_owned()))
            .collect(),
        stages_included: included,
        gaps: boundary::gaps(&total.impacts)
            .map(|indicator| (indicator.as_str().to_owned(), boundary::gap_reason(indicator, empty).text(Lang::En).to_owned()))
            .collect(),
        partial: Vec::new(),
    }
}

/// Per provider its share of the energy, what it tells and what had to be inferred; and the indicators that lack a part.
///
/// The rows are contracted once more by provider, so this costs one evaluation per deployment.
pub fn disclosures(
    lots: &Lots<'_>,
    total: &Group,
    evaluator: &mut Evaluator<'_>,
    config: &Config,
    factors: &FactorSet,
) -> Result<(Vec<Disclosure>, Partial), ReportError> {
    // zero: divisor of shares; `share` gives none of nothing
    let all = total.impacts.energy_kwh.as_ref().map_or(0.0, |energy| energy.median().as_kwh());
    let mut list = Vec::new();
    let mut lacking: BTreeMap<Vec<Indicator>, Sample> = BTreeMap::new();
    let cells = contract(lots, By::Provider, config);
    for cells in cells.chunk_by(|a, b| a.group == b.group) {
        let mut sample = Sample::zero();
        for cell in cells {
            let own = sample_of(cell, evaluator, config)?;
            let lacks: Vec<Indicator> =
                boundary::gaps(&own.impact().impacts).filter(|indicator| total.impacts.row(*indicator).is_some()).collect();
            if !lacks.is_empty() {
                lacking.entry(lacks).or_insert_with(Sample::zero).add(&own);
            }
            sample.add(&own);
        }
        let impact = sample.impact();
        // zero: a provider whose energy is a gap has no share of it; the gap itself is listed
        let energy = impact.impacts.row(Indicator::EnergyKwh).map_or(0.0, |row| row[1].get());
        let (discloses, withholds) = factors.disclosure(&cells[0].way.provider).unwrap_or_default();
        list.push(Disclosure {
            provider: cells[0].group.to_string(),
            energy_share: short(Ratio::new(if all > 0.0 { energy / all } else { 0.0 })),
            discloses,
            withholds,
            inferred: impact.basis.drivers.iter().map(|driver| driver.factor.clone()).collect(),
        });
    }
    list.sort_by(|a, b| b.energy_share.get().total_cmp(&a.energy_share.get()).then_with(|| a.provider.cmp(&b.provider)));
    Ok((list, partial(&lacking, all)))
}

/// Per indicator the share of the energy that has no figure for it; `None` where that energy is not known either.
fn partial(lacking: &BTreeMap<Vec<Indicator>, Sample>, all: f64) -> Partial {
    let share = |indicator: Indicator| {
        let parts = || lacking.iter().filter(|(indicators, _)| indicators.contains(&indicator));
        if all <= 0.0 || parts().any(|(indicators, _)| indicators.contains(&Indicator::EnergyKwh)) {
            return None;
        }
        let mut sum = Sample::zero();
        parts().for_each(|(_, sample)| sum.add(sample));
        let energy = sum.impact().impacts.row(Indicator::EnergyKwh)?[1].get();
        Some(short(Ratio::new((energy / all).min(1.0))))
    };
    let indicators: BTreeSet<Indicator> = lacking.keys().flatten().copied().collect();
    indicators.into_iter().map(|indicator| (indicator, share(indicator))).collect()
}

/// Part of a whole; the share of nothing is nothing known.
fn share(part: i128, whole: i128) -> Ratio {
    if whole == 0 { Ratio::new(0.0) } else { short(Ratio::new(part as f64 / whole as f64)) }
}
