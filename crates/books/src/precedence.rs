//! Precedence: the same traffic told by two sources counts once, to the token.

use crate::{Day, Finding, Rank, Severity, SumRow, Sums};
use lca::Stats;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Lets higher ranks stand and cuts from lower ranks what is told already.
///
/// Within one day, provider and model the best rank counts in full. Every lower
/// rank is reduced, class by class, by what the better ones told: first within
/// the same account, then across accounts in order of their keys; only what is
/// left over fills the gap. Footprint rows are for comparison and never count.
/// A difference of tokens in either direction becomes a finding. Two sources of
/// the same rank both count, since they may be two gateways or two
/// organisations; that they meet is a finding too.
#[must_use]
pub fn apply_precedence(rows: Vec<SumRow>) -> Sums {
    // What came of requests is no traffic: it competes with nobody's and overlaps with none.
    let (outcomes, rows): (Vec<SumRow>, Vec<SumRow>) = rows.into_iter().partition(|row| row.stats.only_outcomes());
    let alone = |row: &SumRow| row.key.rank == rows[0].key.rank && row.key.source == rows[0].key.source;
    if rows.iter().all(alone) {
        // One source: nothing can be told twice.
        return Sums { rows: finished(rows.into_iter().chain(outcomes).collect()), findings: Vec::new() };
    }
    let mut cells: BTreeMap<_, Vec<SumRow>> = BTreeMap::new();
    for row in rows {
        let key = (row.key.day, row.key.provider.clone(), row.key.model.clone(), row.key.kind);
        cells.entry(key).or_default().push(row);
    }
    let mut sums = Sums::default();
    let mut noticed = Noticed::default();
    for ((day, provider, model, _), mut rows) in cells {
        rows.sort_by(|a, b| (a.key.rank, &a.key).cmp(&(b.key.rank, &b.key)));
        let name = if model.is_empty() { provider } else { model };
        noticed.overlaps(&rows, &name, day);
        if rows.windows(2).any(|pair| pair[0].key.rank != pair[1].key.rank) {
            reconcile(&mut rows, &name, day, &mut noticed);
        }
        sums.rows.extend(rows);
    }
    sums.rows.extend(outcomes);
    sums.findings = noticed.findings();
    sums.rows = finished(sums.rows);
    sums
}

/// The rows that count, sorted by key. A row is wide, so places are sorted and each row moves once.
fn finished(rows: Vec<SumRow>) -> Vec<SumRow> {
    let mut order: Vec<usize> =
        (0..rows.len()).filter(|place| rows[*place].key.rank != Rank::Footprint && !is_empty(&rows[*place].stats)).collect();
    order.sort_unstable_by(|a, b| rows[*a].key.cmp(&rows[*b].key).then(a.cmp(b)));
    let mut rows: Vec<Option<SumRow>> = rows.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| rows[place].take()).collect()
}

/// What was noticed, gathered over the days so that a year does not fill a page.
#[derive(Default)]
struct Noticed {
    differences: BTreeMap<Difference, Extent>,
    overlaps: BTreeMap<Overlap, BTreeSet<Day>>,
}

/// Model, rank, and whether the rank tells more.
type Difference = (Arc<str>, Rank, bool);
/// Days, tokens of better sources, tokens of the rank, rows.
type Extent = (BTreeSet<Day>, i128, i128, u64);
/// Model, rank and the sources that meet there.
type Overlap = (Arc<str>, Rank, Vec<Arc<str>>);

impl Noticed {
    fn overlaps(&mut self, rows: &[SumRow], name: &Arc<str>, day: Day) {
        for rank in Rank::ALL {
            let sources: BTreeSet<Arc<str>> = rows.iter().filter(|row| row.key.rank == rank).map(|row| row.key.source.clone()).collect();
            if sources.len() > 1 {
                self.overlaps.entry((name.clone(), rank, sources.into_iter().collect())).or_default().insert(day);
            }
        }
    }

    fn difference(&mut self, name: &Arc<str>, rank: Rank, day: Day, better: i128, here: i128, rows: u64) {
        let sum = self.differences.entry((name.clone(), rank, here > better)).or_default();
        sum.0.insert(day);
        sum.1 += better;
        sum.2 += here;
        sum.3 += rows;
    }

