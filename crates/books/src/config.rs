//! `bilanz.toml`: accounts, sites and mappings, reviewed like code.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What is wrong with a `bilanz.toml`.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct ConfigError {
    /// The file as the user named it.
    pub file: String,
    /// What is wrong, with line and column where known.
    pub message: String,
}

/// The configuration of one set of books.
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Name of the organisation, shown on statements.
    pub organisation: String,
    /// Account of rows that no rule matches.
    pub default_account: Option<String>,
    /// Rules that map rows to accounts, first match wins.
    pub map: Vec<MapRule>,
    /// Sites by name.
    pub site: BTreeMap<String, Site>,
    /// The gateway.
    pub gateway: crate::Gateway,
    /// Where model traffic goes, by the first part of its path.
    pub upstream: BTreeMap<String, crate::Upstream>,
    /// Other names for models.
    pub route: Vec<crate::Route>,
    /// Budgets and policies.
    pub rule: Vec<crate::Rule>,
}

/// One mapping: every stated field must match; the first rule that matches wins.
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct MapRule {
    /// Project, workspace or team id of the source.
    pub project: Option<String>,
    /// API key id of the source.
    pub key: Option<String>,
    /// User id of the source.
    pub user: Option<String>,
    /// Tag or label, as `name` or `name=value`.
    pub tag: Option<String>,
    /// Source name.
    pub source: Option<String>,
    /// Model, normalised.
    pub model: Option<String>,
    /// Account path the row goes to, such as `acme/support/chatbot`.
    pub account: String,
    /// Site, when the rule decides it.
    pub site: Option<String>,
    /// Region or grid zone, when the rule decides it.
    pub zone: Option<String>,
}

/// A place where things run.
#[derive(Debug, Clone, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// Grid zone (ISO 3166 alpha-3) or cloud region.
    pub zone: String,
    /// Accelerator id, when known.
    pub accelerator: Option<String>,
    /// Accelerators per model copy, when known.
    pub accelerators: Option<u32>,
    /// Bytes per weight, when known.
    pub bytes_per_weight: Option<quantity::Ratio>,
    /// Contracts for its electricity; statements by contract count them.
    pub contract: Vec<SiteContract>,
}

/// A contract for the electricity of a site.
#[derive(Debug, Clone, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SiteContract {
    /// What kind.
    pub kind: lca::ContractKind,
    /// What generates.
    pub technology: lca::Technology,
    /// Share of the site's kilowatt-hours that it covers, as it was matched.
    pub share: quantity::Ratio,
    /// Grid zone where it generates, when it is another than the site's.
    #[serde(default)]
    pub zone: Option<String>,
}

impl Site {
    /// Its contracts, as a deployment takes them.
    #[must_use]
    pub fn contracts(&self) -> Vec<lca::electricity::ContractShare> {
        let of = |contract: &SiteContract| lca::electricity::ContractShare {
            kind: contract.kind,
            technology: contract.technology,
            share: contract.share,
            zone: contract.zone.clone(),
        };
        self.contract.iter().map(of).collect()
    }
}

impl Config {
    /// Parses the text of `bilanz.toml`.
    ///
    /// # Errors
    /// When the text is no TOML or has an unknown field (the message carries line and column),
    /// or the contracts of a site cover more than there is.
    pub fn parse(file: &str, text: &str) -> Result<Self, ConfigError> {
        let fail = |message: String| ConfigError { file: file.to_owned(), message };
        let config: Self = toml::from_str(text).map_err(|error| fail(error.to_string()))?;
        for (name, site) in &config.site {
            lca::electricity::check(&site.contracts()).map_err(|error| fail(format!("[[site.{name}.contract]]: {error}")))?;
        }
        Ok(config)
    }
}
