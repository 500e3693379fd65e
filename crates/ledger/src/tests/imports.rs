//! Imports: what is new, what was there, what replaces what.

use super::{DAY_MS, START_MS, books, check, entries, import, meta};
use crate::staging::Budget;
use books::{Entry, Ledger, Rank};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn an_import_sums_to_its_rows() {
    let (_dir, store) = books();
    let rows = entries(1, 3000, 5);
    let record = import(&store, "a.csv", &rows);
    assert_eq!((record.id, record.rows, record.imported, record.duplicates), (1, 3000, 3000, 0));
    check(&store, &rows);
}

#[test]
fn importing_twice_changes_nothing() {
    let (_dir, store) = books();
    let rows = entries(1, 3000, 5);
    import(&store, "a.csv", &rows);
    let head = store.head().unwrap();
    let again = import(&store, "copy of a.csv", &rows);
    assert_eq!((again.imported, again.duplicates), (0, 3000));
    assert_eq!(store.head().unwrap(), head);
    assert_eq!(store.imports().unwrap().len(), 2);
    check(&store, &rows);
}

#[test]
fn a_copy_without_its_head_and_with_a_longer_tail_adds_the_tail() {
    let (_dir, store) = books();
    let rows = entries(1, 3000, 5);
    import(&store, "a.csv", &rows[..2000]);
    let record = import(&store, "b.csv", &rows[700..]);
    assert_eq!((record.imported, record.duplicates), (1000, 1300));
    check(&store, &rows);
}

#[test]
fn the_nth_copy_matches_the_nth_copy() {
    let (_dir, store) = books();
    let row = entries(1, 1, 1);
    let copies = |count: usize| vec![row[0].clone(); count];
    assert_eq!(import(&store, "two", &copies(2)).imported, 2);
    let record = import(&store, "five", &copies(5));
    assert_eq!((record.imported, record.duplicates), (3, 2));
    let record = import(&store, "three", &copies(3));
    assert_eq!((record.imported, record.duplicates), (0, 3));
    check(&store, &copies(5));
}

fn with_id(id: &str, day: i64, tokens: i64) -> Entry {
    let mut entry = Entry::new("api".into(), Rank::Bucket, START_MS + day * DAY_MS);
    entry.external_id = Some(id.into());
    entry.counts.input_tokens = Some(tokens);
    entry
}

#[test]
fn a_restatement_replaces_even_across_days_and_can_be_taken_back_in_any_order() {
    let (_dir, store) = books();
    let (first, second, third) = (with_id("a", 0, 1), with_id("a", 3, 2), with_id("a", 9, 3));
    let other = with_id("b", 0, 7);
    import(&store, "1", &[first.clone(), other.clone()]);
    let record = import(&store, "2", &[second.clone(), other.clone()]);
    assert_eq!((record.imported, record.duplicates, record.superseded), (1, 1, 1));
    check(&store, &[second, other.clone()]);
    assert_eq!(import(&store, "3", std::slice::from_ref(&third)).superseded, 1);
    check(&store, &[third.clone(), other.clone()]);
    // The middle one goes: the newest still stands, and the oldest must not come back.
    assert_eq!(store.revert(2, 5).unwrap(), 0);
    check(&store, &[third, other.clone()]);
    assert_eq!(store.revert(3, 6).unwrap(), 1);
    check(&store, &[first, other]);
    assert!(store.revert(3, 7).unwrap_err().0.contains("already"));
    assert!(store.revert(9, 7).unwrap_err().0.contains("no import 9"));
}

#[test]
fn within_one_file_the_last_statement_wins() {
    let (_dir, store) = books();
    let rows = [with_id("a", 4, 1), with_id("a", 0, 2), with_id("a", 2, 3)];
    let record = import(&store, "1", &rows);
    assert_eq!((record.imported, record.duplicates, record.superseded), (1, 2, 0));
    check(&store, &rows[2..]);
}

#[test]
fn after_a_revert_the_same_file_is_new_again() {
    let (_dir, store) = books();
    let rows = entries(4, 500, 3);
    import(&store, "a", &rows);
    assert_eq!(store.revert(1, 5).unwrap(), 500);
    check(&store, &[]);
    assert_eq!(store.imports().unwrap().iter().map(|import| import.reverted).collect::<Vec<_>>(), [true]);
    assert_eq!(import(&store, "a", &rows).imported, 500);
    check(&store, &rows);
}

#[test]
fn spilled_and_in_parts_it_is_the_same() {
    let tiny = Budget { part_rows: 64, buffer_bytes: 4096, identity_bytes: 4000 };
    let (_dir, store) = books();
    let store = store.with_budget(tiny).unwrap();
    let mut rows = entries(7, 2000, 9);
    // Out of order, so that every day is written in many parts.
    rows.sort_by_key(|row| row.counts.input_tokens);
    import(&store, "a", &rows[..1500]);
    let record = import(&store, "b", &rows[500..]);
    assert_eq!((record.imported, record.duplicates), (500, 1000));
    check(&store, &rows);
    let segments = store.manifest().snapshot().unwrap().segments.len();
    assert!(segments <= 9 * 6, "small parts of a day are written together: {segments}");
}

