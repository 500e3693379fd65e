//! The journal: nothing whole is lost, nothing torn is believed, nothing counts twice.

use super::{books, check, entries};
use books::{Entry, Ledger, Rank};

fn requests(count: usize) -> Vec<Entry> {
    let mut rows = entries(5, count, 2);
    for (number, row) in rows.iter_mut().enumerate() {
        row.rank = Rank::Gateway;
        row.external_id = Some(format!("req-{number}").into());
    }
    rows
}

#[test]
fn what_was_appended_is_sealed_once() {
    let (_dir, store) = books();
    let rows = requests(60);
    let mut journal = store.journal().unwrap();
    for (number, row) in rows[..40].iter().enumerate() {
        assert_eq!(journal.append(row).unwrap(), number as u64 + 1);
    }
    journal.sync().unwrap();
    // Still being written: sealing leaves it alone.
    assert!(store.seal_journal(1).unwrap().is_none());
    journal.rotate().unwrap();
    for row in &rows[40..] {
        journal.append(row).unwrap();
    }
    let record = store.seal_journal(2).unwrap().unwrap();
    assert_eq!((record.imported, record.duplicates), (40, 0));
    check(&store, &rows[..40]);
    drop(journal);
    assert_eq!(store.seal_journal(3).unwrap().unwrap().imported, 20);
    check(&store, &rows);
    assert!(store.seal_journal(4).unwrap().is_none());
    assert_eq!(std::fs::read_dir(store.path("journal")).unwrap().count(), 0);
}

#[test]
fn a_crash_between_commit_and_delete_counts_nothing_twice() {
    let (_dir, store) = books();
    let rows = requests(30);
    let mut journal = store.journal().unwrap();
    for row in &rows {
        journal.append(row).unwrap();
    }
    drop(journal);
    let file = std::fs::read_dir(store.path("journal")).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&file).unwrap();
    store.seal_journal(1).unwrap().unwrap();
    let head = store.head().unwrap();
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(store.seal_journal(2).unwrap().unwrap().duplicates, 30);
    assert_eq!(store.head().unwrap(), head);
    check(&store, &rows);
}

#[test]
fn a_tail_torn_at_any_byte_costs_only_itself() {
    let (_dir, store) = books();
    let rows = requests(3);
    let mut journal = store.journal().unwrap();
    let mut ends = vec![0];
    let folder = store.path("journal");
    for row in &rows {
        journal.append(row).unwrap();
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        ends.push(std::fs::metadata(file).unwrap().len() as usize);
    }
    drop(journal);
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&file).unwrap();
    for length in 0..bytes.len() {
        std::fs::write(&file, &bytes[..length]).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count() - 1;
        let closed = crate::journal::closed(&folder).unwrap();
        let recovered = closed[0].recover().unwrap();
        assert_eq!(recovered.entries, rows[..whole], "cut at {length}");
        assert_eq!(recovered.cut as usize, length - ends[whole]);
        assert_eq!(std::fs::metadata(&file).unwrap().len() as usize, ends[whole]);
        // A flipped bit in the last frame is a torn tail, too.
        let mut bent = bytes.clone();
        bent[length] ^= 4;
        std::fs::write(&file, &bent).unwrap();
        let good = ends.iter().filter(|end| **end <= length).count() - 1;
        assert_eq!(closed[0].recover().unwrap().entries, rows[..good], "bit at {length}");
    }
    std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    let record = store.seal_journal(1).unwrap().unwrap();
    assert_eq!((record.imported, record.findings.len()), (2, 1));
    check(&store, &rows[..2]);
}
