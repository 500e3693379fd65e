//! Imports: what is new, what was there, what replaces what.

use super::{DAY_MS, START_MS, books, check, entries, import};
use books::{Entry, Ledger};

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
    let _ = (START_MS, DAY_MS, Vec::<Entry>::new());
}
