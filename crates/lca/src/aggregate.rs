//! Aggregates of samples: ratios, differences and shares, draw by draw.

use crate::sample::percentiles;
use crate::{Indicator, Sample, Stage};
use quantity::Ratio;

impl Sample {
    /// The draws of the total of one indicator, in its base unit; `None` is a gap.
    #[must_use]
    pub fn draws(&self, indicator: Indicator) -> Option<Vec<Ratio>> {
        self.total_draws(indicator as usize).map(|draws| draws.into_iter().map(Ratio::new).collect())
    }

    /// Low, median and high of the total of one indicator, in its base unit; `None` is a gap.
    #[must_use]
    pub fn row(&self, indicator: Indicator) -> Option<[Ratio; 3]> {
        self.total_draws(indicator as usize).map(|draws| percentiles(&draws).map(Ratio::new))
    }

    /// The same with its stages of use under another stage: what a model answers in experiments is development.
    #[must_use]
    pub fn used_as(&self, stage: Stage) -> Self {
        let mut sample = self.clone();
        for used in [Stage::Prefill, Stage::Decode, Stage::Idle, Stage::Network].into_iter().filter(|used| *used != stage) {
            let Some(row) = sample.stages.remove(&used) else { continue };
            for (mine, theirs) in sample.stages.entry(stage).or_default().iter_mut().zip(row) {
                match (mine, theirs) {
                    (Some(mine), Some(theirs)) => mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs),
                    (mine, theirs) => *mine = mine.take().or(theirs),
                }
            }
        }
        sample
    }

    /// This divided by the other, draw by draw: low, median, high. `None` where one of them is a gap or the other is zero.
    ///
    /// Common factors cancel, so the interval is narrower than that of two
    /// figures taken apart. In profile `ecologits` corner stands against corner.
    #[must_use]
    pub fn ratio_to(&self, other: &Self, indicator: Indicator) -> Option<[Ratio; 3]> {
        self.paired(other, indicator, |mine, theirs| mine / theirs)
    }

    /// This minus the other, draw by draw: low, median, high in the indicator's base unit.
    #[must_use]
    pub fn difference(&self, other: &Self, indicator: Indicator) -> Option<[Ratio; 3]> {
        self.paired(other, indicator, |mine, theirs| mine - theirs)
    }

    fn paired(&self, other: &Self, indicator: Indicator, with: impl Fn(f64, f64) -> f64) -> Option<[Ratio; 3]> {
        let (mine, theirs) = (self.total_draws(indicator as usize)?, other.total_draws(indicator as usize)?);
        if mine.len() != theirs.len() {
            return None;
        }
        let mut draws: Vec<f64> = mine.iter().zip(&theirs).map(|(mine, theirs)| with(*mine, *theirs)).collect();
        if draws.iter().any(|value| !value.is_finite()) {
            return None;
        }
        if draws.len() == 2 {
            draws.sort_by(f64::total_cmp);
        }
        Some(percentiles(&draws).map(Ratio::new))
    }
}
