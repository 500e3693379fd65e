//! `bilanz evaluate electricity`: metered electricity, as an amount or as a series, with its contracts.

use super::Common;
use super::checks::check_places;
use super::dual::{Series, print};
use crate::{context, output};
use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use lca::electricity::{Contract, ContractShare, Drawn, Supplied, Volume, check, cover, dual_report};
use lca::{Activity, Boundary, Counts, Deployment, Evidence, Kind, Matching, Profile, Stats};
use measure::{GridSeries, LoadSeries, Shape};
use quantity::{Energy, Ratio};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(crate) struct Electricity {
    /// Energy, kWh, as metered behind the building's own losses (PUE comes on top).
    #[arg(
        long,
        allow_negative_numbers = true,
        value_name = "KWH",
        required_unless_present = "load_series",
        conflicts_with = "load_series"
    )]
    pub(crate) energy_kwh: Option<f64>,
    /// Grid zone (ISO 3166 alpha-3) or cloud region.
    #[arg(long, value_name = "ISO3|REGION")]
    pub(crate) zone: Option<String>,
    /// What metered it.
    #[arg(long, value_enum, default_value = "plug")]
    pub(crate) meter: Meter,
    /// Provider that ran it, for PUE and WUE.
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Contract, as kind:technology:share[:year|hour]; may be repeated. Kinds: ppa, guarantee_of_origin, green_tariff,
    /// own_generation. Instead of a share, an amount such as 5000kwh. By hour it takes the load series and the profile
    /// of that technology in the series of the grid.
    #[arg(long, value_name = "KIND:TECHNOLOGY:SHARE[:MATCHING]")]
    pub(crate) contract: Vec<String>,
    /// Load, as a CSV with the columns time_utc and kwh.
    #[arg(long, value_name = "FILE")]
    pub(crate) load_series: Option<PathBuf>,
    /// Intensity of the grid, as a CSV with the columns `time_utc` and `<zone>_ci_lca_gco2e_per_kwh`.
    #[arg(long, value_name = "FILE", requires = "grid_zone", requires = "load_series")]
    pub(crate) grid_series: Option<PathBuf>,
    /// Zone in the series of the grid.
    #[arg(long, value_name = "ZONE", requires = "grid_series")]
    pub(crate) grid_zone: Option<String>,
    /// Show scope 2 by place and by contract, category 3 and the parts of water beside the result.
    #[arg(long)]
    pub(crate) dual: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Meter {
    Plug,
    Counter,
    Share,
}

/// Values it.
pub(super) fn run(flags: &Electricity) -> anyhow::Result<()> {
    let profile: Profile = flags.common.profile.parse()?;
    let set = context::factors(None, flags.common.factors.as_deref())?;
    check_places(&set, flags.zone.as_deref(), None, flags.provider.as_deref())?;
    let load = flags.load_series.as_deref().map(|path| open(path, LoadSeries::read)).transpose()?;
    let grid = flags.grid_series.as_deref().map(|path| open(path, GridSeries::read)).transpose()?;
    let zone = flags.grid_zone.as_deref().unwrap_or_default();
    let mut series = load.as_ref().map(Series::of);
    let mut deployment = Deployment { zone: flags.zone.clone(), provider: flags.provider.clone(), ..Deployment::default() };
    if let (Some(load), Some(grid)) = (&load, &grid) {
        let weighted = grid.weigh(load, zone)?;
        deployment.grid_gwp = Some(weighted.intensity);
        series = Some(Series::weighted(load, zone, &weighted));
    }
    let energy = match (flags.energy_kwh, &series) {
        (Some(kwh), _) => Energy::kwh(kwh),
        (None, Some(series)) => series.energy(),
        (None, None) => bail!("state --energy-kwh or --load-series"),
    };
    let kwh = energy.as_kwh();
    if !(kwh.is_finite() && kwh >= 0.0) {
        bail!("--energy-kwh is {kwh}; it must be a number and not negative");
    }
    // Below, the integer of the books would be zero; above, a typing error is certain.
    if kwh != 0.0 && !(1e-12..=1e15).contains(&kwh) {
        bail!("--energy-kwh is {kwh}; between 1e-12 and 1e15 kWh are valued, check the unit");
    }
    deployment.contracts = contracts(&flags.contract, energy, load.as_ref(), grid.as_ref().map(|grid| (grid, zone)), series.as_mut())?;
    if let Some(series) = &series {
        series.remark();
    }
    if !deployment.contracts.is_empty() && !profile.is_market_based() && !flags.dual {
        output::note("note: contracts count in the profile ghg-market and with --dual; own generation counts everywhere");
    }
    let evidence = match flags.meter {
        Meter::Plug => Evidence::Plug,
        Meter::Counter => Evidence::Counter,
        Meter::Share => Evidence::Share,
    };
    let counts = Counts { energy_nj: Some((kwh * 3.6e15) as i128), ..Counts::default() };
    let activity = Activity { kind: Kind::Electricity, evidence, stats: Stats::of(&counts), ..Activity::default() };
    let impact = lca::evaluate(&activity, &deployment, &set, profile)?;
    let dual = flags.dual.then(|| dual_report(&Drawn { energy, evidence, boundary: Boundary::Server }, &deployment, &set));
    print(&impact, dual.as_ref(), series.as_ref(), &flags.common)
}

