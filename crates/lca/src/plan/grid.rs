//! Electricity by place and by contract: which factors make up the greenhouse gas of a kilowatt-hour.

use super::Builder;
use crate::electricity::ContractShare;
use crate::params::Param;
use crate::{ContractKind, Deployment, Indicator};

/// A weight and the factors whose product it multiplies.
pub(super) type Term = (f64, Vec<String>);

/// Spread of the intensity where the zone is assumed.
pub(super) const ZONE_UNKNOWN: &str = "inference.zone_unknown";
/// Spread of an intensity that was weighted hour by hour.
const HOURLY_BIAS: &str = "grid_hourly.bias";
/// Fuel supply and plants, relative to combustion.
const UPSTREAM_RATIO: &str = "grid_upstream.WOR.ratio";

/// A rate of the grid: its terms for one kilowatt-hour, and of those what its source leaves out upstream.
#[derive(Clone)]
struct Rate {
    direct: Vec<Term>,
    upstream: Vec<Term>,
}

impl Rate {
    /// The rate of one factor; where its source counts combustion alone, what lies behind it is added by a ratio.
    fn of(b: &mut Builder<'_>, id: String, zone_known: bool) -> Self {
        let combustion = direct_only(b, &id);
        if combustion {
            b.weak(
                "grid_combustion_only",
                &id,
                "the source of this rate counts combustion alone; fuel supply and plants are added by one ratio for the world",
            );
        }
        let ids = if zone_known { vec![id] } else { vec![id, ZONE_UNKNOWN.to_owned()] };
        let upstream = if combustion { vec![(1.0, ids.iter().cloned().chain([UPSTREAM_RATIO.to_owned()]).collect())] } else { Vec::new() };
        Self { direct: vec![(1.0, ids)], upstream }
    }
}

/// Whether a factor counts what leaves the stacks and not what lies behind the plants.
fn direct_only(b: &Builder<'_>, id: &str) -> bool {
    b.set.factor(id).is_some_and(|factor| factor.boundary.contains("combustion only") || factor.boundary.contains("no upstream"))
}

fn weighted(terms: &[Term], share: f64) -> impl Iterator<Item = Term> + '_ {
    terms.iter().map(move |(weight, ids)| (weight * share, ids.clone()))
}

/// The annual factor of the zone, else that of the world; `None` is a gap. Both are said.
pub(super) fn annual(b: &mut Builder<'_>, name: &str, indicator: Indicator) -> Option<String> {
    let (own, world) = (format!("grid.{}.{name}", b.plan.zone), format!("grid.WOR.{name}"));
    if b.set.factor(&own).is_some() {
        return Some(own);
    }
    if b.set.factor(&world).is_some() {
        b.weak("grid_default", &own, &format!("no source gives {indicator} for this grid zone; the world default stands in with GSD 2"));
        return Some(world);
    }
    b.weak("grid_gap", &own, &format!("no factor for {indicator} at all; the indicator is a gap"));
    None
}

/// Fills what a kilowatt-hour at the meter means in greenhouse gas under the accounting of the profile.
pub(super) fn fill(b: &mut Builder<'_>, deployment: &Deployment, zone_known: bool) {
    let contracts = in_bounds(b, &deployment.contracts);
    b.known(Param::GridShare, 1.0);
    let Some(place) = by_place(b, deployment, zone_known) else {
        losses(b, None);
        return;
    };
    let market = b.plan.scope.profile.is_market_based();
    let (mut own, mut bought, mut upstream) = (Vec::new(), Vec::new(), Vec::new());
    let (mut grid_share, mut rest_share) = (1.0, 1.0);
    for contract in contracts.iter().filter(|contract| market || contract.kind == ContractKind::OwnGeneration) {
        let share = contract.share.get();
        let (id, behind) = (format!("contract.{}.gwp", contract.technology), format!("contract.{}.upstream_gwp", contract.technology));
        if contract.kind == ContractKind::OwnGeneration {
            grid_share -= share;
            b.weak(
                "own_generation_other",
                &b.plan.zone.clone(),
                "for water, elements and primary energy of electricity generated behind the meter, the rates of the grid stand in",
            );
        } else if contract.zone.as_deref().is_some_and(|zone| b.set.zone_of_region(zone).is_none_or(|zone| zone != b.plan.zone)) {
            b.weak(
                "contract_zone_differs",
                contract.zone.as_deref().unwrap_or_default(),
                "this contract generates in another grid zone than the site; whether both are one market has to be shown",
            );
        }
        if b.set.factor(&id).is_none() || b.set.factor(&behind).is_none() {
            b.weak(
                "contract_factor_missing",
                &id,
                "the factor set has no rate for what this contract generates; electricity without a contract stands in: state the supplier's rate in factors of your own",
            );
            continue;
        }
        rest_share -= share;
        if contract.kind == ContractKind::OwnGeneration { &mut own } else { &mut bought }.push((share, vec![id]));
        upstream.push((share, vec![behind]));
    }
    let (grid_share, rest_share) = (grid_share.max(0.0), rest_share.max(0.0));
    if rest_share > crate::electricity::ROUNDING {
        let rest = if market { residual(b, &place, zone_known) } else { place.clone() };
        bought.extend(weighted(&rest.direct, rest_share));
        upstream.extend(weighted(&rest.upstream, rest_share));
    }
    b.mix(Param::OwnGwp, &own);
    b.mix(Param::GridGwp, &bought);
    b.mix(Param::GridUpstream, &upstream);
    b.known(Param::GridShare, grid_share);
    losses(b, Some(&place));
}

