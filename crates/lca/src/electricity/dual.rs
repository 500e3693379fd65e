//! The dual report: one amount of electricity by place and by contract, with category 3 and its water apart.

use crate::cited::Cited;
use crate::electricity::ContractShare;
use crate::factors::FactorSet;
use crate::params::Param;
use crate::plan::{Plan, plan, weakness};
use crate::sample::percentiles;
use crate::sampler::{DRAWS, Sampler, lineage};
use crate::supply::Supply;
use crate::{Activity, Boundary, Deployment, Evidence, Kind, Profile, Scope, SourceNote};
use quantity::{Basis, Co2e, Energy, Estimate, Grade, Quantity, Ratio, Water, WaterScarcity, Weakness};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// An amount of electricity, and where it was metered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// How much.
    pub energy: Energy,
    /// What metered it.
    pub evidence: Evidence,
    /// At the site's meter, or behind it (then PUE comes on top).
    pub boundary: Boundary,
}

/// Category 3 of the GHG Protocol; a gap is not zero.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Category3 {
    /// Fuel supply and plants; a gap where the rate of scope 2 is that of a life cycle, which holds them.
    pub upstream_kgco2e: Option<Estimate<Co2e>>,
    /// Lost between plant and meter.
    pub losses_kgco2e: Option<Estimate<Co2e>>,
    /// Both, as far as they are known.
    pub total_kgco2e: Option<Estimate<Co2e>>,
}

/// Water of an amount of electricity: at the site and at the plants, and weighted by scarcity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaterParts {
    /// Consumed at the site, for cooling.
    pub on_site_l: Option<Estimate<Water>>,
    /// Consumed where the electricity is generated.
    pub off_site_l: Option<Estimate<Water>>,
    /// Both, weighted by the scarcity of the zone; another unit, never added to litres.
    pub scarcity_m3_world_eq: Option<Estimate<WaterScarcity>>,
}

/// One amount of electricity under both accountings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dual {
    /// At the site's meter.
    pub energy_kwh: Estimate<Energy>,
    /// Grid zone, as stated or as assumed.
    pub zone: String,
    /// Share that contracts cover, own generation left out.
    pub contracted_share: Ratio,
    /// Share generated behind the meter.
    pub own_share: Ratio,
    /// Plants of one's own; `None` where there are none.
    pub scope1_kgco2e: Option<Estimate<Co2e>>,
    /// By place.
    pub scope2_location_kgco2e: Option<Estimate<Co2e>>,
    /// By contract.
    pub scope2_market_kgco2e: Option<Estimate<Co2e>>,
    /// Beside scope 2 by place.
    pub category3_location: Category3,
    /// Beside scope 2 by contract.
    pub category3_market: Category3,
    /// Water.
    pub water: WaterParts,
    /// What weakens it.
    pub weaknesses: Vec<Weakness>,
    /// Sources of every factor that was used.
    pub sources: Vec<SourceNote>,
    /// Name of the factor set.
    pub factor_set: String,
    /// Version of the method.
    pub method: String,
}

