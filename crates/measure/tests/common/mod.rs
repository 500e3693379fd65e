//! What the tests share: a small table of names, and a reader of texts.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use books::{Config, Entry};
use measure::{Format, ImportError, Mapping, ModelName, Names, ReadReport, read};
use std::cell::Cell;
use std::sync::Arc;

/// Spring of 2027, so that the samples lie in the past.
pub const LATEST_MS: i64 = 1_806_000_000_000;

/// Knows three models; counts how often it is asked.
#[derive(Default)]
pub struct FewNames {
    pub asked: Cell<u64>,
}

impl Names for FewNames {
    fn model(&self, provider: &str, reported: &str) -> ModelName {
        self.asked.set(self.asked.get() + 1);
        let bare = reported.rsplit('/').next().unwrap();
        let known = ["gpt-4o", "gpt-4o-mini", "claude-x"].into_iter().find(|name| bare == *name || bare.starts_with(&format!("{name}-20")));
        let maker = if bare.starts_with("claude") {
            "anthropic"
        } else if bare.starts_with("gpt") {
            "openai"
        } else {
            provider
        };
        ModelName { provider: maker.into(), model: format!("{maker}/{}", known.unwrap_or(bare)).into(), known: known.is_some() }
    }
    fn provider(&self, reported: &str) -> Option<Arc<str>> {
        ["openai", "anthropic", "azure"].into_iter().find(|known| *known == reported).map(Arc::from)
    }
    fn generation_us(&self, model: &str, output_tokens: i64, latency_ms: Option<i64>) -> Option<(i64, i64)> {
        let cap = latency_ms.map_or(i64::MAX, |ms| ms.saturating_mul(1000));
        (model == "openai/gpt-4o").then(|| (output_tokens.saturating_mul(10_000).min(cap), output_tokens.saturating_mul(20_000).min(cap)))
    }
}

/// Everything a file came to.
#[derive(Debug)]
pub struct Outcome {
    pub entries: Vec<Entry>,
    pub report: ReadReport,
}

impl Outcome {
    pub fn finding(&self, code: &str) -> Option<&books::Finding> {
        self.report.findings.iter().find(|finding| finding.code == code)
    }
    pub fn sum(&self, pick: impl Fn(&lca::Counts) -> Option<i64>) -> i64 {
        self.entries.iter().filter_map(|entry| pick(&entry.counts)).sum()
    }
}

pub fn take(bytes: &[u8], format: Format, adapt: impl FnOnce(&mut Mapping<'_>), config: &Config) -> Result<Outcome, ImportError> {
    let names = FewNames::default();
    let mut mapping = Mapping::new(config, &names, LATEST_MS);
    adapt(&mut mapping);
    let mut entries = Vec::new();
    let mut sink = |batch: Vec<Entry>| {
        assert!(batch.len() <= 8192);
        entries.extend(batch);
        Ok(())
    };
    let report = read(bytes, "file", format, &mapping, &mut |_| {}, &mut sink)?;
    Ok(Outcome { entries, report })
}

pub fn ok(text: &str, format: Format) -> Outcome {
    take(text.as_bytes(), format, |_| {}, &Config::default()).unwrap()
}

pub fn fails(bytes: &[u8], format: Format) -> String {
    take(bytes, format, |_| {}, &Config::default()).unwrap_err().to_string()
}

pub fn keep_going(text: &str, format: Format) -> Outcome {
    take(text.as_bytes(), format, |mapping| mapping.keep_going = true, &Config::default()).unwrap()
}
