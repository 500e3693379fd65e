//! The journal: nothing whole is lost, nothing torn is believed, nothing counts twice.

use super::{START_MS, books, check, entries};
use crate::Store;
use books::{Entry, Finding, ImportRecord, Journal, Keeper, Ledger, LedgerError, Rank};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub(super) fn requests(count: usize) -> Vec<Entry> {
    let mut rows = entries(5, count, 2);
    for (number, row) in rows.iter_mut().enumerate() {
        row.rank = Rank::Gateway;
        row.external_id = Some(format!("req-{number}").into());
    }
    rows
}

/// What stands when the end of this request is never heard of.
pub(super) fn intent(row: &Entry) -> Entry {
    let mut intent = row.clone();
    intent.counts = lca::Counts { requests: Some(1), output_tokens: Some(77), ..lca::Counts::default() };
    intent
}

pub(super) fn files(store: &Store) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(store.path("journal")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn codes(record: &ImportRecord) -> Vec<(&str, u64)> {
    record.findings.iter().map(|finding: &Finding| (finding.code.as_str(), finding.rows)).collect()
}

/// Everything recovery finds: results, intents, lost bytes.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) results: Vec<Entry>,
    pub(super) intents: Vec<Entry>,
    lost_bytes: usize,
}

impl crate::recover::Taker for Taken {
    fn result(&mut self, entry: Entry) -> Result<(), LedgerError> {
        self.results.push(entry);
        Ok(())
    }
    fn intent(&mut self, entry: Entry) -> Result<(), LedgerError> {
        self.intents.push(entry);
        Ok(())
    }
    fn lost(&mut self, _path: &Path, bytes: u64) {
        self.lost_bytes += bytes as usize;
    }
}

pub(super) fn recovered(store: &Store) -> Taken {
    let mut taken = Taken::default();
    crate::recover::recover(&crate::recover::closed(&store.path("journal")).unwrap().closed, &mut taken).unwrap();
    taken
}

#[test]
fn what_was_recorded_is_sealed_once() {
    let (_dir, store) = books();
    let rows = requests(60);
    let mut journal = store.journal().unwrap();
    rows[..40].iter().for_each(|row| journal.record(row).unwrap());
    let flush = journal.flusher();
    flush().unwrap();
    // Still being written: sealing leaves it alone.
    assert!(store.seal_journal(1).unwrap().is_none());
    journal.rotate().unwrap();
    rows[40..].iter().for_each(|row| journal.record(row).unwrap());
    // The flush follows to the new file.
    flush().unwrap();
    let record = store.seal_journal(2).unwrap().unwrap();
    assert_eq!((record.rows, record.imported, record.duplicates), (40, 40, 0));
    check(&store, &rows[..40]);
    drop(journal);
    assert_eq!(store.seal_journal(3).unwrap().unwrap().imported, 20);
    check(&store, &rows);
    assert!(store.seal_journal(4).unwrap().is_none());
    assert!(files(&store).is_empty());
}

#[test]
fn rows_without_an_id_are_recorded_but_never_intended() {
    let (_dir, store) = books();
    let rows = entries(3, 5, 1);
    let mut journal = store.journal().unwrap();
    rows.iter().for_each(|row| journal.record(row).unwrap());
    assert!(journal.intend(&rows[0]).unwrap_err().0.contains("without an id"));
    drop(journal);
    store.seal_journal(1).unwrap().unwrap();
    check(&store, &rows);
}

#[test]
fn a_crash_between_commit_and_delete_counts_nothing_twice() {
    let (_dir, store) = books();
    let rows = requests(30);
    let mut journal = store.journal().unwrap();
    rows[..20].iter().for_each(|row| journal.record(row).unwrap());
    rows[20..].iter().for_each(|row| journal.intend(row).unwrap());
    drop(journal);
    let file = files(&store).remove(0);
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(codes(&store.seal_journal(1).unwrap().unwrap()), [("request_interrupted", 10)]);
    let head = store.head().unwrap();
    std::fs::write(&file, bytes).unwrap();
    let again = store.seal_journal(2).unwrap().unwrap();
    assert_eq!((again.duplicates, codes(&again)), (30, vec![]));
    assert_eq!(store.head().unwrap(), head);
    check(&store, &rows);
}

