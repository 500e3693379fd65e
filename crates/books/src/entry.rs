//! `Entry`: one activity in the ledger, immutable; a correction is a new entry.

use lca::{Counts, Evidence, Kind, Stage};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most tokens of one class a row may state; above, it is a mistake.
pub const MAX_TOKENS_PER_ROW: i64 = 1_000_000_000_000_000;

/// The most tokens that one request may read or write; the longest context of a model holds as many. What is more is the
/// total of many requests, and its work, valued as one, would grow with its square.
pub const MOST_TOKENS_PER_REQUEST: i64 = 10_000_000;

/// Rank of a source when two tell of the same traffic, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Seen by a gateway, request by request.
    Gateway,
    /// A span or log line of the application.
    Span,
    /// A bucket of the provider's usage API or export.
    Bucket,
    /// A line of a bill.
    Bill,
    /// A footprint stated by the provider; compared, never added.
    Footprint,
}

impl Rank {
    /// All ranks, best first; the index is the number in the ledger's column.
    pub const ALL: [Self; 5] = [Self::Gateway, Self::Span, Self::Bucket, Self::Bill, Self::Footprint];
    /// The number in the ledger's column.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }
    /// The word in results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Span => "span",
            Self::Bucket => "bucket",
            Self::Bill => "bill",
            Self::Footprint => "footprint",
        }
    }
}

/// One activity, as the importers and the gateway write it.
///
/// Strings that repeat are shared (`Arc<str>`); an empty string is "not stated".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Source name: the format, or what `--source` said; never a path.
    pub source: Arc<str>,
    /// Rank of the source.
    pub rank: Rank,
    /// Id that the source gives the row, when it does.
    pub external_id: Option<Box<str>>,
    /// Kind of activity.
    pub kind: Kind,
    /// Stage, where the kind does not say.
    pub stage: Option<Stage>,
    /// Where the quantities come from.
    pub evidence: Evidence,
    /// Start, milliseconds since 1970 UTC; decides the day.
    pub time_start_ms: i64,
    /// End, milliseconds since 1970 UTC; equal to the start when unknown.
    pub time_end_ms: i64,
    /// Account path, such as `acme/support/chatbot`; `unassigned` when no rule matched.
    pub account: Arc<str>,
    /// Provider id that served it, normalised; empty when unknown.
    pub provider: Arc<str>,
    /// Model as `provider/name`, normalised; empty when unknown.
    pub model: Arc<str>,
    /// Model as the source spelt it.
    pub model_reported: Arc<str>,
    /// Region as the source spelt it (`eu-central-1`); empty when unknown.
    pub region: Arc<str>,
    /// Grid zone or region the evaluation shall use when it is known better; empty otherwise.
    pub zone: Arc<str>,
    /// Site as configured in `bilanz.toml`; empty when none.
    pub site: Arc<str>,
    /// Currency of `cost_micro`, ISO 4217; empty when no cost is stated.
    pub currency: Arc<str>,
    /// Remaining scope of the source (project, key, user, tags) as a compact JSON object; empty when none.
    pub labels: Arc<str>,
    /// The quantities.
    pub counts: Counts,
}

impl Entry {
    /// An inference entry with every optional field unknown.
    #[must_use]
    pub fn new(source: Arc<str>, rank: Rank, time_start_ms: i64) -> Self {
        let empty: Arc<str> = Arc::from("");
        Self {
            source,
            rank,
            external_id: None,
            kind: Kind::Inference,
            stage: None,
            evidence: Evidence::Counted,
            time_start_ms,
            time_end_ms: time_start_ms,
            account: Arc::from("unassigned"),
            provider: empty.clone(),
            model: empty.clone(),
            model_reported: empty.clone(),
            region: empty.clone(),
            zone: empty.clone(),
            site: empty.clone(),
            currency: empty.clone(),
            labels: empty,
            counts: Counts::default(),
        }
    }
}

/// Checks what every entry must satisfy, whatever wrote it.
///
/// # Errors
/// One sentence that names the column and the value: a negative count, a count
/// above [`MAX_TOKENS_PER_ROW`], an end before the start, or a time before 2015
/// or after `latest_ms`.
pub fn validate(entry: &Entry, latest_ms: i64) -> Result<(), String> {
    const EARLIEST_MS: i64 = 1_420_070_400_000;
    for (name, value) in Counts::NAMES.iter().zip(entry.counts.as_array()) {
        let Some(value) = value else { continue };
        if value < 0 {
            return Err(match *name {
                "cost_micro" | "value_micro" => format!("the amount {} is negative; leave credits out", value as f64 / 1e6),
                _ => format!("{name} is {value}; a count cannot be negative"),
            });
        }
        if value > MAX_TOKENS_PER_ROW
            && (name.ends_with("_tokens") || name.starts_with("requests") || matches!(*name, "images" | "cost_micro"))
        {
            return Err(format!("{name} is {value}, above {MAX_TOKENS_PER_ROW} (10^15) in one row; check the unit"));
        }
    }
    if entry.counts.energy_nj.is_some_and(|energy| energy < 0) {
        return Err("the metered energy is negative".to_owned());
    }
    if entry.time_end_ms < entry.time_start_ms {
        return Err(format!("the end ({}) lies before the start ({})", time(entry.time_end_ms), time(entry.time_start_ms)));
    }
    if entry.time_start_ms < EARLIEST_MS {
        return Err(format!("the time {} lies before 2015; check the unit and the time zone", time(entry.time_start_ms)));
    }
    if entry.time_start_ms > latest_ms || entry.time_end_ms > latest_ms.saturating_add(OPEN_BUCKET_MS) {
        let wrong = if entry.time_start_ms > latest_ms { entry.time_start_ms } else { entry.time_end_ms };
        return Err(format!("the time {} lies in the future; check the unit and the clock of the source", time(wrong)));
    }
    for word in [&entry.account, &entry.provider, &entry.model, &entry.model_reported, &entry.region, &entry.zone, &entry.site] {
        if word.len() > MAX_NAME_BYTES || word.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
            return Err(format!(
                "the name {:?} is longer than {MAX_NAME_BYTES} bytes or holds control characters",
                word.chars().take(40).collect::<String>()
            ));
        }
    }
    Ok(())
}

/// A bucket that is still open may end in the future: a month at the most.
const OPEN_BUCKET_MS: i64 = 31 * 86_400_000;
/// The longest name of a model, an account or a place.
const MAX_NAME_BYTES: usize = 512;

fn time(time_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| format!("{time_ms} ms since 1970"), |time| time.to_string())
}