    fn findings(self) -> Vec<Finding> {
        let differ = self.differences.into_iter().map(|((name, rank, more), (days, better, here, rows))| {
            let tenths = (here - better).abs() * 1000 / better.max(1);
            let (rank, when) = (rank.as_str(), span(&days));
            let text = if more {
                format!("{when} the {rank} tells {here} tokens, better sources {better}: {}.{} % more, and the excess is counted; look for calls that bypass the better source", tenths / 10, tenths % 10)
            } else {
                format!("{when} the {rank} tells {here} tokens, better sources {better}: {}.{} % less, and the better source stands; look for a gap in the {rank}", tenths / 10, tenths % 10)
            };
            Finding { code: "sources_differ".to_owned(), severity: Severity::Warning, about: name.to_string(), text, rows }
        });
        let overlap = self.overlaps.into_iter().map(|((name, rank, sources), days)| {
            let text = format!(
                "{} the {}s {} all tell of this model, and all count; if they tell the same traffic, revert one of the imports, or import both under one --source",
                span(&days),
                rank.as_str(),
                sources.join(", ")
            );
            Finding { code: "sources_overlap".to_owned(), severity: Severity::Warning, about: name.to_string(), text, rows: days.len() as u64 }
        });
        differ.chain(overlap).collect()
    }
}

fn span(days: &BTreeSet<Day>) -> String {
    match (days.first(), days.last()) {
        (Some(first), Some(last)) if first != last => format!("on {} days from {first} to {last}", days.len()),
        (Some(first), _) => format!("on {first}"),
        _ => String::new(),
    }
}

/// Goes down the ranks; `told` holds, per account, what better ranks said and no lower row has met yet.
fn reconcile(rows: &mut [SumRow], name: &Arc<str>, day: Day, noticed: &mut Noticed) {
    let mut start = 0;
    let mut told: Vec<(Arc<str>, Box<Stats>)> = Vec::new();
    while start < rows.len() {
        let rank = rows[start].key.rank;
        let end = start + rows[start..].iter().take_while(|row| row.key.rank == rank).count();
        let group = &mut rows[start..end];
        let stated: Vec<_> = group.iter().map(|row| (row.key.account.clone(), row.stats.clone())).collect();
        if start > 0 {
            let better: i128 = told.iter().map(|(_, stats)| stats.tokens_all()).sum();
            let here: i128 = stated.iter().map(|(_, stats)| stats.tokens_all()).sum();
            if better != here {
                noticed.difference(name, rank, day, better, here, group.len() as u64);
            }
            // A better rank's statement may meet a lower one only once.
            let mut open = told.clone();
            for same_account in [true, false] {
                for row in group.iter_mut() {
                    for (account, stats) in &mut open {
                        if (*account == row.key.account) == same_account {
                            consume(&mut row.stats, stats);
                        }
                    }
                }
            }
        }
        // From here on the cell has told the larger of both, which is what stood plus what was left over.
        told.extend(group.iter().map(|row| (row.key.account.clone(), row.stats.clone())));
        start = end;
    }
}

/// Takes from both what they share, class by class.
fn consume(lower: &mut Stats, better: &mut Stats) {
    // Derived sums go down in proportion to the tokens that are taken, since they have no meaning of their own.
    let before = lower.tokens_all();
    for (index, (mine, theirs)) in lower.as_array_mut().into_iter().zip(better.as_array_mut()).enumerate() {
        if !DERIVED.contains(&lca::Counts::NAMES[index]) {
            let shared = (*mine).min(*theirs);
            *mine -= shared;
            *theirs -= shared;
        }
    }
    let energy = lower.energy_nj.min(better.energy_nj);
    lower.energy_nj -= energy;
    better.energy_nj -= energy;
    let after = lower.tokens_all();
    for (index, mine) in lower.as_array_mut().into_iter().enumerate() {
        if DERIVED.contains(&lca::Counts::NAMES[index]) && before > 0 {
            *mine = scale(*mine, after, before);
        }
    }
    for mine in [
        &mut lower.requests_input_unknown,
        &mut lower.requests_output_unknown,
        &mut lower.requests_cache_unknown,
        &mut lower.requests_cost_known,
    ] {
        *mine = (*mine).min(lower.requests);
    }
    lower.output_input_unknown = lower.output_input_unknown.min(lower.output_all());
    lower.images_as_tokens = lower.images_as_tokens.min(lower.images);
    lower.audio_ms_as_tokens = lower.audio_ms_as_tokens.min(lower.audio_ms);
    if after == 0 && lower.requests == 0 && lower.energy_nj == 0 {
        *lower = Stats { entries: 0, ..Stats::default() };
    }
}

/// `value * part / whole` without overflow for sums of any size met here.
fn scale(value: i128, part: i128, whole: i128) -> i128 {
    value.checked_mul(part).map_or_else(|| value / whole * part, |product| product / whole)
}

const DERIVED: &[&str] = &[
    "context_input",
    "context_output",
    "duration_ms",
    "ttft_ms",
    "itl_4",
    "itl_8",
    "itl_16",
    "itl_32",
    "itl_64",
    "itl_128",
    "itl_256",
    "itl_above",
    "generation_low_us",
    "generation_high_us",
    "accelerator_ms",
    "cost_micro",
    "value_micro",
];

fn is_empty(stats: &Stats) -> bool {
    stats.entries == 0 && stats.as_array().iter().all(|value| *value == 0) && stats.energy_nj == 0
}
