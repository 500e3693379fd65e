//! The ranking rule: an order is claimed only where nine draws in ten agree.

use crate::sampler::DRAWS;
use crate::{Indicator, Sample};
use quantity::Ratio;

/// The probability from which on "A lies below B" is claimed.
pub const SURE: Ratio = Ratio::new(0.9);

/// Samples in the order of their medians, and what of that order is claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Those with a figure, smallest median first.
    pub order: Vec<Ranked>,
    /// Indices of those without a figure; a gap has no place.
    pub gaps: Vec<usize>,
    /// `below[a][b]`: the probability that sample `a` lies below sample `b`; `None` where one of them is a gap.
    pub below: Vec<Vec<Option<Ratio>>>,
    /// `claims[a][b]`: whether it is claimed.
    claims: Vec<Vec<bool>>,
}

/// One sample of a ranking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Index in the list that was ranked.
    pub index: usize,
    /// One more than the number of samples that surely lie below it; those that cannot be told apart share a place.
    pub place: usize,
    /// The probability that it lies below the next in the order; `None` for the last.
    pub below_next: Option<Ratio>,
}

impl Ranking {
    /// Whether it is claimed that sample `a` lies below sample `b`.
    #[must_use]
    pub fn claims(&self, a: usize, b: usize) -> bool {
        self.claims.get(a).and_then(|row| row.get(b)).copied().unwrap_or(false)
    }
}

/// Ranks samples in one indicator.
///
/// "A below B" is claimed when it holds on at least [`SURE`] of the common
/// draws; otherwise they tie. Profile `ecologits` has ranges and no
/// probabilities, so there it is claimed only when the ranges do not touch.
#[must_use]
pub fn rank(samples: &[Sample], indicator: Indicator) -> Ranking {
    let draws: Vec<Option<Vec<f64>>> = samples.iter().map(|sample| sample.total_draws(indicator as usize)).collect();
    let middle = |index: usize| draws[index].as_deref().map(|draws| crate::sample::percentiles(draws)[1]);
    let mut order: Vec<(usize, f64)> = (0..samples.len()).filter_map(|index| Some((index, middle(index)?))).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    let gaps = (0..samples.len()).filter(|index| draws[*index].is_none()).collect();
    let pairs = |with: &dyn Fn(usize, usize) -> Option<Ratio>| -> Vec<Vec<Option<Ratio>>> {
        (0..samples.len()).map(|a| (0..samples.len()).map(|b| with(a, b)).collect()).collect()
    };
    let both = |a: usize, b: usize| Some((draws[a].as_ref()?, draws[b].as_ref()?));
    let below = pairs(&|a, b| both(a, b).map(|_| samples[a].share_below(&samples[b], indicator)));
    let sure = |a: usize, b: usize| {
        let Some((mine, theirs)) = both(a, b) else { return false };
        if mine.len() == DRAWS {
            return below[a][b].is_some_and(|share| share.get() >= SURE.get());
        }
        let (highest, lowest) = (mine.iter().copied().max_by(f64::total_cmp), theirs.iter().copied().min_by(f64::total_cmp));
        highest.zip(lowest).is_some_and(|(highest, lowest)| highest < lowest)
    };
    let claims: Vec<Vec<bool>> = (0..samples.len()).map(|a| (0..samples.len()).map(|b| sure(a, b)).collect()).collect();
    let ranked = order.iter().enumerate().map(|(at, (index, _))| Ranked {
        index: *index,
        place: 1 + order.iter().filter(|(other, _)| claims[*other][*index]).count(),
        below_next: order.get(at + 1).and_then(|(next, _)| below[*index][*next]),
    });
    Ranking { order: ranked.collect(), gaps, below, claims }
}
