//! What making and scrapping the hardware costs: which factors fill it.

use super::Builder;
use crate::params::Param;
use crate::{Accelerator, Deployment};
use quantity::Grade;

/// Fills the parameters of one accelerator, its share of a server and of what stands around it.
pub(super) fn fill(b: &mut Builder<'_>, row: &Accelerator) {
    accelerator(b, row);
    around(b, row);
    b.method(Param::LifetimeYears, "hardware.lifetime_years");
    b.method(Param::ReservedRatio, "inference.reserved_ratio");
}

/// Fills what a purchase of devices brings with it.
pub(super) fn purchase(b: &mut Builder<'_>, deployment: &Deployment) {
    let stated = deployment.accelerator.as_deref().filter(|word| !word.is_empty());
    let Some(row) = stated.and_then(|word| b.set.accelerator(word)).cloned() else {
        b.weak(
            "device_unknown",
            stated.unwrap_or("device not stated"),
            "what was bought is not stated or in no table; the whole purchase is a gap: name an accelerator of the tables or add it to your own factors",
        );
        b.plan.grade = Grade::F;
        return;
    };
    b.plan.grade = Grade::D;
    accelerator(b, &row);
    if deployment.with_server.is_none() {
        b.weak(
            "server_assumed",
            &row.server,
            "whether the accelerators came with their servers is not stated; the servers and their share of the network are counted",
        );
    }
    if deployment.with_server == Some(false) {
        // The purchase brings none of it: a known nothing.
        b.known(Param::PerServer, 1.0);
        for param in [Param::ServerGwp, Param::ServerAdpe, Param::ServerPe, Param::ServerMass, Param::NetworkGwp, Param::BuildingGwpPerKw] {
            b.known(param, 0.0);
        }
        b.known(Param::BuildingYears, 1.0);
    } else {
        around(b, &row);
    }
    b.method(Param::LifetimeYears, "hardware.lifetime_years");
    lifetime(b, deployment);
}

/// Fills the accelerator itself: pooled totals, parts, and what a kilogram of it costs on its way in and out.
fn accelerator(b: &mut Builder<'_>, row: &Accelerator) {
    let own = |name: &str| format!("accelerator.{}.{name}", row.id);
    let die = own("die_cm2");
    let node = b.set.factor(&own("node_nm")).map(|factor| factor.distribution.median().get());
    let fab = node.map(|node| format!("fab.{node}nm.gwp_kg_per_cm2")).unwrap_or_default();
    let split = b.product(Param::DieGwp, &[&die, &fab])
        & b.product(Param::MemoryGwp, &[&own("memory_gb"), "hbm.gwp_kg_per_gb"])
        & b.fill(Param::PackageGwp, &["package.gwp_kg".to_owned()])
        & b.fill(Param::BoardGwp, &["board.gwp_kg".to_owned()])
        & b.fill(Param::TdpW, &[own("tdp_w")]);
    for (param, name) in [
        (Param::AcceleratorGwp, "gwp_kg"),
        (Param::AcceleratorAdpe, "adpe_kg"),
        (Param::AcceleratorPe, "pe_mj"),
        (Param::AcceleratorMass, "mass_kg"),
    ] {
        if b.fill(param, &[own(name)]) {
            continue;
        }
        if param == Param::AcceleratorGwp && split {
            b.weak("accelerator_from_parts", &row.id, "no total of its making is published; it is the sum of its parts");
        } else {
            b.weak(
                "accelerator_figure_missing",
                &own(name),
                "no figure for its making; this part of the manufacturing or end of life is a gap",
            );
        }
    }
    if !split {
        b.weak(
            "accelerator_split_missing",
            &row.id,
            "die area, memory or process are not in the tables; the making of the accelerator is not split into parts",
        );
    }
    if b.product(Param::DieWater, &[&die, "fab.water_l_per_cm2"]) {
        b.weak(
            "embodied_water_dies",
            "manufacturing",
            "the water of manufacturing is that of the chip alone; none is published for memory, board and server",
        );
    } else {
        b.weak(
            "embodied_water_gap",
            "manufacturing",
            "no verified figure in litres exists for making accelerators; the water of the total is that of use alone",
        );
    }
    if !b.fill(Param::TransportGwpPerKg, &["transport.gwp_kg_per_kg".to_owned()]) {
        part_missing(b, "transport.gwp_kg_per_kg");
    }
    if !b.fill(Param::EndOfLifeGwpPerKg, &["end_of_life.gwp_kg_per_kg".to_owned()]) {
        b.weak("end_of_life_gap", "end_of_life", "only the mass of e-waste is counted; no verified figure for treating it");
    }
}

/// Fills what stands around an accelerator: its server and its share of the network.
fn around(b: &mut Builder<'_>, row: &Accelerator) {
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
    for (param, id) in [
        (Param::NetworkGwp, "network.gwp_kg_per_accelerator"),
        (Param::BuildingGwpPerKw, "building.gwp_kg_per_kw"),
        (Param::BuildingYears, "building.lifetime_years"),
    ] {
        if !b.fill(param, &[id.to_owned()]) {
            part_missing(b, id);
        }
    }
}

/// Puts the stated years of service in the place of the prior.
pub(super) fn lifetime(b: &mut Builder<'_>, deployment: &Deployment) {
    if let Some(years) = deployment.lifetime_years {
        b.known(Param::LifetimeYears, years.get());
    }
}

fn part_missing(b: &mut Builder<'_>, id: &str) {
    b.weak("hardware_part_missing", id, "no figure for this part; it is missing from the manufacturing");
}
