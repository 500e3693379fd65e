//! Change between two periods, draw by draw, so that only what is sure is claimed.

use crate::Valued;
use lca::Indicator;
use quantity::Ratio;

/// A change is claimed from this probability on.
const SURE: f64 = 0.9;

/// What became of one indicator against an earlier period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The indicator.
    pub indicator: Indicator,
    /// Median now over median before.
    pub ratio: Ratio,
    /// Probability that it is less now than before.
    pub share_less: Ratio,
    /// Probability that it is more now than before.
    pub share_more: Ratio,
}

impl Change {
    /// Whether the direction holds in at least nine of ten draws.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.share_less.get() >= SURE || self.share_more.get() >= SURE
    }
    /// The median change as a share: 0.12 is twelve percent more.
    #[must_use]
    pub fn relative(&self) -> Ratio {
        Ratio::new(self.ratio.get() - 1.0)
    }
}

/// The change of every indicator that has a figure in both periods.
#[must_use]
pub fn changes(now: &Valued, before: &Valued) -> Vec<Change> {
    let of = |indicator: &Indicator| {
        let (new, old) = (now.statement.total.impacts.row(*indicator)?[1], before.statement.total.impacts.row(*indicator)?[1]);
        (old.get() > 0.0).then(|| Change {
            indicator: *indicator,
            ratio: Ratio::new(new.get() / old.get()),
            share_less: now.total.share_below(&before.total, *indicator),
            share_more: before.total.share_below(&now.total, *indicator),
        })
    };
    Indicator::ALL.iter().filter_map(of).collect()
}