/// What the ledger must hold, by the rules alone.
#[derive(Default)]
struct Model {
    plain: Vec<(u64, Entry)>,
    stated: BTreeMap<String, Vec<(u64, Entry)>>,
}

impl Model {
    fn import(&mut self, import: u64, rows: &[Entry]) {
        let mut known: Vec<Entry> = self.plain.iter().map(|(_, row)| row.clone()).collect();
        let mut last: BTreeMap<String, Entry> = BTreeMap::new();
        for row in rows {
            if let Some(id) = &row.external_id {
                last.insert(id.to_string(), row.clone());
            } else if let Some(place) = known.iter().position(|known| known == row) {
                known.swap_remove(place);
            } else {
                self.plain.push((import, row.clone()));
            }
        }
        for (id, row) in last {
            let history = self.stated.entry(id).or_default();
            if history.last().is_none_or(|(_, live)| *live != row) {
                history.push((import, row));
            }
        }
    }
    fn revert(&mut self, import: u64) {
        self.plain.retain(|(owner, _)| *owner != import);
        self.stated.values_mut().for_each(|history| history.retain(|(owner, _)| *owner != import));
    }
    fn live(&self) -> Vec<Entry> {
        let stated = self.stated.values().filter_map(|history| history.last());
        self.plain.iter().chain(stated).map(|(_, row)| row.clone()).collect()
    }
}

fn row() -> impl Strategy<Value = Entry> {
    (0..3i64, 0..4i64, proptest::option::weighted(0.5, 0..6u8)).prop_map(|(day, tokens, id)| {
        let mut entry = with_id("", day, tokens);
        entry.external_id = id.map(|id| id.to_string().into());
        entry
    })
}

#[derive(Debug, Clone)]
enum Step {
    Import(Vec<Entry>),
    Revert(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => proptest::collection::vec(row(), 0..12).prop_map(Step::Import),
        1 => (1..6u64).prop_map(Step::Revert),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn any_history_of_imports_and_reverts_follows_the_rules(steps in proptest::collection::vec(step(), 1..7), tiny: bool) {
        let (_dir, mut store) = books();
        if tiny {
            store = store.with_budget(Budget { part_rows: 3, buffer_bytes: 300, identity_bytes: 160 }).unwrap();
        }
        let mut model = Model::default();
        for step in &steps {
            match step {
                Step::Import(rows) => {
                    let record = import(&store, "file", rows);
                    prop_assert_eq!(record.rows, record.imported + record.duplicates);
                    model.import(record.id, rows);
                }
                Step::Revert(id) => {
                    if store.revert(*id, 9).is_ok() {
                        model.revert(*id);
                    }
                }
            }
        }
        check(&store, &model.live());
    }
}

#[test]
fn an_import_that_is_dropped_leaves_nothing() {
    let (_dir, store) = books();
    let mut session = store.begin_import(meta("a"), &mut || {}).unwrap();
    session.push(entries(1, 500, 5)).unwrap();
    drop(session);
    assert!(store.imports().unwrap().is_empty());
    check(&store, &[]);
}

#[test]
fn a_second_import_waits_for_the_first_and_sees_its_rows() {
    let (_dir, store) = books();
    let rows = entries(1, 500, 5);
    let mut first = store.begin_import(meta("a"), &mut || {}).unwrap();
    first.push(rows.clone()).unwrap();
    let (told, was_told) = std::sync::mpsc::channel();
    let (other, same) = (crate::Store::open(store.dir()).unwrap(), rows.clone());
    let second = std::thread::spawn(move || {
        let mut session = other.begin_import(meta("b"), &mut || told.send(()).unwrap()).unwrap();
        session.push(same).unwrap();
        session.commit(2, 500, 0, Vec::new()).unwrap()
    });
    was_told.recv().unwrap();
    first.commit(1, 500, 0, Vec::new()).unwrap();
    assert_eq!(second.join().unwrap().duplicates, 500);
    assert!(was_told.recv().is_err(), "told once");
    check(&store, &rows);
}

#[test]
fn what_a_killed_import_left_is_cleaned_by_the_next() {
    let (_dir, store) = books();
    let rows = entries(1, 500, 2);
    import(&store, "a", &rows[..300]);
    // Killed after moving its segments, before the manifest named them.
    std::fs::create_dir_all(store.path("staging/import-2")).unwrap();
    std::fs::write(store.path("staging/import-2/part-0.parquet"), b"half").unwrap();
    std::fs::create_dir_all(store.segment_path("day=2026-02-01")).unwrap();
    std::fs::write(store.segment_path("day=2026-02-01/00000002-0.parquet"), b"half").unwrap();
    std::fs::write(store.segment_path("day=2026-01-01/00000002-0.parquet"), b"half").unwrap();
    assert_eq!(store.verify().unwrap().strays.len(), 2);
    import(&store, "b", &rows);
    check(&store, &rows);
}
