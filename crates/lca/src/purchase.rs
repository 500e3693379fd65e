//! A purchase of hardware from two sides that are never added: the inventory of its year, and what use will bear.

use crate::fronts::{HardwarePoint, Point};
use crate::supply::Row;
use crate::{Activity, Compiled, Deployment, EvaluateError, Evaluator, FactorSet, HardwarePart, Profile, Sample, Stage};
use quantity::Ratio;
use std::collections::BTreeMap;

/// Hours of a year.
const YEAR_H: f64 = 365.25 * 24.0;

/// Devices bought.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// What a part of all devices costs to make; the share of the building is borne by use alone.
    pub parts: BTreeMap<HardwarePart, Sample>,
    /// The full amount, in the year of the purchase.
    pub inventory: Sample,
    /// What use bears in each year of service.
    pub per_year: Sample,
    /// What use bears for each hour that one device is reserved, when it is reserved throughout.
    pub per_reserved_hour: Sample,
}

impl Purchase {
    /// Values a purchase from both sides.
    ///
    /// # Errors
    /// As [`crate::evaluate`].
    pub fn new(activity: &Activity, deployment: &Deployment, factors: &FactorSet) -> Result<Self, EvaluateError> {
        let scope = Profile::GhgLocation;
        let mut evaluator = Evaluator::new(factors, scope);
        let inventory = evaluator.sample(activity, deployment)?;
        let compiled = Compiled::new(activity, deployment, factors, scope);
        let points: Vec<HardwarePoint> = compiled
            .points(factors, &mut evaluator.sampler)
            .filter_map(|point| if let Point::Hardware(point) = point { Some(point) } else { None })
            .collect();
        let devices = activity.stats.devices as f64;
        let gather = |stages: &[Stage], rows: &dyn Fn(&HardwarePoint) -> [Row; 2]| {
            let columns: Vec<[Row; 2]> = points.iter().map(rows).collect();
            inventory.with(stages.iter().enumerate().map(|(place, stage)| (*stage, columns.iter().map(|rows| rows[place]).collect())))
        };
        let both = [Stage::Manufacturing, Stage::EndOfLife];
        let borne = |point: &HardwarePoint, count: f64| {
            let times = count / point.making.lifetime_years;
            [point.making.borne(), point.making.scrapping()].map(|row| row.map(|one| one * times))
        };
        let parts = HardwarePart::ALL.into_iter().map(|part| {
            let sample = gather(&both[..1], &|point| {
                let row = point.making.part(part).map(|one| one * devices);
                [row, row]
            });
            (part, sample)
        });
        Ok(Self {
            parts: parts.filter(|(_, sample)| sample.has_figures()).collect(),
            per_year: gather(&both, &|point| borne(point, devices)),
            per_reserved_hour: gather(&both, &|point| borne(point, 1.0)).scaled(Ratio::new(1.0 / YEAR_H)),
            inventory,
        })
    }
}
