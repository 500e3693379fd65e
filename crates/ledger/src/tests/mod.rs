//! Tests of the ledger as a whole, on real files.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod books_kept;
mod carried;
mod imports;
mod journals;
mod keeping;
mod killed;
mod manifest_gone;
mod questions;
mod read_only;
mod speed;

use crate::{ImportMeta, Store};
use books::{Entry, ImportRecord, Ledger, Rank, SumRow, apply_precedence, day_of_ms};
use lca::{Counts, Stats};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-01-01, in milliseconds.
pub(crate) const START_MS: i64 = 1_767_225_600_000;
/// One day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// Reproducible numbers, good enough to spread test rows.
pub(crate) struct Dice(pub u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

pub(crate) fn books() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::create(dir.path()).unwrap();
    (dir, store)
}

pub(crate) fn meta(file: &str) -> ImportMeta {
    ImportMeta { file: file.to_owned(), format: "test".to_owned(), source: "test".to_owned() }
}

/// Plausible entries without ids of their own, spread over `days`.
pub(crate) fn entries(seed: u64, rows: usize, days: i64) -> Vec<Entry> {
    let mut dice = Dice(seed);
    let words = |list: &[&str]| list.iter().map(|word| Arc::from(*word)).collect::<Vec<Arc<str>>>();
    let (accounts, models) = (words(&["acme/a", "acme/b", "unassigned"]), words(&["anthropic/claude", "openai/gpt", ""]));
    let source: Arc<str> = Arc::from("test");
    (0..rows)
        .map(|row| {
            let time = START_MS + (row as i64 * days * DAY_MS) / rows.max(1) as i64;
            let mut entry = Entry::new(source.clone(), Rank::Bucket, time);
            entry.time_end_ms = time + dice.roll(5000) as i64;
            entry.account = accounts[dice.roll(3) as usize].clone();
            entry.model = models[dice.roll(3) as usize].clone();
            entry.model_reported = entry.model.clone();
            entry.counts = Counts {
                requests: Some(1 + dice.roll(3) as i64),
                input_tokens: (dice.roll(10) > 0).then(|| dice.roll(100_000) as i64),
                output_tokens: (dice.roll(5) > 0).then(|| dice.roll(4_000) as i64),
                cache_read_tokens: (dice.roll(3) == 0).then(|| dice.roll(4_000) as i64),
                cost_micro: (dice.roll(4) == 0).then(|| dice.roll(4_000) as i64),
                images: (dice.roll(4) == 0).then(|| dice.roll(3) as i64),
                image_output_tokens: (dice.roll(4) == 0).then(|| dice.roll(3) as i64),
                audio_ms: (dice.roll(4) == 0).then(|| dice.roll(3) as i64),
                audio_input_tokens: (dice.roll(4) == 0).then(|| dice.roll(3) as i64),
                energy_nj: (dice.roll(7) == 0).then(|| i128::from(dice.roll(4_000))),
                ..Counts::default()
            };
            entry.counts.fill_context();
            entry
        })
        .collect()
}

/// Imports in chunks.
pub(crate) fn import(store: &Store, file: &str, entries: &[Entry]) -> ImportRecord {
    let mut session = store.begin_import(meta(file), &mut || {}).unwrap();
    for chunk in entries.chunks(1000) {
        session.push(chunk.to_vec()).unwrap();
    }
    session.commit(1, entries.len() as u64, 0, Vec::new()).unwrap()
}

/// What the ledger should sum to, taken in memory.
pub(crate) fn expected(entries: &[Entry]) -> Vec<SumRow> {
    let mut rows: BTreeMap<_, Stats> = BTreeMap::new();
    for entry in entries {
        let key = books::SumKey {
            day: day_of_ms(entry.time_start_ms),
            account: entry.account.clone(),
            provider: entry.provider.clone(),
            model: entry.model.clone(),
            region: entry.region.clone(),
            zone: entry.zone.clone(),
            site: entry.site.clone(),
            source: entry.source.clone(),
            rank: entry.rank,
            kind: entry.kind,
            stage: entry.stage,
            evidence: entry.evidence,
            currency: entry.currency.clone(),
        };
        rows.entry(key).or_default().add_counts(&entry.counts);
    }
    apply_precedence(rows.into_iter().map(|(key, stats)| SumRow { key, stats: Box::new(stats) }).collect()).rows
}

/// Checks that raw sums, roll-ups and head agree with `live`, and that the books verify.
pub(crate) fn check(store: &Store, live: &[Entry]) {
    let raw = store.sums_raw(None, None).unwrap();
    assert_eq!(raw.rows, expected(live));
    assert_eq!(store.sums(None, None).unwrap(), raw, "cold or warm roll-ups");
    assert_eq!(store.sums(None, None).unwrap(), raw, "warm roll-ups");
    assert_eq!(store.head().unwrap().entries, live.len() as u64);
    let report = store.verify().unwrap();
    assert_eq!((report.problems, report.strays), (Vec::new(), Vec::new()));
    assert_eq!(std::fs::read_dir(store.path("staging")).unwrap().count(), 0, "staging is empty");
}
