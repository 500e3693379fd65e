//! Every effect, as a policy, at the hard limit and above the soft one; what a refusal says; what is charged in the end.

use super::{NOW_MS, admitted, ask, entry, governor, only, refused};
use crate::Ask;

/// A budget of tokens: the request of `ask()` needs 1,500 at the most.
fn budget(limits: &str) -> crate::Governor {
    governor(&format!("[[rule]]\nname = \"b\"\naccount = \"acme/support\"\nmetric = \"tokens\"\n{limits}\n"))
}

#[test]
fn scopes_go_by_segment() {
    for (scope, covered) in [
        ("account = \"acme\"", true),
        ("account = \"acme/support\"", true),
        ("account = \"acme/support/chat\"", true),
        ("account = \"acme/sup\"", false),
        ("account = \"acme/support/chat/x\"", false),
        ("provider = \"openai\"", true),
        ("provider = \"anthropic\"", false),
        ("model = \"openai/gpt-4o\"", true),
        ("model = \"gpt-4o\"", true),
        ("model = \"openai/gpt-4o-mini\"", false),
        ("key = \"k_12345678\"", true),
        ("key = \"k_1\"", false),
        ("", true),
    ] {
        let verdict = governor(&format!("[[rule]]\nname = \"r\"\n{scope}\n")).admit(&ask(), NOW_MS);
        assert_eq!(matches!(verdict, crate::Verdict::Refused(_)), covered, "{scope}");
    }
}

#[test]
fn policies() {
    let of = |effect: &str| governor(&format!("[[rule]]\nname = \"p\"\neffect = {effect}\n"));
    let refusal = refused(of("\"deny\"").admit(&ask(), NOW_MS));
    assert_eq!((refusal.rule.as_str(), refusal.over_limit, refusal.retry_after_s), ("p", false, None));
    assert!(refusal.message.contains("rule `p`") && refusal.message.contains("openai/gpt-4o"), "{}", refusal.message);
    assert!(admitted(of("\"allow\"").admit(&ask(), NOW_MS)).acted.is_empty());
    assert_eq!(admitted(of("\"warn\"").admit(&ask(), NOW_MS)).acted, ["p: warn"]);
    let tagged = admitted(of("{ tag = \"pilot\" }").admit(&ask(), NOW_MS));
    assert_eq!((tagged.tags.clone(), tagged.acted.clone()), (vec!["pilot".to_owned()], vec!["p: tag pilot".to_owned()]));
    let capped = admitted(of("{ cap_output_tokens = 100 }").admit(&ask(), NOW_MS));
    assert_eq!((capped.cap_output_tokens, capped.acted.clone()), (Some(100), vec!["p: cap_output_tokens 100".to_owned()]));
    // What asks for less is left alone; what states no maximum gets one.
    let modest = admitted(of("{ cap_output_tokens = 500 }").admit(&ask(), NOW_MS));
    assert!(modest.cap_output_tokens.is_none() && modest.acted.is_empty());
    let open = admitted(of("{ cap_output_tokens = 500 }").admit(&Ask { output_tokens: None, ..ask() }, NOW_MS));
    assert_eq!(open.cap_output_tokens, Some(500));
    let moved = admitted(of("{ downgrade = \"openai/gpt-4o-mini\" }").admit(&ask(), NOW_MS));
    assert_eq!(moved.downgrade.as_deref(), Some("openai/gpt-4o-mini"));
    let there = admitted(of("{ downgrade = \"gpt-4o\" }").admit(&ask(), NOW_MS));
    assert!(there.downgrade.is_none() && there.acted.is_empty());
}

#[test]
fn a_downgrade_evades_no_rule() {
    // The first rule forbids the model that the second would send the request to.
    let forbidden = governor(
        "[[rule]]\nname = \"no-mini\"\nmodel = \"openai/gpt-4o-mini\"\n[[rule]]\nname = \"down\"\neffect = { downgrade = \"openai/gpt-4o-mini\" }\n",
    );
    assert_eq!(refused(forbidden.admit(&ask(), NOW_MS)).rule, "no-mini");
    let circle = governor(
        "[[rule]]\nname = \"there\"\nmodel = \"openai/gpt-4o\"\neffect = { downgrade = \"openai/gpt-4o-mini\" }\n[[rule]]\nname = \"back\"\nmodel = \"openai/gpt-4o-mini\"\neffect = { downgrade = \"openai/gpt-4o\" }\n",
    );
    let refusal = refused(circle.admit(&ask(), NOW_MS));
    assert!(refusal.rule == "back" && refusal.message.contains("mend the rules"), "{refusal:?}");
    // One after another is no circle.
    let chain = governor(
        "[[rule]]\nname = \"one\"\nmodel = \"openai/gpt-4o\"\neffect = { downgrade = \"openai/gpt-4o-mini\" }\n[[rule]]\nname = \"two\"\nmodel = \"openai/gpt-4o-mini\"\neffect = { downgrade = \"openai/o1\" }\n",
    );
    let moved = admitted(chain.admit(&ask(), NOW_MS));
    assert_eq!((moved.downgrade.as_deref(), moved.acted.len()), (Some("openai/o1"), 2));
}

