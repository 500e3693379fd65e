//! Figures rather than verdicts; run with `--ignored --nocapture`.

#![allow(clippy::print_stderr)]

use super::{books, entries};
use crate::ImportMeta;
use books::Ledger;
use std::time::{Duration, Instant};

/// Rows from the environment variable `ROWS`, else a number that suits an unoptimised engine.
fn rows_wanted() -> usize {
    std::env::var("ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(200_000)
}

#[test]
#[ignore = "takes a while; prints figures"]
fn throughput() {
    let (_dir, store) = books();
    let rows = rows_wanted();
    let chunks: Vec<_> = entries(1, rows, 365).chunks(8192).map(<[_]>::to_vec).collect();
    for round in ["first", "again"] {
        let meta = ImportMeta { file: round.to_owned(), format: "speed".to_owned(), source: "speed".to_owned() };
        let mut session = store.begin_import(meta, &mut || {}).unwrap();
        let start = Instant::now();
        let mut making = Duration::ZERO;
        for chunk in &chunks {
            let make = Instant::now();
            let chunk = chunk.clone();
            making += make.elapsed();
            session.push(chunk).unwrap();
        }
        let pushed = start.elapsed() - making;
        let record = session.commit(1, rows as u64, 0, Vec::new()).unwrap();
        let whole = start.elapsed() - making;
        eprintln!(
            "{round}: {} new, push {pushed:?}, with commit {whole:?}, {:.0} rows/s",
            record.imported,
            rows as f64 / whole.as_secs_f64()
        );
    }
    let size: u64 = store.manifest().snapshot().unwrap().segments.iter().map(|segment| segment.bytes).sum();
    eprintln!("{:.1} bytes a row", size as f64 / rows as f64);
    for (name, sql) in [(
        "day x model",
        "SELECT day, model, sum(requests), sum(input_tokens), sum(output_tokens), count(*) FROM entries GROUP BY day, model",
    )] {
        let best = (0..3)
            .map(|_| {
                let start = Instant::now();
                store.query(sql).unwrap();
                start.elapsed()
            })
            .min();
        eprintln!("{name}: {best:?}");
    }
    let start = Instant::now();
    let raw = store.sums_raw(None, None).unwrap();
    let raw_took = start.elapsed();
    let start = Instant::now();
    let sums = store.sums(None, None).unwrap();
    eprintln!("raw sums {raw_took:?}, roll-ups {:?}, {} rows", start.elapsed(), sums.rows.len());
    assert_eq!(raw, sums);
    let start = Instant::now();
    assert!(store.verify().unwrap().is_whole());
    eprintln!("verify {:?}", start.elapsed());
}
