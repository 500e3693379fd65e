//! `evaluate()`: one activity, one deployment, one answer with interval and reasons.

use crate::amounts::{AMOUNTS, Amounts};
use crate::factors::FactorSet;
use crate::fronts::{Point, Table, stages};
use crate::plan::{Plan, plan, weakness};
use crate::result::{Spread, column_sums, impact};
use crate::supply::Row;
use crate::{Activity, Deployment, Evaluator, Impact, Profile, Scope, Stage};
use quantity::{Driver, Ratio, Z90};
use std::collections::BTreeMap;

/// A failure to evaluate; the inputs are never at fault, only the factor set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The compatible tables do not load.
    #[error(transparent)]
    Factors(#[from] crate::factors::FactorError),
}

/// Evaluates one activity of one deployment on the common draws.
///
/// `activity` holds exact sums in base units; `deployment` says what is known
/// of how it was served. The result equals that of a statement with this
/// activity as its only row, to the digit. [`Compiled::closed_form`] is the
/// fast way for one request.
///
/// # Errors
/// When the factor set's compatible tables do not load (profile `ecologits`).
pub fn evaluate(
    activity: &Activity,
    deployment: &Deployment,
    factors: &FactorSet,
    scope: impl Into<Scope>,
) -> Result<Impact, EvaluateError> {
    let scope = scope.into();
    if scope.profile == Profile::Ecologits {
        return Ok(factors.compatible()?.evaluate(activity, deployment, factors));
    }
    Ok(Evaluator::new(factors, scope).sample(activity, deployment)?.impact())
}

/// A deployment compiled against a factor set: medians of one request cost a few multiplications.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(crate) plan: Plan,
    pub(crate) stages: &'static [Stage],
    /// Factor values at the medians, one per factor of the plan.
    medians: Vec<f64>,
    point: Point,
    linear: Linear,
}

/// The total at the medians as a linear form of the amounts: what single requests are valued by.
#[derive(Debug, Clone)]
struct Linear {
    nothing: Row,
    rates: [Row; AMOUNTS],
}

impl Linear {
    fn new(point: &Point, billed: bool, stages: usize) -> Self {
        let total = |amounts: &Amounts| column_sums(&point.table(amounts, billed, stages)[..stages]);
        let nothing = total(&Amounts::default());
        let rates = std::array::from_fn(|place| {
            let one = total(&Amounts::unit(place));
            std::array::from_fn(|column| one[column] - nothing[column])
        });
        Self { nothing, rates }
    }

    fn total(&self, amounts: &Amounts) -> Row {
        let mut total = self.nothing;
        for (amount, rates) in amounts.as_array().into_iter().zip(&self.rates) {
            if amount != 0.0 {
                total.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += amount * rate);
            }
        }
        total
    }
}

impl Compiled {
    /// Compiles for the kind, evidence, stage and currency of `activity`, and for the tokens and media it states; how many does not matter.
    #[must_use]
    pub fn new(activity: &Activity, deployment: &Deployment, factors: &FactorSet, scope: impl Into<Scope>) -> Self {
        let plan = plan(factors, activity, deployment, scope.into());
        let medians = plan.medians(factors);
        let point = Point::new(&plan.params(&medians), &plan);
        let stages = stages(&plan);
        let linear = Linear::new(&point, plan.billed_currency.is_some(), stages.len());
        Self { plan, stages, medians, point, linear }
    }

    /// Medians of all indicators for one activity of this deployment; a gap is NaN-free `None`.
    ///
    /// This is the path that values single requests by the million.
    #[must_use]
    pub fn medians(&self, activity: &Activity) -> [Option<Ratio>; crate::Indicator::ALL.len()] {
        let amounts = Amounts::of(&activity.stats);
        // A training takes the first of several amounts that say the same, so it is not a sum over them.
        let total = if amounts.only_media || self.plan.kind == crate::Kind::Training {
            column_sums(&self.table(&self.point, &amounts)[..self.stages.len()])
        } else {
            self.linear.total(&amounts)
        };
        total.map(|value| (!value.is_nan()).then_some(Ratio::new(value)))
    }

    pub(crate) fn table(&self, point: &Point, amounts: &Amounts) -> Table {
        point.table(amounts, self.plan.billed_currency.is_some(), self.stages.len())
    }

    /// The table with the factor `id` alone moved by `z` standard deviations.
    fn moved(&self, factors: &FactorSet, id: &str, z: f64, amounts: &Amounts) -> Table {
        let mut values = self.medians.clone();
        for (value, (known, _)) in values.iter_mut().zip(&self.plan.factors) {
            if known == id {
                *value = factors.factor(id).map_or(f64::NAN, |factor| factor.distribution.at_z(z));
            }
        }
        self.table(&Point::new(&self.plan.params(&values), &self.plan), amounts)
    }

