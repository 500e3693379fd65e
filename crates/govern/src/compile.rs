//! Rules as configured, checked and made ready to be asked.

use crate::book::Book;
use crate::condition::{Condition, View};
use crate::governor::RuleError;
use crate::rates::{settled, ticks_per_unit};
use books::{Compare, Effect, Metric, Per, Rule, Window};
use lca::FactorSet;
use quantity::Ratio;
use std::sync::Arc;

/// Output tokens reserved for a request that states no maximum, where the rule says nothing: as many as most models can write.
pub(crate) const ASSUMED_OUTPUT_TOKENS: i64 = 32_768;

/// A rule, ready.
pub(crate) struct Compiled {
    pub(crate) name: Arc<str>,
    pub(crate) scope: Scope,
    pub(crate) condition: Option<Condition>,
    /// `None` for a policy.
    pub(crate) budget: Option<Budget>,
    /// What a policy does, or a budget at its hard limit.
    pub(crate) effect: Effect,
    /// What a budget does above its soft limit.
    pub(crate) soft_effect: Effect,
}

/// The limits of a rule, in ticks of its metric.
pub(crate) struct Budget {
    pub(crate) metric: Metric,
    pub(crate) window: Window,
    pub(crate) compare: Compare,
    pub(crate) per: Per,
    pub(crate) soft: Option<i64>,
    pub(crate) hard: Option<i64>,
    pub(crate) assume_output_tokens: i64,
    pub(crate) book: Arc<Book>,
}

/// Which requests a rule is about; what is `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) account: Option<Box<str>>,
    /// As written, and as the factor set names it.
    pub(crate) provider: Option<[Box<str>; 2]>,
    pub(crate) model: Option<[Box<str>; 2]>,
    pub(crate) key: Option<Box<str>>,
}

impl Scope {
    fn covers(&self, view: &View<'_>) -> bool {
        let one_of =
            |known: &Option<[Box<str>; 2]>, asked: &str| known.as_ref().is_none_or(|known| known.iter().any(|known| **known == *asked));
        self.account.as_deref().is_none_or(|account| below(account, view.account))
            && self.key.as_deref().is_none_or(|key| key == view.key)
            && one_of(&self.provider, view.provider)
            && one_of(&self.model, view.model)
    }
}