/// What the grid loses on the way: generated at the place, whatever the contracts say.
fn losses(b: &mut Builder<'_>, place: Option<&Rate>) {
    if !b.plan.scope.profile.counts_grid_losses() {
        b.known(Param::GridLoss, 0.0);
        b.known(Param::GridLossGwp, 0.0);
        return;
    }
    if let Some(place) = place {
        let all: Vec<Term> = place.direct.iter().chain(&place.upstream).cloned().collect();
        b.mix(Param::GridLossGwp, &all);
    }
    let own = format!("grid_loss.{}", b.plan.zone);
    if b.fill(Param::GridLoss, std::slice::from_ref(&own)) {
        return;
    }
    if b.fill(Param::GridLoss, &["grid_loss.WOR".to_owned()]) {
        b.weak("grid_loss_default", &own, "no source gives the losses of this grid; the world default stands in");
    } else {
        b.known(Param::GridLoss, 0.0);
        b.weak("factor_missing", &own, "the factor set has no losses of the grid; they are left out");
    }
}

/// The location-based rate.
fn by_place(b: &mut Builder<'_>, deployment: &Deployment, zone_known: bool) -> Option<Rate> {
    if let Some(rate) = deployment.grid_gwp {
        if b.set.factor(HOURLY_BIAS).is_none() {
            b.weak("factor_missing", HOURLY_BIAS, "the factor set has no such factor; the parts that need it are gaps");
            return None;
        }
        return Some(Rate { direct: vec![(rate.as_kg_per_kwh(), vec![HOURLY_BIAS.to_owned()])], upstream: Vec::new() });
    }
    let id = annual(b, "gwp", Indicator::GwpKgco2e)?;
    Some(Rate::of(b, id, zone_known))
}

/// The market-based rate of what no contract covers.
fn residual(b: &mut Builder<'_>, place: &Rate, zone_known: bool) -> Rate {
    let id = format!("residual.{}.gwp", b.plan.zone);
    if b.set.factor(&id).is_none() {
        b.weak("residual_mix_unknown", &id, "no residual mix is published for this grid zone; the location-based rate stands in");
        return place.clone();
    }
    Rate::of(b, id, zone_known)
}

/// The contracts, scaled down where they cover more than there is.
fn in_bounds(b: &mut Builder<'_>, contracts: &[ContractShare]) -> Vec<ContractShare> {
    let mut contracts: Vec<ContractShare> = contracts.iter().filter(|contract| contract.share.get() > 0.0).cloned().collect();
    let sum: f64 = contracts.iter().map(|contract| contract.share.get()).sum();
    if sum > 1.0 + crate::electricity::ROUNDING {
        b.weak(
            "contracts_exceed_load",
            &b.plan.zone.clone(),
            "the contracts cover more than the electricity of the site; they are scaled down to it",
        );
    }
    if sum > 1.0 {
        contracts.iter_mut().for_each(|contract| contract.share = quantity::Ratio::new(contract.share.get() / sum));
    }
    contracts
}
