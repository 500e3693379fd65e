//! Software Carbon Intensity, ISO/IEC 21031 and its specification for AI: (E * I + M) per R.

use crate::{Impact, Profile};
use quantity::{CarbonIntensity, Co2e, Duration, Energy, Estimate, Ratio};
use std::sync::Arc;

/// How an intensity of electricity was come by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Intensity {
    /// By place: the average or the marginal intensity of the grid.
    Location(CarbonIntensity),
    /// By contract.
    Market(CarbonIntensity),
}

/// Why there is no score.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SciError {
    /// Contracts and certificates do not count.
    #[error("SCI leaves out market-based measures: state the intensity of the grid where it ran, not that of contracts or certificates")]
    MarketBased,
    /// A profile that is no profile of SCI.
    #[error("profile {0} is not one of SCI; evaluate with sci-consumer or sci-provider")]
    Profile(Profile),
    /// No functional units to divide by.
    #[error("the number of functional units is {}; it must be a number above 0", .0.get())]
    Units(Ratio),
    /// An amount that cannot be.
    #[error("{0} must be a number and not negative")]
    Amount(&'static str),
    /// The greenhouse gas of the evaluation is a gap.
    #[error("the greenhouse gas of this evaluation is not known; there is nothing to divide")]
    Gap,
}

/// The score: greenhouse gas per functional unit.
///
/// # Errors
/// When the intensity is market-based, an amount is below zero, or there are no units.
pub fn score(energy: Energy, intensity: Intensity, embodied: Co2e, units: Ratio) -> Result<Co2e, SciError> {
    let Intensity::Location(intensity) = intensity else { return Err(SciError::MarketBased) };
    for (name, value) in [("energy", energy.as_kwh()), ("intensity", intensity.as_kg_per_kwh()), ("embodied carbon", embodied.as_kg())] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(SciError::Amount(name));
        }
    }
    per(energy * intensity + embodied, units)
}

/// Greenhouse gas per functional unit, where operation and hardware are already added up.
///
/// # Errors
/// When there are no units.
pub fn per(total: Co2e, units: Ratio) -> Result<Co2e, SciError> {
    if units.get().is_finite() && units.get() > 0.0 { Ok(total / units) } else { Err(SciError::Units(units)) }
}

/// The score of an evaluation, with its interval.
///
/// # Errors
/// When its profile is market-based or not one of SCI, its greenhouse gas is a gap, or there are no units.
pub fn score_of(impact: &Impact, units: Ratio) -> Result<Estimate<Co2e>, SciError> {
    match impact.profile {
        Profile::SciConsumer | Profile::SciProvider => {}
        profile if profile.is_market_based() => return Err(SciError::MarketBased),
        profile => return Err(SciError::Profile(profile)),
    }
    let gwp = impact.impacts.gwp_kgco2e.as_ref().ok_or(SciError::Gap)?;
    Ok(Estimate::new(per(gwp.low(), units)?, per(gwp.median(), units)?, per(gwp.high(), units)?, gwp.grade(), Arc::clone(gwp.basis())))
}

/// Embodied carbon that a use bears: the total, by the time reserved and by the share of the device reserved.
///
/// # Errors
/// When the life span is not above zero or a share lies outside 0 to 1.
pub fn embodied(total: Co2e, reserved: Duration, life_span: Duration, share: Ratio) -> Result<Co2e, SciError> {
    if !(total.as_kg().is_finite() && total.as_kg() >= 0.0) {
        return Err(SciError::Amount("embodied carbon"));
    }
    if !(life_span.as_seconds().is_finite() && life_span.as_seconds() > 0.0) {
        return Err(SciError::Amount("life span"));
    }
    if !(reserved.as_seconds().is_finite() && reserved.as_seconds() >= 0.0) {
        return Err(SciError::Amount("time reserved"));
    }
    if !(0.0..=1.0).contains(&share.get()) {
        return Err(SciError::Amount("share of the device, at most 1,"));
    }
    Ok(total * (reserved / life_span) * share)
}
