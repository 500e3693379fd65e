//! From numbers to an `Impact`: intervals, grade, reasons, sources.

use crate::cited::Cited;
use crate::factors::FactorSet;
use crate::inference::Row;
use crate::{Impact, Impacts, Indicator, Profile, Stage};
use quantity::{Basis, Driver, Estimate, Grade, Quantity, Ratio, Weakness};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Version of the method, as statements name it.
pub const METHOD: &str = "bilanz-2026.1";

/// Low, median and high of one indicator; `None` is a gap.
pub(crate) type Triple = Option<[f64; 3]>;
/// One triple per indicator.
pub(crate) type Triples = [Triple; Indicator::ALL.len()];

/// Sum over the stages, skipping gaps; a gap only when every stage has one.
pub(crate) fn column_sum(rows: &[Row], column: usize) -> f64 {
    rows.iter().map(|row| row[column]).filter(|value| !value.is_nan()).fold(f64::NAN, |sum, value| if sum.is_nan() { value } else { sum + value })
}

/// Medians of the total, one per indicator.
pub(crate) fn six_medians(rows: &[Row]) -> [Option<Ratio>; Indicator::ALL.len()] {
    std::array::from_fn(|column| {
        let sum = column_sum(rows, column);
        (!sum.is_nan()).then(|| Ratio::new(sum))
    })
}

/// Squared logarithmic spread per stage and of the total, added up factor by factor.
pub(crate) struct Spread {
    stages: Vec<Row>,
    total: Row,
}

impl Spread {
    pub(crate) fn new(stages: usize) -> Self {
        Self { stages: vec![[0.0; Indicator::ALL.len()]; stages], total: [0.0; Indicator::ALL.len()] }
    }

    /// Adds one factor by its results one deviation up and down; returns its variance of the leading indicator.
    pub(crate) fn add(&mut self, centre: &[Row], up: &[Row], down: &[Row]) -> f64 {
        let half = |up: f64, down: f64| {
            let s = 0.5 * libm::log(up / down);
            if s.is_finite() { s * s } else { 0.0 }
        };
        let mut leading = [0.0; 2];
        for column in 0..Indicator::ALL.len() {
            for (place, spread) in self.stages.iter_mut().enumerate() {
                spread[column] += half(up[place][column], down[place][column]);
            }
            if column_sum(centre, column).is_nan() {
                continue;
            }
            let variance = half(column_sum(up, column), column_sum(down, column));
            self.total[column] += variance;
            if column == Indicator::GwpKgco2e as usize {
                leading[0] = variance;
            } else if column == Indicator::EnergyKwh as usize {
                leading[1] = variance;
            }
        }
        leading[0].max(leading[1])
    }

    pub(crate) fn interval(&self, centre: &Row, place: usize, z: f64) -> Triples {
        triples(centre, &self.stages[place], z)
    }

    pub(crate) fn total(&self, rows: &[Row], z: f64) -> Triples {
        let centre: Row = std::array::from_fn(|column| column_sum(rows, column));
        triples(&centre, &self.total, z)
    }
}

fn triples(centre: &Row, variance: &Row, z: f64) -> Triples {
    std::array::from_fn(|column| {
        let median = centre[column];
        let reach = libm::exp(z * libm::sqrt(variance[column]));
        (!median.is_nan()).then(|| [median / reach, median, median * reach])
    })
}

/// `Impacts` from triples.
pub(crate) fn impacts(triples: &Triples, grade: Grade, basis: &Arc<Basis>) -> Impacts {
    fn of<Q: Quantity>(triples: &Triples, indicator: Indicator, grade: Grade, basis: &Arc<Basis>) -> Option<Estimate<Q>> {
        triples[indicator as usize].map(|[low, median, high]| Estimate::new(Q::from_base(low), Q::from_base(median), Q::from_base(high), grade, Arc::clone(basis)))
    }
    Impacts {
        energy_kwh: of(triples, Indicator::EnergyKwh, grade, basis),
        gwp_kgco2e: of(triples, Indicator::GwpKgco2e, grade, basis),
        water_l: of(triples, Indicator::WaterL, grade, basis),
        adpe_kgsbeq: of(triples, Indicator::AdpeKgsbeq, grade, basis),
        pe_mj: of(triples, Indicator::PeMj, grade, basis),
        ewaste_kg: of(triples, Indicator::EwasteKg, grade, basis),
        cost: of(triples, Indicator::Cost, grade, basis),
    }
}

/// Puts an impact together.
#[expect(clippy::too_many_arguments, reason = "the one place where every part of the result meets")]
pub(crate) fn impact<'a>(
    total: Triples,
    by_stage: BTreeMap<Stage, Triples>,
    grade: Grade,
    drivers: Vec<Driver>,
    weaknesses: Vec<Weakness>,
    used: impl Iterator<Item = &'a str>,
    factors: &FactorSet,
    profile: Profile,
) -> Impact {
    let basis = Arc::new(Basis { drivers, weaknesses });
    Impact {
        impacts: impacts(&total, grade, &basis),
        currency: factors.currency().to_owned(),
        stages: by_stage.into_iter().map(|(stage, row)| (stage, impacts(&row, grade, &basis))).collect(),
        grade,
        basis,
        sources: Cited::of(used, factors).notes(),
        factor_set: factors.name().to_owned(),
        method: METHOD.to_owned(),
        profile,
    }
}
