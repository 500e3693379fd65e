//! From numbers to an `Impact`: intervals, grade, reasons, sources.

use crate::cited::Cited;
use crate::factors::FactorSet;
use crate::supply::Row;
use crate::{Impact, Impacts, Indicator, Profile, Stage};
use quantity::{Basis, Driver, Estimate, Grade, Quantity, Weakness, Z90};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Version of the method, as statements name it.
pub const METHOD: &str = "bilanz-2026.2";

/// Low, median and high of one indicator; `None` is a gap.
pub(crate) type Triple = Option<[f64; 3]>;
/// One triple per indicator.
pub(crate) type Triples = [Triple; Indicator::ALL.len()];

/// Sum over the stages, skipping gaps; a gap only when every stage has one.
fn column_sum(rows: &[Row], column: usize) -> f64 {
    rows.iter()
        .map(|row| row[column])
        .filter(|value| !value.is_nan())
        .fold(f64::NAN, |sum, value| if sum.is_nan() { value } else { sum + value })
}

/// The total over the stages, one sum per indicator.
pub(crate) fn column_sums(rows: &[Row]) -> Row {
    std::array::from_fn(|column| column_sum(rows, column))
}

/// Slope, bend and skew of the logarithm of a result over the scores of its factors, added up factor by factor.
///
/// With `a_i` the slope and `k_i` the second difference over factor `i`: the
/// sums of `a^2 + k^2/2`, of `k` and of `a^2 k + k^3/3`, which are the variance,
/// twice the mean and a third of the third cumulant. They give the quantiles by
/// the expansion of Cornish and Fisher (1938): exact for a product of lognormals.
pub(crate) struct Spread {
    stages: Vec<[Row; 3]>,
    total: [Row; 3],
}

const FLAT: [Row; 3] = [[0.0; Indicator::ALL.len()]; 3];

impl Spread {
    pub(crate) fn new(stages: usize) -> Self {
        Self { stages: vec![FLAT; stages], total: FLAT }
    }

    /// Adds one factor by the results at both ends of its 90 % interval; returns its variance of the leading indicator.
    pub(crate) fn add(&mut self, centre: &[Row], high: &[Row], low: &[Row]) -> f64 {
        let mut leading = [0.0; 2];
        for column in 0..Indicator::ALL.len() {
            for (place, moments) in self.stages.iter_mut().enumerate() {
                let add = moments_of(centre[place][column], high[place][column], low[place][column]);
                moments.iter_mut().zip(add).for_each(|(row, add)| row[column] += add);
            }
            let add = moments_of(column_sum(centre, column), column_sum(high, column), column_sum(low, column));
            self.total.iter_mut().zip(add).for_each(|(row, add)| row[column] += add);
            if column == Indicator::GwpKgco2e as usize {
                leading[0] = add[0];
            } else if column == Indicator::EnergyKwh as usize {
                leading[1] = add[0];
            }
        }
        leading[0].max(leading[1])
    }

    pub(crate) fn interval(&self, centre: &Row, place: usize) -> Triples {
        triples(centre, &self.stages[place])
    }

    pub(crate) fn total(&self, rows: &[Row]) -> Triples {
        triples(&column_sums(rows), &self.total)
    }
}

fn moments_of(centre: f64, high: f64, low: f64) -> [f64; 3] {
    let (up, down) = (libm::log(high / centre), libm::log(low / centre));
    if !(up.is_finite() && down.is_finite()) {
        return [0.0; 3];
    }
    let slope = (up - down) / (2.0 * Z90);
    let bend = (up + down) / (Z90 * Z90);
    [slope * slope + 0.5 * bend * bend, bend, slope * slope * bend + bend * bend * bend / 3.0]
}

fn triples(centre: &Row, moments: &[Row; 3]) -> Triples {
    std::array::from_fn(|column| {
        let [variance, bend, skew] = moments.map(|row| row[column]);
        let at = |z: f64| {
            let lean = if variance > 0.0 { (z * z - 1.0) * skew / (2.0 * variance) } else { 0.0 };
            centre[column] * libm::exp(0.5 * bend + z * libm::sqrt(variance) + lean)
        };
        (!centre[column].is_nan()).then(|| [at(-Z90), at(0.0), at(Z90)])
    })
}

/// `Impacts` from triples.
pub(crate) fn impacts(triples: &Triples, grades: [Grade; Indicator::ALL.len()], basis: &Arc<Basis>) -> Impacts {
    fn of<Q: Quantity>(
        triples: &Triples,
        indicator: Indicator,
        grades: [Grade; Indicator::ALL.len()],
        basis: &Arc<Basis>,
    ) -> Option<Estimate<Q>> {
        let grade = grades[indicator as usize];
        triples[indicator as usize]
            .map(|[low, median, high]| Estimate::new(Q::from_base(low), Q::from_base(median), Q::from_base(high), grade, Arc::clone(basis)))
    }
    Impacts {
        energy_kwh: of(triples, Indicator::EnergyKwh, grades, basis),
        gwp_kgco2e: of(triples, Indicator::GwpKgco2e, grades, basis),
        water_l: of(triples, Indicator::WaterL, grades, basis),
        adpe_kgsbeq: of(triples, Indicator::AdpeKgsbeq, grades, basis),
        pe_mj: of(triples, Indicator::PeMj, grades, basis),
        ewaste_kg: of(triples, Indicator::EwasteKg, grades, basis),
        cost: of(triples, Indicator::Cost, grades, basis),
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
    let grades = [grade; Indicator::ALL.len()];
    Impact {
        impacts: impacts(&total, grades, &basis),
        currency: factors.currency().to_owned(),
        stages: by_stage.into_iter().map(|(stage, row)| (stage, impacts(&row, grades, &basis))).collect(),
        grade,
        basis,
        sources: Cited::of(used, factors).notes(),
        factor_set: factors.name().to_owned(),
        method: METHOD.to_owned(),
        profile,
    }
}
