//! Two assessments side by side: difference, ratio and probability, draw by draw.

use super::LifeCycleValued;
use crate::build::short;
use lca::{Impacts, Indicator, Profile, Sample, rank};
use quantity::Ratio;
use serde::Serialize;

/// What may be said about two totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// The first lies below the second, on at least 90 % of the draws.
    FirstBelow,
    /// The second lies below the first, on at least 90 % of the draws.
    SecondBelow,
    /// Neither can be claimed.
    Tie,
}

/// Two assessments side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Always `comparison` here.
    pub statement: String,
    /// Title of the first.
    pub first: String,
    /// Title of the second.
    pub second: String,
    /// Profile of both.
    pub profile: Profile,
    /// Currency of every cost.
    pub currency: String,
    /// The functional unit both are divided by; `None` when the totals are compared.
    pub per: Option<String>,
    /// Figures of the first.
    pub first_impacts: Impacts,
    /// Figures of the second.
    pub second_impacts: Impacts,
    /// One row per indicator that both have.
    pub indicators: Vec<Difference>,
    /// Indicators that one of them lacks.
    pub gaps: Vec<Indicator>,
    /// Name of the factor set.
    pub factor_set: String,
    /// Version of the method.
    pub method: String,
}

/// One indicator of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The indicator.
    pub indicator: Indicator,
    /// First minus second, in the base unit: low, median, high.
    pub difference: [Ratio; 3],
    /// First divided by second: low, median, high; `None` where the second can be zero.
    pub ratio: Option<[Ratio; 3]>,
    /// The probability that the first lies below the second; `None` in profile `ecologits`, which has ranges.
    pub first_below: Option<Ratio>,
    /// What may be said.
    pub claim: Claim,
}

/// Compares two assessments valued under the same profile: per functional unit where both name the same one, else by total.
#[must_use]
pub fn compare(first: &LifeCycleValued, second: &LifeCycleValued) -> Comparison {
    let units = first.life.functional_unit.as_ref().zip(second.life.functional_unit.as_ref());
    let same = units.filter(|(a, b)| a.name == b.name);
    let per = |sample: &Sample, quantity: Option<Ratio>| {
        quantity.map_or_else(|| sample.clone(), |quantity| sample.scaled(Ratio::new(1.0 / quantity.get())))
    };
    let a = per(&first.total, same.map(|(a, _)| a.quantity));
    let b = per(&second.total, same.map(|(_, b)| b.quantity));
    let pair = [a.clone(), b.clone()];
    let row = |indicator: &Indicator| {
        let difference = a.difference(&b, *indicator)?.map(short);
        let ranking = rank(&pair, *indicator);
        let claim = match (ranking.claims(0, 1), ranking.claims(1, 0)) {
            (true, _) => Claim::FirstBelow,
            (_, true) => Claim::SecondBelow,
            _ => Claim::Tie,
        };
        let first_below = ranking.below[0][1].filter(|_| first.life.profile != Profile::Ecologits).map(short);
        Some(Difference {
            indicator: *indicator,
            difference,
            ratio: a.ratio_to(&b, *indicator).map(|row| row.map(short)),
            first_below,
            claim,
        })
    };
    let indicators: Vec<Difference> = Indicator::ALL.iter().filter_map(row).collect();
    Comparison {
        statement: "comparison".to_owned(),
        first: first.life.title.clone(),
        second: second.life.title.clone(),
        profile: first.life.profile,
        currency: first.life.currency.clone(),
        per: same.map(|(unit, _)| unit.name.clone()),
        first_impacts: a.impact().impacts,
        second_impacts: b.impact().impacts,
        gaps: Indicator::ALL.iter().copied().filter(|known| !indicators.iter().any(|row| row.indicator == *known)).collect(),
        indicators,
        factor_set: first.life.factor_set.clone(),
        method: first.life.method.clone(),
    }
}
