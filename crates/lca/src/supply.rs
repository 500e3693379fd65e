//! `Supply`: what a kilowatt-hour at the site and a second of reserved accelerator cost in every indicator.

use crate::params::{Param, Params};
use crate::{Indicator, Scope};

/// Indicators per stage; NaN marks a gap.
pub(crate) type Row = [f64; Indicator::ALL.len()];

/// A row in which nothing is known.
pub(crate) const GAP: Row = [f64::NAN; Indicator::ALL.len()];

/// The back end that every kind of activity shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Supply {
    /// Energy at the site's meter per energy of the IT equipment.
    pub(crate) pue: f64,
    use_per_kwh: Row,
    making_per_s: Row,
    scrapping_per_s: Row,
    /// Currency of the set per unit of the billed currency.
    pub(crate) exchange: f64,
}

impl Supply {
    pub(crate) fn new(p: &Params, scope: Scope) -> Self {
        let at = |param| p.at(param);
        // A lognormal PUE may fall below its physical floor of 1.
        let pue = at(Param::Pue).max(1.0);
        let zone = at(Param::ZoneUnknown);
        let use_per_kwh = [
            1.0,
            at(Param::GridGwp) * zone,
            // WUE is defined per kilowatt-hour of IT energy, so PUE is taken out again.
            at(Param::Wue) / pue + at(Param::GridWater) * zone,
            at(Param::GridAdpe),
            at(Param::GridPe),
            f64::NAN,
            f64::NAN,
        ];
        let lifetime_s = at(Param::LifetimeYears) * 365.25 * 86_400.0;
        let share = |accelerator: Param, server: Param| (at(accelerator) + at(server) / at(Param::PerServer)) / lifetime_s;
        let mut making_per_s = GAP;
        let mut scrapping_per_s = GAP;
        if scope.profile.attributes_hardware() {
            making_per_s[Indicator::GwpKgco2e as usize] = share(Param::AcceleratorGwp, Param::ServerGwp);
            making_per_s[Indicator::AdpeKgsbeq as usize] = share(Param::AcceleratorAdpe, Param::ServerAdpe);
            making_per_s[Indicator::PeMj as usize] = share(Param::AcceleratorPe, Param::ServerPe);
            scrapping_per_s[Indicator::EwasteKg as usize] = share(Param::AcceleratorMass, Param::ServerMass);
        }
        Self { pue, use_per_kwh, making_per_s, scrapping_per_s, exchange: at(Param::Exchange) }
    }

    /// The row of electricity drawn at the site's meter.
    pub(crate) fn use_phase(&self, site_kwh: f64) -> Row {
        self.use_per_kwh.map(|rate| rate * site_kwh)
    }

    /// The share of making the hardware that reserved accelerator time bears.
    pub(crate) fn making(&self, reserved_s: f64) -> Row {
        self.making_per_s.map(|rate| rate * reserved_s)
    }

    /// The share of scrapping it.
    pub(crate) fn scrapping(&self, reserved_s: f64) -> Row {
        self.scrapping_per_s.map(|rate| rate * reserved_s)
    }
}
