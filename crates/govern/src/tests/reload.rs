//! Other rules at run time: counters of unchanged budgets go on, requests on their way settle where they were admitted.

use super::{NOW_MS, admitted, ask, entry, governor, only, rules};

const OLD: &str = "[[rule]]\nname = \"b\"\naccount = \"acme\"\nmetric = \"tokens\"\nhard = 5000\n";

#[test]
fn a_budget_goes_on_with_another_limit() {
    let governor = governor(OLD);
    let mut admission = admitted(governor.admit(&ask(), NOW_MS));
    admission.sent();
    let raised = OLD.replace("5000", "9000\nsoft = 100\nwhen = \"request.stream || true\"");
    assert!(governor.reload(&rules(&raised)).unwrap().is_empty());
    assert_eq!((only(&governor).reserved_micro, only(&governor).hard_micro), (1_500_000_000, Some(9_000_000_000)));
    admission.settle(&entry("openai/gpt-4o", 100, 10));
    assert_eq!((only(&governor).spent_micro, only(&governor).reserved_micro), (110_000_000, 0));
}

#[test]
fn another_scope_is_another_counter() {
    for changed in [
        OLD.replace("\"acme\"", "\"acme/support\""),
        OLD.replace("tokens\"", "tokens\"\nwindow = \"day\""),
        OLD.replace("tokens\"", "tokens\"\nper = \"user\""),
        OLD.replace("name = \"b\"", "name = \"c\""),
        OLD.replace("tokens\"", "requests\""),
    ] {
        let governor = governor(OLD);
        admitted(governor.admit(&ask(), NOW_MS)).settle(&entry("openai/gpt-4o", 100, 10));
        let fresh = governor.reload(&rules(&changed)).unwrap();
        assert_eq!(fresh.len(), 1, "{changed}");
        drop(admitted(governor.admit(&ask(), NOW_MS)));
        assert_eq!(only(&governor).spent_micro, 0, "{changed}");
        governor.charge_only(&["none of these".to_owned()], &entry("openai/gpt-4o", 100, 10));
        assert_eq!(only(&governor).spent_micro, 0, "{changed}");
        governor.charge_only(&fresh, &entry("openai/gpt-4o", 100, 10));
        assert!(only(&governor).spent_micro > 0, "{changed}");
    }
}

#[test]
fn rules_that_are_not_sound_change_nothing() {
    let governor = governor(OLD);
    admitted(governor.admit(&ask(), NOW_MS)).settle(&entry("openai/gpt-4o", 100, 10));
    assert!(governor.reload(&rules("[[rule]]\nname = \"x\"\nhard = 1\n")).is_err());
    assert_eq!((only(&governor).rule.as_str(), only(&governor).spent_micro), ("b", 110_000_000));
}
