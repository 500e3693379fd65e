//! Common draws: every factor is one random variable, the same for everybody.

use crate::factors::{Distribution, Factor, FactorSet};
use std::collections::HashMap;
use std::sync::Arc;

/// Number of common draws.
pub(crate) const DRAWS: usize = 1024;

/// The scores of one random variable, one per draw.
pub(crate) type Scores = Arc<Vec<f64>>;

/// Hands out the scores of each factor: stratified, permuted by the factor's own id.
///
/// The permutation depends on the id alone, so adding a factor never moves
/// the draws of another.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    strata: Vec<f64>,
    scores: HashMap<String, Scores>,
    values: HashMap<String, Scores>,
    orders: HashMap<String, Arc<Vec<u16>>>,
    /// Powers of a geometric standard deviation, by stratum.
    powers: HashMap<u64, Scores>,
}

impl Sampler {
    pub(crate) fn new() -> Self {
        Self {
            strata: (0..DRAWS).map(|index| crate::factors::stratum_score(index, DRAWS)).collect(),
            scores: HashMap::new(),
            values: HashMap::new(),
            orders: HashMap::new(),
            powers: HashMap::new(),
        }
    }

    /// The place in the strata of each draw of the factor with this id.
    fn order(&mut self, id: &str) -> Arc<Vec<u16>> {
        if let Some(order) = self.orders.get(id) {
            return Arc::clone(order);
        }
        let mut order: Vec<u16> = (0..DRAWS as u16).collect();
        let mut state = seed(id);
        for last in (1..DRAWS).rev() {
            let pick = (next(&mut state) % (last as u64 + 1)) as usize;
            order.swap(last, pick);
        }
        let order = Arc::new(order);
        self.orders.insert(id.to_owned(), Arc::clone(&order));
        order
    }

    /// The scores of the factor with this id.
    pub(crate) fn scores(&mut self, id: &str) -> Scores {
        if let Some(scores) = self.scores.get(id) {
            return Arc::clone(scores);
        }
        let scores: Scores = Arc::new(self.order(id).iter().map(|place| self.strata[usize::from(*place)]).collect());
        self.scores.insert(id.to_owned(), Arc::clone(&scores));
        scores
    }

    /// The values of a factor, one per draw.
    pub(crate) fn values(&mut self, factor: &Factor) -> Scores {
        if let Some(values) = self.values.get(&factor.id) {
            return Arc::clone(values);
        }
        let order = self.order(&factor.id);
        let values: Scores = Arc::new(if let Distribution::Lognormal { median, gsd } = &factor.distribution {
            // Factors of one spread share the powers of it.
            let strata = &self.strata;
            let spread = libm::log(gsd.get());
            let powers = self
                .powers
                .entry(gsd.get().to_bits())
                .or_insert_with(|| Arc::new(strata.iter().map(|score| libm::exp(score * spread)).collect()));
            order.iter().map(|place| median.get() * powers[usize::from(*place)]).collect()
        } else {
            order.iter().map(|place| factor.distribution.at_z(self.strata[usize::from(*place)])).collect()
        });
        self.values.insert(factor.id.clone(), Arc::clone(&values));
        values
    }
}

/// FNV-1a of the id, as the seed of its permutation.
fn seed(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// `SplitMix64` (Steele, Lea and Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A factor and its ancestors, whose product is its value.
pub(crate) fn lineage<'a>(factors: &'a FactorSet, id: &str) -> Vec<&'a Factor> {
    let mut line = Vec::new();
    let mut at = factors.factor(id);
    while let Some(factor) = at {
        line.push(factor);
        at = factor.parent.as_deref().and_then(|parent| factors.factor(parent));
    }
    line
}
