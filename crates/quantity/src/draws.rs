//! Sampled quantities: 1,024 common draws, added sample by sample.

use crate::{Quantity, Ratio};
use std::marker::PhantomData;

/// Number of draws of every sampled quantity.
pub const DRAWS: usize = 1024;

/// A quantity as 1,024 draws that share their index with every other quantity.
///
/// Sums, differences and ratios taken sample by sample are exact, because draw
/// `i` stands for the same state of the world everywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws<Q> {
    values: Vec<f64>,
    unit: PhantomData<Q>,
}

impl<Q: Quantity> Default for Draws<Q> {
    fn default() -> Self {
        Self { values: vec![0.0; DRAWS], unit: PhantomData }
    }
}

impl<Q: Quantity> Draws<Q> {
    /// Adds `value` to draw `index` (below [`DRAWS`]).
    pub fn add_at(&mut self, index: usize, value: Q) {
        self.values[index] += value.base();
    }

    /// Adds another quantity sample by sample.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.values.iter_mut().zip(&other.values) {
            *mine += theirs;
        }
    }

    /// The value of one draw.
    #[must_use]
    pub fn at(&self, index: usize) -> Q {
        Q::from_base(self.values[index])
    }

    /// The 5th, 50th and 95th percentile, by linear interpolation of order statistics.
    #[must_use]
    pub fn interval(&self) -> (Q, Q, Q) {
        let mut sorted = self.values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |p: f64| {
            let place = p * (DRAWS - 1) as f64;
            let below = libm::floor(place) as usize;
            let rest = place - below as f64;
            let above = (below + 1).min(DRAWS - 1);
            Q::from_base(sorted[below] + (sorted[above] - sorted[below]) * rest)
        };
        (at(0.05), at(0.5), at(0.95))
    }

    /// The share of draws in which this quantity is below the other: P(A < B).
    #[must_use]
    pub fn share_below(&self, other: &Self) -> Ratio {
        let below = self.values.iter().zip(&other.values).filter(|(a, b)| a < b).count();
        Ratio::new(below as f64 / DRAWS as f64)
    }
}
