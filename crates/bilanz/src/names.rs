//! The factor set as the importers ask it: names, and times of the compatible profile.

use lca::{FactorSet, Tables};
use measure::{ModelName, Names};
use std::sync::Arc;

/// Answers the importers from a factor set.
pub(crate) struct SetNames<'a> {
    set: &'a FactorSet,
    tables: Option<&'a Tables>,
}

impl<'a> SetNames<'a> {
    /// Over this set.
    ///
    /// # Errors
    /// When the compatible tables do not load.
    pub(crate) fn new(set: &'a FactorSet) -> anyhow::Result<Self> {
        Ok(Self { set, tables: Some(set.compatible()?) })
    }
}

impl Names for SetNames<'_> {
    fn model(&self, provider: &str, reported: &str) -> ModelName {
        let name = self.set.resolve_model(provider, reported);
        ModelName { provider: Arc::from(name.provider), model: Arc::from(name.model), known: name.known }
    }
    fn provider(&self, reported: &str) -> Option<Arc<str>> {
        self.set.provider_id(reported).map(Arc::from)
    }
    fn generation_us(&self, model: &str, output_tokens: i64, latency_ms: Option<i64>) -> Option<(i64, i64)> {
        self.tables?.generation_us(model, output_tokens, latency_ms)
    }
}
