//! `Supply`: what a kilowatt-hour at the site and a second of reserved accelerator cost in every indicator.

use crate::making::Making;
use crate::params::{Param, Params};
use crate::{Indicator, Scope};

/// Indicators per stage; NaN marks a gap.
pub(crate) type Row = [f64; Indicator::ALL.len()];

/// A row in which nothing is known.
pub(crate) const GAP: Row = [f64::NAN; Indicator::ALL.len()];

/// Greenhouse gas of a kilowatt-hour at the site's meter, by where an inventory puts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GridGwp {
    /// Plants of one's own: scope 1.
    pub(crate) own: f64,
    /// Electricity bought, by place or by contract: scope 2.
    pub(crate) bought: f64,
    /// Fuel supply and plants that the rate of scope 2 leaves out: category 3.
    pub(crate) upstream: f64,
    /// Lost between plant and meter: category 3.
    pub(crate) losses: f64,
}

/// Water of a kilowatt-hour at the site's meter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WaterUse {
    pub(crate) on_site: f64,
    pub(crate) off_site: f64,
}

/// What a kilowatt-hour is itself, in megajoules.
const KWH_MJ: f64 = 3.6;

/// More than this share no grid loses; the tail of a lognormal may pass it.
const LOSS_MAX: f64 = 0.9;

/// The back end that every kind of activity shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Supply {
    /// Energy at the site's meter per energy of the IT equipment.
    pub(crate) pue: f64,
    pub(crate) gwp: GridGwp,
    pub(crate) water: WaterUse,
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
        let lost = at(Param::GridLoss).min(LOSS_MAX);
        let lost = lost / (1.0 - lost) * at(Param::GridShare);
        let gwp = GridGwp {
            own: at(Param::OwnGwp),
            bought: at(Param::GridGwp),
            upstream: at(Param::GridUpstream),
            losses: at(Param::GridLossGwp) * lost,
        };
        // WUE is defined per kilowatt-hour of IT energy, so PUE is taken out again.
        let water = WaterUse { on_site: at(Param::Wue) / pue, off_site: at(Param::GridWater) * (1.0 + lost) };
        // Nor does primary energy fall below the electricity that it became; a gap stays one.
        let pe = at(Param::GridPe);
        let pe = if pe < KWH_MJ { KWH_MJ } else { pe };
        let use_per_kwh = [
            1.0,
            gwp.own + gwp.bought + gwp.upstream + gwp.losses,
            water.on_site + water.off_site,
            at(Param::GridAdpe) * (1.0 + lost),
            pe * (1.0 + lost),
            f64::NAN,
            f64::NAN,
        ];
        let lifetime_s = at(Param::LifetimeYears) * 365.25 * 86_400.0;
        let mut making_per_s = GAP;
        let mut scrapping_per_s = GAP;
        if scope.profile.attributes_hardware() {
            let making = Making::new(p);
            making_per_s = making.borne().map(|whole| whole / lifetime_s);
            scrapping_per_s = making.scrapping().map(|whole| whole / lifetime_s);
        }
        Self { pue, gwp, water, use_per_kwh, making_per_s, scrapping_per_s, exchange: at(Param::Exchange) }
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
