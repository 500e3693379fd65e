//! Rotation with requests under way, cut off between any two steps, and any history of journals.

use super::journals::{files, intent, recovered, requests};
use super::{Dice, START_MS, books, check};
use crate::Store;
use books::{Entry, Journal, Keeper, Ledger, Rank};
use std::collections::BTreeMap;
use std::path::Path;

/// Books whose journal holds these files.
fn books_with(logs: &[(String, Vec<u8>)]) -> (tempfile::TempDir, Store) {
    let (dir, store) = books();
    for (name, bytes) in logs {
        std::fs::write(store.path("journal").join(name), bytes).unwrap();
    }
    (dir, store)
}

fn copied(path: &Path, bytes: usize) -> (String, Vec<u8>) {
    let mut whole = std::fs::read(path).unwrap();
    whole.truncate(bytes);
    (path.file_name().unwrap().to_string_lossy().into_owned(), whole)
}

fn size(path: &Path) -> usize {
    std::fs::metadata(path).unwrap().len() as usize
}

#[test]
fn a_rotation_cut_off_at_any_byte_loses_and_doubles_nothing() {
    let (_dir, store) = books();
    let rows = requests(7);
    let mut journal = store.journal().unwrap();
    rows[..5].iter().for_each(|row| journal.intend(&intent(row)).unwrap());
    rows[..2].iter().for_each(|row| journal.record(row).unwrap());
    let old = files(&store).remove(0);
    let before = size(&old);
    journal.rotate().unwrap();
    assert_eq!(journal.open_intents(), 3);
    let new = files(&store).into_iter().find(|file| *file != old).unwrap();
    let (marked, carried) = (size(&old), size(&new));
    assert!(marked > before);
    let stands: Vec<Entry> = rows[..2].iter().cloned().chain(rows[2..5].iter().map(intent)).collect();
    // The new file grows first, then the marker is appended to the old one.
    let steps = (0..=carried).map(|new| (before, new)).chain((before..=marked).map(|old| (old, carried)));
    for (place, (old_bytes, new_bytes)) in steps.enumerate() {
        let (_dir, cut) = books_with(&[copied(&old, old_bytes), copied(&new, new_bytes)]);
        let taken = recovered(&cut);
        let mut found: Vec<_> = taken.results.iter().chain(&taken.intents).map(|row| (row.external_id.clone(), row.clone())).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        // Between the copies and the marker an intent lies in both files.
        found.dedup();
        assert_eq!(found.into_iter().map(|(_, row)| row).collect::<Vec<_>>(), stands, "old {old_bytes}, new {new_bytes}");
        if place % 250 == 0 || old_bytes == marked {
            let record = cut.seal_journal(1).unwrap().unwrap();
            let interrupted = record.findings.iter().find(|finding| finding.code == "request_interrupted").unwrap();
            assert_eq!((record.imported, interrupted.rows), (5, 3));
            check(&cut, &stands);
        }
    }
    // The old file is sealed alone: what is under way is not in it any more.
    let record = store.seal_journal(1).unwrap().unwrap();
    assert_eq!((record.imported, record.findings.len()), (2, 0));
    rows[2..].iter().for_each(|row| journal.record(row).unwrap());
    drop(journal);
    store.seal_journal(2).unwrap().unwrap();
    check(&store, &rows);
}

#[test]
fn nothing_new_is_no_reason_to_rotate() {
    let (_dir, store) = books();
    let mut journal = store.journal().unwrap();
    journal.intend(&requests(1)[0]).unwrap();
    journal.rotate().unwrap();
    store.seal_journal(1).unwrap();
    let held = files(&store);
    journal.rotate().unwrap();
    assert_eq!(files(&store), held);
}

#[test]
fn a_result_replaces_a_sealed_intent_and_never_the_other_way_round() {
    let rows = requests(3);
    let seal = |store: &Store, fill: &dyn Fn(&mut crate::Journal)| {
        let mut journal = store.journal().unwrap();
        fill(&mut journal);
        drop(journal);
        store.seal_journal(1).unwrap().unwrap()
    };
    let (_dir, store) = books();
    assert_eq!(seal(&store, &|journal| journal.intend(&intent(&rows[0])).unwrap()).imported, 1);
    check(&store, &[intent(&rows[0])]);
    let record = seal(&store, &|journal| journal.record(&rows[0]).unwrap());
    assert_eq!((record.imported, record.superseded, record.findings.len()), (1, 1, 0));
    check(&store, &rows[..1]);
    let head = store.head().unwrap();
    let record = seal(&store, &|journal| journal.intend(&intent(&rows[0])).unwrap());
    assert_eq!((record.imported, record.duplicates, record.findings.len()), (0, 1, 0));
    assert_eq!(store.head().unwrap(), head);
    check(&store, &rows[..1]);
    // Within one sealing, in either order of the files.
    for result_first in [true, false] {
        let (_dir, store) = books();
        let (mut first, mut second) = (store.journal().unwrap(), store.journal().unwrap());
        let (for_result, for_intent) = if result_first { (&mut first, &mut second) } else { (&mut second, &mut first) };
        if result_first {
            for_result.record(&rows[1]).unwrap();
            for_intent.intend(&intent(&rows[1])).unwrap();
        } else {
            for_intent.intend(&intent(&rows[1])).unwrap();
            for_result.record(&rows[1]).unwrap();
        }
        drop((first, second));
        let record = store.seal_journal(1).unwrap().unwrap();
        assert_eq!((record.imported, record.duplicates, record.findings.len()), (1, 1, 0));
        check(&store, &rows[1..2]);
    }
}

