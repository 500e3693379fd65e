//! Books that cannot be written: every question is answered, every change refused.

use super::{books, entries, expected, import, meta};
use crate::Store;
use books::{Entry, Ledger};
use std::path::Path;

fn answers(store: &Store, dir: &Path, rows: &[Entry]) {
    assert!(store.is_read_only());
    let _ = std::fs::remove_dir_all(dir.join("rollups"));
    assert_eq!(store.head().unwrap().entries, rows.len() as u64);
    assert_eq!(store.sums(None, None).unwrap().rows, expected(rows));
    assert_eq!(store.sums_raw(None, None).unwrap().rows, expected(rows));
    assert!(store.verify().unwrap().is_whole());
    assert_eq!(store.imports().unwrap().len(), 1);
    assert_eq!(store.query("SELECT count(*) FROM entries").unwrap().rows[0][0], serde_json::Value::from(rows.len()));
    assert_eq!(store.factor_set("kept").unwrap().unwrap(), b"a");
    store.keep_factor_set("kept", b"a").unwrap();
    let refusals = [
        store.begin_import(meta("b"), &mut || {}).map(|_| ()),
        store.revert(1, 9).map(|_| ()),
        store.keep_factor_set("new", b"b"),
        store.seal_journal(9).map(|_| ()),
        store.journal().map(|_| ()),
    ];
    for refusal in refusals {
        let error = refusal.unwrap_err().0;
        assert!(error.contains("can only be read") && error.contains("writable"), "{error}");
    }
}

fn with_rows(rows: &[Entry]) -> (tempfile::TempDir, Store) {
    let (dir, store) = books();
    import(&store, "a", rows);
    store.keep_factor_set("kept", b"a").unwrap();
    (dir, store)
}

#[test]
fn beside_a_writer() {
    let rows = entries(1, 300, 4);
    let (dir, writer) = with_rows(&rows);
    let reader = Store::open_read_only(dir.path()).unwrap();
    answers(&reader, dir.path(), &rows);
    assert!(!dir.path().join("rollups").exists());
    import(&writer, "b", &entries(2, 10, 1));
    assert_eq!(reader.head().unwrap().entries, 310);
}

#[test]
fn where_nothing_can_be_made() {
    let rows = entries(1, 300, 4);
    let (dir, store) = with_rows(&rows);
    assert!(!store.is_read_only());
    let error = Store::open_unchanging(dir.path()).err().unwrap().0;
    assert!(error.contains("manifest.sqlite-wal holds changes"), "{error}");
    drop(store);
    assert!(!dir.path().join("ledger/manifest.sqlite-wal").exists());
    let odd = dir.path().join("a %41?b#c");
    std::fs::create_dir(&odd).unwrap();
    for name in ["ledger", "factor-sets"] {
        std::fs::rename(dir.path().join(name), odd.join(name)).unwrap();
    }
    answers(&Store::open_unchanging(&odd).unwrap(), &odd, &rows);
    assert!(!odd.join("ledger/manifest.sqlite-shm").exists() && !odd.join("rollups").exists());
}

/// Says nothing when run by root, whom no mode holds back.
#[cfg(unix)]
#[test]
fn modes_are_enough() {
    use std::os::unix::fs::PermissionsExt;
    let rows = entries(1, 300, 4);
    let (dir, store) = with_rows(&rows);
    drop(store);
    let ledger = dir.path().join("ledger");
    let manifest = ledger.join("manifest.sqlite");
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(&ledger, 0o555);
    if tempfile::tempfile_in(&ledger).is_err() {
        answers(&Store::open(dir.path()).unwrap(), dir.path(), &rows);
        assert!(Store::create(dir.path()).is_err());
        mode(&manifest, 0o444);
        answers(&Store::open(dir.path()).unwrap(), dir.path(), &rows);
        mode(&ledger, 0o755);
        answers(&Store::open(dir.path()).unwrap(), dir.path(), &rows);
        assert!(Store::open_or_create(dir.path()).err().unwrap().0.contains("cannot be opened for writing"));
    }
    mode(&ledger, 0o755);
}

#[test]
fn without_books_it_says_so() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Store::open_read_only(dir.path()).err().unwrap().0.contains("bilanz init"));
}
