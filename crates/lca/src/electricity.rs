//! Contracts for electricity: what they supply, hour by hour or over the year, and what is left to the grid.

mod dual;

pub use dual::{Category3, Drawn, Dual, WaterParts, dual_report, water_parts};

use crate::{ContractKind, Matching, Technology, WordError};
use quantity::{Energy, Ratio};
use std::str::FromStr;

/// What sums of shares may miss by.
pub(crate) const ROUNDING: f64 = 1e-9;

/// What is wrong with a contract.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ContractError {
    /// A word that is in no list.
    #[error(transparent)]
    Word(#[from] WordError),
    /// A text that is no contract.
    #[error("`{0}` is no contract; write kind:technology:share[:year|hour], such as ppa:wind:0.6 or own_generation:solar:5000kwh:hour")]
    Form(String),
    /// A share outside its bounds.
    #[error("the share `{0}` of a contract is not above 0 and at most 1; write 0.6 for 60 %, or an amount such as 5000kwh")]
    Share(String),
    /// Shares that cover more than there is.
    #[error("the shares of the contracts add up to {}, more than the electricity there is; lower them to a sum of at most 1", quantity::six_digits(.0.get()))]
    Sum(Ratio),
    /// Hour by hour without a profile.
    #[error("a contract for {0} is matched hour by hour, but nothing says when it generates; give a profile, or match it over the year")]
    ProfileMissing(Technology),
    /// A profile of another length than the load.
    #[error(
        "a contract for {technology} has a profile of {profile} steps and the load has {load}; give one value for every step of the load"
    )]
    ProfileLength {
        /// What generates.
        technology: Technology,
        /// Steps of the profile.
        profile: usize,
        /// Steps of the load.
        load: usize,
    },
    /// A profile with nothing in it.
    #[error("the profile of a contract for {0} has no generation at all, or a value that is no number or below zero")]
    ProfileValues(Technology),
    /// A load or volume that is no amount of energy.
    #[error("energy of {} kWh is no amount that can be drawn or supplied", .0.as_kwh())]
    Energy(Energy),
}

/// How much a contract supplies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Volume {
    /// A share of the load.
    Share(Ratio),
    /// An amount of energy over the period of the load.
    Energy(Energy),
}

/// A contract for electricity.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// What kind.
    pub kind: ContractKind,
    /// What generates.
    pub technology: Technology,
    /// How much it supplies over the period.
    pub volume: Volume,
    /// Grid zone where it generates, when stated.
    pub zone: Option<String>,
    /// Over which time it is set against the load.
    pub matching: Matching,
}

/// A contract as far as it covers the electricity of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractShare {
    /// What kind.
    pub kind: ContractKind,
    /// What generates; names the factors `contract.<technology>.gwp` and `.upstream_gwp`.
    pub technology: Technology,
    /// Share of the site's kilowatt-hours that it covers.
    pub share: Ratio,
    /// Grid zone where it generates, when stated.
    pub zone: Option<String>,
}

impl FromStr for Contract {
    type Err = ContractError;
    /// Reads `kind:technology:share[:matching]`; instead of a share, an amount such as `5000kwh` over the period.
    fn from_str(text: &str) -> Result<Self, ContractError> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (kind, technology, share, matching) = match parts[..] {
            [kind, technology, share] => (kind, technology, share, Matching::Year),
            [kind, technology, share, matching] => (kind, technology, share, matching.parse()?),
            _ => return Err(ContractError::Form(text.to_owned())),
        };
        let (kind, technology) = (kind.parse()?, technology.parse()?);
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| ContractError::Share(share.to_owned()));
        let amount = share.len().checked_sub(3).filter(|at| share.get(*at..).is_some_and(|unit| unit.eq_ignore_ascii_case("kwh")));
        let volume = match amount {
            Some(at) => Volume::Energy(check_energy(Energy::kwh(number(&share[..at])?))?),
            None => {
                let ratio = Ratio::new(number(share)?);
                check_share(ratio, share)?;
                Volume::Share(ratio)
            }
        };
        Ok(Self { kind, technology, volume, zone: None, matching })
    }
}

fn check_energy(energy: Energy) -> Result<Energy, ContractError> {
    if energy.as_kwh().is_finite() && energy.as_kwh() >= 0.0 { Ok(energy) } else { Err(ContractError::Energy(energy)) }
}

fn check_share(share: Ratio, text: &str) -> Result<(), ContractError> {
    if share.get() > 0.0 && share.get() <= 1.0 { Ok(()) } else { Err(ContractError::Share(text.to_owned())) }
}

/// Refuses shares outside their bounds and sums above the whole.
///
/// # Errors
/// Names the share or the sum.
pub fn check(contracts: &[ContractShare]) -> Result<(), ContractError> {
    for contract in contracts {
        check_share(contract.share, &contract.share.get().to_string())?;
    }
    let sum: f64 = contracts.iter().map(|contract| contract.share.get()).sum();
    if sum > 1.0 + ROUNDING { Err(ContractError::Sum(Ratio::new(sum))) } else { Ok(()) }
}