/// Whether `account` is `top` or lies below it; `acme/sup` is not below `acme/su`.
fn below(top: &str, account: &str) -> bool {
    account.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a rule is about a request.
pub(crate) enum Covers {
    No,
    Yes,
    /// Its condition could not be evaluated; `true` when it counts as holding.
    Failed(bool),
}

impl Compiled {
    pub(crate) fn covers(&self, view: &View<'_>) -> Covers {
        if !self.scope.covers(view) {
            return Covers::No;
        }
        match self.condition.as_ref().map(|condition| condition.holds(view)) {
            None | Some(Ok(true)) => Covers::Yes,
            Some(Ok(false)) => Covers::No,
            Some(Err(())) => Covers::Failed(self.may_deny()),
        }
    }

    /// Whether it may refuse: what cannot be decided then counts against the request.
    pub(crate) fn may_deny(&self) -> bool {
        let hard = self.effect == Effect::Deny && self.budget.as_ref().is_none_or(|budget| budget.hard.is_some());
        let soft = self.soft_effect == Effect::Deny && self.budget.as_ref().is_some_and(|budget| budget.soft.is_some());
        hard || soft
    }

    /// Whether the counters of another rule can go on under this one.
    pub(crate) fn continues(&self, other: &Self) -> bool {
        let counts = |rule: &Self| rule.budget.as_ref().map(|budget| (budget.metric, budget.window, budget.per));
        self.name == other.name && self.scope == other.scope && counts(self).is_some() && counts(self) == counts(other)
    }
}

/// Compiles all rules; the first that is not sound ends it.
pub(crate) fn compile_all(rules: &[Rule], factors: &FactorSet, book: &dyn Fn(Window, Per) -> Book) -> Result<Vec<Compiled>, RuleError> {
    let mut compiled: Vec<Compiled> = Vec::with_capacity(rules.len());
    for rule in rules {
        let fail = |message: String| RuleError { rule: rule.name.clone(), message };
        if compiled.iter().any(|known| *known.name == *rule.name) {
            return Err(fail("another rule has this name; counters are kept by name, so give each its own".to_owned()));
        }
        compiled.push(compile(rule, factors, book).map_err(fail)?);
    }
    Ok(compiled)
}

/// Compiles one rule.
pub(crate) fn compile(rule: &Rule, factors: &FactorSet, book: &dyn Fn(Window, Per) -> Book) -> Result<Compiled, String> {
    if rule.name.trim().is_empty() || rule.name.len() > 128 || rule.name.chars().any(char::is_control) {
        return Err("the name is empty, longer than 128 bytes or holds control characters".to_owned());
    }
    let scope = scope(rule, factors)?;
    check_effect("effect", &rule.effect)?;
    check_effect("soft_effect", &rule.soft_effect)?;
    let budget = match (rule.metric, rule.soft.is_some() || rule.hard.is_some()) {
        (Some(metric), true) => Some(budget(rule, metric, book)?),
        (None, false) => {
            check_policy(rule)?;
            None
        }
        (None, true) => {
            return Err("a limit needs a metric: EUR, kWh, kgCO2e, litres, tokens or requests".to_owned());
        }
        (Some(metric), false) => {
            return Err(format!(
                "metric = \"{}\" without a limit counts nothing; state soft or hard, or leave the metric out",
                metric.as_str()
            ));
        }
    };
    if let (Effect::Downgrade(to), Some(model)) = (&rule.effect, &rule.model)
        && factors.resolve_model("", to) == factors.resolve_model("", model)
    {
        return Err(format!("it downgrades `{model}` to itself; name another model"));
    }
    let condition = rule.when.as_deref().map(Condition::compile).transpose()?;
    Ok(Compiled {
        name: Arc::from(rule.name.as_str()),
        scope,
        condition,
        budget,
        effect: rule.effect.clone(),
        soft_effect: rule.soft_effect.clone(),
    })
}

fn scope(rule: &Rule, factors: &FactorSet) -> Result<Scope, String> {
    for (field, value) in [("account", &rule.account), ("provider", &rule.provider), ("model", &rule.model), ("key", &rule.key)] {
        if value.as_deref().is_some_and(|value| value.trim().is_empty()) {
            return Err(format!("{field} is empty, which no request is; leave it out to mean all"));
        }
    }
    if let Some(account) = &rule.account {
        crate::keys::check_account(account)?;
    }
    let boxed = |text: &str| Box::<str>::from(text);
    Ok(Scope {
        account: rule.account.as_deref().map(boxed),
        provider: rule.provider.as_deref().map(|word| [boxed(word), boxed(factors.provider_id(word).unwrap_or(word))]),
        model: rule.model.as_deref().map(|word| [boxed(word), boxed(&factors.resolve_model("", word).model)]),
        key: rule.key.as_deref().map(boxed),
    })
}

/// Checks that a policy states nothing that only a budget has.
fn check_policy(rule: &Rule) -> Result<(), String> {
    let stated = if rule.per != Per::Rule {
        "per"
    } else if rule.compare != Compare::Median {
        "compare"
    } else if rule.assume_output_tokens.is_some() {
        "assume_output_tokens"
    } else if rule.soft_effect != Effect::Warn {
        "soft_effect"
    } else {
        return Ok(());
    };
    Err(format!("{stated} has no meaning without a limit; state metric and hard or soft, or leave it out"))
}

fn budget(rule: &Rule, metric: Metric, book: &dyn Fn(Window, Per) -> Book) -> Result<Budget, String> {
    let soft = rule.soft.map(|limit| ticks("soft", metric, limit)).transpose()?;
    let hard = rule.hard.map(|limit| ticks("hard", metric, limit)).transpose()?;
    if let (Some(soft), Some(hard)) = (soft, hard)
        && soft > hard
    {
        return Err("soft lies above hard, so it would never hold; swap them, or leave soft out".to_owned());
    }
    if rule.soft.is_none() && rule.soft_effect != Effect::Warn {
        return Err("soft_effect without a soft limit never holds; state soft, or leave it out".to_owned());
    }
    if rule.hard.is_none() && rule.effect != Effect::Deny {
        return Err("effect without a hard limit never holds; state hard, or write soft_effect for the soft one".to_owned());
    }
    if rule.assume_output_tokens == Some(0) {
        return Err("assume_output_tokens is 0, which reserves nothing for the answer; state what an answer needs at most".to_owned());
    }
    Ok(Budget {
        metric,
        window: rule.window,
        compare: rule.compare,
        per: rule.per,
        soft,
        hard,
        assume_output_tokens: rule.assume_output_tokens.map_or(ASSUMED_OUTPUT_TOKENS, i64::from),
        book: Arc::new(book(rule.window, rule.per)),
    })
}

/// A limit in ticks, rounded down.
fn ticks(field: &str, metric: Metric, limit: Ratio) -> Result<i64, String> {
    let (limit, unit) = (limit.get(), metric.as_str());
    if limit.is_nan() || limit <= 0.0 {
        return Err(format!("{field} = {limit} {unit} is no limit; it must lie above 0 (to forbid all, write a rule without limit)"));
    }
    let ticks = settled(limit * ticks_per_unit(metric) as f64).floor();
    if ticks < 1.0 {
        return Err(format!("{field} = {limit} {unit} is less than can be counted; state a larger limit"));
    }
    if ticks > 4e18 {
        return Err(format!("{field} = {limit} {unit} is more than can be counted; state a smaller limit, or none"));
    }
    Ok(ticks as i64)
}

fn check_effect(field: &str, effect: &Effect) -> Result<(), String> {
    match effect {
        Effect::CapOutputTokens(0) => {
            Err(format!("{field} caps the output at 0 tokens, which providers refuse; cap at 1 or more, or deny"))
        }
        Effect::Downgrade(model) if model.trim().is_empty() => {
            Err(format!("{field} downgrades to no model; name one, such as openai/gpt-4o-mini"))
        }
        Effect::Tag(tag) if tag.trim().is_empty() || tag.len() > 256 || tag.chars().any(char::is_control) => {
            Err(format!("the tag of {field} is empty, longer than 256 bytes or holds control characters"))
        }
        _ => Ok(()),
    }
}