#[test]
fn a_tail_torn_at_any_byte_costs_only_itself() {
    let (_dir, store) = books();
    let rows = requests(4);
    let mut journal = store.journal().unwrap();
    let mut ends = vec![std::fs::metadata(&files(&store)[0]).unwrap().len() as usize];
    for row in &rows[..3] {
        journal.record(row).unwrap();
        ends.push(std::fs::metadata(&files(&store)[0]).unwrap().len() as usize);
    }
    journal.intend(&rows[3]).unwrap();
    drop(journal);
    let file = files(&store).remove(0);
    let bytes = std::fs::read(&file).unwrap();
    for length in 0..bytes.len() {
        std::fs::write(&file, &bytes[..length]).unwrap();
        let taken = recovered(&store);
        let whole = ends.iter().filter(|end| **end <= length).count();
        if whole == 0 {
            // Its writer never got as far as a request; the file is gone.
            assert!(taken.results.is_empty() && taken.lost_bytes == 0 && files(&store).is_empty());
        } else {
            assert_eq!((taken.results, taken.intents), (rows[..whole - 1].to_vec(), Vec::new()), "cut at {length}");
            assert_eq!(taken.lost_bytes, length - ends[whole - 1]);
        }
    }
    for place in ends[0]..bytes.len() {
        // A flipped bit costs the frame it lies in, and no other.
        let mut bent = bytes.clone();
        bent[place] ^= 4;
        std::fs::write(&file, &bent).unwrap();
        let taken = recovered(&store);
        let hit = ends.iter().filter(|end| **end <= place).count() - 1;
        let kept: Vec<Entry> = rows.iter().enumerate().filter(|(number, _)| *number != hit).map(|(_, row)| row.clone()).collect();
        assert_eq!([taken.results, taken.intents].concat(), kept, "bit at {place}");
        assert!(taken.lost_bytes > 0);
    }
    std::fs::write(&file, &bytes[..ends[3] - 1]).unwrap();
    let record = store.seal_journal(1).unwrap().unwrap();
    assert_eq!((record.imported, codes(&record)), (2, vec![("journal_torn", 1)]));
    check(&store, &rows[..2]);
}

#[test]
fn a_frame_inside_a_text_is_no_frame() {
    let (_dir, store) = books();
    let rows = requests(3);
    let mut journal = store.journal().unwrap();
    journal.record(&rows[0]).unwrap();
    drop(journal);
    let first = std::fs::read(&files(&store)[0]).unwrap();
    // Bytes of another journal, behind the whole frame: another salt.
    let mut journal = store.journal().unwrap();
    journal.record(&rows[1]).unwrap();
    drop(journal);
    let second = std::fs::read(&files(&store)[1]).unwrap();
    std::fs::remove_file(&files(&store)[1]).unwrap();
    let head = crate::frame::HEAD;
    std::fs::write(&files(&store)[0], [&first, &second[head..]].concat()).unwrap();
    let taken = recovered(&store);
    assert_eq!((taken.results, taken.lost_bytes), (rows[..1].to_vec(), second.len() - head));
}

#[test]
fn files_of_others_are_set_aside_and_never_read() {
    let (_dir, store) = books();
    let rows = requests(2);
    let mut journal = store.journal().unwrap();
    journal.record(&rows[0]).unwrap();
    drop(journal);
    let whole = std::fs::read(&files(&store)[0]).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(store.path("journal").join(name), bytes).unwrap();
    put("a.log", b"plain words");
    put("b.log", &vec![0; whole.len()]);
    for (name, place) in [("c.log", 8), ("d.log", 12), ("e.log", 20)] {
        let mut bent = whole.clone();
        bent[place] ^= 1;
        put(name, &bent);
    }
    let record = store.seal_journal(1).unwrap().unwrap();
    assert_eq!((record.imported, codes(&record)), (1, vec![("journal_refused", 1); 5]));
    assert!(record.findings[2].text.contains("another version of bilanz"), "{}", record.findings[2].text);
    check(&store, &rows[..1]);
    assert_eq!(files(&store).len(), 5);
    assert!(store.seal_journal(2).unwrap().is_none());
    assert_eq!(std::fs::read(store.path("journal").join("a.log.refused")).unwrap(), b"plain words");
}