/// A contract with the shape of its generation: one value per step of the load, in any unit.
#[derive(Debug, Clone, Copy)]
pub struct Supplied<'a> {
    /// The contract.
    pub contract: &'a Contract,
    /// When it generates; only matching by hour needs it.
    pub profile: Option<&'a [Ratio]>,
}

/// What contracts cover of a load; `covered` and `residual` add up to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// The whole load.
    pub load: Energy,
    /// Covered by each contract, in the order given.
    pub covered: Vec<Energy>,
    /// Supplied by each contract beyond what it covers.
    pub surplus: Vec<Energy>,
    /// Covered by none.
    pub residual: Energy,
}

impl Coverage {
    /// The contracts as shares of the load.
    #[must_use]
    pub fn shares(&self, contracts: &[Supplied<'_>]) -> Vec<ContractShare> {
        let share = |covered: &Energy| if self.load.as_kwh() > 0.0 { *covered / self.load } else { Ratio::new(0.0) };
        contracts
            .iter()
            .zip(&self.covered)
            .map(|(supplied, covered)| ContractShare {
                kind: supplied.contract.kind,
                technology: supplied.contract.technology,
                share: share(covered),
                zone: supplied.contract.zone.clone(),
            })
            .collect()
    }
}

/// Sets contracts against a load, given step by step (such as hour by hour).
///
/// Own generation comes first, since it flows behind the meter; then what is
/// matched by hour, covering in each step at the most what is left of the
/// load; then what is matched over the year, covering what is left of the sum.
/// Within each group the order given decides.
///
/// # Errors
/// Names a share, a volume or a profile that cannot be.
pub fn cover(load: &[Energy], contracts: &[Supplied<'_>]) -> Result<Coverage, ContractError> {
    for step in load {
        check_energy(*step)?;
    }
    let mut left: Vec<f64> = load.iter().map(|step| step.as_kwh()).collect();
    let whole: f64 = left.iter().sum();
    let mut volumes = Vec::with_capacity(contracts.len());
    for supplied in contracts {
        volumes.push(match supplied.contract.volume {
            Volume::Share(share) => {
                check_share(share, &share.get().to_string())?;
                whole * share.get()
            }
            Volume::Energy(energy) => check_energy(energy)?.as_kwh(),
        });
    }
    let rank =
        |supplied: &Supplied<'_>| (supplied.contract.kind != ContractKind::OwnGeneration, supplied.contract.matching == Matching::Year);
    let mut order: Vec<usize> = (0..contracts.len()).collect();
    order.sort_by_key(|place| rank(&contracts[*place]));
    let mut covered = vec![0.0; contracts.len()];
    for place in order {
        let Supplied { contract, profile } = contracts[place];
        covered[place] = match contract.matching {
            Matching::Hour => {
                let profile = profile.ok_or(ContractError::ProfileMissing(contract.technology))?;
                by_step(&mut left, volumes[place], profile, contract.technology)?
            }
            Matching::Year => by_sum(&mut left, volumes[place]),
        };
    }
    let energies = |values: &[f64]| values.iter().map(|value| Energy::kwh(*value)).collect();
    let surplus: Vec<f64> = volumes.iter().zip(&covered).map(|(volume, covered)| (volume - covered).max(0.0)).collect();
    Ok(Coverage {
        load: Energy::kwh(whole),
        residual: Energy::kwh((whole - covered.iter().sum::<f64>()).max(0.0)),
        covered: energies(&covered),
        surplus: energies(&surplus),
    })
}

/// Covers step by step what the profile gives; returns what was covered.
fn by_step(left: &mut [f64], volume: f64, profile: &[Ratio], technology: Technology) -> Result<f64, ContractError> {
    if profile.len() != left.len() {
        return Err(ContractError::ProfileLength { technology, profile: profile.len(), load: left.len() });
    }
    let whole: f64 = profile.iter().map(|step| step.get()).sum();
    if !(whole.is_finite() && whole > 0.0) || profile.iter().any(|step| step.get() < 0.0) {
        return Err(ContractError::ProfileValues(technology));
    }
    let mut covered = 0.0;
    for (left, step) in left.iter_mut().zip(profile) {
        let taken = left.min(volume * (step.get() / whole));
        *left -= taken;
        covered += taken;
    }
    Ok(covered)
}

/// Covers what is left of the sum, spread over the steps as the rest of the load is; returns what was covered.
fn by_sum(left: &mut [f64], volume: f64) -> f64 {
    let open: f64 = left.iter().sum();
    let covered = open.min(volume);
    if open > 0.0 {
        left.iter_mut().for_each(|left| *left -= *left * (covered / open));
    }
    covered
}
