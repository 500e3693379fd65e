//! Tests of the crate, and what they share.

mod conditions;
mod dry_run;
mod effects;
mod keys;
mod model;
mod prices;
mod race;
mod reload;
mod restore;
mod rules;

use crate::{Admission, Ask, BudgetState, Governor, Pricer, Refusal, Verdict};
use books::{Config, Entry, Rank, Rule};
use lca::FactorSet;
use std::sync::{Arc, LazyLock};

/// 2026-11-24T10:00:00Z, a Tuesday.
pub(crate) const NOW_MS: i64 = 1_795_514_400_000;

static FACTORS: LazyLock<Arc<FactorSet>> = LazyLock::new(|| Arc::new(FactorSet::embedded().unwrap()));

pub(crate) fn factors() -> Arc<FactorSet> {
    Arc::clone(&FACTORS)
}

pub(crate) fn pricer() -> Arc<Pricer> {
    Arc::new(Pricer::new(factors(), Arc::new(Config::default())))
}

/// Rules as written in `bilanz.toml`.
pub(crate) fn rules(text: &str) -> Vec<Rule> {
    Config::parse("bilanz.toml", text).unwrap().rule
}

pub(crate) fn governor(text: &str) -> Governor {
    Governor::new(&rules(text), pricer()).unwrap()
}

pub(crate) fn ask() -> Ask<'static> {
    Ask {
        account: "acme/support/chat",
        key: "k_12345678",
        user: "ada",
        provider: "openai",
        model: "openai/gpt-4o",
        upstream: "openai",
        input_tokens: 1_000,
        output_tokens: Some(500),
        ..Ask::default()
    }
}

/// An entry of one request.
pub(crate) fn entry(model: &str, input_tokens: i64, output_tokens: i64) -> Entry {
    let mut entry = Entry::new(Arc::from("gateway"), Rank::Gateway, NOW_MS);
    entry.account = Arc::from("acme/support/chat");
    entry.provider = Arc::from("openai");
    entry.model = Arc::from(model);
    entry.labels = Arc::from(r#"{"key":"k_12345678","tags":["team=blue"],"user":"ada"}"#);
    entry.counts.requests = Some(1);
    entry.counts.input_tokens = Some(input_tokens);
    entry.counts.output_tokens = Some(output_tokens);
    entry.counts.fill_context();
    entry
}

#[track_caller]
pub(crate) fn admitted(verdict: Verdict) -> Admission {
    match verdict {
        Verdict::Admitted(admission) => admission,
        Verdict::Refused(refusal) => panic!("refused: {refusal:?}"),
    }
}

#[track_caller]
pub(crate) fn refused(verdict: Verdict) -> Refusal {
    match verdict {
        Verdict::Admitted(_) => panic!("admitted"),
        Verdict::Refused(refusal) => refusal,
    }
}

/// The only counter.
#[track_caller]
pub(crate) fn only(governor: &Governor) -> BudgetState {
    let mut states = governor.budgets(NOW_MS);
    assert_eq!(states.len(), 1, "{states:?}");
    states.remove(0)
}
