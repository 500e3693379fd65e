//! `Estimate`: a figure that cannot be separated from its interval, grade and reasons.

use crate::{Quantity, Ratio};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// How well a figure is known, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// Metered at the plug.
    A,
    /// Metered by counter.
    B,
    /// A share of a metered whole.
    C,
    /// Modelled with known hardware.
    D,
    /// Modelled with guesses.
    E,
    /// A default.
    F,
}

impl Grade {
    /// All grades, best first.
    pub const ALL: [Self; 6] = [Self::A, Self::B, Self::C, Self::D, Self::E, Self::F];
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A factor that makes the interval wide, with its share of the variance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// Id of the factor.
    pub factor: String,
    /// Share of the variance of the logarithm of the energy (or, without energy, of the GWP), 0 to 1.
    pub share: Ratio,
}

/// Something that weakens a figure: a default, a guess, a gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Weakness {
    /// Stable code, such as `zone_unknown`.
    pub code: String,
    /// What it concerns, such as a model or a factor id.
    pub about: String,
    /// One sentence that says what was assumed and how to narrow it.
    pub text: String,
}

/// Why a figure is as wide as it is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Basis {
    /// The largest contributors to the variance, largest first.
    pub drivers: Vec<Driver>,
    /// What weakens the figure.
    pub weaknesses: Vec<Weakness>,
}

/// A quantity with its 90 % interval, grade and reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate<Q> {
    low: Q,
    median: Q,
    high: Q,
    grade: Grade,
    basis: Arc<Basis>,
}

impl<Q: Quantity> Estimate<Q> {
    /// An estimate; the three figures are put in order, so low <= median <= high always holds.
    #[must_use]
    pub fn new(low: Q, median: Q, high: Q, grade: Grade, basis: Arc<Basis>) -> Self {
        let (low, high) = if low > high { (high, low) } else { (low, high) };
        let median = if median < low {
            low
        } else if median > high {
            high
        } else {
            median
        };
        Self { low, median, high, grade, basis }
    }
    /// The 5th percentile (in profile `ecologits`, that method's minimum).
    #[must_use]
    pub fn low(&self) -> Q {
        self.low
    }
    /// The 50th percentile (in profile `ecologits`, the midpoint).
    #[must_use]
    pub fn median(&self) -> Q {
        self.median
    }
    /// The 95th percentile (in profile `ecologits`, that method's maximum).
    #[must_use]
    pub fn high(&self) -> Q {
        self.high
    }
    /// How well it is known.
    #[must_use]
    pub fn grade(&self) -> Grade {
        self.grade
    }
    /// Drivers and weaknesses.
    #[must_use]
    pub fn basis(&self) -> &Arc<Basis> {
        &self.basis
    }
}

impl<Q: Quantity> Serialize for Estimate<Q> {
    /// `{low, median, high, grade}`, six significant digits; the basis is printed once beside the table.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut row = serializer.serialize_struct("Estimate", 4)?;
        row.serialize_field("low", &crate::six_digits(self.low.base()))?;
        row.serialize_field("median", &crate::six_digits(self.median.base()))?;
        row.serialize_field("high", &crate::six_digits(self.high.base()))?;
        row.serialize_field("grade", &self.grade)?;
        row.end()
    }
}
