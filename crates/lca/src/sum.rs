//! Many groups at once: those of one deployment are added up first, the rest is valued on several threads.

use crate::amounts::Amounts;
use crate::evaluate::{Compiled, EvaluateError};
use crate::fronts::{STAGES, Table};
use crate::sample::{Evaluator, Sample, key};
use crate::sampler::DRAWS;
use crate::{Activity, Deployment, Indicator, Kind, Profile, Stage};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// Parts that are valued beside each other; fixed, so that the order of the sums is too.
const PARTS: usize = 4;

impl Evaluator<'_> {
    /// The sum of the samples of many groups.
    ///
    /// The method is linear in the sums of a deployment, so groups of one
    /// deployment are added up before they are valued. The result is that of
    /// [`Self::sample`] and [`Sample::add`] up to the last digits.
    ///
    /// # Errors
    /// As [`Self::sample`].
    pub fn sum(&mut self, groups: &[(Activity, Deployment)]) -> Result<Sample, EvaluateError> {
        let mut merged: Vec<(Activity, &Deployment)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (activity, deployment) in groups {
            // A training takes one of several amounts that say the same, so trainings do not add up.
            let key = if activity.kind == Kind::Training { merged.len().to_string() } else { key(activity, deployment) };
            match places.entry(key) {
                Entry::Occupied(place) => merged[*place.get()].0.stats.add(&activity.stats),
                Entry::Vacant(place) => {
                    place.insert(merged.len());
                    merged.push((activity.clone(), deployment));
                }
            }
        }
        if self.scope.profile == Profile::Ecologits {
            let mut sum = Sample::zero();
            for (activity, deployment) in merged {
                sum.add(&self.sample(&activity, deployment)?);
            }
            return Ok(sum);
        }
        let size = merged.len().div_ceil(PARTS).max(1);
        let (factors, scope) = (self.factors, self.scope);
        let parts: Vec<Sample> = std::thread::scope(|threads| {
            let running: Vec<_> =
                merged.chunks(size).map(|part| threads.spawn(move || Evaluator::new(factors, scope).sum_of(part))).collect();
            // A part that fails must not be missing from the sum in silence.
            running.into_iter().map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        });
        let mut sum = Sample::zero();
        parts.iter().for_each(|part| sum.add(part));
        Ok(sum)
    }

    /// The sum over deployments that are all different.
    fn sum_of(&mut self, groups: &[(Activity, &Deployment)]) -> Sample {
        let mut sum = self.empty();
        // Draws of all deployments with the same stages and gaps run into one table.
        let mut shapes: BTreeMap<(&'static [Stage], Vec<bool>), Vec<Table>> = BTreeMap::new();
        for (activity, deployment) in groups {
            let compiled = Compiled::new(activity, deployment, self.factors, self.scope);
            let amounts = Amounts::of(&activity.stats);
            let mut points = compiled.points(self.factors, &mut self.sampler).map(|point| compiled.table(&point, &amounts)).peekable();
            let shape: Vec<bool> = points.peek().into_iter().flatten().flatten().map(|value| value.is_nan()).collect();
            let tables =
                shapes.entry((compiled.stages, shape.clone())).or_insert_with(|| vec![[[0.0; Indicator::ALL.len()]; STAGES]; DRAWS]);
            let mut kwh = 0.0;
            for (table, sums) in points.zip(tables) {
                for (row, sums) in table.iter().zip(sums).take(compiled.stages.len()) {
                    row.iter().zip(sums).for_each(|(value, sum)| *sum += value);
                    // zero: decides which grade weighs most; a stage without energy has no weight
                    kwh += if row[0].is_nan() { 0.0 } else { row[0] / DRAWS as f64 };
                }
            }
            let known = std::array::from_fn(|column| shape.chunks(Indicator::ALL.len()).any(|row| !row[column]));
            sum.reason(&compiled, activity, kwh, known, self.factors, &mut self.sampler);
        }
        for ((stages, _), tables) in shapes {
            let rows = stages.iter().enumerate().map(|(place, stage)| (*stage, tables.iter().map(|table| table[place]).collect()));
            let part = Sample::default().with(rows);
            sum.add(&part);
        }
        sum
    }
}
