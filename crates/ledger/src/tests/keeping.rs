//! One entry by its id, and entries in order of time.

use super::journals::requests;
use super::{DAY_MS, START_MS, books, entries, import};
use books::{Entry, Keeper, Ledger};
use std::sync::Arc;

fn scanned(store: &crate::Store, from_ms: i64, to_ms: i64) -> Vec<Entry> {
    let mut found = Vec::new();
    store.scan(from_ms, to_ms, &mut |entry| found.push(entry.clone())).unwrap();
    found
}

#[test]
fn what_comes_back_is_what_went_in() {
    let (_dir, store) = books();
    let mut rows = entries(9, 400, 3);
    for (number, row) in rows.iter_mut().enumerate() {
        row.external_id = (number % 3 == 0).then(|| format!("id-{number}").into());
        row.stage = (number % 5 == 0).then_some(lca::Stage::ALL[number % lca::Stage::ALL.len()]);
        row.evidence = if number % 2 == 0 { lca::Evidence::Estimated } else { lca::Evidence::Plug };
        row.kind = if number % 7 == 0 { lca::Kind::Electricity } else { lca::Kind::Inference };
        row.labels = if number % 4 == 0 { format!("{{\"n\":{number}}}").into() } else { "".into() };
        row.zone = "DE".into();
        row.currency = "EUR".into();
        row.counts.value_micro = (number % 9 == 0).then_some(5);
        row.counts.energy_nj = (number % 6 == 0).then_some(1 << 70);
    }
    import(&store, "a", &rows);
    assert_eq!(scanned(&store, START_MS, START_MS + 3 * DAY_MS), rows);
    // To the millisecond, the end excluded.
    let (from, to) = (rows[100].time_start_ms, rows[300].time_start_ms);
    assert_eq!(scanned(&store, from, to), rows[100..300]);
    assert!(scanned(&store, to, to).is_empty() && scanned(&store, to, from).is_empty());
}

#[test]
fn a_scan_is_in_order_of_time_and_shares_its_words() {
    let (_dir, store) = books();
    let mut rows = entries(9, 900, 2);
    // Written in any order, by many imports.
    let mut mixed = rows.clone();
    mixed.sort_by_key(|row| row.counts.input_tokens);
    for (number, share) in mixed.chunks(170).enumerate() {
        import(&store, &format!("{number}"), share);
    }
    let found = scanned(&store, i64::MIN, i64::MAX);
    assert!(found.is_sorted_by_key(|row| row.time_start_ms));
    let by_all = |row: &Entry| format!("{} {row:?}", row.time_start_ms);
    rows.sort_by_key(by_all);
    let mut sorted = found.clone();
    sorted.sort_by_key(by_all);
    assert_eq!(sorted, rows);
    let mut accounts: Vec<&Arc<str>> = found.iter().map(|row| &row.account).collect();
    accounts.sort();
    accounts.dedup_by(|a, b| Arc::ptr_eq(a, b));
    assert_eq!(accounts.len(), 3);
}

#[test]
fn superseded_and_reverted_rows_do_not_show() {
    let (_dir, store) = books();
    let rows = requests(300);
    let newer: Vec<Entry> = rows[50..120]
        .iter()
        .map(|row| {
            let mut row = row.clone();
            row.counts.output_tokens = Some(123_456);
            row
        })
        .collect();
    import(&store, "old", &rows);
    import(&store, "new", &newer);
    let mut live = [&rows[..50], &newer, &rows[120..]].concat();
    assert_eq!(scanned(&store, 0, i64::MAX), live);
    for row in &live {
        assert_eq!(store.find("test", row.external_id.as_ref().unwrap()).unwrap().as_ref(), Some(row));
    }
    assert_eq!(store.find("test", "req-300").unwrap(), None);
    assert_eq!(store.find("other", "req-3").unwrap(), None);
    assert_eq!(store.find("test", "a long id ".repeat(30).as_str()).unwrap(), None);
    store.revert(2, 9).unwrap();
    live = rows.clone();
    assert_eq!(scanned(&store, 0, i64::MAX), live);
    assert_eq!(store.find("test", "req-60").unwrap().as_ref(), Some(&rows[60]));
    store.revert(1, 9).unwrap();
    assert!(scanned(&store, 0, i64::MAX).is_empty());
    assert_eq!(store.find("test", "req-60").unwrap(), None);
    assert_eq!(store.head().unwrap().entries, 0);
}

#[test]
fn long_ids_are_found_beyond_what_statistics_hold() {
    let (_dir, store) = books();
    let mut rows = requests(40);
    for (number, row) in rows.iter_mut().enumerate() {
        row.external_id = Some(format!("{}-{number}", "ü".repeat(90)).into());
    }
    import(&store, "a", &rows);
    for row in &rows {
        assert_eq!(store.find("test", row.external_id.as_ref().unwrap()).unwrap().as_ref(), Some(row));
    }
}
