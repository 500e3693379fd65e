//! What a request costs in every metric, by coefficients compiled once per deployment.

use books::{Compare, Config, Metric};
use lca::{Counts, FactorSet};
use std::sync::Arc;

/// An amount of a metric in millionths of its unit; what is unknown is `None`.
pub type Amount = Option<i64>;

/// The coefficients of one deployment.
pub struct Rates {}

impl Rates {
    /// What these counts come to, in millionths of the metric's unit, rounded up.
    #[must_use]
    pub fn amount(&self, _metric: Metric, _compare: Compare, _counts: &Counts) -> Amount {
        None
    }
}

/// Compiles and keeps coefficients: one factor set, one configuration.
pub struct Pricer {
    factors: Arc<FactorSet>,
    config: Arc<Config>,
}

impl Pricer {
    /// Over these factors and this configuration.
    #[must_use]
    pub fn new(factors: Arc<FactorSet>, config: Arc<Config>) -> Self {
        Self { factors, config }
    }

    /// The factors.
    #[must_use]
    pub fn factors(&self) -> &Arc<FactorSet> {
        &self.factors
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// The coefficients for inference of a model there; compiled at the first call, a look-up after it.
    #[must_use]
    pub fn rates(&self, _model: &str, _provider: &str, _place: &str, _site: &str) -> Arc<Rates> {
        Arc::new(Rates {})
    }
}
