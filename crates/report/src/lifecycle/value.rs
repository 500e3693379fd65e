//! From an assessment to its `LifeCycle`: one sample per activity, and sums of them.

use super::chart::no_figure;
use super::{LifeCycle, Part, PerUnit, Place};
use crate::build::short;
use crate::messages::Msg;
use crate::{ReportError, boundary};
use books::{Assessment, Planned, Share};
use lca::{Allocation, Evaluator, FactorSet, Impact, Indicator, Kind, Profile, Sample, Served, SourceNote, Stage, Tier, rank};
use quantity::{Lang, Ratio, Tokens};
use std::collections::BTreeMap;

/// A life cycle with the draws of its total, for comparisons.
#[derive(Clone)]
pub struct LifeCycleValued {
    /// What is said.
    pub life: LifeCycle,
    /// The draws of the total.
    pub total: Sample,
}

/// A sample with its name.
struct Named<'a> {
    key: &'a str,
    planned: Option<&'a Planned>,
    sample: Sample,
}

/// Values an assessment under a profile.
///
/// # Errors
/// When the method refuses an activity.
pub fn life_cycle(assessment: &Assessment, factors: &FactorSet, profile: Profile) -> Result<LifeCycleValued, ReportError> {
    let mut evaluator = Evaluator::new(factors, profile);
    let mut activities = Vec::new();
    for planned in assessment.activities.iter().filter(|planned| planned.amortised.is_none()) {
        let sample = evaluator.sample(&planned.activity, &planned.deployment).map_err(|error| ReportError::Method(error.to_string()))?;
        // What a model answers in experiments or in training is no use yet.
        let sample = match planned.activity.stage {
            Some(stage @ (Stage::Development | Stage::PreTraining | Stage::FineTuning | Stage::Reinforcement)) => sample.used_as(stage),
            _ => sample,
        };
        activities.push(Named { key: &planned.name, planned: Some(planned), sample });
    }
    let mut total = Sample::zero();
    activities.iter().for_each(|activity| total.add(&activity.sample));
    let stages: Vec<Named<'_>> = Stage::ALL.iter().filter_map(|stage| of_stage(*stage, &activities)).collect();
    let by_stage = |activity: &Named<'_>| -> Vec<(String, Sample)> {
        activity.sample.stages().map(|stage| (stage.as_str().to_owned(), activity.sample.only(stage))).collect()
    };
    let by_activity = |stage: &Named<'_>| -> Vec<(String, Sample)> {
        let Ok(word) = stage.key.parse::<Stage>() else { return Vec::new() };
        activities.iter().map(|activity| (activity.key.to_owned(), activity.sample.only(word))).collect()
    };
    let all =
        |list: &[Named<'_>]| -> Vec<(String, Sample)> { list.iter().map(|named| (named.key.to_owned(), named.sample.clone())).collect() };
    let included: Vec<Stage> = stages.iter().filter_map(|stage| stage.key.parse().ok()).collect();
    let impact = total.impact();
    let (amortised, cited) = beside(assessment, factors, profile, &total)?;
    let functional_unit = assessment.functional_unit.as_ref().map(|unit| PerUnit {
        name: unit.name.clone(),
        quantity: unit.quantity,
        impacts: total.scaled(Ratio::new(1.0 / unit.quantity.get())).impact().impacts,
    });
    let parts: Vec<Part> = activities.iter().map(|activity| part(activity, &total, &by_stage(activity))).collect();
    let life = LifeCycle {
        statement: "life_cycle".to_owned(),
        title: assessment.title.clone(),
        profile,
        currency: if impact.currency.is_empty() { factors.currency().to_owned() } else { impact.currency.clone() },
        total: part(&Named { key: "total", planned: None, sample: total.clone() }, &total, &all(&activities)),
        functional_unit,
        ranking: ranking(&stages),
        activity_ranking: ranking(&activities),
        stages: stages.iter().map(|stage| part(stage, &total, &by_activity(stage))).collect(),
        gaps: gaps(&parts),
        activities: parts,
        amortised,
        left_out: left_out(profile, &included),
        boundary: boundary::sentence(profile, &included, Lang::En),
        sources: with(impact.sources, cited),
        factor_set: factors.name().to_owned(),
        method: impact.method,
        factor_overrides: factors.overrides().to_vec(),
    };
    Ok(LifeCycleValued { life, total })
}

/// The activities that lack a figure, by indicator.
fn gaps(parts: &[Part]) -> BTreeMap<Indicator, Vec<String>> {
    let lacking = |indicator: &Indicator| {
        let lacks = |part: &&Part| part.impacts.row(*indicator).is_none() && no_figure(part) == Msg::Gap;
        (*indicator, parts.iter().filter(lacks).map(|part| part.key.clone()).collect::<Vec<_>>())
    };
    Indicator::ALL.iter().map(lacking).filter(|(_, names)| !names.is_empty()).collect()
}

/// The training of models by others, at the share that falls on the system, with its sources.
fn beside(
    assessment: &Assessment,
    factors: &FactorSet,
    profile: Profile,
    total: &Sample,
) -> Result<(Vec<Part>, Vec<SourceNote>), ReportError> {
    // A profile that leaves training out has no figure for it; beside the total it is shown all the same.
    let mut evaluator = Evaluator::new(factors, if profile.counts(Stage::PreTraining) { profile } else { Profile::Full });
    let (mut parts, mut sources) = (Vec::new(), Vec::new());
    for planned in &assessment.activities {
        let Some(share) = planned.amortised else { continue };
        let sample = evaluator.sample(&planned.activity, &planned.deployment).map_err(|error| ReportError::Method(error.to_string()))?;
        let named = |sample| Named { key: &planned.name, planned: Some(planned), sample };
        let part = match share {
            Share::Stated(share) => {
                let named = named(sample.scaled(share));
                sources = with(sources, named.sample.impact().sources);
                part(&named, total, &[])
            }
            Share::Served(life) => {
                let lines = evaluator.amortise(&sample, &served(assessment, planned, life, factors));
                let borne = lines.into_iter().find(|line| line.allocation == Allocation::PerToken).and_then(|line| line.impact);
                let empty = named(Sample::zero());
                let impact = borne.unwrap_or_else(|| empty.sample.impact());
                sources = with(sources, impact.sources.clone());
                of_impact(&empty, impact)
            }
        };
        parts.push(part);
    }
    Ok((parts, sources))
}

