//! `influence()`: which formulas use a factor, and what it moves there.

use crate::evaluate::Compiled;
use crate::factors::FactorSet;
use crate::params::Param;
use crate::plan::Slot;
use crate::{Activity, Counts, Deployment, Evidence, Indicator, Kind, Profile, Stats};
use quantity::{Ratio, Z90};

/// What one factor does in one typical case.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// The case in words.
    pub case: &'static str,
    /// Parameters of the formula that it fills.
    pub parameters: Vec<String>,
    /// Greenhouse gas of the case with the factor at the low end of its 90 % interval, relative to its median.
    pub at_low: Ratio,
    /// The same at the high end.
    pub at_high: Ratio,
    /// Share of the variance of the logarithm that it brings.
    pub share: Ratio,
}

/// Values a factor's use and influence over typical cases; empty when none of them uses it.
///
/// The cases take the model, zone, region, provider or accelerator that the id names.
#[must_use]
pub fn influence(factors: &FactorSet, id: &str) -> Vec<Influence> {
    cases(factors, id)
        .into_iter()
        .filter_map(|(case, activity, deployment, profile)| {
            let compiled = Compiled::new(&activity, &deployment, factors, profile);
            let parameters = parameters(&compiled, id);
            if parameters.is_empty() {
                return None;
            }
            let total = |z: f64| compiled.total_moved(factors, id, z, &activity)[Indicator::GwpKgco2e as usize];
            let centre = total(0.0);
            let ratio = |z: f64| if centre > 0.0 { Ratio::new(quantity::six_digits(total(z) / centre)) } else { Ratio::new(1.0) };
            let impact = compiled.closed_form(&activity, factors);
            let share = impact.basis.drivers.iter().find(|driver| driver.factor == id).map_or(Ratio::new(0.0), |driver| driver.share);
            Some(Influence { case, parameters, at_low: ratio(-Z90), at_high: ratio(Z90), share })
        })
        .collect()
}

/// Names of the parameters that a factor fills, alone or with others.
fn parameters(compiled: &Compiled, id: &str) -> Vec<String> {
    let Some(place) = compiled.plan.factors.iter().position(|(known, _)| known == id) else { return Vec::new() };
    let uses = |slot: &Slot| match slot {
        Slot::Factors(indices) => indices.contains(&place),
        Slot::Mix(terms) => terms.iter().any(|(_, indices)| indices.contains(&place)),
        Slot::Known(_) | Slot::Gap => false,
    };
    let names = Param::ALL.iter().zip(&compiled.plan.slots).filter(|(_, slot)| uses(slot));
    names.map(|(param, _)| words(&format!("{param:?}"))).collect()
}

/// `PowerShare` as `power share`.
fn words(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

type Case = (&'static str, Activity, Deployment, Profile);

/// Typical cases around what an id names.
fn cases(factors: &FactorSet, id: &str) -> Vec<Case> {
    let (_, rest) = id.split_once('.').unwrap_or((id, ""));
    let subject = rest.rsplit_once('.').map_or(rest, |(subject, _)| subject);
    let model = factors.models().contains_key(subject).then(|| subject.to_owned());
    let media = model.as_deref().is_some_and(|model| factors.factor(&format!("model.{model}.params_active_b")).is_none());
    let zone =
        factors.zone_of_region(subject).map(|_| subject.to_owned()).or_else(|| factors.zone_of_region(rest).map(|_| rest.to_owned()));
    let accelerator = factors.accelerator(subject).map(|row| row.id.clone());
    let provider = factors.provider_id(subject).map(str::to_owned);
    let counts = |counts: Counts| {
        let mut counts = counts;
        counts.fill_context();
        Stats::of(&counts)
    };
    let answer = counts(Counts {
        requests: Some(1),
        input_tokens: Some(800),
        cache_read_tokens: Some(200),
        output_tokens: Some(400),
        ..Counts::default()
    });
    let place = |deployment: Deployment| Deployment { zone: zone.clone().or(Some("DEU".to_owned())), ..deployment };
    let known = |kind: Kind, stats: Stats| Activity { kind, stats, ..Activity::default() };
    let text = Deployment {
        model: model.clone().filter(|_| !media).or(Some("openai/gpt-4o".to_owned())),
        provider: provider.clone(),
        accelerator: accelerator.clone(),
        ..Deployment::default()
    };
    let nowhere = Deployment { zone: None, ..place(text.clone()) };
    let device = accelerator.or(Some("h100-sxm".to_owned()));
    let mut list = vec![
        ("an answer of a language model", known(Kind::Inference, answer.clone()), place(text.clone()), Profile::Full),
        ("an answer from an unknown place", known(Kind::Inference, answer.clone()), nowhere, Profile::Full),
        ("an answer, market-based", known(Kind::Inference, answer), place(text.clone()), Profile::GhgMarket),
        (
            "an answer whose tokens are unknown",
            known(Kind::Inference, Stats::of(&Counts { requests: Some(1), ..Counts::default() })),
            place(text),
            Profile::Full,
        ),
        (
            "a training run by accelerator hours",
            known(Kind::Training, Stats::of(&Counts { accelerator_ms: Some(3_600_000_000), ..Counts::default() })),
            place(Deployment { accelerator: device.clone(), ..Deployment::default() }),
            Profile::Full,
        ),
        (
            "a training run by its arithmetic",
            known(Kind::Training, Stats::of(&Counts { compute_pflop: Some(1_000_000_000), ..Counts::default() })),
            place(Deployment { accelerator: device.clone(), ..Deployment::default() }),
            Profile::Full,
        ),
        (
            "accelerators bought",
            known(Kind::Hardware, Stats::of(&Counts { devices: Some(8), ..Counts::default() })),
            place(Deployment { accelerator: device, with_server: Some(true), ..Deployment::default() }),
            Profile::GhgLocation,
        ),
        (
            "metered electricity",
            Activity {
                kind: Kind::Electricity,
                evidence: Evidence::Share,
                stats: Stats::of(&Counts { energy_nj: Some(3_600_000_000_000_000), ..Counts::default() }),
                ..Activity::default()
            },
            place(Deployment { provider, ..Deployment::default() }),
            Profile::Full,
        ),
    ];
    for (case, one) in [
        ("an image", Counts { images: Some(1), ..Counts::default() }),
        ("a video", Counts { videos: Some(1), ..Counts::default() }),
        ("seconds of audio", Counts { audio_ms: Some(60_000), ..Counts::default() }),
    ] {
        let deployment = Deployment { model: model.clone(), ..Deployment::default() };
        list.push((case, known(Kind::Inference, Stats::of(&one)), place(deployment), Profile::Full));
    }
    list
}
