//! `Making`: what making and scrapping one accelerator and its share of a server cost, part by part.

use crate::Indicator;
use crate::params::{Param, Params};
use crate::supply::{GAP, Row};
use serde::Serialize;
use std::fmt;

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// A part of bought hardware.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum HardwarePart {
            $($(#[$doc])* #[serde(rename = $word)] $name),+
        }
        impl HardwarePart {
            /// Every part.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];
            /// The word in results.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

parts!(
    /// The chips that compute.
    Die = "die",
    /// Stacked memory.
    Memory = "memory",
    /// Substrate, interposer and support chips.
    Package = "package",
    /// Board, cooling, power delivery and casing.
    Board = "board",
    /// The accelerator where nothing splits it into parts.
    Unsplit = "accelerator_unsplit",
    /// The server around the accelerators.
    Server = "server",
    /// The share of the network.
    Network = "network",
    /// The way from the makers to the site.
    Transport = "transport",
    /// The share of the building over the life of the hardware; borne by use, not part of a purchase.
    Building = "building",
);

/// Power of the accelerator whose board the tables state.
const BOARD_W: f64 = 700.0;

impl fmt::Display for HardwarePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One accelerator and its share of what stands around it, over its whole life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Making {
    /// Greenhouse gas by part, in the order of [`HardwarePart::ALL`].
    gwp: [f64; HardwarePart::ALL.len()],
    /// Greenhouse gas of the accelerator and of its share of the server: without them there is no total.
    leading_gwp: f64,
    die_water: f64,
    /// Elements and primary energy of the accelerator and of its share of the server.
    adpe: [f64; 2],
    pe: [f64; 2],
    mass: f64,
    treatment_gwp: f64,
    /// How long it lasts.
    pub(crate) lifetime_years: f64,
}

impl Making {
    pub(crate) fn new(p: &Params) -> Self {
        let at = |param| p.at(param);
        let per_server = at(Param::PerServer);
        let mass = at(Param::AcceleratorMass) + at(Param::ServerMass) / per_server;
        let board = at(Param::BoardGwp) * at(Param::TdpW) / BOARD_W;
        let split = [at(Param::DieGwp), at(Param::MemoryGwp), at(Param::PackageGwp), board];
        let sum: f64 = split.iter().sum();
        // The pooled total of several publications stands where there is one; the parts then only share it out.
        let pooled = at(Param::AcceleratorGwp);
        let accelerator = if pooled.is_nan() { sum } else { pooled };
        let server = at(Param::ServerGwp) / per_server;
        let mut gwp = [f64::NAN; HardwarePart::ALL.len()];
        let mut set = |part: HardwarePart, value: f64| gwp[part as usize] = value;
        if sum.is_nan() {
            set(HardwarePart::Unsplit, accelerator);
        } else {
            for (part, own) in [HardwarePart::Die, HardwarePart::Memory, HardwarePart::Package, HardwarePart::Board].into_iter().zip(split)
            {
                set(part, accelerator * own / sum);
            }
        }
        let housed_years = at(Param::LifetimeYears) / at(Param::BuildingYears);
        set(HardwarePart::Server, server);
        set(HardwarePart::Network, at(Param::NetworkGwp));
        set(HardwarePart::Transport, at(Param::TransportGwpPerKg) * mass);
        set(HardwarePart::Building, at(Param::TdpW) / 1000.0 * at(Param::BuildingGwpPerKw) * housed_years);
        Self {
            gwp,
            leading_gwp: accelerator + server,
            die_water: at(Param::DieWater),
            adpe: [at(Param::AcceleratorAdpe), at(Param::ServerAdpe) / per_server],
            pe: [at(Param::AcceleratorPe), at(Param::ServerPe) / per_server],
            mass,
            treatment_gwp: at(Param::EndOfLifeGwpPerKg) * mass,
            lifetime_years: at(Param::LifetimeYears),
        }
    }

    /// What one part costs to make.
    pub(crate) fn part(&self, part: HardwarePart) -> Row {
        let mut row = GAP;
        row[Indicator::GwpKgco2e as usize] = self.gwp[part as usize];
        let owner = match part {
            // Elements and primary energy are published for the whole accelerator.
            HardwarePart::Unsplit => 0,
            HardwarePart::Server => 1,
            HardwarePart::Die => {
                row[Indicator::WaterL as usize] = self.die_water;
                return row;
            }
            _ => return row,
        };
        row[Indicator::AdpeKgsbeq as usize] = self.adpe[owner];
        row[Indicator::PeMj as usize] = self.pe[owner];
        row
    }

    /// What a purchase brings; a gap where the accelerator or the server is one.
    pub(crate) fn bought(&self) -> Row {
        let mut row = GAP;
        let small = |part: HardwarePart| {
            let value = self.gwp[part as usize];
            // zero: a missing smaller part is named in the weaknesses and left out of the sum
            if value.is_nan() { 0.0 } else { value }
        };
        row[Indicator::GwpKgco2e as usize] = self.leading_gwp + small(HardwarePart::Network) + small(HardwarePart::Transport);
        row[Indicator::WaterL as usize] = self.die_water;
        row[Indicator::AdpeKgsbeq as usize] = self.adpe[0] + self.adpe[1];
        row[Indicator::PeMj as usize] = self.pe[0] + self.pe[1];
        row
    }

    /// What use bears over the life of the hardware: what was bought, and the share of the building.
    pub(crate) fn borne(&self) -> Row {
        let mut row = self.bought();
        let building = self.gwp[HardwarePart::Building as usize];
        if !building.is_nan() {
            row[Indicator::GwpKgco2e as usize] += building;
        }
        row
    }

    /// Treatment and mass at the end of life.
    pub(crate) fn scrapping(&self) -> Row {
        let mut row = GAP;
        row[Indicator::EwasteKg as usize] = self.mass;
        row[Indicator::GwpKgco2e as usize] = self.treatment_gwp;
        row
    }
}
