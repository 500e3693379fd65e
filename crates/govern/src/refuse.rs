//! Refusals: which rule says no, what is spent, what the limit is, and when it opens again.

use crate::admission::Refusal;
use crate::calendar;
use crate::compile::{Budget, Compiled};
use crate::condition::View;
use crate::counter::Place;
use crate::rates::ticks_per_unit;
use books::{Metric, Window};

/// A limit that a request would pass.
pub(crate) struct Limit<'a> {
    pub(crate) rule: &'a Compiled,
    pub(crate) budget: &'a Budget,
    pub(crate) place: &'a Place,
    /// What the request needs at most.
    pub(crate) ticks: i64,
    pub(crate) limit: i64,
    /// Spent and reserved without it.
    pub(crate) committed: i64,
    pub(crate) now_ms: i64,
}

/// A budget that is used up.
pub(crate) fn over(over: &Limit<'_>, which: &str) -> Refusal {
    let metric = over.budget.metric;
    let amount = |ticks: i64| format!("{} {}", number(metric, ticks), metric.as_str());
    let mut whose = over.place.cell.whose.to_string();
    if !whose.is_empty() {
        whose = format!(" for `{}`", shown(&whose));
    }
    let (name, limit, needs) = (&over.rule.name, amount(over.limit), amount(over.ticks));
    let snapshot = over.place.cell.snapshot();
    let reserved = snapshot.reserved.min(over.committed);
    let spent = amount(over.committed.saturating_sub(reserved));
    let held = if reserved > 0 { format!(" and {} reserved for requests on their way", amount(reserved)) } else { String::new() };
    let this = format!("rule `{name}`: {spent} spent{held} of the {which}{limit} per {}{whose}", word(over.budget.window));
    if over.ticks > over.limit {
        return Refusal {
            rule: name.to_string(),
            message: format!(
                "{this}; this request alone may need {needs}, so waiting does not help: ask with less input or a smaller maximum of output tokens"
            ),
            over_limit: true,
            retry_after_s: None,
        };
    }
    let to_ms = over.place.to_ms;
    Refusal {
        rule: name.to_string(),
        message: format!("{this}; this request may need {needs}; the window ends at {}", calendar::text(to_ms)),
        over_limit: true,
        retry_after_s: u64::try_from(to_ms.saturating_sub(over.now_ms).div_euclid(1_000) + 1).ok(),
    }
}

/// A policy that forbids.
pub(crate) fn policy(rule: &Compiled, view: &View<'_>) -> Refusal {
    let name = rule.name.to_string();
    let model = if view.model.is_empty() { String::new() } else { format!(" of model `{}`", shown(view.model)) };
    let message = format!("rule `{name}` does not allow this request{model} by account `{}`", shown(view.account));
    Refusal { rule: name, message, over_limit: false, retry_after_s: None }
}

/// A budget that cannot tell what the request costs.
pub(crate) fn unvalued(rule: &Compiled, metric: Metric, view: &View<'_>) -> Refusal {
    let name = rule.name.to_string();
    let model = if view.model.is_empty() { "a model that is not stated" } else { view.model };
    let missing = match metric {
        Metric::Eur => "no price is known",
        _ => "a factor is missing",
    };
    let message = format!(
        "rule `{name}`: this request cannot be valued in {} ({missing} for `{}`), and the rule refuses what it cannot count; add the factor, or except the model by `when`",
        metric.as_str(),
        shown(model),
    );
    Refusal { rule: name, message, over_limit: false, retry_after_s: None }
}

/// Rules that send a request to and fro.
pub(crate) fn circle(rule: &Compiled, to: &str, model: &str) -> Refusal {
    let name = rule.name.to_string();
    let message =
        format!("rule `{name}` sends this request to `{}`, and another rule sent it back to `{}`; mend the rules", shown(to), shown(model));
    Refusal { rule: name, message, over_limit: false, retry_after_s: None }
}

/// A name within a message: short, and on one line.
fn shown(name: &str) -> String {
    let clean: String = name.chars().filter(|char| !char.is_control()).take(80).collect();
    if clean.len() < name.len() { format!("{clean}…") } else { clean }
}

/// A window, in words.
pub(crate) const fn word(window: Window) -> &'static str {
    match window {
        Window::Minute => "minute",
        Window::Hour => "hour",
        Window::Day => "day",
        Window::Week => "week",
        Window::Month => "month",
        Window::Year => "year",
    }
}

/// Ticks in the unit of their metric, to six digits behind the point at the most.
pub(crate) fn number(metric: Metric, ticks: i64) -> String {
    let per_unit = ticks_per_unit(metric);
    if per_unit == 1 {
        return ticks.to_string();
    }
    let micro = crate::rates::micro(metric, ticks);
    let text = format!("{}.{:06}", micro / 1_000_000, (micro % 1_000_000).abs());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
