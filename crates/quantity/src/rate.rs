//! Intensities: what one kilowatt-hour brings with it.
//!
//! An intensity multiplies energy and nothing else; the product names its unit.
//!
//! ```compile_fail
//! use quantity::{CarbonIntensity, Water};
//! let unlawful = Water::litres(1.0) * CarbonIntensity::kg_per_kwh(0.4);
//! ```

use crate::{Adpe, Co2e, Energy, PrimaryEnergy, Water};
use serde::{Deserialize, Serialize};
use std::ops::Mul;

macro_rules! intensity {
    ($(#[$doc:meta])* $name:ident, $make:ident, $get:ident, $unit:literal, $result:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(f64);

        impl $name {
            #[doc = concat!("From a number in ", $unit, ".")]
            #[must_use]
            pub const fn $make(value: f64) -> Self {
                Self(value)
            }
            #[doc = concat!("The number in ", $unit, ".")]
            #[must_use]
            pub const fn $get(self) -> f64 {
                self.0
            }
        }
        impl Mul<$name> for Energy {
            type Output = $result;
            fn mul(self, intensity: $name) -> $result {
                <$result as crate::Quantity>::from_base(self.as_kwh() * intensity.0)
            }
        }
        impl Mul<Energy> for $name {
            type Output = $result;
            fn mul(self, energy: Energy) -> $result {
                energy * self
            }
        }
    };
}

intensity!(
    /// Greenhouse gas per energy.
    CarbonIntensity, kg_per_kwh, as_kg_per_kwh, "kgCO2e/kWh", Co2e
);
intensity!(
    /// Water consumed per energy.
    WaterIntensity, litres_per_kwh, as_litres_per_kwh, "L/kWh", Water
);
intensity!(
    /// Element depletion per energy.
    AdpeIntensity, kgsbeq_per_kwh, as_kgsbeq_per_kwh, "kgSbeq/kWh", Adpe
);
intensity!(
    /// Primary energy per electric energy.
    PrimaryIntensity, mj_per_kwh, as_mj_per_kwh, "MJ/kWh", PrimaryEnergy
);
