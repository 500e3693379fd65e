//! The books over time: verification, caches, sums at the edges, doors.

use super::{Dice, books, check, entries, import};
use crate::Store;
use books::{Entry, Ledger, Rank};
use std::sync::Arc;

#[test]
fn one_flipped_byte_in_any_segment_is_named() {
    let (_dir, store) = books();
    import(&store, "a", &entries(1, 300, 4));
    import(&store, "b", &entries(2, 300, 4));
    let mut dice = Dice(3);
    for path in store.files_in_segments().unwrap() {
        let file = store.segment_path(&path);
        let whole = std::fs::read(&file).unwrap();
        let mut bent = whole.clone();
        bent[dice.roll(whole.len() as u64) as usize] ^= 1 << dice.roll(8);
        std::fs::write(&file, &bent).unwrap();
        let problems = store.verify().unwrap().problems;
        assert_eq!(problems.iter().map(|problem| problem.segment_or_link.as_str()).collect::<Vec<_>>(), [path.as_str()]);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(store.verify().unwrap().problems[0].segment_or_link, path);
        std::fs::write(&file, &whole).unwrap();
    }
    let report = store.verify().unwrap();
    assert!(report.is_whole());
    assert_eq!((report.links, report.segments, report.rows), (2, 8, 600));
}

#[test]
fn a_changed_manifest_is_named() {
    let changes = [
        ("UPDATE links SET body = replace(body, '\"rows\":300', '\"rows\":301') WHERE seq = 2", "link 2"),
        ("UPDATE links SET digest = 'x' WHERE seq = 3", "link 3"),
        ("DELETE FROM links WHERE seq = 2", "link 3"),
        ("UPDATE segments SET rows = rows + 1 WHERE link = 1 AND id = 1", "link 1"),
        ("DELETE FROM segments WHERE link = 2", "link 2"),
        ("DELETE FROM deletions", "link 3"),
        ("UPDATE imports SET file = 'other' WHERE id = 2", "link 2"),
        ("UPDATE imports SET findings = '[ ]' WHERE id = 1", "link 1"),
        ("UPDATE imports SET reverted = NULL", "imports"),
        ("UPDATE imports SET reverted = 1 WHERE id = 1", "imports"),
    ];
    for (change, named) in changes {
        let (_dir, store) = books();
        let mut row = entries(1, 1, 1);
        row[0].external_id = Some("x".into());
        import(&store, "1", &[row.clone(), entries(3, 299, 2)].concat());
        import(&store, "2", &entries(2, 300, 2));
        row[0].counts.input_tokens = Some(77);
        import(&store, "3", &row);
        import(&store, "4", &entries(5, 30, 2));
        store.revert(4, 9).unwrap();
        assert!(store.verify().unwrap().is_whole());
        store.manifest().lock().execute_batch(change).unwrap();
        let problems = store.verify().unwrap().problems;
        assert!(problems.iter().any(|problem| problem.segment_or_link == named), "{change}: {problems:?}");
    }
}

#[test]
fn roll_ups_may_vanish_or_rot() {
    let (dir, store) = books();
    let rows = entries(1, 900, 6);
    import(&store, "a", &rows);
    let sums = store.sums(None, None).unwrap();
    let folder = dir.path().join("rollups");
    let files = || std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>();
    assert_eq!(files().len(), 1);
    let mut bytes = std::fs::read(&files()[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&files()[0], &bytes).unwrap();
    assert_eq!(store.sums(None, None).unwrap(), sums);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(store.sums(None, None).unwrap(), sums);
    let some = store.sums(Some(books::Day(20_456)), Some(books::Day(20_457))).unwrap();
    assert_eq!(some, store.sums_raw(Some(books::Day(20_456)), Some(books::Day(20_457))).unwrap());
    assert!(!some.rows.is_empty() && some.rows.len() < sums.rows.len());
    import(&store, "b", &entries(2, 10, 1));
    assert_eq!(files().len(), 2);
}

#[test]
fn roll_ups_state_nothing_whose_segment_is_gone() {
    let (_dir, store) = books();
    import(&store, "a", &entries(1, 300, 4));
    import(&store, "b", &entries(2, 300, 4));
    let sums = store.sums(None, None).unwrap();
    for path in store.files_in_segments().unwrap() {
        let file = store.segment_path(&path);
        let whole = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let error = store.sums(None, None).unwrap_err().0;
        assert!(error.contains(&path) && error.contains("is missing"), "{error}");
        std::fs::write(&file, &whole[1..]).unwrap();
        let error = store.sums(None, None).unwrap_err().0;
        assert!(error.contains(&path) && error.contains(&format!("{} were sealed", whole.len())), "{error}");
        std::fs::write(&file, &whole).unwrap();
        assert_eq!(store.sums(None, None).unwrap(), sums);
    }
    for path in store.files_in_segments().unwrap().iter().filter(|path| path.contains("/00000002-")) {
        std::fs::remove_file(store.segment_path(path)).unwrap();
    }
    assert!(store.sums(None, None).is_err());
    // An import that was taken back needs its files no more.
    store.revert(2, 9).unwrap();
    assert_eq!(store.sums(None, None).unwrap().rows, super::expected(&entries(1, 300, 4)));
}

#[test]
fn a_training_run_lies_beside_a_microjoule_and_no_sum_wraps() {
    let (_dir, store) = books();
    let mut rows = vec![Entry::new(Arc::from("meter"), Rank::Span, super::START_MS); 3];
    rows[0].counts.energy_nj = Some(216_000_000_000_000_000_000_000);
    rows[1].counts.energy_nj = Some(1);
    for row in &mut rows {
        row.counts.context_input = Some(i64::MAX);
    }
    import(&store, "a", &rows);
    check(&store, &rows);
    let sums = store.sums(None, None).unwrap();
    assert_eq!(sums.rows[0].stats.energy_nj, 216_000_000_000_000_000_000_001);
    let answer = store.query("SELECT sum(context_input), sum(DISTINCT context_input), sum(energy_nj) FROM entries").unwrap();
    let text = |text: &str| serde_json::Value::from(text);
    assert_eq!(answer.rows[0][0], text("27670116110564327421"));
    assert_eq!(answer.rows[0][1], serde_json::Value::from(i64::MAX));
    assert_eq!(answer.rows[0][2], text("216000000000000000000001"));
}

#[test]
fn a_folder_without_books_says_how_to_make_them() {
    let dir = tempfile::tempdir().unwrap();
    let error = Store::open(dir.path()).err().unwrap().0;
    assert!(error.contains("bilanz init") && error.contains(dir.path().to_str().unwrap()), "{error}");
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(Store::create(&file).err().unwrap().0.contains("file"));
}

#[test]
fn factor_sets_are_kept_once() {
    let (_dir, store) = books();
    assert_eq!(store.factor_set("2026-01").unwrap(), None);
    store.keep_factor_set("2026-01", b"a = 1").unwrap();
    store.keep_factor_set("2026-01", b"a = 1").unwrap();
    assert!(store.keep_factor_set("2026-01", b"a = 2").unwrap_err().0.contains("another factor set"));
    assert_eq!(store.factor_set("2026-01").unwrap().unwrap(), b"a = 1");
    assert!(store.keep_factor_set("../up", b"").is_err());
}
