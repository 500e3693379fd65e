//! Rules in plain words, for whoever reviews them.

use crate::book::Book;
use crate::compile::{ASSUMED_OUTPUT_TOKENS, compile};
use crate::governor::RuleError;
use crate::pricer::Pricer;
use crate::refuse;
use books::{Compare, Effect, Metric, Per, Rule};

/// One rule in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Rule.
    pub rule: String,
    /// What it covers and does, in one sentence.
    pub sentence: String,
    /// What a reader should know: it cannot be valued, it refuses everything …
    pub notes: Vec<String>,
}

/// Every rule in words, or what is wrong with it.
#[must_use]
pub fn check(rules: &[Rule], pricer: &Pricer) -> Vec<Result<Checked, RuleError>> {
    let one = |(place, rule): (usize, &Rule)| {
        let fail = |message: String| RuleError { rule: rule.name.clone(), message };
        if rules[..place].iter().any(|known| known.name == rule.name) {
            return Err(fail("another rule has this name; counters are kept by name, so give each its own".to_owned()));
        }
        compile(rule, pricer.factors(), &Book::new).map_err(fail)?;
        Ok(Checked { rule: rule.name.clone(), sentence: sentence(rule), notes: notes(rule, pricer) })
    };
    rules.iter().enumerate().map(one).collect()
}

/// A rule as one sentence.
fn sentence(rule: &Rule) -> String {
    let scope = scope(rule);
    let Some(metric) = rule.metric else {
        return format!("Policy over {scope}: {}", does(&rule.effect));
    };
    let unit = metric.as_str();
    let limit = |limit: quantity::Ratio| format!("{} {unit}", limit.get());
    let (size, mut acts) = match (rule.soft, rule.hard) {
        (_, Some(hard)) => (limit(hard), vec![format!("{} above it", does(&rule.effect))]),
        (Some(soft), None) => (limit(soft), Vec::new()),
        (None, None) => (String::new(), Vec::new()),
    };
    if let Some(soft) = rule.soft {
        acts.push(format!("{} above {}", does(&rule.soft_effect), limit(soft)));
    }
    let per = match rule.per {
        Per::Rule => "",
        Per::Account => " for each account",
        Per::Key => " for each key",
        Per::Model => " for each model",
        Per::User => " for each user",
    };
    let compare = if rule.compare == Compare::High { ", by the high end of the estimate" } else { "" };
    format!("{} budget of {size}{per} over {scope}{compare}: {}", upper(refuse::word(rule.window)), acts.join(", "))
}

/// Which requests, in words.
fn scope(rule: &Rule) -> String {
    let mut parts = Vec::new();
    if let Some(account) = &rule.account {
        parts.push(format!("{account} and below"));
    }
    if let Some(provider) = &rule.provider {
        parts.push(format!("provider {provider}"));
    }
    if let Some(model) = &rule.model {
        parts.push(format!("model {model}"));
    }
    if let Some(key) = &rule.key {
        parts.push(format!("key {key}"));
    }
    let scope = if parts.is_empty() { "all requests".to_owned() } else { parts.join(", ") };
    match &rule.when {
        Some(when) => format!("{scope} where {when}"),
        None => scope,
    }
}

/// What an effect does, in words.
fn does(effect: &Effect) -> String {
    match effect {
        Effect::Allow => "lets pass".to_owned(),
        Effect::Warn => "warns".to_owned(),
        Effect::Deny => "refuses".to_owned(),
        Effect::CapOutputTokens(tokens) => format!("caps the output at {tokens} tokens"),
        Effect::Downgrade(model) => format!("sends to model {model}"),
        Effect::Tag(tag) => format!("labels `{tag}`"),
    }
}

fn notes(rule: &Rule, pricer: &Pricer) -> Vec<String> {
    let mut notes = Vec::new();
    let models = [rule.model.as_deref(), target(&rule.effect), target(&rule.soft_effect)];
    for model in models.into_iter().flatten() {
        if !pricer.factors().model_known(model) {
            notes.push(format!("the factor set does not know the model `{model}`: check the spelling"));
        } else if rule.metric == Some(Metric::Eur) {
            let resolved = pricer.factors().resolve_model("", model).model;
            if pricer.rates(&resolved, "", "", "").most(1, 1).ticks(Metric::Eur, Compare::Median).is_none() {
                notes.push(format!("no list price is known for `{model}`: it cannot be valued in EUR"));
            }
        }
    }
    let narrow = rule.account.is_some() || rule.provider.is_some() || rule.model.is_some() || rule.key.is_some() || rule.when.is_some();
    if rule.metric.is_none() && rule.effect == Effect::Deny && !narrow {
        notes.push("it refuses every request".to_owned());
    }
    let needs_output = matches!(rule.metric, Some(metric) if metric != Metric::Requests);
    if rule.hard.is_some() && needs_output {
        let assumed = rule.assume_output_tokens.map_or(ASSUMED_OUTPUT_TOKENS, i64::from);
        notes.push(format!("a request that states no maximum reserves {assumed} output tokens"));
    }
    if rule.hard.is_some()
        && rule.effect == Effect::Deny
        && matches!(rule.metric, Some(metric) if !matches!(metric, Metric::Requests | Metric::Tokens))
    {
        notes.push(format!("a request that cannot be valued in {} is refused", rule.metric.map_or("", Metric::as_str)));
    }
    notes
}

fn target(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::Downgrade(model) => Some(model),
        _ => None,
    }
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
