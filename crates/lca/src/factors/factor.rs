//! `Factor`: a cited number, known as a distribution.

use quantity::{Ratio, quantile_normal};
use serde::{Deserialize, Serialize};

/// How good the evidence behind a factor is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceClass {
    /// Measured.
    Metered,
    /// Stated by the maker or operator.
    Declared,
    /// Published after review, or official statistics.
    PeerReviewed,
    /// Estimated by someone named.
    Estimated,
    /// Stands in where nothing is known.
    Default,
}

impl EvidenceClass {
    /// The word in files and results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metered => "metered",
            Self::Declared => "declared",
            Self::PeerReviewed => "peer_reviewed",
            Self::Estimated => "estimated",
            Self::Default => "default",
        }
    }
}

/// One part of a mixture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Weight, above 0; weights are taken relative to their sum.
    pub weight: Ratio,
    /// Median of the part.
    pub median: Ratio,
    /// Geometric standard deviation of the part, at least 1.
    pub gsd: Ratio,
}

/// What is known of a number.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    /// Lognormal by median and geometric standard deviation (1 means exact).
    Lognormal {
        /// Median.
        median: Ratio,
        /// Geometric standard deviation, at least 1.
        gsd: Ratio,
    },
    /// A range without a preferred value; drawn log-uniformly.
    Range {
        /// Lower end.
        low: Ratio,
        /// Upper end.
        high: Ratio,
    },
    /// Lognormal parts with weights, for choices such as which hardware.
    Mixture(Vec<Part>),
}

impl Distribution {
    /// Whether it is a single exact number.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        match self {
            Self::Lognormal { gsd, .. } => gsd.get() <= 1.0,
            Self::Range { low, high } => low == high,
            Self::Mixture(parts) => parts.len() == 1 && parts[0].gsd.get() <= 1.0,
        }
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> Ratio {
        Ratio::new(self.at_z(0.0))
    }

    /// Lower and upper end of the 90 % interval (of a range: its ends).
    #[must_use]
    pub fn ends(&self) -> (Ratio, Ratio) {
        match self {
            Self::Range { low, high } => (*low, *high),
            _ => (Ratio::new(self.at_z(-quantity::Z90)), Ratio::new(self.at_z(quantity::Z90))),
        }
    }

    /// The value at a standard normal score.
    pub(crate) fn at_z(&self, z: f64) -> f64 {
        match self {
            Self::Lognormal { median, gsd } => {
                if z == 0.0 || gsd.get() <= 1.0 {
                    median.get()
                } else {
                    median.get() * libm::exp(z * libm::log(gsd.get()))
                }
            }
            Self::Range { low, high } => {
                if low == high {
                    return low.get();
                }
                // Zero as a lower end has no logarithm: such a range is drawn linearly.
                let p = cumulative_normal(z);
                if low.get() <= 0.0 {
                    low.get() + (high.get() - low.get()) * p
                } else {
                    low.get() * libm::exp(p * libm::log(high.get() / low.get()))
                }
            }
            Self::Mixture(parts) => mixture_quantile(parts, cumulative_normal(z)),
        }
    }
}

/// Cumulative standard normal.
pub(crate) fn cumulative_normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Inverse of the mixture's cumulative distribution, by bisection on the logarithm; of exact parts the one that holds `p`.
fn mixture_quantile(parts: &[Part], p: f64) -> f64 {
    let total: f64 = parts.iter().map(|part| part.weight.get()).sum();
    if parts.iter().all(|part| part.gsd.get() <= 1.0) {
        let mut order: Vec<&Part> = parts.iter().collect();
        order.sort_by(|a, b| a.median.get().total_cmp(&b.median.get()));
        let mut below = 0.0;
        let holds = |part: &&&Part| {
            below += part.weight.get() / total;
            below >= p
        };
        return order.iter().find(holds).or(order.last()).map_or(f64::NAN, |part| part.median.get());
    }
    let cumulative = |x: f64| {
        parts
            .iter()
            .map(|part| {
                let spread = libm::log(part.gsd.get()).max(1e-9);
                part.weight.get() / total * cumulative_normal((x - libm::log(part.median.get())) / spread)
            })
            .sum::<f64>()
    };
    let reach = |sign: f64| parts.iter().map(move |part| libm::log(part.median.get()) + sign * 8.0 * libm::log(part.gsd.get()));
    let mut low = reach(-1.0).fold(f64::INFINITY, f64::min) - 1e-6;
    let mut high = reach(1.0).fold(f64::NEG_INFINITY, f64::max) + 1e-6;
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if cumulative(middle) < p { low = middle } else { high = middle }
    }
    libm::exp(0.5 * (low + high))
}

/// A cited number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Factor {
    /// Stable id, such as `grid.DEU.gwp`.
    pub id: String,
    /// What is known of it.
    pub distribution: Distribution,
    /// Unit.
    pub unit: String,
    /// Common cause: a dimensionless factor with median 1 that multiplies all its children.
    pub parent: Option<String>,
    /// Where it holds.
    pub geography: String,
    /// When it holds.
    pub period: String,
    /// What it includes.
    pub boundary: String,
    /// Key of the source.
    pub source: String,
    /// Place within the source: page, table, row or key.
    pub place: String,
    /// Class of evidence, where it differs from that of the source.
    pub evidence: Option<EvidenceClass>,
    /// Id of the factor that it replaces.
    pub supersedes: Option<String>,
    /// Anything a reader should know.
    pub note: Option<String>,
    /// File it stands in.
    pub file: String,
}

/// The score of draw `index` before permutation: the midpoint of its stratum.
pub(crate) fn stratum_score(index: usize, strata: usize) -> f64 {
    quantile_normal((index as f64 + 0.5) / strata as f64)
}
