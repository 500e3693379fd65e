//! Conditions: what they see, what they may not do, and what happens when they fail.

use super::{NOW_MS, admitted, ask, governor, refused};
use crate::condition::{Condition, View};

fn view<'a>(labels: &'a [(String, String)]) -> View<'a> {
    View {
        account: "acme/support",
        key: "k_1",
        user: "ada",
        provider: "openai",
        model: "openai/gpt-4o",
        upstream: "up",
        stream: Some(true),
        input_tokens: Some(1_000),
        output_tokens: None,
        labels,
        at_ms: NOW_MS,
    }
}

fn label(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn a_condition_sees_the_request() {
    let labels = [label("team", "blue"), label("env", "prod")];
    for (text, expected) in [
        ("true", Ok(true)),
        ("request.account.startsWith('acme/') && request.key == 'k_1' && request.user == 'ada'", Ok(true)),
        ("request.provider == 'openai' && request.model.endsWith('4o') && request.upstream.contains('u')", Ok(true)),
        ("request.stream && request.input_tokens == 1000", Ok(true)),
        ("request.input_tokens > 1000", Ok(false)),
        ("request.output_tokens == null", Ok(true)),
        ("request.output_tokens != null && request.output_tokens > 4000", Ok(false)),
        // What is absent is not compared: the condition fails.
        ("request.output_tokens > 4000", Err(())),
        ("request.labels.team == 'blue' && request.labels['env'] == 'prod'", Ok(true)),
        ("has(request.labels.owner)", Ok(false)),
        ("has(request.labels.team) && 'env' in request.labels", Ok(true)),
        ("request.labels.owner == 'x'", Err(())),
        ("request.labels.exists(name, name == 'team')", Ok(true)),
        ("size(request.labels) == 2 && has(request.model)", Ok(true)),
        ("request.hour == 10 && request.weekday == 2", Ok(true)),
        ("request.model in ['openai/gpt-4o', 'openai/o1']", Ok(true)),
    ] {
        let condition = Condition::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(condition.holds(&view(&labels)), expected, "{text}");
    }
}

#[test]
fn conditions_are_bounded() {
    let refused = |text: &str, word: &str| {
        let error = Condition::compile(text).err().unwrap_or_else(|| panic!("taken: {text}"));
        assert!(error.contains(word), "{text}: {error}");
    };
    refused(&format!("request.model == '{}'", "x".repeat(5_000)), "bytes long");
    let list = "[1,2,3]";
    refused(&format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c > 0)))"), "within each other");
    refused(&vec![format!("{list}.all(a, a > 0)"); 9].join(" && "), "more than 8");
    refused(&"(".repeat(500), "nested deeper");
    refused(&format!("{}request.stream", "!".repeat(1_000)), "nested deeper");
    refused(&format!("request.model == '{}", "(".repeat(20)), "does not parse");
    assert!(Condition::compile(&format!("{}request.stream{}", "(".repeat(24), ")".repeat(24))).is_ok());
    assert!(Condition::compile(&vec!["request.stream"; 100].join(" && ")).is_ok());
    assert!(Condition::compile(&format!("{list}.all(a, {list}.exists(b, a == b))")).is_ok());
    // What is larger than a condition is asked about fails it: padding evades no rule.
    let condition = Condition::compile("request.model == 'x'").unwrap();
    let many: Vec<_> = (0..65).map(|place| label(&place.to_string(), "")).collect();
    assert_eq!(condition.holds(&view(&many)), Err(()));
    assert_eq!(condition.holds(&view(&[label("a", &"x".repeat(5_000))])), Err(()));
    let long = "u".repeat(5_000);
    assert_eq!(condition.holds(&View { user: &long, ..view(&[]) }), Err(()));
}

#[test]
fn a_condition_that_fails_counts_for_a_rule_that_denies() {
    let deny = governor("[[rule]]\nname = \"team\"\nwhen = \"request.labels.team == 'red'\"\n");
    assert!(refused(deny.admit(&ask(), NOW_MS)).message.contains("rule `team`"));
    let labels = [label("team", "blue")];
    let labelled = crate::Ask { labels: &labels, ..ask() };
    assert!(admitted(deny.admit(&labelled, NOW_MS)).acted.is_empty());
    // One that only warns does nothing but say that it failed.
    let warn = governor("[[rule]]\nname = \"team\"\nwhen = \"request.labels.team == 'red'\"\neffect = \"warn\"\n");
    assert_eq!(admitted(warn.admit(&ask(), NOW_MS)).acted, ["team: condition failed"]);
    // A budget that denies counts the request.
    let budget = governor("[[rule]]\nname = \"b\"\nwhen = \"request.labels.team == 'red'\"\nmetric = \"requests\"\nhard = 1\n");
    let first = admitted(budget.admit(&ask(), NOW_MS));
    assert_eq!(first.acted, ["b: condition failed"]);
    assert!(refused(budget.admit(&ask(), NOW_MS)).over_limit);
    assert!(admitted(budget.admit(&labelled, NOW_MS)).acted.is_empty());
}
