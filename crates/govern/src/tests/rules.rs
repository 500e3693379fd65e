//! Rules that are not sound are refused with the reason.

use super::{pricer, rules};
use crate::Governor;
use books::Rule;
use quantity::Ratio;

#[track_caller]
fn error(text: &str) -> String {
    match Governor::new(&rules(text), pricer()) {
        Ok(_) => panic!("taken: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_wrong_with_a_rule_is_said() {
    for (text, word) in [
        ("hard = 1", "a limit needs a metric"),
        ("metric = \"EUR\"", "without a limit"),
        ("metric = \"EUR\"\nsoft = 2\nhard = 1", "soft lies above hard"),
        ("metric = \"EUR\"\nhard = 0", "must lie above 0"),
        ("metric = \"EUR\"\nhard = -1", "must lie above 0"),
        ("metric = \"EUR\"\nhard = nan", "must lie above 0"),
        ("metric = \"EUR\"\nhard = inf", "more than can be counted"),
        ("metric = \"requests\"\nhard = 0.5", "less than can be counted"),
        ("metric = \"EUR\"\nhard = 1\nsoft_effect = \"deny\"", "soft_effect without a soft limit"),
        ("metric = \"EUR\"\nsoft = 1\neffect = \"warn\"", "effect without a hard limit"),
        ("metric = \"EUR\"\nhard = 1\nassume_output_tokens = 0", "assume_output_tokens is 0"),
        ("per = \"user\"", "per has no meaning without a limit"),
        ("compare = \"high\"", "compare has no meaning"),
        ("assume_output_tokens = 5", "assume_output_tokens has no meaning"),
        ("soft_effect = \"deny\"", "soft_effect has no meaning"),
        ("account = \"acme//x\"", "is no account"),
        ("provider = \"\"", "provider is empty"),
        ("model = \" \"", "model is empty"),
        ("effect = { cap_output_tokens = 0 }", "caps the output at 0"),
        ("effect = { downgrade = \"\" }", "downgrades to no model"),
        ("effect = { tag = \"\" }", "tag"),
        ("model = \"gpt-4o\"\neffect = { downgrade = \"openai/gpt-4o\" }", "to itself"),
        ("when = \"request.model ==\"", "does not parse"),
        ("when = \"request.modle == 'x'\"", "request.modle"),
        ("when = \"model == 'x'\"", "names `model`"),
        ("when = \"request.model.lower() == 'x'\"", "calls `lower`"),
        ("when = \"request.model\"", "no true or false"),
        ("when = \"request.model > 3\"", "cannot be evaluated"),
    ] {
        let message = error(&format!("[[rule]]\nname = \"r\"\n{text}\n"));
        assert!(message.starts_with("[[rule]] `r`: ") && message.contains(word), "{text}: {message}");
    }
    assert!(error("[[rule]]\nname = \"\"\n").contains("name is empty"));
    assert!(error("[[rule]]\nname = \"a\"\n[[rule]]\nname = \"a\"\n").contains("another rule has this name"));
}

#[test]
fn limits_are_exact() {
    let mut rule: Rule = rules("[[rule]]\nname = \"r\"\nmetric = \"EUR\"\nhard = 0.3\n").remove(0);
    let micro = |rule: &Rule| {
        let governor = Governor::new(std::slice::from_ref(rule), pricer()).unwrap();
        let _ = governor.admit(&super::ask(), super::NOW_MS);
        super::only(&governor).hard_micro.unwrap()
    };
    assert_eq!(micro(&rule), 300_000);
    rule.hard = Some(Ratio::new(1e9));
    assert_eq!(micro(&rule), 1_000_000_000_000_000);
    rule.metric = Some(books::Metric::Tokens);
    assert_eq!(micro(&rule), 1_000_000_000_000_000);
}
