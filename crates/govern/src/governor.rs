//! The governor: compiled rules and their counters.

use crate::admission::Verdict;
use crate::book::Book;
use crate::calendar;
use crate::compile::{Compiled, compile_all};
use crate::counter::whose;
use crate::decide::decide;
use crate::pricer::Pricer;
use crate::rates::{counted, micro};
use crate::seen::Seen;
use arc_swap::ArcSwap;
use books::{Entry, Metric, Rule};
use std::sync::{Arc, Mutex, PoisonError};

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
    /// Whose counter it is: an account, key, model or user; empty when all share one. `(others)` is the counter of all who
    /// came when the rule had 65,536 counters in the window.
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
    /// Charged beyond what had been reserved for the requests, millionths, since the process began: spent and reserved
    /// together are at most the hard limit and this.
    pub overshoot_micro: i64,
    /// Requests refused in this window, since the process began.
    pub refused: u64,
    /// Entries whose amount is not known; what is spent does not contain them.
    pub unvalued: u64,
}

/// Rules with their counters. Shared by all threads of the gateway.
pub struct Governor {
    rules: ArcSwap<Vec<Compiled>>,
    pricer: Arc<Pricer>,
    reloading: Mutex<()>,
}

impl Governor {
    /// Compiles rules.
    ///
    /// # Errors
    /// When a rule is not sound: a condition that does not parse, a limit without metric, a name twice …
    pub fn new(rules: &[Rule], pricer: Arc<Pricer>) -> Result<Self, RuleError> {
        Self::with_books(rules, pricer, &Book::new)
    }

    pub(crate) fn with_books(
        rules: &[Rule],
        pricer: Arc<Pricer>,
        book: &dyn Fn(books::Window, books::Per) -> Book,
    ) -> Result<Self, RuleError> {
        let rules = compile_all(rules, pricer.factors(), book)?;
        Ok(Self { rules: ArcSwap::from_pointee(rules), pricer, reloading: Mutex::new(()) })
    }

    /// Takes other rules, at once and for all threads; returns the names of budgets whose counters begin at zero.
    ///
    /// A rule goes on with its counters when its name, metric, window, `per` and scope (account, provider, model, key) are
    /// unchanged; limits, effects and the condition may change. For the others see [`Governor::charge_only`]. The pricer stays
    /// until the process ends, so that one window is counted by one factor set.
    ///
    /// # Errors
    /// When a rule is not sound; the rules that were in force stay.
    pub fn reload(&self, rules: &[Rule]) -> Result<Vec<String>, RuleError> {
        let mut next = compile_all(rules, self.pricer.factors(), &Book::new)?;
        let _reloading = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.rules.load();
        let mut fresh = Vec::new();
        for rule in &mut next {
            let before = known.iter().find(|known| rule.continues(known)).and_then(|known| known.budget.as_ref());
            match (&mut rule.budget, before) {
                (Some(budget), Some(before)) => budget.book = Arc::clone(&before.book),
                (Some(_), None) => fresh.push(rule.name.to_string()),
                (None, _) => {}
            }
        }
        self.rules.store(Arc::new(next));
        Ok(fresh)
    }

    /// What values requests.
    #[must_use]
    pub fn pricer(&self) -> &Arc<Pricer> {
        &self.pricer
    }

    /// Start of the earliest window that is open now; entries from there on are needed to [`Governor::charge`] counters after a start.
    #[must_use]
    pub fn earliest_window_ms(&self, now_ms: i64) -> Option<i64> {
        self.rules.load().iter().filter_map(|rule| rule.budget.as_ref()).map(|budget| calendar::bounds(budget.window, now_ms).0).min()
    }

    /// Charges an entry that was made before this start, or by another door, to the windows of its start.
    ///
    /// Only inference is counted: metered energy of a machine would count the same work again. What the books do not hold (the
    /// name of the upstream, whether it was a stream) is empty and `null` for conditions; a condition that cannot be evaluated
    /// counts as holding for a rule that may deny. What cannot be valued is counted as such and not charged. Entries of
    /// windows that are over are ignored once newer ones are open.
    pub fn charge(&self, entry: &Entry) {
        self.charge_where(entry, |_| true);
    }

