//! Quantities with units: only lawful products exist, and estimates carry their interval.
//!
//! Every type wraps one number in one stated base unit. There is no `From<f64>`:
//! the constructor names the unit, so that a reader sees it at the call.

mod estimate;
mod human;
mod normal;
mod rate;
mod unit;

pub use estimate::{Basis, Driver, Estimate, Grade, Weakness};
pub use human::{Lang, human_interval, human_number, six_digits, unit_for};
pub use normal::{Z90, quantile_normal};
pub use rate::{AdpeIntensity, CarbonIntensity, PrimaryIntensity, WaterIntensity};
pub use unit::{Adpe, Co2e, Duration, Energy, Ewaste, Money, Power, PrimaryEnergy, Quantity, Ratio, Tokens, Water, WaterScarcity};