/// Reports one amount of electricity by place and by contract, on common draws.
#[must_use]
pub fn dual_report(drawn: &Drawn, deployment: &Deployment, factors: &FactorSet) -> Dual {
    let mut sampler = Sampler::new();
    let place = Side::new(Profile::GhgLocation, drawn, deployment, factors, &mut sampler);
    let market = Side::new(Profile::GhgMarket, drawn, deployment, factors, &mut sampler);
    let mut weaknesses: BTreeSet<Weakness> = place.plan.weaknesses.union(&market.plan.weaknesses).cloned().collect();
    // By place no residual mix is asked for, so this word can only be about the grid.
    if !place.plan.weaknesses.iter().any(|weakness| weakness.code == "grid_combustion_only") {
        weaknesses.insert(weakness(
            "scope2_life_cycle",
            &place.plan.zone,
            "the rate of this grid zone is that of a life cycle: fuel supply and plants are in scope 2 by place and not again in category 3",
        ));
    }
    let mut cited = Cited::of(used(&place.plan), factors);
    cited.add(&Cited::of(used(&market.plan), factors));
    let water = water(&place, factors, &mut sampler, &mut weaknesses, &mut cited);
    let shares = shares(&deployment.contracts);
    let basis = Arc::new(Basis { drivers: Vec::new(), weaknesses: weaknesses.iter().cloned().collect() });
    let grade = place.plan.grade;
    let gwp = |side: &Side, rate: fn(&Supply) -> f64| estimate::<Co2e>(side.draws(rate), grade, &basis);
    let category3 = |side: &Side| Category3 {
        upstream_kgco2e: side.splits().then(|| gwp(side, |supply| supply.gwp.upstream)).flatten(),
        losses_kgco2e: gwp(side, |supply| supply.gwp.losses),
        total_kgco2e: gwp(side, |supply| supply.gwp.upstream + supply.gwp.losses),
    };
    let at_meter = place.draws(|_| 1.0).map(percentiles_of::<Energy>);
    let [low, median, high] = at_meter.unwrap_or([drawn.energy; 3]);
    Dual {
        energy_kwh: Estimate::new(low, median, high, grade, Arc::clone(&basis)),
        zone: place.plan.zone.clone(),
        contracted_share: shares.0,
        own_share: shares.1,
        scope1_kgco2e: (shares.1.get() > 0.0).then(|| gwp(&place, |supply| supply.gwp.own)).flatten(),
        scope2_location_kgco2e: gwp(&place, |supply| supply.gwp.bought),
        scope2_market_kgco2e: gwp(&market, |supply| supply.gwp.bought),
        category3_location: category3(&place),
        category3_market: category3(&market),
        water: WaterParts::of(&water, grade, &basis),
        weaknesses: weaknesses.into_iter().collect(),
        sources: cited.notes(),
        factor_set: factors.name().to_owned(),
        method: crate::METHOD.to_owned(),
    }
}

/// The water of an amount of electricity, on site and off site kept apart; losses of the grid are in it.
#[must_use]
pub fn water_parts(drawn: &Drawn, deployment: &Deployment, factors: &FactorSet) -> WaterParts {
    let mut sampler = Sampler::new();
    let place = Side::new(Profile::GhgLocation, drawn, deployment, factors, &mut sampler);
    let mut weaknesses = place.plan.weaknesses.clone();
    let water = water(&place, factors, &mut sampler, &mut weaknesses, &mut Cited::default());
    let basis = Arc::new(Basis { drivers: Vec::new(), weaknesses: weaknesses.into_iter().collect() });
    WaterParts::of(&water, place.plan.grade, &basis)
}

/// Share that is bought by contract, and share generated behind the meter.
fn shares(contracts: &[ContractShare]) -> (Ratio, Ratio) {
    let sum = |own: bool| {
        let of = contracts.iter().filter(|contract| (contract.kind == crate::ContractKind::OwnGeneration) == own);
        of.fold(0.0, |sum: f64, contract| sum + contract.share.get()).min(1.0)
    };
    (Ratio::new(sum(false)), Ratio::new(sum(true)))
}

/// One accounting: its plan and, draw by draw, what a kilowatt-hour costs and how many there are.
struct Side {
    plan: Plan,
    draws: Vec<(Supply, f64)>,
}

impl Side {
    fn new(profile: Profile, drawn: &Drawn, deployment: &Deployment, factors: &FactorSet, sampler: &mut Sampler) -> Self {
        let activity = Activity { kind: Kind::Electricity, evidence: drawn.evidence, ..Activity::default() };
        let scope = Scope::from(profile);
        let plan = plan(factors, &activity, deployment, scope);
        let scores: Vec<_> = plan.variables.iter().map(|variable| sampler.scores(&variable.id)).collect();
        let used: Vec<_> = plan.factors.iter().map(|(id, variable)| (factors.factor(id), *variable)).collect();
        let mut values = plan.medians(factors);
        let draws = (0..DRAWS)
            .map(|draw| {
                for (value, (factor, variable)) in values.iter_mut().zip(&used) {
                    if let (Some(factor), Some(variable)) = (factor, variable) {
                        *value = factor.distribution.at_z(scores[*variable][draw]);
                    }
                }
                let params = plan.params(&values);
                let supply = Supply::new(&params, scope);
                let pue = if drawn.boundary == Boundary::Site { 1.0 } else { supply.pue };
                (supply, drawn.energy.as_kwh() * params.at(Param::Meter) * pue)
            })
            .collect();
        Self { plan, draws }
    }

