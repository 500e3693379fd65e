//! Dry run: what rules would have done to the traffic of the books.

use crate::admission::Verdict;
use crate::book::Book;
use crate::governor::{Ask, BudgetState, Governor, RuleError};
use crate::pricer::Pricer;
use crate::seen::Seen;
use books::{Entry, Rule};
use std::collections::HashMap;
use std::sync::Arc;

/// The most counters that one row lists, the fullest first.
const MOST_COUNTERS: usize = 1_000;

/// What one rule would have done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DryRunRow {
    /// Rule.
    pub rule: String,
    /// Requests that its scope and condition cover, as they were in the books.
    pub matched: u64,
    /// How many of the entries stood for several requests; each was asked as one, so its answer holds for all of them.
    pub buckets: u64,
    /// Requests let through with a warning.
    pub warned: u64,
    /// Requests refused.
    pub denied: u64,
    /// Requests whose output would have been capped.
    pub capped: u64,
    /// Requests that would have gone to another model.
    pub downgraded: u64,
    /// Requests that would have got a label.
    pub tagged: u64,
    /// Requests whose amount is not known.
    pub unvalued: u64,
    /// When it would have acted first, milliseconds since 1970 UTC.
    pub first_ms: Option<i64>,
    /// Its counters, the fullest first, at most 1,000; what was refused is not in them.
    pub counters: Vec<BudgetState>,
    /// Counters that are not listed.
    pub counters_left_out: u64,
}

/// Replays entries, in the order given (by time), as if each were asked with what it used in the end.
///
/// All rules are in force together: what one refuses is not spent in the budgets of the others. A capped answer is charged at
/// its cap, and a downgraded one at the other model. Only inference is replayed. An entry of several requests is one ask with
/// the amounts of all; budgets in `requests` count them all.
///
/// # Errors
/// When a rule is not sound.
pub fn dry_run(rules: &[Rule], pricer: Arc<Pricer>, entries: impl IntoIterator<Item = Entry>) -> Result<Vec<DryRunRow>, RuleError> {
    let governor = Governor::with_books(rules, pricer, &Book::of_all_windows)?;
    let mut rows: Vec<DryRunRow> = rules.iter().map(|rule| DryRunRow { rule: rule.name.clone(), ..DryRunRow::default() }).collect();
    let places: HashMap<&str, usize> = rules.iter().enumerate().map(|(place, rule)| (rule.name.as_str(), place)).collect();
    for entry in entries {
        if entry.kind == lca::Kind::Inference {
            replay(&governor, &mut rows, &places, entry);
        }
    }
    let mut states = governor.states(None);
    states.sort_by(|a, b| b.spent_micro.cmp(&a.spent_micro).then_with(|| a.from_ms.cmp(&b.from_ms)));
    for state in states {
        let Some(row) = places.get(state.rule.as_str()).and_then(|place| rows.get_mut(*place)) else { continue };
        if row.counters.len() < MOST_COUNTERS {
            row.counters.push(state);
        } else {
            row.counters_left_out += 1;
        }
    }
    Ok(rows)
}

fn replay(governor: &Governor, rows: &mut [DryRunRow], places: &HashMap<&str, usize>, mut entry: Entry) {
    let seen = Seen::of(&entry);
    let requests = entry.counts.requests.and_then(|requests| u64::try_from(requests).ok()).unwrap_or(1).max(1);
    for place in governor.covering(&seen) {
        rows[place].matched += requests;
        rows[place].buckets += u64::from(requests > 1);
    }
    let at_ms = entry.time_start_ms;
    let place = books::place(&entry.zone, &entry.site, &entry.region, governor.pricer().config()).to_owned();
    let ask = Ask {
        account: &entry.account,
        key: &seen.key,
        user: &seen.user,
        provider: &entry.provider,
        model: &entry.model,
        place: &place,
        site: &entry.site,
        labels: &seen.labels,
        input_tokens: u64::try_from(entry.counts.input_all()).unwrap_or(u64::MAX),
        output_tokens: u64::try_from(entry.counts.output_all()).ok(),
        ..Ask::default()
    };
    let mut acted = |rule: &str, effect: &str| {
        let Some(row) = places.get(rule).and_then(|place| rows.get_mut(*place)) else { return };
        let count = match effect.split(' ').next().unwrap_or("") {
            "warn" => &mut row.warned,
            "deny" => &mut row.denied,
            "cap_output_tokens" => &mut row.capped,
            "downgrade" => &mut row.downgraded,
            "tag" => &mut row.tagged,
            // "not valued": counted at the counter; a condition that failed is no act.
            "not" => {
                row.unvalued += requests;
                return;
            }
            _ => return,
        };
        *count += requests;
        row.first_ms.get_or_insert(at_ms);
    };
    let admission = match governor.admit_exactly(&ask, &entry) {
        Verdict::Refused(refusal) => return acted(&refusal.rule, "deny"),
        Verdict::Admitted(admission) => admission,
    };
    for note in &admission.acted {
        // Names may hold colons; what a rule did never does.
        if let Some((rule, effect)) = note.rsplit_once(": ") {
            acted(rule, effect);
        }
    }
    let model = admission.downgrade.as_ref().map(|to| governor.pricer().factors().resolve_model(&entry.provider, to).model);
    let cap = admission.cap_output_tokens.and_then(|cap| i64::try_from(cap).ok());
    change(&mut entry, model, cap, requests);
    admission.settle(&entry);
}

/// The entry as it would have been.
fn change(entry: &mut Entry, model: Option<String>, cap: Option<i64>, requests: u64) {
    if let Some(model) = model {
        entry.model = Arc::from(model);
    } else if cap.is_none() {
        return;
    }
    // What was billed was billed for another answer.
    entry.counts.cost_micro = None;
    let cap = cap.map(|cap| cap.saturating_mul(i64::try_from(requests).unwrap_or(i64::MAX)));
    if let Some(cap) = cap.filter(|cap| *cap < entry.counts.output_all()) {
        entry.counts.output_tokens = Some(cap);
        entry.counts.reasoning_tokens = None;
        entry.counts.image_output_tokens = None;
        entry.counts.audio_output_tokens = None;
        entry.counts.fill_context();
    }
}