#[test]
fn a_hard_limit_denies_and_says_why() {
    let governor = budget("hard = 4000\nwindow = \"day\"");
    let held = [admitted(governor.admit(&ask(), NOW_MS)), admitted(governor.admit(&ask(), NOW_MS))];
    let refusal = refused(governor.admit(&ask(), NOW_MS));
    assert_eq!((refusal.rule.as_str(), refusal.over_limit), ("b", true));
    for part in ["rule `b`", "0 tokens spent", "3000 tokens reserved", "4000 tokens per day", "1500 tokens", "2026-11-25T00:00:00Z"] {
        assert!(refusal.message.contains(part), "{part}: {}", refusal.message);
    }
    assert_eq!(refusal.retry_after_s, Some(14 * 3_600 + 1));
    let [mut first, second] = held;
    first.sent();
    first.settle(&entry("openai/gpt-4o", 700, 50));
    second.release();
    let state = only(&governor);
    assert_eq!((state.spent_micro, state.reserved_micro, state.refused, state.overshoot_micro), (750_000_000, 0, 1, 0));
    assert_eq!((state.hard_micro, state.from_ms, state.to_ms - state.from_ms), (Some(4_000_000_000), NOW_MS - 36_000_000, 86_400_000));
    // What can never fit is told so.
    let large = refused(governor.admit(&Ask { output_tokens: Some(9_000), ..ask() }, NOW_MS));
    assert!(large.message.contains("waiting does not help") && large.retry_after_s.is_none(), "{large:?}");
    // No maximum stated: what the rule assumes, else 32,768.
    let open = refused(governor.admit(&Ask { output_tokens: None, ..ask() }, NOW_MS));
    assert!(open.message.contains("33768 tokens"), "{}", open.message);
    // The next day is a new window.
    assert!(matches!(governor.admit(&ask(), NOW_MS + 86_400_000), crate::Verdict::Admitted(_)));
}

#[test]
fn at_the_hard_limit_other_effects_help_or_let_pass() {
    let capped = admitted(budget("hard = 1200\neffect = { cap_output_tokens = 200 }").admit(&ask(), NOW_MS));
    assert_eq!((capped.cap_output_tokens, capped.acted.clone()), (Some(200), vec!["b: cap_output_tokens 200".to_owned()]));
    let too_small = refused(budget("hard = 1100\neffect = { cap_output_tokens = 200 }").admit(&ask(), NOW_MS));
    assert!(too_small.over_limit && too_small.message.contains("1200 tokens"), "{}", too_small.message);
    // A cap above what is asked for cannot help.
    assert!(refused(budget("hard = 1200\neffect = { cap_output_tokens = 600 }").admit(&ask(), NOW_MS)).over_limit);
    for (effect, acted) in [("\"warn\"", "b: warn"), ("{ tag = \"over\" }", "b: tag over")] {
        let governor = budget(&format!("hard = 1000\neffect = {effect}"));
        let admission = admitted(governor.admit(&ask(), NOW_MS));
        assert_eq!(admission.acted, [acted]);
        assert_eq!(only(&governor).reserved_micro, 1_500_000_000);
    }
    let silent = budget("hard = 1000\neffect = \"allow\"");
    assert!(admitted(silent.admit(&ask(), NOW_MS)).acted.is_empty());
}

#[test]
fn a_downgrade_at_the_limit_reserves_for_the_other_model() {
    // 1,000 in and 500 out cost about 0.007 EUR by the large model, and 0.0004 by the small one.
    let text = |hard: &str| {
        format!("[[rule]]\nname = \"eur\"\nmetric = \"EUR\"\nhard = {hard}\neffect = {{ downgrade = \"openai/gpt-4o-mini\" }}\n")
    };
    let fits = governor(&text("0.001"));
    let admission = admitted(fits.admit(&ask(), NOW_MS));
    assert_eq!(admission.downgrade.as_deref(), Some("openai/gpt-4o-mini"));
    let reserved = only(&fits).reserved_micro;
    assert!((200..900).contains(&reserved), "{reserved}");
    drop(admission);
    assert_eq!(only(&fits).reserved_micro, 0);
    let refusal = refused(governor(&text("0.0001")).admit(&ask(), NOW_MS));
    assert!(refusal.over_limit && refusal.message.contains("EUR"), "{refusal:?}");
}

