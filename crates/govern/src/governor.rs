//! The governor: compiled rules and their counters.

use crate::admission::{Admission, Verdict};
use crate::pricer::Pricer;
use books::{Entry, Metric, Rule};
use std::sync::Arc;

/// A rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[[rule]] `{rule}`: {message}")]
pub struct RuleError {
    /// Name of the rule.
    pub rule: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// What govern is told of a request.
#[derive(Debug, Clone, Default)]
pub struct Ask<'a> {
    /// Account.
    pub account: &'a str,
    /// Id of the gateway key; empty when none.
    pub key: &'a str,
    /// User that the request names; empty when none.
    pub user: &'a str,
    /// Provider id.
    pub provider: &'a str,
    /// Model, normalised.
    pub model: &'a str,
    /// Name of the upstream.
    pub upstream: &'a str,
    /// Zone or region; empty when not known.
    pub place: &'a str,
    /// Site; empty when none.
    pub site: &'a str,
    /// Whether the answer is a stream.
    pub stream: bool,
    /// Labels of the request.
    pub labels: &'a [(String, String)],
    /// Upper bound of the input tokens.
    pub input_tokens: u64,
    /// Most output tokens of all choices together; `None` when the request states no maximum.
    pub output_tokens: Option<u64>,
}

/// One counter as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetState {
    /// Rule.
    pub rule: String,
    /// Whose counter it is: an account, key, model or user; empty when all share one.
    pub whose: String,
    /// What is counted.
    pub metric: Metric,
    /// Start of the window, milliseconds since 1970 UTC.
    pub from_ms: i64,
    /// End of the window.
    pub to_ms: i64,
    /// Spent, millionths of the unit.
    pub spent_micro: i64,
    /// Reserved for requests on their way, millionths.
    pub reserved_micro: i64,
    /// Soft limit, millionths.
    pub soft_micro: Option<i64>,
    /// Hard limit, millionths.
    pub hard_micro: Option<i64>,
    /// Requests refused in this window.
    pub refused: u64,
}

/// Rules with their counters. Shared by all threads of the gateway.
pub struct Governor {
    pricer: Arc<Pricer>,
}

impl Governor {
    /// Compiles rules.
    ///
    /// # Errors
    /// When a rule is not sound: a condition that does not parse, a limit without metric, a name twice …
    pub fn new(_rules: &[Rule], pricer: Arc<Pricer>) -> Result<Self, RuleError> {
        Ok(Self { pricer })
    }

    /// What values requests.
    #[must_use]
    pub fn pricer(&self) -> &Arc<Pricer> {
        &self.pricer
    }

    /// Start of the earliest window that is open now; entries from there on are needed to [`Governor::charge`] counters after a start.
    #[must_use]
    pub fn earliest_window_ms(&self, now_ms: i64) -> Option<i64> {
        let _ = now_ms;
        None
    }

    /// Charges an entry that was made before this start, or by another door.
    pub fn charge(&self, _entry: &Entry) {}

    /// Asks all rules, in order, and reserves; a rule that downgrades or caps changes what the later ones see.
    #[must_use]
    pub fn admit(&self, _ask: &Ask<'_>, _now_ms: i64) -> Verdict {
        Verdict::Admitted(Admission::free())
    }

    /// All counters of windows that are open.
    #[must_use]
    pub fn budgets(&self, _now_ms: i64) -> Vec<BudgetState> {
        Vec::new()
    }
}
