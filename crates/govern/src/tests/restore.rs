//! Counters that are filled from the books stand where the live ones stood.

use super::{NOW_MS, admitted, ask, entry, governor};
use crate::{Ask, BudgetState, Governor};
use books::Entry;
use std::sync::Arc;

const RULES: &str = r#"
[[rule]]
name = "tokens"
account = "acme"
metric = "tokens"
window = "month"
hard = 1000000
[[rule]]
name = "kwh"
metric = "kWh"
window = "week"
per = "user"
hard = 10
[[rule]]
name = "eur"
metric = "EUR"
window = "day"
per = "model"
compare = "high"
soft = 5
[[rule]]
name = "requests"
key = "k_12345678"
metric = "requests"
window = "hour"
hard = 100
[[rule]]
name = "blue"
when = "request.labels.team == 'blue' && request.weekday < 6"
metric = "kgCO2e"
hard = 100
[[rule]]
name = "minute"
metric = "requests"
window = "minute"
hard = 100
"#;

fn spent(governor: &Governor, now_ms: i64) -> Vec<(String, String, i64, i64)> {
    let of = |state: BudgetState| (state.rule, state.whose, state.from_ms, state.spent_micro);
    governor.budgets(now_ms).into_iter().map(of).filter(|(.., spent)| *spent > 0).collect()
}

#[test]
fn restored_is_live() {
    let live = governor(RULES);
    let mut books: Vec<Entry> = Vec::new();
    let labels = [("team".to_owned(), "blue".to_owned())];
    for turn in 0_i64..300 {
        // Every 17 minutes, over three days and more.
        let at_ms = NOW_MS + turn * 17 * 60_000;
        let user = ["ada", "bob", ""][turn as usize % 3];
        let model = ["openai/gpt-4o", "openai/gpt-4o-mini"][turn as usize % 2];
        let account = ["acme/support", "other", "acme"][turn as usize % 3];
        let labels: &[(String, String)] = if turn % 5 == 0 { &[] } else { &labels };
        let ask = Ask { user, model, account, labels, input_tokens: 2_000, output_tokens: Some(1_000), ..ask() };
        let mut admission = admitted(live.admit(&ask, at_ms));
        admission.sent();
        let mut made = entry(model, 100 + turn, 1 + turn % 7);
        made.time_start_ms = at_ms;
        made.time_end_ms = at_ms + 90_000;
        made.account = Arc::from(account);
        let tags = if labels.is_empty() { "" } else { ",\"tags\":[\"team=blue\"]" };
        let user = if user.is_empty() { String::new() } else { format!(",\"user\":\"{user}\"") };
        made.labels = Arc::from(format!("{{\"key\":\"k_12345678\"{tags}{user}}}"));
        admission.settle(&made);
        books.push(made);
    }
    let now_ms = books.last().unwrap().time_start_ms;
    let restored = governor(RULES);
    let from_ms = restored.earliest_window_ms(now_ms).unwrap();
    assert_eq!(from_ms, crate::calendar::bounds(books::Window::Month, now_ms).0);
    for entry in books.iter().filter(|entry| entry.time_start_ms >= from_ms) {
        restored.charge(entry);
    }
    assert_eq!(spent(&restored, now_ms), spent(&live, now_ms));
    assert!(spent(&live, now_ms).len() > 8, "{:?}", spent(&live, now_ms));
    // In whatever order the books tell it.
    let backwards = governor(RULES);
    books.iter().rev().for_each(|entry| backwards.charge(entry));
    assert_eq!(spent(&backwards, now_ms), spent(&live, now_ms));
}

#[test]
fn only_inference_is_charged_and_what_is_unknown_is_said() {
    let governor = governor("[[rule]]\nname = \"eur\"\nmetric = \"EUR\"\nhard = 10\n");
    let mut meter = entry("openai/gpt-4o", 10, 10);
    meter.kind = lca::Kind::Electricity;
    governor.charge(&meter);
    assert!(governor.budgets(NOW_MS).is_empty());
    governor.charge(&entry("elsewhere/no-such-model", 10, 10));
    assert_eq!((super::only(&governor).spent_micro, super::only(&governor).unvalued), (0, 1));
    let mut odd = entry("openai/gpt-4o", 10, 10);
    odd.labels = Arc::from("{ no json");
    governor.charge(&odd);
    assert!(super::only(&governor).spent_micro > 0);
}

#[test]
fn without_budgets_nothing_is_needed() {
    assert_eq!(governor("[[rule]]\nname = \"p\"\neffect = \"warn\"\n").earliest_window_ms(NOW_MS), None);
}