#[test]
fn soft_limits() {
    let warned = budget("soft = 2000\nhard = 10000");
    assert!(admitted(warned.admit(&ask(), NOW_MS)).acted.is_empty());
    let keep = admitted(warned.admit(&ask(), NOW_MS));
    assert!(keep.acted.is_empty(), "the first was dropped unsent");
    assert_eq!(admitted(warned.admit(&ask(), NOW_MS)).acted, ["b: warn"]);
    let denied = refused(budget("soft = 1000\nsoft_effect = \"deny\"").admit(&ask(), NOW_MS));
    assert!(denied.over_limit && denied.message.contains("soft limit of 1000 tokens"), "{denied:?}");
    let capped = admitted(budget("soft = 1000\nhard = 9000\nsoft_effect = { cap_output_tokens = 100 }").admit(&ask(), NOW_MS));
    assert_eq!((capped.cap_output_tokens, capped.acted.len()), (Some(100), 1));
    let tagged = admitted(budget("soft = 1000\nsoft_effect = { tag = \"dear\" }").admit(&ask(), NOW_MS));
    assert_eq!(tagged.tags, ["dear"]);
    let moved = admitted(budget("soft = 1000\nsoft_effect = { downgrade = \"openai/gpt-4o-mini\" }").admit(&ask(), NOW_MS));
    assert_eq!((moved.downgrade.as_deref(), moved.acted.len()), (Some("openai/gpt-4o-mini"), 1));
}

#[test]
fn several_budgets_are_taken_all_or_none() {
    let governor = governor(
        "[[rule]]\nname = \"wide\"\nmetric = \"tokens\"\nhard = 100000\n[[rule]]\nname = \"narrow\"\nmetric = \"requests\"\nhard = 1\n[[rule]]\nname = \"cap\"\nmetric = \"tokens\"\nhard = 1400\neffect = { cap_output_tokens = 50 }\n",
    );
    let admission = admitted(governor.admit(&ask(), NOW_MS));
    let states = governor.budgets(NOW_MS);
    // The first budget holds what the capped request needs.
    assert_eq!(states.iter().map(|state| state.reserved_micro).collect::<Vec<_>>(), [1_050_000_000, 1_000_000, 1_050_000_000]);
    assert_eq!(refused(governor.admit(&ask(), NOW_MS)).rule, "narrow");
    assert_eq!(governor.budgets(NOW_MS)[0].reserved_micro, 1_050_000_000);
    drop(admission);
    assert!(governor.budgets(NOW_MS).iter().all(|state| state.reserved_micro == 0 && state.spent_micro == 0));
}

#[test]
fn what_cannot_be_valued_is_refused_by_a_hard_limit() {
    let unknown = Ask { model: "elsewhere/no-such-model", provider: "elsewhere", ..ask() };
    let deny = governor("[[rule]]\nname = \"eur\"\nmetric = \"EUR\"\nhard = 100\n");
    let refusal = refused(deny.admit(&unknown, NOW_MS));
    assert!(
        !refusal.over_limit && refusal.message.contains("cannot be valued in EUR") && refusal.message.contains("no-such-model"),
        "{refusal:?}"
    );
    assert_eq!(only(&deny).refused, 1);
    let warn = governor("[[rule]]\nname = \"eur\"\nmetric = \"EUR\"\nhard = 100\neffect = \"warn\"\n");
    let mut admission = admitted(warn.admit(&unknown, NOW_MS));
    assert_eq!(admission.acted, ["eur: not valued"]);
    admission.sent();
    let mut billed = entry("elsewhere/no-such-model", 10, 10);
    billed.counts.cost_micro = Some(77);
    billed.currency = std::sync::Arc::from("EUR");
    admission.settle(&billed);
    assert_eq!((only(&warn).spent_micro, only(&warn).unvalued), (77, 0));
    admitted(warn.admit(&unknown, NOW_MS)).settle(&entry("elsewhere/no-such-model", 10, 10));
    assert_eq!((only(&warn).spent_micro, only(&warn).unvalued), (77, 1));
}

