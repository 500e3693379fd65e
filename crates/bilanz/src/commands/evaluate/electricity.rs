//! `bilanz evaluate electricity`: metered electricity.

use super::checks::check_zone;
use super::{Common, print::print};
use crate::context;
use anyhow::bail;
use clap::{Args, ValueEnum};
use lca::{Activity, Counts, Deployment, Evidence, Kind, Profile, Stats};

#[derive(Debug, Args)]
pub(crate) struct Electricity {
    /// Energy, kWh, as metered behind the building's own losses (PUE comes on top).
    #[arg(long, allow_negative_numbers = true, value_name = "KWH")]
    pub(crate) energy_kwh: f64,
    /// Grid zone (ISO 3166 alpha-3) or cloud region.
    #[arg(long, value_name = "ISO3|REGION")]
    pub(crate) zone: Option<String>,
    /// What metered it.
    #[arg(long, value_enum, default_value = "plug")]
    pub(crate) meter: Meter,
    /// Provider that ran it, for PUE and WUE.
    #[arg(long)]
    pub(crate) provider: Option<String>,
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
    if !(flags.energy_kwh.is_finite() && flags.energy_kwh >= 0.0) {
        bail!("--energy-kwh is {}; it must be a number and not negative", flags.energy_kwh);
    }
    let profile: Profile = flags.common.profile.parse()?;
    let set = context::factors(None, flags.common.factors.as_deref())?;
    if let Some(zone) = &flags.zone {
        check_zone(&set, zone)?;
    }
    // Below, the integer of the books would be zero; above, a typing error is certain.
    if flags.energy_kwh != 0.0 && !(1e-12..=1e15).contains(&flags.energy_kwh) {
        bail!("--energy-kwh is {}; between 1e-12 and 1e15 kWh are valued, check the unit", flags.energy_kwh);
    }
    let nanojoules = flags.energy_kwh * 3.6e15;
    let counts = Counts { energy_nj: Some(nanojoules as i128), ..Counts::default() };
    let evidence = match flags.meter {
        Meter::Plug => Evidence::Plug,
        Meter::Counter => Evidence::Counter,
        Meter::Share => Evidence::Share,
    };
    let activity = Activity { kind: Kind::Electricity, evidence, stats: Stats::of(&counts), ..Activity::default() };
    let deployment = Deployment { zone: flags.zone.clone(), provider: flags.provider.clone(), ..Deployment::default() };
    print(&lca::evaluate(&activity, &deployment, &set, profile)?, &flags.common)
}
