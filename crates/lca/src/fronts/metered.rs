//! Metered energy: what a meter read, taken as energy of the IT equipment; PUE comes on top.

use crate::Indicator;
use crate::amounts::Amounts;
use crate::params::{Param, Params};
use crate::plan::Plan;
use crate::supply::{Row, Supply};

/// Metered energy with every parameter filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MeteredPoint {
    site_per_metered: f64,
    supply: Supply,
}

impl MeteredPoint {
    pub(crate) fn new(p: &Params, plan: &Plan) -> Self {
        let supply = Supply::new(p, plan.scope);
        Self { site_per_metered: p.at(Param::Meter) * supply.pue, supply }
    }

    /// Fills the one row of the stage.
    pub(crate) fn fill(&self, a: &Amounts, billed: bool, rows: &mut [Row]) {
        rows[0] = self.supply.use_phase(a.energy_kwh * self.site_per_metered);
        if billed {
            rows[0][Indicator::Cost as usize] = a.cost_billed * self.supply.exchange;
        }
    }
}
