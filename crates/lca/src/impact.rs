//! `Impact`: the result of an evaluation, all indicators, by stage, with reasons.

use crate::{Indicator, Profile, Stage};
use quantity::{Adpe, Basis, Co2e, Energy, Estimate, Ewaste, Grade, Money, PrimaryEnergy, Water};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One estimate per indicator; a gap is `None`, never zero.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Impacts {
    /// Electric energy at the site's meter.
    pub energy_kwh: Option<Estimate<Energy>>,
    /// Greenhouse gas.
    pub gwp_kgco2e: Option<Estimate<Co2e>>,
    /// Water consumed.
    pub water_l: Option<Estimate<Water>>,
    /// Element depletion.
    pub adpe_kgsbeq: Option<Estimate<Adpe>>,
    /// Primary energy.
    pub pe_mj: Option<Estimate<PrimaryEnergy>>,
    /// Electronic waste.
    pub ewaste_kg: Option<Estimate<Ewaste>>,
    /// Money, in the currency beside it.
    pub cost: Option<Estimate<Money>>,
}

/// A source that a figure rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SourceNote {
    /// Key of the source in the factor set.
    pub id: String,
    /// Full citation.
    pub citation: String,
    /// Licence of the source.
    pub licence: String,
    /// When it was read.
    pub retrieved: String,
    /// Factors used from it, at most twelve, then a count.
    pub factors: Vec<String>,
}

/// The result of `evaluate()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Impact {
    /// The total over the stages of the profile.
    pub impacts: Impacts,
    /// Currency of every cost, ISO 4217.
    pub currency: String,
    /// By stage.
    pub stages: BTreeMap<Stage, Impacts>,
    /// Grade of the whole.
    pub grade: Grade,
    /// Drivers and weaknesses.
    #[serde(flatten)]
    pub basis: Arc<Basis>,
    /// Sources of every factor that was used.
    pub sources: Vec<SourceNote>,
    /// Name of the factor set.
    pub factor_set: String,
    /// Version of the method.
    pub method: String,
    /// Profile.
    pub profile: Profile,
}

impl Impacts {
    /// `(low, median, high)` of an indicator in its base unit, for tables and charts.
    #[must_use]
    pub fn row(&self, indicator: Indicator) -> Option<[quantity::Ratio; 3]> {
        fn of<Q: quantity::Quantity>(estimate: Option<&Estimate<Q>>) -> Option<[quantity::Ratio; 3]> {
            estimate.map(|e| [e.low(), e.median(), e.high()].map(|q| quantity::Ratio::new(q.base())))
        }
        match indicator {
            Indicator::EnergyKwh => of(self.energy_kwh.as_ref()),
            Indicator::GwpKgco2e => of(self.gwp_kgco2e.as_ref()),
            Indicator::WaterL => of(self.water_l.as_ref()),
            Indicator::AdpeKgsbeq => of(self.adpe_kgsbeq.as_ref()),
            Indicator::PeMj => of(self.pe_mj.as_ref()),
            Indicator::EwasteKg => of(self.ewaste_kg.as_ref()),
            Indicator::Cost => of(self.cost.as_ref()),
        }
    }
}
