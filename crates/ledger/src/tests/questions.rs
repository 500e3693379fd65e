//! SQL: right, read-only, and helpful when it fails.

use super::{books, entries, import};
use serde_json::Value;

#[test]
fn answers_come_as_rows_and_as_a_table() {
    let (_dir, store) = books();
    import(&store, "a", &entries(1, 1000, 3));
    let answer = store.query("SELECT day, count(*) AS rows, sum(requests) AS requests FROM entries GROUP BY day ORDER BY day").unwrap();
    assert_eq!(answer.columns, ["day", "rows", "requests"]);
    assert_eq!(answer.rows[0][0], Value::from("2026-01-01"));
    assert_eq!(answer.rows.iter().map(|row| row[1].as_i64().unwrap()).sum::<i64>(), 1000);
    let table = answer.to_table();
    assert_eq!(table.lines().count(), 5, "{table}");
    assert!(table.starts_with("day         rows  requests\n----------  ----  --------\n2026-01-01"), "{table}");
    let one = store.query("SELECT count(*) FROM entries WHERE day = '2026-01-02' AND model LIKE 'open%' AND time_start_ms > 0").unwrap();
    assert!(one.rows[0][0].as_i64().unwrap() > 50);
    let moving = "SELECT sum(requests) OVER (ORDER BY time_start_ms ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM entries LIMIT 5";
    assert_eq!(store.query(moving).unwrap().rows.len(), 5);
    let mixed = "SELECT sum(DISTINCT input_tokens), sum(output_tokens), avg(output_tokens), sum(1.5) FROM entries GROUP BY account, day";
    assert_eq!(store.query(mixed).unwrap().rows.len(), 9);
    for sql in [
        "SHOW TABLES",
        "DESCRIBE entries",
        "EXPLAIN SELECT 1",
        "WITH a AS (SELECT 1 AS x) SELECT x FROM a",
        "SELECT date_trunc('month', day) FROM entries LIMIT 1",
    ] {
        assert!(!store.query(sql).unwrap().rows.is_empty(), "{sql}");
    }
}

#[test]
fn books_without_entries_answer_with_no_rows() {
    let (_dir, store) = books();
    assert!(store.query("SELECT model, day FROM entries ORDER BY time_start_ms LIMIT 3").unwrap().rows.is_empty());
    assert_eq!(store.query("SELECT count(*) FROM entries").unwrap().rows[0][0].as_i64(), Some(0));
}

#[test]
fn hidden_rows_stay_hidden_under_filters_and_limits() {
    let (_dir, store) = books();
    let mut rows = entries(1, 2000, 1);
    for (number, row) in rows.iter_mut().enumerate() {
        row.external_id = Some(number.to_string().into());
    }
    import(&store, "a", &rows);
    rows.iter_mut().step_by(3).for_each(|row| row.counts.requests = Some(1000));
    import(&store, "b", &rows);
    let number = |sql: &str| store.query(sql).unwrap().rows[0][0].as_i64().unwrap();
    assert_eq!(number("SELECT count(*) FROM entries"), 2000);
    assert_eq!(number("SELECT count(*) FROM entries WHERE requests = 1000"), 667);
    assert_eq!(number("SELECT count(DISTINCT external_id) FROM entries"), 2000);
    assert_eq!(number("SELECT count(*) FROM (SELECT * FROM entries LIMIT 1500)"), 1500);
    assert_eq!(number("SELECT count(*) FROM entries WHERE external_id = '3'"), 1);
}

#[test]
#[ignore = "takes half a minute: files large enough to be read in pieces"]
fn hidden_rows_stay_hidden_in_files_of_many_row_groups() {
    let (_dir, store) = books();
    let mut rows = entries(1, 400_000, 1);
    for (number, row) in rows.iter_mut().enumerate() {
        row.external_id = Some(number.to_string().into());
        row.counts.requests = Some(1);
    }
    import(&store, "a", &rows);
    let mut changed: Vec<_> = rows.iter().step_by(7).cloned().collect();
    changed.iter_mut().for_each(|row| row.counts.requests = Some(3));
    let record = import(&store, "b", &changed);
    assert_eq!(record.superseded, changed.len() as u64);
    rows.iter_mut().step_by(7).for_each(|row| row.counts.requests = Some(3));
    super::check(&store, &rows);
    let answer = store.query("SELECT count(*), sum(requests), count(DISTINCT external_id) FROM entries WHERE requests > 0").unwrap();
    let changed = changed.len() as i64;
    assert_eq!(answer.rows[0], [Value::from(400_000), Value::from(400_000 + 2 * changed), Value::from(400_000)]);
}

#[test]
fn nothing_can_be_changed_or_read_outside() {
    let (dir, store) = books();
    import(&store, "a", &entries(1, 10, 1));
    let secret = dir.path().join("secret.csv");
    std::fs::write(&secret, "a\n1\n").unwrap();
    for sql in [
        "INSERT INTO entries VALUES (1)",
        "DELETE FROM entries",
        "DROP TABLE entries",
        "CREATE TABLE x AS SELECT 1",
        "SET datafusion.execution.batch_size = 1",
        "UPDATE entries SET requests = 0",
        "-- a comment\n (DELETE FROM entries)",
        &format!("EXPLAIN ANALYZE COPY entries TO '{}/out.csv'", dir.path().display()),
        &format!("COPY entries TO '{}/out.csv'", dir.path().display()),
        &format!("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{}'", secret.display()),
    ] {
        let error = store.query(sql).unwrap_err().0;
        assert!(error.contains("read-only"), "{sql}: {error}");
    }
    assert!(store.query(&format!("SELECT * FROM '{}'", secret.display())).is_err());
    assert!(!dir.path().join("out.csv").exists());
}

#[test]
fn a_misspelt_column_is_answered_with_the_right_one() {
    let (_dir, store) = books();
    let error = store.query("SELECT sum(input_token) FROM entries").unwrap_err().0;
    assert!(error.contains("`input_tokens`") && error.contains("DESCRIBE entries"), "{error}");
    let error = store.query("SELECT * FROM entry").unwrap_err().0;
    assert!(error.contains("`entries`"), "{error}");
    let error = store.query("SELEC 1").unwrap_err().0;
    assert!(error.to_lowercase().contains("selec"), "{error}");
}
