//! Devices bought: what making them cost, in full, in the year of the purchase.

use crate::Indicator;
use crate::amounts::Amounts;
use crate::making::Making;
use crate::params::{Param, Params};
use crate::supply::Row;

/// One device with every parameter filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HardwarePoint {
    pub(crate) making: Making,
    exchange: f64,
}

impl HardwarePoint {
    pub(crate) fn new(p: &Params) -> Self {
        Self { making: Making::new(p), exchange: p.at(Param::Exchange) }
    }

    /// Fills making and end of life.
    pub(crate) fn fill(&self, a: &Amounts, billed: bool, rows: &mut [Row]) {
        if a.devices > 0.0 {
            rows[0] = self.making.bought().map(|one| one * a.devices);
            rows[1] = self.making.scrapping().map(|one| one * a.devices);
        }
        if billed {
            rows[0][Indicator::Cost as usize] = a.cost_billed * self.exchange;
        }
    }
}
