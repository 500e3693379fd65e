//! `trait Ledger`: what the rooms may ask of the books, whatever engine keeps them.

use crate::{Day, Finding, Rank};
use lca::{Evidence, Kind, Stage, Stats};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What one sum row is about. Empty strings mean "not stated".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SumKey {
    /// UTC day of the entries' start.
    pub day: Day,
    /// Account path.
    pub account: Arc<str>,
    /// Provider id.
    pub provider: Arc<str>,
    /// Model, normalised.
    pub model: Arc<str>,
    /// Region as reported.
    pub region: Arc<str>,
    /// Grid zone or region, where the entry names a better one.
    pub zone: Arc<str>,
    /// Site.
    pub site: Arc<str>,
    /// Source name.
    pub source: Arc<str>,
    /// Rank of the source.
    pub rank: Rank,
    /// Kind of activity.
    pub kind: Kind,
    /// Stage, where the kind does not say.
    pub stage: Option<Stage>,
    /// Where the quantities come from.
    pub evidence: Evidence,
    /// Currency of the cost; empty when none is stated.
    pub currency: Arc<str>,
}

/// Exact sums of the live entries that share a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumRow {
    /// What the row is about.
    pub key: SumKey,
    /// The sums; boxed, since rows are sorted and sifted and the sums are wide.
    pub stats: Box<Stats>,
}

/// Sums of a period, after precedence, and what was noticed on the way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    /// Rows, sorted by key.
    pub rows: Vec<SumRow>,
    /// Differences between sources.
    pub findings: Vec<Finding>,
}

/// The state of the books that a statement pins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Hex digest of the newest link of the chain; `empty` for new books.
    pub digest: String,
    /// Number of links.
    pub links: u64,
    /// Live entries.
    pub entries: u64,
    /// First and last day with entries.
    pub days: Option<(Day, Day)>,
}

/// One import, as `imports list` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRecord {
    /// Id for `imports revert`.
    pub id: u64,
    /// File name (without its folder), or what wrote the entries.
    pub file: String,
    /// Format.
    pub format: String,
    /// Source name.
    pub source: String,
    /// When it was sealed, milliseconds since 1970 UTC.
    pub sealed_ms: i64,
    /// Rows read.
    pub rows: u64,
    /// Rows that are new.
    pub imported: u64,
    /// Rows that were there already.
    pub duplicates: u64,
    /// Older rows that new ones replaced.
    pub superseded: u64,
    /// Rows refused.
    pub rejected: u64,
    /// Whether it was taken back.
    pub reverted: bool,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// A failure of the books, with what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LedgerError(pub String);

/// What the other rooms may ask of the books.
pub trait Ledger: Send + Sync {
    /// The state that a statement pins.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    fn head(&self) -> Result<Head, LedgerError>;

    /// Daily sums of the live entries from `from` to `to` (both included), after
    /// precedence, read through the roll-ups.
    ///
    /// # Errors
    /// When a segment or the manifest cannot be read.
    fn sums(&self, from: Option<Day>, to: Option<Day>) -> Result<Sums, LedgerError>;

    /// The same, taken from the raw segments.
    ///
    /// # Errors
    /// When a segment or the manifest cannot be read.
    fn sums_raw(&self, from: Option<Day>, to: Option<Day>) -> Result<Sums, LedgerError>;

    /// All imports, oldest first.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    fn imports(&self) -> Result<Vec<ImportRecord>, LedgerError>;
}
