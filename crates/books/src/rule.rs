//! `Rule`: a budget when it has a limit, a policy when it has none.

use quantity::Ratio;
use serde::{Deserialize, Serialize};

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Money, in euros.
    #[serde(rename = "EUR")]
    Eur,
    /// Energy, kilowatt-hours.
    #[serde(rename = "kWh")]
    Kwh,
    /// Greenhouse gas, kilograms of CO2 equivalent.
    #[serde(rename = "kgCO2e")]
    KgCo2e,
    /// Water consumed, litres.
    #[serde(rename = "litres")]
    Litres,
    /// Tokens of all classes, in and out.
    #[serde(rename = "tokens")]
    Tokens,
    /// Requests.
    #[serde(rename = "requests")]
    Requests,
}

impl Metric {
    /// All metrics.
    pub const ALL: [Self; 6] = [Self::Eur, Self::Kwh, Self::KgCo2e, Self::Litres, Self::Tokens, Self::Requests];
    /// The word in `bilanz.toml` and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
            Self::Kwh => "kWh",
            Self::KgCo2e => "kgCO2e",
            Self::Litres => "litres",
            Self::Tokens => "tokens",
            Self::Requests => "requests",
        }
    }
}

/// The stretch of time a limit holds for, by the calendar in UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    #[default]
    Month,
    /// A year.
    Year,
}

/// Which end of the estimate is held against the limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compare {
    /// The median.
    #[default]
    Median,
    /// The high end of the 90 % interval.
    High,
}

/// Who shares one counter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// All requests in scope.
    #[default]
    Rule,
    /// Each account.
    Account,
    /// Each gateway key.
    Key,
    /// Each model.
    Model,
    /// Each user that the request names.
    User,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Lets the request through and says nothing.
    Allow,
    /// Lets the request through and says so in a header and in the entry.
    Warn,
    /// Refuses the request.
    Deny,
    /// Caps the output tokens of the request.
    CapOutputTokens(u32),
    /// Sends the request to another model of the same upstream.
    Downgrade(String),
    /// Puts a label on the entry.
    Tag(String),
}

/// `[[rule]]`: scope, condition, metric, window, limits, effect.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Name, shown wherever the rule acts.
    pub name: String,
    /// Account path and all below it.
    #[serde(default)]
    pub account: Option<String>,
    /// Provider id.
    #[serde(default)]
    pub provider: Option<String>,
    /// Model, as `provider/name`.
    #[serde(default)]
    pub model: Option<String>,
    /// Gateway key, by its id.
    #[serde(default)]
    pub key: Option<String>,
    /// Condition in CEL over `request`.
    #[serde(default)]
    pub when: Option<String>,
    /// What the limits are counted in.
    #[serde(default)]
    pub metric: Option<Metric>,
    /// The stretch of time.
    #[serde(default)]
    pub window: Window,
    /// Limit above which `soft_effect` holds.
    #[serde(default)]
    pub soft: Option<Ratio>,
    /// Limit that is never passed: above it `effect` holds.
    #[serde(default)]
    pub hard: Option<Ratio>,
    /// Which end of the estimate counts.
    #[serde(default)]
    pub compare: Compare,
    /// Who shares a counter.
    #[serde(default)]
    pub per: Per,
    /// Output tokens reserved for a request that states no maximum.
    #[serde(default)]
    pub assume_output_tokens: Option<u32>,
    /// What happens when the condition holds (policy) or the hard limit would be passed (budget).
    #[serde(default = "deny")]
    pub effect: Effect,
    /// What happens above the soft limit.
    #[serde(default = "warn")]
    pub soft_effect: Effect,
}

const fn deny() -> Effect {
    Effect::Deny
}

const fn warn() -> Effect {
    Effect::Warn
}