#[test]
fn a_full_disk_loses_only_what_it_refused() {
    let (_dir, store) = books();
    let rows = requests(30);
    let room = Arc::new(AtomicI64::new(i64::MAX));
    let mut journal = crate::Journal::begin_within(&store.path("journal"), store.journal_order().unwrap(), &room).unwrap();
    let mut kept = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        journal.intend(&intent(row)).unwrap();
        room.store(if number % 3 == 0 { number as i64 } else { i64::MAX }, Ordering::SeqCst);
        match journal.record(row) {
            Ok(()) => kept.push(row.clone()),
            Err(failure) => {
                assert!(failure.0.contains("the disk is full"), "{failure}");
                kept.push(intent(row));
                // No file for what is under way, no change: the old one goes on.
                let before = files(&store);
                assert!(journal.rotate().is_err());
                assert_eq!(files(&store), before);
            }
        }
        room.store(i64::MAX, Ordering::SeqCst);
        if number % 4 == 0 {
            journal.rotate().unwrap();
        }
    }
    drop(journal);
    let record = store.seal_journal(1).unwrap().unwrap();
    assert_eq!((record.imported, codes(&record)), (30, vec![("request_interrupted", 10)]));
    check(&store, &kept);
}

#[test]
fn one_gateway_at_a_time() {
    let (_dir, store) = books();
    let guard = store.gateway_lock().unwrap();
    let refusal = Store::open(store.dir()).unwrap().gateway_lock().unwrap_err();
    assert!(refusal.0.contains("gateway.lock") && refusal.0.contains("--books"), "{refusal}");
    drop(guard);
    let _guard = store.gateway_lock().unwrap();
}

fn outcome(request: &str, at_ms: i64, accepted: bool) -> Entry {
    let mut entry = Entry::new("gateway".into(), Rank::Gateway, at_ms);
    entry.external_id = Some(format!("outcome:{request}").into());
    let counts = &mut entry.counts;
    if accepted {
        counts.outcomes_accepted = Some(1);
    } else {
        counts.outcomes_rejected = Some(1);
    }
    counts.value_micro = accepted.then_some(5_000_000);
    entry
}

#[test]
fn a_second_outcome_corrects_the_first_also_days_later() {
    let (_dir, store) = books();
    let tell = |entries: &[Entry], now_ms: i64| {
        let mut journal = store.journal().unwrap();
        entries.iter().for_each(|entry| journal.record(entry).unwrap());
        drop(journal);
        store.seal_journal(now_ms).unwrap().unwrap()
    };
    let other = outcome("b", START_MS, true);
    tell(&[outcome("a", START_MS, true), other.clone()], 1);
    let same_day = outcome("a", START_MS + 5000, false);
    assert_eq!(tell(std::slice::from_ref(&same_day), 2).superseded, 1);
    check(&store, &[same_day, other.clone()]);
    let later = outcome("a", START_MS + 9 * super::DAY_MS, true);
    assert_eq!(tell(std::slice::from_ref(&later), 3).superseded, 1);
    check(&store, &[later.clone(), other.clone()]);
    // Within one sealing, the last word counts, whichever thread took it.
    let (mut one, mut two) = (store.journal().unwrap(), store.journal().unwrap());
    let words: Vec<Entry> = (0..6).map(|number| outcome("a", START_MS + 1000 + number, number % 2 == 0)).collect();
    for (number, word) in words.iter().enumerate() {
        if number % 2 == 0 { two.record(word).unwrap() } else { one.record(word).unwrap() }
    }
    drop((one, two));
    assert_eq!(store.seal_journal(4).unwrap().unwrap().superseded, 1);
    check(&store, &[words[5].clone(), other]);
    assert_eq!(store.find("gateway", "outcome:a").unwrap().as_ref(), Some(&words[5]));
}
