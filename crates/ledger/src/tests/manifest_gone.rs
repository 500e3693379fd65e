//! Segments without the manifest that names them: nothing begins anew over them.

use super::{books, check, entries, import, meta};
use crate::Store;
use books::Ledger;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All files below a folder, with their bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

/// Books with sealed rows, closed.
fn closed_books() -> tempfile::TempDir {
    let (dir, store) = books();
    import(&store, "a", &entries(1, 300, 4));
    drop(store);
    dir
}

fn refused(dir: &Path) {
    let before = files(dir);
    for open in [Store::open, Store::open_read_only, Store::create, Store::open_or_create] {
        let error = open(dir).err().unwrap().0;
        assert!(error.contains("the manifest is gone while 4 sealed segments lie in") && error.contains("backup"), "{error}");
    }
    assert_eq!(files(dir), before);
}

#[test]
fn without_its_manifest_nothing_is_opened_or_changed() {
    let dir = closed_books();
    let manifest = dir.path().join("ledger/manifest.sqlite");
    let whole = std::fs::read(&manifest).unwrap();
    std::fs::remove_file(&manifest).unwrap();
    refused(dir.path());
    std::fs::remove_dir_all(dir.path().join("ledger/staging")).unwrap();
    refused(dir.path());
    std::fs::write(&manifest, b"").unwrap();
    std::fs::write(dir.path().join("ledger/manifest.sqlite-wal"), b"what is left").unwrap();
    refused(dir.path());
    std::fs::remove_file(dir.path().join("ledger/manifest.sqlite-wal")).unwrap();
    std::fs::write(&manifest, &whole).unwrap();
    check(&Store::open(dir.path()).unwrap(), &entries(1, 300, 4));
}

#[test]
fn a_manifest_without_tables_is_not_begun_anew() {
    let dir = closed_books();
    let manifest = dir.path().join("ledger/manifest.sqlite");
    std::fs::remove_file(&manifest).unwrap();
    rusqlite::Connection::open(&manifest).unwrap().execute_batch("CREATE TABLE x (a); DROP TABLE x").unwrap();
    assert!(std::fs::metadata(&manifest).unwrap().len() > 0);
    refused(dir.path());
}

#[test]
fn an_empty_manifest_without_segments_is_new() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("ledger/segments")).unwrap();
    std::fs::write(dir.path().join("ledger/manifest.sqlite"), b"").unwrap();
    let store = Store::open(dir.path()).unwrap();
    import(&store, "a", &entries(1, 300, 4));
    check(&store, &entries(1, 300, 4));
}

#[test]
fn the_very_first_import_may_be_killed() {
    let (dir, store) = books();
    std::fs::create_dir_all(store.path("staging/import-1")).unwrap();
    std::fs::create_dir_all(store.segment_path("day=2026-01-01")).unwrap();
    std::fs::write(store.segment_path("day=2026-01-01/00000001-0.parquet"), b"half").unwrap();
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.head().unwrap().links, 0);
    import(&store, "a", &entries(1, 300, 4));
    check(&store, &entries(1, 300, 4));
}

#[test]
fn an_older_manifest_writes_over_no_segment() {
    let (dir, store) = books();
    import(&store, "a", &entries(1, 300, 4));
    drop(store);
    let manifest = dir.path().join("ledger/manifest.sqlite");
    let older = std::fs::read(&manifest).unwrap();
    let store = Store::open(dir.path()).unwrap();
    import(&store, "b", &entries(2, 300, 4));
    drop(store);
    std::fs::write(&manifest, &older).unwrap();
    let sealed = files(&dir.path().join("ledger/segments"));
    let store = Store::open(dir.path()).unwrap();
    let error = store.begin_import(meta("c"), &mut || {}).err().unwrap().0;
    assert!(error.contains("older than the segments") && error.contains("4 such files"), "{error}");
    assert_eq!(files(&dir.path().join("ledger/segments")), sealed);
}