#[test]
fn several_write_while_one_seals() {
    let (_dir, store) = books();
    let rows = requests(1200);
    std::thread::scope(|scope| {
        let writers: Vec<_> = rows
            .chunks(400)
            .map(|share| {
                let store = store.clone();
                scope.spawn(move || {
                    let mut journal = Keeper::journal(&store).unwrap();
                    for (number, row) in share.iter().enumerate() {
                        journal.intend(&intent(row)).unwrap();
                        // Some are under way for a while.
                        if number >= 5 {
                            journal.record(&share[number - 5]).unwrap();
                        }
                        if number % 50 == 49 {
                            journal.rotate().unwrap();
                        }
                    }
                    share[share.len() - 5..].iter().for_each(|row| journal.record(row).unwrap());
                })
            })
            .collect();
        while !writers.iter().all(|writer| writer.is_finished()) {
            if let Some(record) = Keeper::seal(&store, 1).unwrap() {
                assert!(record.findings.is_empty(), "{:?}", record.findings);
            }
        }
    });
    store.seal_journal(2).unwrap();
    check(&store, &rows);
}

/// The books by the rules of the trait alone: an id stands with what was recorded last, else with what was intended.
#[derive(Default)]
struct Model {
    stands: BTreeMap<usize, Entry>,
    /// Who recorded it; only that one corrects it, since its journal may be sealed later than another's.
    owner: BTreeMap<usize, usize>,
    /// What each writer has under way.
    open: BTreeMap<usize, BTreeMap<usize, Entry>>,
    next: usize,
}

fn entry(number: usize, tokens: i64) -> Entry {
    let mut entry = Entry::new("gateway".into(), Rank::Gateway, START_MS + number as i64 * 977_000);
    entry.external_id = Some(format!("r{number}").into());
    (entry.counts.requests, entry.counts.output_tokens) = (Some(1), Some(tokens));
    entry
}

/// One history; returns the live rows that it must leave.
fn play(store: &Store, seed: u64) -> Vec<Entry> {
    let mut dice = Dice(seed);
    let mut model = Model::default();
    let mut writers: Vec<Option<crate::Journal>> = vec![None, None];
    for step in 0..14 + dice.roll(14) {
        let who = dice.roll(2) as usize;
        let under_way = model.open.entry(who).or_default();
        match dice.roll(12) {
            // It begins.
            0..=3 => {
                let number = model.next;
                model.next += 1;
                under_way.insert(number, entry(number, -1 - number as i64));
                let journal = writers[who].get_or_insert_with(|| store.journal().unwrap());
                journal.intend(&under_way[&number]).unwrap();
            }
            // It ends, or is corrected, or was never announced.
            4..=7 => {
                let known: Vec<usize> = under_way
                    .keys()
                    .copied()
                    .chain(model.owner.iter().filter(|(_, owner)| **owner == who).map(|(number, _)| *number))
                    .collect();
                let number = if known.is_empty() || dice.roll(8) == 0 { model.next } else { known[dice.roll(known.len() as u64) as usize] };
                model.next = model.next.max(number + 1);
                let row = entry(number, step as i64);
                let journal = writers[who].get_or_insert_with(|| store.journal().unwrap());
                journal.record(&row).unwrap();
                model.stands.insert(number, row);
                model.owner.insert(number, who);
                under_way.remove(&number);
            }
            8..=9 => writers[who].iter_mut().for_each(|journal| journal.rotate().unwrap()),
            10 => {
                // The process of this writer dies, half way through a frame.
                let half = dice.roll(2) == 0 && writers[who].is_some();
                let before = files(store);
                writers[who] = None;
                if half {
                    tear(store, &before);
                }
                for (number, row) in std::mem::take(under_way) {
                    model.stands.entry(number).or_insert(row);
                }
            }
            _ => {
                store.seal_journal(step as i64).unwrap();
            }
        }
    }
    drop(writers);
    for (number, row) in model.open.into_values().flatten() {
        model.stands.entry(number).or_insert(row);
    }
    store.seal_journal(99).unwrap();
    model.stands.into_values().collect()
}

/// Leaves the beginning of a frame at the end of a file that nobody writes.
fn tear(store: &Store, before: &[std::path::PathBuf]) {
    use std::io::Write;
    let closed = crate::recover::closed(&store.path("journal")).unwrap().closed;
    if let Some(closed) = closed.last().filter(|closed| before.contains(&closed.path)) {
        let mut file = std::fs::File::options().append(true).open(&closed.path).unwrap();
        file.write_all(&[60, 0, 0, 0, 1, 2, 3, 4, 255, 0, 0, 0, 0, 0, 0, 0, 2, 9]).unwrap();
    }
}

fn histories(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let (_dir, store) = books();
        let live = play(&store, seed);
        if seed % 25 == 0 {
            check(&store, &live);
        }
        let mut found = Vec::new();
        store.scan(0, i64::MAX, &mut |entry| found.push(entry.clone())).unwrap();
        assert_eq!(found, live, "seed {seed}");
        assert!(files(&store).is_empty());
    }
}

#[test]
fn any_history_of_journals_follows_the_rules() {
    histories(0..50);
}

#[test]
#[ignore = "takes minutes: a thousand histories"]
fn a_thousand_histories_of_journals_follow_the_rules() {
    histories(50..1050);
}