    /// As [`Governor::charge`], for the named rules alone: fills counters that began at zero with a reload.
    pub fn charge_only(&self, rules: &[String], entry: &Entry) {
        self.charge_where(entry, |name| rules.iter().any(|rule| rule == name));
    }

    fn charge_where(&self, entry: &Entry, chosen: impl Fn(&str) -> bool) {
        let rules = self.rules.load();
        if entry.kind != lca::Kind::Inference || !rules.iter().any(|rule| rule.budget.is_some()) {
            return;
        }
        let seen = Seen::of(entry);
        let rates = self.pricer.rates_of(entry);
        let mut valued = None;
        for rule in rules.iter().filter(|rule| chosen(&rule.name)) {
            let Some(budget) = &rule.budget else { continue };
            if !seen.covered_by(rule) {
                continue;
            }
            let whose = whose(budget.per, &entry.account, &seen.key, &entry.model, &seen.user);
            let place = budget.book.place(entry.time_start_ms, whose);
            let ticks = counted(budget.metric, &entry.counts).unwrap_or_else(|| {
                valued
                    .get_or_insert_with(|| rates.valued(&entry.counts, entry.evidence, &entry.currency))
                    .ticks(budget.metric, budget.compare)
            });
            match ticks {
                Some(ticks) => place.cell.charge(0, ticks),
                None => place.cell.unvalued(1),
            }
        }
    }

    /// Asks all rules, in order, and reserves; a rule that downgrades or caps changes what all rules see, and they are asked again.
    ///
    /// Several budgets are taken all or none. While a request that will be refused holds some of them, another may be refused
    /// that would have fitted; never the other way round.
    #[must_use]
    pub fn admit(&self, ask: &Ask<'_>, now_ms: i64) -> Verdict {
        decide(&self.rules.load(), &self.pricer, ask, None, now_ms)
    }

    /// Asks with what an entry used in the end, at the time it began.
    pub(crate) fn admit_exactly(&self, ask: &Ask<'_>, entry: &Entry) -> Verdict {
        decide(&self.rules.load(), &self.pricer, ask, Some(entry), entry.time_start_ms)
    }

    /// The places of the rules that cover an entry.
    pub(crate) fn covering(&self, seen: &Seen) -> Vec<usize> {
        self.rules.load().iter().enumerate().filter(|(_, rule)| seen.covered_by(rule)).map(|(place, _)| place).collect()
    }

    /// All counters of windows that are open, in the order of the rules; windows that ended a minute ago or longer are dropped.
    #[must_use]
    pub fn budgets(&self, now_ms: i64) -> Vec<BudgetState> {
        for budget in self.rules.load().iter().filter_map(|rule| rule.budget.as_ref()) {
            budget.book.drop_closed(now_ms.saturating_sub(60_000));
        }
        self.states(Some(now_ms))
    }

    /// Counters of the windows that hold `now_ms`, or of all windows.
    pub(crate) fn states(&self, now_ms: Option<i64>) -> Vec<BudgetState> {
        let mut states = Vec::new();
        for rule in self.rules.load().iter() {
            let Some(budget) = &rule.budget else { continue };
            for place in budget.book.places(now_ms) {
                let now = place.cell.snapshot();
                let of = |ticks: i64| micro(budget.metric, ticks);
                states.push(BudgetState {
                    rule: rule.name.to_string(),
                    whose: place.cell.whose.to_string(),
                    metric: budget.metric,
                    from_ms: place.from_ms,
                    to_ms: place.to_ms,
                    spent_micro: of(now.spent),
                    // Rounded together, so that the sum does not pass the limit by what each was rounded up.
                    reserved_micro: of(now.spent.saturating_add(now.reserved)) - of(now.spent),
                    soft_micro: budget.soft.map(of),
                    hard_micro: budget.hard.map(of),
                    overshoot_micro: of(now.overshoot),
                    refused: now.refused,
                    unvalued: now.unvalued,
                });
            }
        }
        states
    }
}
