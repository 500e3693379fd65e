//! What making and scrapping the hardware costs: which factors fill it.

use super::Builder;
use crate::Accelerator;
use crate::params::Param;

/// Fills the parameters of one accelerator and its share of a server.
pub(super) fn fill(b: &mut Builder<'_>, row: &Accelerator) {
    let accelerator = |name: &str| format!("accelerator.{}.{name}", row.id);
    for (param, name) in [
        (Param::AcceleratorGwp, "gwp_kg"),
        (Param::AcceleratorAdpe, "adpe_kg"),
        (Param::AcceleratorPe, "pe_mj"),
        (Param::AcceleratorMass, "mass_kg"),
    ] {
        if !b.fill(param, &[accelerator(name)]) {
            b.weak(
                "accelerator_figure_missing",
                &accelerator(name),
                "no figure for its making; this part of the manufacturing or end of life is a gap",
            );
        }
    }
    for (param, name) in
        [(Param::ServerGwp, "gwp_kg"), (Param::ServerAdpe, "adpe_kg"), (Param::ServerPe, "pe_mj"), (Param::ServerMass, "mass_kg")]
    {
        if !b.fill(param, &[format!("server.{}.{name}", row.server), format!("server.dgx-h100.{name}")]) {
            b.weak(
                "server_figure_missing",
                &format!("server.{}.{name}", row.server),
                "no figure for the server; this part of the manufacturing or end of life is a gap",
            );
        }
    }
    b.known(Param::PerServer, f64::from(row.per_server.max(1)));
    b.method(Param::LifetimeYears, "hardware.lifetime_years");
    b.method(Param::ReservedRatio, "inference.reserved_ratio");
    b.weak(
        "embodied_water_gap",
        "manufacturing",
        "no verified figure in litres exists for making accelerators; the water of the total is that of use alone",
    );
    b.weak("end_of_life_gap", "end_of_life", "only the mass of e-waste is counted; no verified figure for treating it");
}