/// What the system uses of a model, and what the model serves.
fn served(assessment: &Assessment, training: &Planned, life: Option<Tokens>, factors: &FactorSet) -> Served {
    let name = |planned: &Planned| {
        let provider = planned.deployment.provider.as_deref().unwrap_or_default();
        planned.deployment.model.as_deref().map(|model| factors.resolve_model(provider, model).model)
    };
    let model = name(training);
    let asked = assessment.activities.iter().filter(|planned| planned.activity.kind == Kind::Inference && name(planned) == model);
    let used = asked.map(|planned| planned.activity.stats.output_all()).sum();
    let row = model.as_deref().and_then(|model| factors.models().get(model));
    let tier = row.map_or(Tier::Medium, |row| Tier::of_class(&row.class));
    Served { used: Tokens(used), life, year: None, tier }
}

/// Two lists of sources as one, by id.
fn with(mut list: Vec<SourceNote>, more: Vec<SourceNote>) -> Vec<SourceNote> {
    for source in more {
        if !list.iter().any(|known| known.id == source.id) {
            list.push(source);
        }
    }
    list.sort();
    list
}

/// The sum of the activities in one stage; `None` when no activity has a figure in it.
fn of_stage(stage: Stage, activities: &[Named<'_>]) -> Option<Named<'static>> {
    let mut sum = Sample::zero();
    for activity in activities.iter().filter(|activity| activity.sample.stages().any(|known| known == stage)) {
        sum.add(&activity.sample.only(stage));
    }
    let known = Indicator::ALL.iter().any(|indicator| sum.draws(*indicator).is_some());
    known.then(|| Named { key: stage.as_str(), planned: None, sample: sum })
}

fn part(named: &Named<'_>, total: &Sample, pieces: &[(String, Sample)]) -> Part {
    let impact = named.sample.impact();
    let shares = Indicator::ALL.iter().filter_map(|indicator| Some((*indicator, named.sample.ratio_to(total, *indicator)?.map(short))));
    let made_of = Indicator::ALL.iter().filter_map(|indicator| {
        let list: Vec<(String, Ratio)> =
            pieces.iter().filter_map(|(key, sample)| Some((key.clone(), short(sample.row(*indicator)?[1])))).collect();
        (!list.is_empty()).then_some((*indicator, list))
    });
    Part { shares: shares.collect(), made_of: made_of.collect(), ..of_impact(named, impact) }
}

/// A part by its impact; shares and pieces are left to the caller.
fn of_impact(named: &Named<'_>, impact: Impact) -> Part {
    Part {
        key: named.key.to_owned(),
        kind: named.planned.map(|planned| planned.activity.kind),
        note: named.planned.and_then(|planned| planned.note.clone()),
        shares: BTreeMap::new(),
        made_of: BTreeMap::new(),
        grade: impact.grade,
        grade_shares: named.sample.grade_shares().into_iter().map(|(grade, share)| (grade, short(share))).collect(),
        drivers: impact.basis.drivers.clone(),
        weaknesses: impact.basis.weaknesses.clone(),
        sources: impact.sources.iter().map(|source| source.id.clone()).collect(),
        impacts: impact.impacts,
    }
}

/// The order by every indicator, largest first.
fn ranking(list: &[Named<'_>]) -> BTreeMap<Indicator, Vec<Place>> {
    let samples: Vec<Sample> = list.iter().map(|named| named.sample.clone()).collect();
    let order = |indicator: &Indicator| {
        let ranking = rank(&samples, *indicator);
        let falling: Vec<usize> = ranking.order.iter().rev().map(|ranked| ranked.index).collect();
        let place = |(at, index): (usize, &usize)| Place {
            key: list[*index].key.to_owned(),
            place: 1 + falling.iter().filter(|other| ranking.claims(*index, **other)).count(),
            above_next: falling.get(at + 1).and_then(|next| ranking.below[*next][*index]).map(short),
        };
        (*indicator, falling.iter().enumerate().map(place).collect::<Vec<_>>())
    };
    Indicator::ALL.iter().map(order).filter(|(_, places)| !places.is_empty()).collect()
}

/// Why a stage is not in the total: the profile leaves it out, or no activity falls under it.
pub(super) fn reason(stage: Stage, profile: Profile) -> Msg {
    if profile.counts(stage) { Msg::LifeNoActivity } else { boundary::stage_reason(stage, profile) }
}

fn left_out(profile: Profile, included: &[Stage]) -> Vec<(Stage, String)> {
    let out = Stage::ALL.iter().filter(|stage| !included.contains(stage));
    out.map(|stage| (*stage, reason(*stage, profile).text(Lang::En).to_owned())).collect()
}

/// The word of a kind in tables.
pub(super) const fn kind(kind: Kind) -> Msg {
    match kind {
        Kind::Inference => Msg::KindInference,
        Kind::Training => Msg::KindTraining,
        Kind::Electricity => Msg::KindElectricity,
        Kind::Hardware => Msg::KindHardware,
    }
}
