//! `Evaluator` and `Sample`: sums valued on common draws, so that totals, differences and rankings are exact.

use crate::amounts::Amounts;
use crate::cited::Cited;
use crate::evaluate::{Compiled, EvaluateError, weaknesses_of};
use crate::factors::FactorSet;
use crate::fronts::Point;
use crate::plan::Stated;
use crate::result::{METHOD, Triples, impacts};
use crate::sampler::{DRAWS, Sampler, Scores};
use crate::supply::Row;
use crate::{Activity, Deployment, Impact, Indicator, Kind, Profile, Scope, Stage};
use quantity::{Basis, Driver, Grade, Ratio, Weakness};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

const COLUMNS: usize = Indicator::ALL.len();

/// Values sums of activities under one factor set and profile, on common draws.
pub struct Evaluator<'a> {
    pub(crate) factors: &'a FactorSet,
    pub(crate) scope: Scope,
    pub(crate) sampler: Sampler,
    compiled: HashMap<String, Arc<(Compiled, Vec<Point>)>>,
}

/// An activity valued on common draws; samples add up exactly.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Draws per stage and indicator; in profile `ecologits` two "draws", the minimum and the maximum.
    pub(crate) stages: BTreeMap<Stage, [Option<Vec<f64>>; COLUMNS]>,
    /// Energy by grade, per indicator, of the samples that have a figure for it.
    pub(crate) grade_kwh: [BTreeMap<Grade, f64>; COLUMNS],
    pub(crate) weaknesses: BTreeSet<Weakness>,
    pub(crate) variables: BTreeMap<String, Scores>,
    pub(crate) cited: Cited,
    factor_set: String,
    currency: String,
    profile: Option<Profile>,
}

impl<'a> Evaluator<'a> {
    /// An evaluator; compiled deployments are kept for its life.
    #[must_use]
    pub fn new(factors: &'a FactorSet, scope: impl Into<Scope>) -> Self {
        Self { factors, scope: scope.into(), sampler: Sampler::new(), compiled: HashMap::new() }
    }

    /// A sample of nothing under this factor set and profile.
    pub(crate) fn empty(&self) -> Sample {
        Sample {
            factor_set: self.factors.name().to_owned(),
            currency: self.factors.currency().to_owned(),
            profile: Some(self.scope.profile),
            ..Sample::default()
        }
    }

    /// Values exact sums of one deployment.
    ///
    /// # Errors
    /// When the compatible tables do not load (profile `ecologits`).
    pub fn sample(&mut self, activity: &Activity, deployment: &Deployment) -> Result<Sample, EvaluateError> {
        let mut sample = self.empty();
        // Then the zero is exact, and what is not known of a deployment weakens nothing.
        let nothing_ran = activity.kind == Kind::Inference && activity.stats.only_outcomes();
        if self.scope.profile == Profile::Ecologits {
            let range = self.factors.compatible()?.range(activity, deployment, self.factors);
            for (stage, row) in range.stages {
                sample.stages.insert(stage, row.map(|ends| ends.map(|(low, high)| vec![low, high])));
            }
            if !nothing_ran {
                sample.weaknesses = range.weaknesses;
                sample.cited = range.cited;
                sample.weigh(range.grade, range.kwh);
            }
            return Ok(sample);
        }
        let compiled = self.compile(activity, deployment);
        let (compiled, points) = (&compiled.0, &compiled.1);
        let amounts = Amounts::of(&activity.stats);
        let width = compiled.stages.len();
        let mut columns: Vec<[Vec<f64>; COLUMNS]> = (0..width).map(|_| std::array::from_fn(|_| Vec::with_capacity(DRAWS))).collect();
        for point in points {
            let table = compiled.table(point, &amounts);
            for (row, column) in table.iter().zip(&mut columns) {
                for (value, draws) in row.iter().zip(column) {
                    draws.push(*value);
                }
            }
        }
        let mut kwh = 0.0;
        for (stage, row) in compiled.stages.iter().zip(columns) {
            let row = row.map(|draws| (!draws.iter().any(|value| value.is_nan())).then_some(draws));
            // zero: decides which grade weighs most; a stage without energy has no weight
            kwh += row[Indicator::EnergyKwh as usize].as_deref().map_or(0.0, |draws| draws.iter().sum::<f64>() / DRAWS as f64);
            sample.stages.insert(*stage, row);
        }
        if nothing_ran {
            return Ok(sample);
        }
        let known = std::array::from_fn(|column| sample.stages.values().any(|row| row[column].is_some()));
        sample.reason(compiled, activity, kwh, known, self.factors, &mut self.sampler);
        Ok(sample)
    }

