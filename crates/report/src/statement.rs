//! `Statement`: a report with everything needed to follow and to recompute it.

use books::{Day, Finding};
use lca::{Impacts, Indicator, Profile, SourceNote, Stage, WordError};
use quantity::{Driver, Grade, Ratio, Weakness};
use serde::Serialize;
use std::collections::BTreeMap;
use std::str::FromStr;

/// What the groups of a statement are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Account path.
    #[default]
    Account,
    /// Model.
    Model,
    /// Provider.
    Provider,
    /// Site.
    Site,
    /// Life-cycle stage.
    Stage,
    /// UTC day.
    Day,
    /// UTC month.
    Month,
}

impl By {
    /// All groupings.
    pub const ALL: [Self; 7] = [Self::Account, Self::Model, Self::Provider, Self::Site, Self::Stage, Self::Day, Self::Month];
    /// The word in flags and results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Model => "model",
            Self::Provider => "provider",
            Self::Site => "site",
            Self::Stage => "stage",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl FromStr for By {
    type Err = WordError;
    fn from_str(word: &str) -> Result<Self, WordError> {
        Self::ALL.into_iter().find(|by| by.as_str() == word).ok_or_else(|| WordError {
            what: "grouping",
            word: word.to_owned(),
            known: Self::ALL.map(Self::as_str).join(", "),
        })
    }
}

/// The days a statement covers, both ends included; `None` when the books are empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// First day, UTC.
    pub from: Option<Day>,
    /// Last day, UTC.
    pub to: Option<Day>,
}

/// Exact token sums by class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Tokens {
    /// Uncached text input.
    pub input: i128,
    /// Read from a prompt cache.
    pub cache_read: i128,
    /// Written to a prompt cache.
    pub cache_write: i128,
    /// Visible text output.
    pub output: i128,
    /// Reasoning.
    pub reasoning: i128,
    /// Image, in and out.
    pub image: i128,
    /// Audio, in and out.
    pub audio: i128,
}

/// One group, or the total.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Account path, model, day ...; `total` for the total.
    pub key: String,
    /// Requests; `None` where the grouping has none (stages), or where tokens are stated but no request is.
    pub requests: Option<i128>,
    /// All tokens; `None` where the grouping has none, or where requests are stated but no token is.
    pub tokens: Option<i128>,
    /// Tokens by class; `None` where `tokens` is.
    pub token_classes: Option<Tokens>,
    /// All indicators.
    pub impacts: Impacts,
    /// Grade of the group.
    pub grade: Grade,
    /// Share of the energy by grade.
    pub grade_shares: BTreeMap<Grade, Ratio>,
    /// Accepted and rejected outcomes, where known.
    pub outcomes: Option<(i128, i128)>,
}

/// What the statement covers and what it does not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coverage {
    /// Live entries in the period.
    pub entries: i128,
    /// Share of tokens whose model is known to the factor set.
    pub model_known: Ratio,
    /// Share of tokens whose region or grid zone is stated.
    pub zone_known: Ratio,
    /// Share of requests whose prompt-cache use is stated.
    pub cache_known: Ratio,
    /// Share of energy that was metered.
    pub metered: Ratio,
    /// Days of the period without any entry.
    pub days_without_entries: u64,
    /// Stages the profile counts.
    pub stages_included: Vec<Stage>,
    /// Stages the profile leaves out or that have no factor yet, with the reason.
    pub stages_excluded: Vec<(Stage, String)>,
    /// Indicators that are gaps (null) in the total, with the reason.
    pub gaps: Vec<(String, String)>,
    /// Indicators whose total lacks a part, with the share of the energy (median) that has no
    /// figure; `None` where the energy of that part is not known either.
    pub partial: Vec<(Indicator, Option<Ratio>)>,
}

/// What a provider tells, and what had to be inferred.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Disclosure {
    /// Provider id.
    pub provider: String,
    /// Share of the statement's energy, median.
    pub energy_share: Ratio,
    /// What the provider publishes.
    pub discloses: Vec<String>,
    /// What it does not publish.
    pub withholds: Vec<String>,
    /// What was inferred instead (factor ids or words).
    pub inferred: Vec<String>,
}

/// A report with everything needed to follow and to recompute it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// Always `footprint` here.
    pub statement: String,
    /// Organisation as configured; empty when none.
    pub organisation: String,
    /// Period covered.
    pub period: Period,
    /// Grouping.
    pub by: By,
    /// Profile.
    pub profile: Profile,
    /// Branch of accounts the statement is about; `None` is all.
    pub account: Option<String>,
    /// Currency of every cost.
    pub currency: String,
    /// Groups, largest GHG first; days and months in order of time.
    pub groups: Vec<Group>,
    /// The total.
    pub total: Group,
    /// The total by stage.
    pub stages: BTreeMap<Stage, Impacts>,
    /// Largest contributors to the variance of the total.
    pub drivers: Vec<Driver>,
    /// What weakens the total.
    pub weaknesses: Vec<Weakness>,
    /// What is covered.
    pub coverage: Coverage,
    /// One line that states the boundary, in the statement's own words.
    pub boundary: String,
    /// Per provider: told against inferred.
    pub disclosures: Vec<Disclosure>,
    /// Findings of the imports and of precedence.
    pub findings: Vec<Finding>,
    /// Cited sources.
    pub sources: Vec<SourceNote>,
    /// Digest of the newest link of the books.
    pub ledger_head: String,
    /// Name of the factor set.
    pub factor_set: String,
    /// Version of the method.
    pub method: String,
    /// What changed against the statement before, when the user's factors overlay the built-in ones.
    pub factor_overrides: Vec<String>,
}

/// The grade of one indicator; `None` is a gap.
#[must_use]
pub fn grade_of(impacts: &Impacts, indicator: Indicator) -> Option<Grade> {
    match indicator {
        Indicator::EnergyKwh => impacts.energy_kwh.as_ref().map(quantity::Estimate::grade),
        Indicator::GwpKgco2e => impacts.gwp_kgco2e.as_ref().map(quantity::Estimate::grade),
        Indicator::WaterL => impacts.water_l.as_ref().map(quantity::Estimate::grade),
        Indicator::AdpeKgsbeq => impacts.adpe_kgsbeq.as_ref().map(quantity::Estimate::grade),
        Indicator::PeMj => impacts.pe_mj.as_ref().map(quantity::Estimate::grade),
        Indicator::EwasteKg => impacts.ewaste_kg.as_ref().map(quantity::Estimate::grade),
        Indicator::Cost => impacts.cost.as_ref().map(quantity::Estimate::grade),
    }
}
