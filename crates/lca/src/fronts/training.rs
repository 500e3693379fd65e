//! Training: energy from a meter, from accelerator hours, from arithmetic or from tokens; the hardware by hours occupied.

use super::inference::PerToken;
use crate::Indicator;
use crate::amounts::Amounts;
use crate::params::{Param, Params};
use crate::plan::{Plan, TrainingPlan};
use crate::supply::{Row, Supply};

/// A training run with every parameter filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrainingPoint {
    known: TrainingPlan,
    metered: bool,
    /// Energy of the IT equipment per energy as stated.
    it_per_stated: f64,
    /// Watts of one accelerator while it trains, with its share of the server.
    server_w: f64,
    host: f64,
    /// Seconds that one accelerator is occupied by 10^12 operations.
    s_per_tflop: f64,
    tflop_per_token: f64,
    rollout: Option<Rollout>,
    development: f64,
    published_s: f64,
    published_it_kwh: f64,
    published_gwp_kg: f64,
    supply: Supply,
}

/// Answers that the model writes while it is trained by reinforcement.
#[derive(Debug, Clone, Copy)]
struct Rollout {
    law: PerToken,
    /// Watts of one accelerator while it answers.
    answering_w: f64,
    /// Share of the whole energy, where their number is not stated.
    share: f64,
}

/// The largest share of rollouts that leaves something for the updates.
const MOST_ROLLOUTS: f64 = 0.95;

/// Energy of the IT equipment, and how long accelerators were held for it.
#[derive(Clone, Copy)]
struct Spent {
    it_kwh: f64,
    occupied_s: f64,
}

impl TrainingPoint {
    pub(crate) fn new(p: &Params, plan: &Plan) -> Self {
        let at = |param| p.at(param);
        let supply = Supply::new(p, plan.scope);
        let host = at(Param::Host);
        let accelerator_w = at(Param::TdpW) * at(Param::TrainingPowerShare).min(1.0) * at(Param::HardwareUnknown);
        let rollouts = plan.training.rollouts && !plan.metered;
        let answering_w = at(Param::PowerShare) * at(Param::TdpW);
        let around = if plan.training.published_with_hosts { 1.0 } else { host };
        let site = if plan.training.published_at_site { supply.pue } else { 1.0 };
        Self {
            known: plan.training,
            metered: plan.metered,
            it_per_stated: at(Param::Meter),
            server_w: accelerator_w * host,
            host,
            s_per_tflop: 1.0 / (at(Param::Mfu).min(1.0) * at(Param::Goodput).min(1.0) * at(Param::PeakTflops)),
            // 10^9 parameters times operations are 10^-3 of 10^12.
            tflop_per_token: at(Param::FlopsPerParamToken) * at(Param::ActiveB).min(at(Param::TotalB)) * at(Param::TuningRatio) / 1e3,
            rollout: rollouts.then(|| Rollout {
                law: PerToken::new(p, None),
                answering_w,
                share: at(Param::RolloutShare).min(MOST_ROLLOUTS),
            }),
            development: if plan.training.development { at(Param::DevelopmentRatio) } else { 0.0 },
            published_s: at(Param::PublishedHours) * 3600.0,
            published_it_kwh: at(Param::PublishedKwh) * around / site,
            published_gwp_kg: at(Param::PublishedGwp),
            supply,
        }
    }

    fn by_time(&self, occupied_s: f64) -> Spent {
        Spent { it_kwh: self.server_w * occupied_s / 3.6e6, occupied_s }
    }

    fn by_energy(&self, it_kwh: f64, stated_s: f64) -> Spent {
        // Hours that nobody states follow from the energy.
        let occupied_s = if stated_s > 0.0 { stated_s } else { it_kwh * 3.6e6 / self.server_w };
        Spent { it_kwh, occupied_s }
    }

    fn by_tokens(&self, a: &Amounts) -> Spent {
        let rollouts = if self.rollout.is_some() { a.output } else { 0.0 };
        let learned = if a.fresh > 0.0 { a.fresh } else { rollouts };
        let mut spent = self.by_time(learned * self.tflop_per_token * self.s_per_tflop);
        let Some(rollout) = self.rollout else { return spent };
        if a.output > 0.0 {
            let joules = rollout.law.decode_j * a.output + rollout.law.context_j * a.context_output;
            spent.it_kwh += joules * self.host / 3.6e6;
            spent.occupied_s += joules / rollout.answering_w;
        } else {
            let whole = 1.0 / (1.0 - rollout.share);
            spent = Spent { it_kwh: spent.it_kwh * whole, occupied_s: spent.occupied_s * whole };
        }
        spent
    }

    /// The first of energy, hours, operations, tokens and the published run that is known.
    fn spent(&self, a: &Amounts) -> Option<Spent> {
        if a.energy_kwh > 0.0 {
            return Some(self.by_energy(a.energy_kwh * self.it_per_stated, a.accelerator_s));
        }
        if self.metered {
            return None;
        }
        if a.accelerator_s > 0.0 {
            return Some(self.by_time(a.accelerator_s));
        }
        if a.compute_tflop > 0.0 {
            return Some(self.by_time(a.compute_tflop * self.s_per_tflop));
        }
        if a.fresh > 0.0 || (self.rollout.is_some() && a.output > 0.0) {
            return Some(self.by_tokens(a));
        }
        if !self.known.published {
            return None;
        }
        if self.published_it_kwh.is_nan() {
            return (!self.published_s.is_nan()).then(|| self.by_time(self.published_s));
        }
        Some(self.by_energy(self.published_it_kwh, if self.published_s.is_nan() { 0.0 } else { self.published_s }))
    }

    /// Fills the row of the stage, then development and hardware as far as the plan has them.
    pub(crate) fn fill(&self, a: &Amounts, billed: bool, rows: &mut [Row]) {
        match self.spent(a) {
            Some(spent) => {
                let site_kwh = spent.it_kwh * self.supply.pue;
                rows[0] = self.supply.use_phase(site_kwh);
                if self.known.development {
                    rows[1] = self.supply.use_phase(site_kwh * self.development);
                }
                if self.known.hardware {
                    // Experiments and failed runs hold accelerators as long as their energy says.
                    let occupied_s = spent.occupied_s * (1.0 + self.development);
                    let first = 1 + usize::from(self.known.development);
                    rows[first] = self.supply.making(occupied_s);
                    rows[first + 1] = self.supply.scrapping(occupied_s);
                }
            }
            None if self.known.published => rows[0][Indicator::GwpKgco2e as usize] = self.published_gwp_kg,
            None => {}
        }
        if billed {
            rows[0][Indicator::Cost as usize] = a.cost_billed * self.supply.exchange;
        }
    }
}