    fn compile(&mut self, activity: &Activity, deployment: &Deployment) -> Arc<(Compiled, Vec<Point>)> {
        let key = key(activity, deployment);
        if let Some(known) = self.compiled.get(&key) {
            return Arc::clone(known);
        }
        let compiled = Compiled::new(activity, deployment, self.factors, self.scope);
        let points = compiled.points(self.factors, &mut self.sampler).collect();
        let both = Arc::new((compiled, points));
        self.compiled.insert(key, Arc::clone(&both));
        both
    }
}

/// Everything that a plan follows from.
pub(crate) fn key(activity: &Activity, deployment: &Deployment) -> String {
    let Activity { kind, evidence, stage, currency, stats } = activity;
    format!("{kind}|{evidence}|{stage:?}|{currency}|{:?}|{deployment:?}", Stated::of(stats))
}

impl Sample {
    /// Nothing at all: the neutral element of [`Self::add`].
    #[must_use]
    pub fn zero() -> Self {
        Self::default()
    }

    /// Adds another sample, draw by draw.
    pub fn add(&mut self, other: &Self) {
        for (stage, row) in &other.stages {
            let mine = self.stages.entry(*stage).or_default();
            for (mine, theirs) in mine.iter_mut().zip(row) {
                let Some(theirs) = theirs else { continue };
                match mine {
                    Some(mine) => mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs),
                    None => *mine = Some(theirs.clone()),
                }
            }
        }
        for (mine, theirs) in self.grade_kwh.iter_mut().zip(&other.grade_kwh) {
            for (grade, kwh) in theirs {
                *mine.entry(*grade).or_default() += kwh; // zero: the neutral element of a sum
            }
        }
        self.weaknesses.extend(other.weaknesses.iter().cloned());
        for (id, scores) in &other.variables {
            self.variables.entry(id.clone()).or_insert_with(|| Arc::clone(scores));
        }
        self.cited.add(&other.cited);
        if self.profile.is_none() {
            self.factor_set.clone_from(&other.factor_set);
            self.currency.clone_from(&other.currency);
            self.profile = other.profile;
        }
    }

    /// The same, so many times over: every draw and every weight is multiplied.
    #[must_use]
    pub fn scaled(&self, times: Ratio) -> Self {
        let mut sample = self.clone();
        let draws = sample.stages.values_mut().flatten().flatten().flatten();
        let weights = sample.grade_kwh.iter_mut().flat_map(BTreeMap::values_mut);
        draws.chain(weights).for_each(|value| *value *= times.get());
        sample
    }

    /// The same with every draw multiplied by a share of its own.
    pub(crate) fn shared(&self, shares: &[f64]) -> Self {
        let mut sample = self.clone();
        for draws in sample.stages.values_mut().flatten().flatten() {
            draws.iter_mut().zip(shares).for_each(|(value, share)| *value *= share);
        }
        sample
    }

    /// The same reasons and sources with other rows, draw by draw; a column with a gap is one.
    pub(crate) fn with(&self, stages: impl Iterator<Item = (Stage, Vec<Row>)>) -> Self {
        let mut sample = Self { stages: BTreeMap::new(), ..self.clone() };
        for (stage, rows) in stages {
            let column = |place: usize| -> Vec<f64> { rows.iter().map(|row| row[place]).collect() };
            let known = |draws: Vec<f64>| (!draws.is_empty() && !draws.iter().any(|value| value.is_nan())).then_some(draws);
            sample.stages.insert(stage, std::array::from_fn(|place| known(column(place))));
        }
        sample
    }

    /// Whether any indicator of any stage is known.
    pub(crate) fn has_figures(&self) -> bool {
        self.stages.values().flatten().any(Option::is_some)
    }

    /// The part of one stage, as a sample of its own; without stages where the stage is not in it.
    #[must_use]
    pub fn only(&self, stage: Stage) -> Self {
        let mut sample = self.clone();
        sample.stages.retain(|known, _| *known == stage);
        let sum = |of: &Self| of.total_draws(Indicator::EnergyKwh as usize).map(|draws| draws.iter().sum::<f64>());
        // A stage without energy gives its grades no weight, so that they count alike.
        let part = sum(&sample).zip(sum(self)).filter(|(_, all)| *all > 0.0).map_or(0.0, |(part, all)| part / all);
        sample.grade_kwh.iter_mut().flat_map(BTreeMap::values_mut).for_each(|weight| *weight *= part);
        sample
    }

    /// The stages in it, in the order of the life cycle.
    pub fn stages(&self) -> impl Iterator<Item = Stage> + '_ {
        self.stages.keys().copied()
    }

    /// Adds weights, weaknesses, variables and sources of one deployment.
    pub(crate) fn reason(
        &mut self,
        compiled: &Compiled,
        activity: &Activity,
        kwh: f64,
        known: [bool; COLUMNS],
        factors: &FactorSet,
        sampler: &mut Sampler,
    ) {
        for (weights, known) in self.grade_kwh.iter_mut().zip(known) {
            if known {
                *weights.entry(compiled.plan.grade).or_default() += kwh; // zero: the neutral element of a sum
            }
        }
        self.weaknesses.extend(compiled.plan.weaknesses.iter().cloned());
        self.weaknesses.extend(weaknesses_of(activity, compiled));
        for variable in &compiled.plan.variables {
            if !self.variables.contains_key(&variable.id) {
                self.variables.insert(variable.id.clone(), sampler.scores(&variable.id));
            }
        }
        self.cited.add(&Cited::of(compiled.plan.used(), factors));
    }

    /// Notes how much energy stands behind a grade, for every indicator that has a figure.
    fn weigh(&mut self, grade: Grade, kwh: f64) {
        for (column, weights) in self.grade_kwh.iter_mut().enumerate() {
            if self.stages.values().any(|row| row[column].is_some()) {
                weights.insert(grade, kwh);
            }
        }
    }

    fn shares_of(&self, column: usize) -> BTreeMap<Grade, Ratio> {
        let weights = &self.grade_kwh[column];
        let total: f64 = weights.values().sum();
        let share = |kwh: f64| if total > 0.0 { kwh / total } else { 1.0 / weights.len() as f64 };
        weights.iter().map(|(grade, kwh)| (*grade, Ratio::new(quantity::six_digits(share(*kwh))))).collect()
    }

    fn grade_of(&self, column: usize) -> Grade {
        self.shares_of(column).into_iter().rev().find(|(_, share)| share.get() >= 0.2).map_or(Grade::F, |(grade, _)| grade)
    }

    /// Share of the energy by grade.
    #[must_use]
    pub fn grade_shares(&self) -> BTreeMap<Grade, Ratio> {
        self.shares_of(Indicator::EnergyKwh as usize)
    }

    /// The worst grade that holds at least a fifth of the energy.
    #[must_use]
    pub fn grade(&self) -> Grade {
        self.grade_of(Indicator::EnergyKwh as usize)
    }

    pub(crate) fn total_draws(&self, column: usize) -> Option<Vec<f64>> {
        let mut sum: Option<Vec<f64>> = None;
        for row in self.stages.values() {
            let Some(draws) = &row[column] else { continue };
            match &mut sum {
                Some(sum) => sum.iter_mut().zip(draws).for_each(|(sum, value)| *sum += value),
                None => sum = Some(draws.clone()),
            }
        }
        sum
    }

    /// The probability that this sample lies below the other in one indicator; ties count half.
    #[must_use]
    pub fn share_below(&self, other: &Self, indicator: Indicator) -> Ratio {
        let (Some(mine), Some(theirs)) = (self.total_draws(indicator as usize), other.total_draws(indicator as usize)) else {
            return Ratio::new(0.5);
        };
        let score: f64 = mine
            .iter()
            .zip(&theirs)
            .map(|(a, b)| {
                if a < b {
                    1.0
                } else if a == b {
                    0.5
                } else {
                    0.0
                }
            })
            .sum();
        Ratio::new(score / mine.len() as f64)
    }

    /// Totals, stages, drivers, weaknesses and sources.
    #[must_use]
    pub fn impact(&self) -> Impact {
        let grade = self.grade();
        let grades: [Grade; COLUMNS] = std::array::from_fn(|column| self.grade_of(column));
        let totals: [Option<Vec<f64>>; COLUMNS] = std::array::from_fn(|column| self.total_draws(column));
        let triples =
            |row: &[Option<Vec<f64>>; COLUMNS]| -> Triples { std::array::from_fn(|column| row[column].as_deref().map(percentiles)) };
        let basis = Arc::new(Basis { drivers: self.drivers(&totals), weaknesses: self.weaknesses.iter().cloned().collect() });
        Impact {
            impacts: impacts(&triples(&totals), grades, &basis),
            currency: self.currency.clone(),
            stages: self.stages.iter().map(|(stage, row)| (*stage, impacts(&triples(row), grades, &basis))).collect(),
            grade,
            basis,
            sources: self.cited.notes(),
            factor_set: self.factor_set.clone(),
            method: METHOD.to_owned(),
            profile: self.profile.unwrap_or(Profile::Full),
        }
    }

    /// Shares of variance: squared correlation of each factor's scores with the logarithm of the total.
    fn drivers(&self, totals: &[Option<Vec<f64>>; COLUMNS]) -> Vec<Driver> {
        let Some(draws) = totals[Indicator::GwpKgco2e as usize].as_ref().or(totals[Indicator::EnergyKwh as usize].as_ref()) else {
            return Vec::new();
        };
        if draws.len() != DRAWS || draws.iter().any(|value| *value <= 0.0) {
            return Vec::new();
        }
        let logs: Vec<f64> = draws.iter().map(|value| libm::log(*value)).collect();
        let mean = logs.iter().sum::<f64>() / DRAWS as f64;
        let variance: f64 = logs.iter().map(|value| (value - mean) * (value - mean)).sum();
        if variance <= 1e-18 {
            return Vec::new();
        }
        let mut shares: Vec<(f64, &String)> = self
            .variables
            .iter()
            .map(|(id, scores)| {
                let (mut covariance, mut own) = (0.0, 0.0);
                for (value, score) in logs.iter().zip(scores.iter()) {
                    covariance += (value - mean) * score;
                    own += score * score;
                }
                (covariance * covariance / (own * variance), id)
            })
            .collect();
        shares.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        shares
            .into_iter()
            .take(5)
            // Below this a correlation over 1,024 draws is chance.
            .filter(|(share, _)| *share >= 0.01)
            .map(|(share, id)| Driver { factor: id.clone(), share: Ratio::new(quantity::six_digits(share)) })
            .collect()
    }
}

/// 5th, 50th and 95th percentile; of two values (a range) minimum, midpoint and maximum.
pub(crate) fn percentiles(draws: &[f64]) -> [f64; 3] {
    if let [low, high] = draws {
        return [*low, 0.5 * (low + high), *high];
    }
    let mut sorted = draws.to_vec();
    [0.05, 0.5, 0.95].map(|p| {
        let place = p * (sorted.len() - 1) as f64;
        let below = libm::floor(place) as usize;
        // Only the two neighbours of the percentile are needed in their places.
        let (_, low, above) = sorted.select_nth_unstable_by(below, f64::total_cmp);
        let (low, high) = (*low, above.iter().copied().min_by(f64::total_cmp).unwrap_or(*low));
        low + (high - low) * (place - below as f64)
    })
}