/// Reads a series; errors name the file as it was given.
fn open<T>(path: &Path, read: fn(&mut dyn std::io::BufRead, &str) -> Result<T, measure::ImportError>) -> anyhow::Result<T> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {name}"))?;
    Ok(read(&mut std::io::BufReader::new(file), &name)?)
}

/// Refuses shares that add up to more than the load; what an amount exceeds it by is surplus.
fn check_sum(contracts: &[Contract]) -> anyhow::Result<()> {
    let share = |contract: &Contract| match contract.volume {
        Volume::Share(share) => Some(ContractShare { kind: contract.kind, technology: contract.technology, share, zone: None }),
        Volume::Energy(_) => None,
    };
    check(&contracts.iter().filter_map(share).collect::<Vec<_>>()).context("--contract")
}

/// The contracts as shares of the energy, matched by hour or over the year.
fn contracts(
    texts: &[String],
    energy: Energy,
    load: Option<&LoadSeries>,
    grid: Option<(&GridSeries, &str)>,
    series: Option<&mut Series>,
) -> anyhow::Result<Vec<ContractShare>> {
    let read = |text: &String| text.parse::<Contract>().with_context(|| format!("--contract {text}"));
    let contracts: Vec<Contract> = texts.iter().map(read).collect::<anyhow::Result<_>>()?;
    check_sum(&contracts)?;
    let mut shapes: Vec<Option<Shape>> = Vec::new();
    for contract in &contracts {
        shapes.push(match (contract.matching, load, grid) {
            (Matching::Year, ..) => None,
            (Matching::Hour, Some(load), Some((grid, zone))) => Some(grid.shape(load, zone, contract.technology)?),
            (Matching::Hour, ..) => {
                bail!("a contract matched by hour needs --load-series, --grid-series and --grid-zone; without them, match it by year")
            }
        });
    }
    let supplied: Vec<Supplied<'_>> = contracts
        .iter()
        .zip(&shapes)
        .map(|(contract, shape)| Supplied { contract, profile: shape.as_ref().map(|shape| shape.steps.as_slice()) })
        .collect();
    let steps = load.map_or_else(|| vec![energy], LoadSeries::steps);
    let shares = cover(&steps, &supplied).context("--contract")?.shares(&supplied);
    if let Some(series) = series {
        let missing = shapes.iter().flatten().map(|shape| shape.hours_missing.get()).fold(0.0, f64::max);
        series.covered(texts, &shares, Ratio::new(missing));
    }
    Ok(shares)
}