    /// Totals at the medians with one factor moved by `z` standard deviations.
    pub(crate) fn total_moved(&self, factors: &FactorSet, id: &str, z: f64, activity: &Activity) -> Row {
        let table = self.moved(factors, id, z, &Amounts::of(&activity.stats));
        column_sums(&table[..self.stages.len()])
    }

    /// Values one activity in closed form: slopes and bends over each factor (Cornish and Fisher 1938).
    ///
    /// Every factor alone is moved to both ends of its 90 % interval. For a
    /// pure product of lognormals this is exact; where a factor has several
    /// humps (number format, number of accelerators) it is rough, and
    /// [`evaluate`] is right.
    #[must_use]
    pub fn closed_form(&self, activity: &Activity, factors: &FactorSet) -> Impact {
        let amounts = Amounts::of(&activity.stats);
        let centre = self.table(&self.point, &amounts);
        let rows = self.stages.len();
        let mut spread = Spread::new(rows);
        let mut shares: Vec<(f64, String)> = Vec::new();
        for variable in &self.plan.variables {
            let (up, down) = (self.moved(factors, &variable.id, Z90, &amounts), self.moved(factors, &variable.id, -Z90, &amounts));
            let energy = spread.add(&centre[..rows], &up[..rows], &down[..rows]);
            shares.push((energy, variable.id.clone()));
        }
        let total: f64 = shares.iter().map(|(share, _)| share).sum();
        shares.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let drivers = shares
            .into_iter()
            .take(5)
            .filter(|(share, _)| total > 0.0 && share / total >= 0.001)
            .map(|(share, factor)| Driver { factor, share: Ratio::new(quantity::six_digits(share / total)) })
            .collect();
        let mut weaknesses = self.plan.weaknesses.clone();
        weaknesses.extend(weaknesses_of(activity, self));
        let mut by_stage: BTreeMap<Stage, [Option<[f64; 3]>; 7]> = BTreeMap::new();
        for (place, stage) in self.stages.iter().enumerate() {
            by_stage.insert(*stage, spread.interval(&centre[place], place));
        }
        let total = spread.total(&centre[..rows]);
        impact(
            total,
            by_stage,
            self.plan.grade,
            drivers,
            weaknesses.into_iter().collect(),
            self.plan.used(),
            factors,
            self.plan.scope.profile,
        )
    }

    /// The point of every draw, in order.
    pub(crate) fn points(&self, factors: &FactorSet, sampler: &mut crate::sampler::Sampler) -> impl Iterator<Item = Point> {
        let columns: Vec<Option<std::sync::Arc<Vec<f64>>>> = self
            .plan
            .factors
            .iter()
            .map(|(id, variable)| variable.and_then(|_| factors.factor(id)).map(|factor| sampler.values(factor)))
            .collect();
        // Most parameters are the same on every draw: only the others are filled again.
        let moving: Vec<(usize, Vec<f64>)> =
            self.plan.slots.iter().enumerate().filter_map(|(place, slot)| Some((place, slot.draws(&columns, &self.medians)?))).collect();
        let mut params = self.plan.params(&self.medians);
        (0..crate::sampler::DRAWS).map(move |draw| {
            let values = params.values_mut();
            for (place, draws) in &moving {
                values[*place] = draws[draw];
            }
            Point::new(&params, &self.plan)
        })
    }
}

/// Weaknesses that only the amounts can tell.
pub(crate) fn weaknesses_of(activity: &Activity, compiled: &Compiled) -> Vec<quantity::Weakness> {
    let stats = &activity.stats;
    let mut weak = Vec::new();
    if compiled.plan.left_out {
        return weak;
    }
    let about = || {
        let model = &compiled.plan.model.model;
        if model.is_empty() { "model not stated".to_owned() } else { model.clone() }
    };
    match activity.kind {
        crate::Kind::Training if !compiled.plan.metered => return crate::plan::weaknesses_of_training(stats, &compiled.plan),
        crate::Kind::Hardware if stats.devices == 0 => {
            weak.push(weakness("devices_unknown", "devices", "how many devices were bought is not stated: nothing could be valued"));
            return weak;
        }
        crate::Kind::Hardware => return weak,
        _ => {}
    }
    if compiled.plan.metered {
        if stats.energy_nj == 0 {
            weak.push(weakness("energy_missing", &about(), "the entry says it was metered but states no energy: nothing could be valued"));
        }
        return weak;
    }
    if stats.requests_input_unknown > 0 {
        weak.push(weakness(
            "input_unknown",
            &about(),
            "input tokens are not stated for some requests; a prior of a typical prompt stands in: state them, or 0 for none",
        ));
    }
    if stats.requests_output_unknown > 0 && !crate::plan::embeds(&compiled.plan.model.model) {
        weak.push(weakness("output_unknown", &about(), "output tokens are not stated for some requests; a prior stands in"));
    }
    if stats.requests_cache_unknown > 0 && stats.input_tokens > 0 {
        weak.push(weakness(
            "cache_unknown",
            &about(),
            "whether input was read from a prompt cache is not stated for some requests; all of it is taken as uncached",
        ));
    }
    weak
}