#[test]
fn what_is_dropped() {
    let governor = budget("hard = 100000");
    drop(admitted(governor.admit(&ask(), NOW_MS)));
    assert_eq!(only(&governor).spent_micro, 0);
    let mut sent = admitted(governor.admit(&ask(), NOW_MS));
    sent.sent();
    drop(sent);
    assert_eq!((only(&governor).spent_micro, only(&governor).reserved_micro), (1_500_000_000, 0));
    let mut unreached = admitted(governor.admit(&ask(), NOW_MS));
    unreached.sent();
    unreached.ran_nothing();
    drop(unreached);
    assert_eq!((only(&governor).spent_micro, only(&governor).reserved_micro), (1_500_000_000, 0));
    let mut attempts = admitted(governor.admit(&ask(), NOW_MS));
    attempts.sent();
    attempts.charge_attempt(&entry("openai/gpt-4o", 1_000, 0));
    assert_eq!((only(&governor).spent_micro, only(&governor).reserved_micro), (2_500_000_000, 500_000_000));
    // Nothing is on its way: the rest is given back.
    drop(attempts);
    assert_eq!((only(&governor).spent_micro, only(&governor).reserved_micro), (2_500_000_000, 0));
}

#[test]
fn attempts_add_up_but_the_request_is_one() {
    let governor = governor(
        "[[rule]]\nname = \"t\"\nmetric = \"tokens\"\nhard = 2000\n[[rule]]\nname = \"r\"\nmetric = \"requests\"\nhard = 10\n[[rule]]\nname = \"e\"\nmetric = \"kWh\"\nhard = 10\n",
    );
    let mut admission = admitted(governor.admit(&ask(), NOW_MS));
    admission.sent();
    admission.charge_attempt(&entry("openai/gpt-4o", 1_000, 400));
    admission.sent();
    // A fallback moved it to another model, and it used more than was left.
    let last = entry("openai/gpt-4o-mini", 1_000, 450);
    admission.settle(&last);
    let states = governor.budgets(NOW_MS);
    assert_eq!((states[0].spent_micro, states[0].overshoot_micro), (2_850_000_000, 1_350_000_000));
    assert_eq!((states[1].spent_micro, states[1].reserved_micro), (1_000_000, 0));
    let pricer = governor.pricer();
    let kwh = |entry: &books::Entry| pricer.rates_of(entry).amount(books::Metric::Kwh, books::Compare::Median, &entry.counts).unwrap();
    let both = kwh(&entry("openai/gpt-4o", 1_000, 400)) + kwh(&last);
    assert!((states[2].spent_micro - both).abs() <= 2 && states[2].reserved_micro == 0);
    // What was not counted keeps what was reserved.
    let admission = admitted(
        governor.admit(&Ask { input_tokens: 0, output_tokens: Some(1), model: "openai/gpt-4o", ..ask() }, NOW_MS + 40 * 86_400_000),
    );
    let mut unknown = entry("openai/gpt-4o", 0, 0);
    (unknown.counts.input_tokens, unknown.counts.output_tokens) = (None, None);
    admission.settle(&unknown);
    assert_eq!(governor.budgets(NOW_MS + 40 * 86_400_000)[0].spent_micro, 1_000_000);
}

#[test]
fn counters_by_user_are_bounded() {
    let book = crate::book::Book::bounded(books::Window::Day, books::Per::User, 3, 4);
    for user in 0..10 {
        book.place(NOW_MS, &user.to_string()).cell.charge(0, 1);
    }
    book.place(NOW_MS, "2").cell.charge(0, 1);
    let places = book.places(Some(NOW_MS));
    let spent: Vec<(String, i64)> = places.iter().map(|place| (place.cell.whose.to_string(), place.cell.snapshot().spent)).collect();
    let expected = [("(others)", 6), ("0", 1), ("1", 1), ("2", 2), ("3", 1)].map(|(whose, spent)| (whose.to_owned(), spent));
    assert_eq!(spent, expected);
    let long = "x".repeat(1_000_000);
    assert!(crate::book::Book::new(books::Window::Day, books::Per::User).place(NOW_MS, &long).cell.whose.len() < 100);
    // Windows are bounded too, and the open one stays whatever else is asked for.
    for day in [5, 9, 3, 7, 1] {
        book.place(NOW_MS + day * 86_400_000, "1").cell.charge(0, 1);
    }
    assert_eq!(book.places(None).iter().map(|place| place.from_ms).collect::<std::collections::BTreeSet<_>>().len(), 3);
    assert_eq!(book.places(Some(NOW_MS + 86_400_000)).len(), 1);
}
