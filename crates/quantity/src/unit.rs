//! The newtypes: one number, one base unit, sums with their own kind only.

use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};

/// What every additive quantity offers to generic code.
pub trait Quantity: Copy + PartialOrd + Add<Output = Self> + Default + 'static {
    /// Name of the base unit, as it ends the field names of a statement.
    const UNIT: &'static str;
    /// The number in the base unit.
    fn base(self) -> f64;
    /// A quantity from its number in the base unit.
    fn from_base(value: f64) -> Self;
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $unit:literal, $make:ident, $get:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
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
        impl Quantity for $name {
            const UNIT: &'static str = $unit;
            fn base(self) -> f64 {
                self.0
            }
            fn from_base(value: f64) -> Self {
                Self(value)
            }
        }
        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(items: I) -> Self {
                items.fold(Self::default(), Add::add)
            }
        }
        impl Mul<Ratio> for $name {
            type Output = Self;
            fn mul(self, ratio: Ratio) -> Self {
                Self(self.0 * ratio.0)
            }
        }
        impl Div<Ratio> for $name {
            type Output = Self;
            fn div(self, ratio: Ratio) -> Self {
                Self(self.0 / ratio.0)
            }
        }
        impl Div for $name {
            type Output = Ratio;
            fn div(self, other: Self) -> Ratio {
                Ratio(self.0 / other.0)
            }
        }
    };
}

/// A dimensionless number: a share, a multiplier, a PUE.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(f64);

impl Ratio {
    /// From a plain number.
    #[must_use]
    pub const fn new(value: f64) -> Self {
        Self(value)
    }
    /// The plain number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Mul for Ratio {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

quantity!(
    /// Energy, in kilowatt-hours.
    Energy, "kwh", kwh, as_kwh
);
quantity!(
    /// Greenhouse gas, in kilograms of CO2 equivalent (GWP100).
    Co2e, "kgco2e", kg, as_kg
);
quantity!(
    /// Water consumed, in litres (volume, not scarcity-weighted).
    Water, "l", litres, as_litres
);
quantity!(
    /// Water weighted by its scarcity, in cubic metres of world equivalent (AWARE); not a volume.
    WaterScarcity, "m3_world_eq", m3_world_eq, as_m3_world_eq
);
quantity!(
    /// Abiotic depletion of elements, in kilograms of antimony equivalent.
    Adpe, "kgsbeq", kgsbeq, as_kgsbeq
);
quantity!(
    /// Primary energy, in megajoules.
    PrimaryEnergy, "mj", mj, as_mj
);
quantity!(
    /// Electronic waste, in kilograms.
    Ewaste, "kg", kg, as_kg
);
quantity!(
    /// Money, in units of the statement's currency.
    Money, "currency", amount, as_amount
);
quantity!(
    /// Electric power, in watts.
    Power, "w", watts, as_watts
);
quantity!(
    /// A span of time, in seconds.
    Duration, "s", seconds, as_seconds
);

/// An exact count of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tokens(pub i128);

impl Add for Tokens {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Energy {
    /// Joules in one kilowatt-hour.
    pub const JOULES_PER_KWH: f64 = 3.6e6;

    /// From joules.
    #[must_use]
    pub const fn joules(value: f64) -> Self {
        Self(value / Self::JOULES_PER_KWH)
    }
    /// In joules.
    #[must_use]
    pub const fn as_joules(self) -> f64 {
        self.0 * Self::JOULES_PER_KWH
    }
}

impl Duration {
    /// From Julian years of 365.25 days.
    #[must_use]
    pub const fn years(value: f64) -> Self {
        Self(value * 365.25 * 86_400.0)
    }
}

impl Mul<Duration> for Power {
    type Output = Energy;
    fn mul(self, time: Duration) -> Energy {
        Energy::joules(self.0 * time.0)
    }
}

impl Div<Power> for Energy {
    type Output = Duration;
    fn div(self, power: Power) -> Duration {
        Duration(self.as_joules() / power.0)
    }
}