    /// Whether scope 2 counts what leaves the stacks alone, so that category 3 has an upstream part.
    fn splits(&self) -> bool {
        self.draws.iter().any(|(supply, _)| supply.gwp.upstream > 0.0)
    }

    /// A rate times the energy, draw by draw; `None` is a gap.
    fn draws(&self, rate: impl Fn(&Supply) -> f64) -> Option<Vec<f64>> {
        let draws: Vec<f64> = self.draws.iter().map(|(supply, kwh)| rate(supply) * kwh).collect();
        (!draws.iter().any(|value| value.is_nan())).then_some(draws)
    }
}

/// Draws of the parts: on site, off site, both weighted by scarcity.
type WaterDraws = [Option<Vec<f64>>; 3];

fn water(side: &Side, factors: &FactorSet, sampler: &mut Sampler, weaknesses: &mut BTreeSet<Weakness>, cited: &mut Cited) -> WaterDraws {
    let on_site = side.draws(|supply| supply.water.on_site);
    let off_site = side.draws(|supply| supply.water.off_site);
    let own = format!("water_scarcity.{}", side.plan.zone);
    let mut line = lineage(factors, &own);
    if line.is_empty() {
        line = lineage(factors, "water_scarcity.WOR");
        let text = if line.is_empty() {
            "no factor for the scarcity of water; the figure is a gap"
        } else {
            "no source gives the scarcity of water in this zone; the world default stands in"
        };
        weaknesses.insert(weakness("water_scarcity_default", &own, text));
    }
    cited.add(&Cited::of(line.iter().map(|factor| factor.id.as_str()), factors));
    let both = on_site.as_ref().zip(off_site.as_ref()).filter(|_| !line.is_empty());
    let scarce = both.map(|(on_site, off_site)| {
        let scores: Vec<_> = line.iter().map(|factor| (factor, sampler.scores(&factor.id))).collect();
        let weight = |draw: usize| scores.iter().map(|(factor, scores)| factor.distribution.at_z(scores[draw])).product::<f64>();
        // AWARE cuts its weights at both ends; the tail of a lognormal may pass them.
        let weight = |draw: usize| weight(draw).clamp(0.1, 100.0);
        on_site.iter().zip(off_site).enumerate().map(|(draw, (on, off))| (on + off) * 1e-3 * weight(draw)).collect()
    });
    [on_site, off_site, scarce]
}

impl WaterParts {
    fn of([on_site, off_site, scarce]: &WaterDraws, grade: Grade, basis: &Arc<Basis>) -> Self {
        Self {
            on_site_l: estimate(on_site.clone(), grade, basis),
            off_site_l: estimate(off_site.clone(), grade, basis),
            scarcity_m3_world_eq: estimate(scarce.clone(), grade, basis),
        }
    }
}

fn percentiles_of<Q: Quantity>(draws: Vec<f64>) -> [Q; 3] {
    percentiles(&draws).map(Q::from_base)
}

fn estimate<Q: Quantity>(draws: Option<Vec<f64>>, grade: Grade, basis: &Arc<Basis>) -> Option<Estimate<Q>> {
    let [low, median, high] = draws.map(percentiles_of)?;
    Some(Estimate::new(low, median, high, grade, Arc::clone(basis)))
}

fn used(plan: &Plan) -> impl Iterator<Item = &str> {
    plan.factors.iter().map(|(id, ..)| id.as_str())
}
