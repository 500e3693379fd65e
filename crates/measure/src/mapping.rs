//! What the caller knows and the file does not: flags, configuration, names.

use std::sync::Arc;

/// The normalised name of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName {
    /// Provider id; empty when unknown.
    pub provider: Arc<str>,
    /// Model as `provider/name`.
    pub model: Arc<str>,
    /// Whether the factor set knows the model.
    pub known: bool,
}

/// Names and times that come from a factor set.
///
/// Asked once per distinct spelling; `generation_us` once per row.
pub trait Names {
    /// Normalised model and provider for what a source reported.
    fn model(&self, provider: &str, reported: &str) -> ModelName;
    /// Normalised provider; `None` when it is unknown.
    fn provider(&self, reported: &str) -> Option<Arc<str>>;
    /// Latency-capped generation time of the compatible profile, microseconds (low, high);
    /// `None` when the model is not in its tables.
    fn generation_us(&self, model: &str, output_tokens: i64, latency_ms: Option<i64>) -> Option<(i64, i64)>;
}

/// How rows become entries.
///
/// A value given here fills what a row leaves open; it never overrides what a row states.
/// The exception is `source`, which names the source of the whole file.
pub struct Mapping<'a> {
    /// The configuration of the books.
    pub config: &'a books::Config,
    /// `--source`: name of the source; the format's name when not given.
    pub source: Option<String>,
    /// `--model`: for files that name no model.
    pub model: Option<String>,
    /// `--zone`: grid zone or region where the models run.
    pub zone: Option<String>,
    /// `--account`: for rows that no rule maps.
    pub account: Option<String>,
    /// `--provider`: for files that name no provider.
    pub provider: Option<String>,
    /// `--time-origin`, milliseconds since 1970 UTC: for files with relative times.
    pub time_origin_ms: Option<i64>,
    /// The latest time a row may state, by the caller's clock (now plus a day).
    pub latest_ms: i64,
    /// Whether bad rows are counted and left out, instead of stopping the import.
    pub keep_going: bool,
    /// Names and times of the factor set.
    pub names: &'a dyn Names,
}

impl<'a> Mapping<'a> {
    /// A mapping without any flag.
    #[must_use]
    pub fn new(config: &'a books::Config, names: &'a dyn Names, latest_ms: i64) -> Self {
        Self {
            config,
            source: None,
            model: None,
            zone: None,
            account: None,
            provider: None,
            time_origin_ms: None,
            latest_ms,
            keep_going: false,
            names,
        }
    }
}
