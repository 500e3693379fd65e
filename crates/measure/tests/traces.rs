//! The public traces, read whole. They are found through `BILANZ_DATA`; without it the tests say that they are skipped.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use books::{Config, Entry, Rank};
use common::{FewNames, LATEST_MS, take};
use measure::{Format, Mapping, detect, read};

fn data(path: &str) -> Option<Vec<u8>> {
    let Some(folder) = std::env::var_os("BILANZ_DATA") else {
        eprintln!("skipped: BILANZ_DATA is not set, so {path} cannot be read");
        return None;
    };
    Some(std::fs::read(std::path::Path::new(&folder).join(path)).unwrap())
}

fn azure(path: &str, rows: u64, input: i64, output: i64) {
    let Some(bytes) = data(path) else { return };
    assert_eq!(detect(&bytes[..4096], path).unwrap(), Format::AzureLlmTrace);
    let outcome = take(&bytes, Format::AzureLlmTrace, |mapping| mapping.model = Some("gpt-4o".into()), &Config::default()).unwrap();
    assert_eq!(outcome.report.rows, rows);
    assert_eq!(outcome.entries.len() as u64, rows);
    assert_eq!(outcome.sum(|counts| counts.input_tokens), input);
    assert_eq!(outcome.sum(|counts| counts.output_tokens), output);
    assert_eq!(outcome.finding("time_zone_assumed").unwrap().rows, rows);
    assert!(outcome.entries.iter().all(|entry| entry.rank == Rank::Span && entry.counts.cache_read_tokens.is_none()));
}

#[test]
fn azure_code() {
    azure("traces/azure-llm-2023/AzureLLMInferenceTrace_code.csv", 8_819, 18_059_974, 245_896);
}

#[test]
fn azure_conversation() {
    azure("traces/azure-llm-2023/AzureLLMInferenceTrace_conv.csv", 19_366, 22_361_870, 4_088_665);
}

#[test]
fn mooncake() {
    for (path, rows) in [("traces/mooncake-fast25/conversation_trace.jsonl", 12_031), ("traces/mooncake-fast25/synthetic_trace.jsonl", 3_993)] {
        let Some(bytes) = data(path) else { return };
        assert_eq!(detect(&bytes[..4096], path).unwrap(), Format::MooncakeTrace);
        let outcome = take(&bytes, Format::MooncakeTrace, |mapping| mapping.time_origin_ms = Some(1_735_689_600_000), &Config::default()).unwrap();
        assert_eq!(outcome.report.rows, rows);
        assert_eq!(outcome.finding("cache_not_inferred").unwrap().rows, rows);
    }
}

/// Run by hand: `cargo test -p measure --release -- --ignored --nocapture speed`.
#[test]
#[ignore = "a measurement, not a check"]
fn speed() {
    let mut azure = String::from("TIMESTAMP,ContextTokens,GeneratedTokens\n");
    let mut bilanz = String::from(
        "time_start,time_end,provider,model,region,use_case,unit,requests,input_tokens_uncached,input_tokens_cache_read,input_tokens_cache_write,output_tokens,reasoning_tokens,images,audio_seconds,energy_kwh,cost,currency,source_id\n",
    );
    for row in 0..500_000 {
        use std::fmt::Write;
        writeln!(azure, "2023-11-16 18:{:02}:{:02}.9799600,{},{}", row / 60 % 60, row % 60, row % 5000, row % 400).unwrap();
        writeln!(
            bilanz,
            "2026-03-01T10:{:02}:{:02}Z,2026-03-01T11:00:00Z,openai,gpt-4o,eu,case-{},,{},{},{},,{},,,,,0.0{},EUR,",
            row / 60 % 60,
            row % 60,
            row % 50,
            row % 9 + 1,
            row % 70_000,
            row % 900,
            row % 3000,
            row % 1000
        )
        .unwrap();
    }
    let (config, names) = (Config::default(), FewNames::default());
    for (format, text) in [(Format::AzureLlmTrace, &azure), (Format::BilanzUsage, &bilanz)] {
        let mut mapping = Mapping::new(&config, &names, LATEST_MS);
        mapping.model = Some("gpt-4o".into());
        let start = std::time::Instant::now();
        let mut count = 0;
        let mut sink = |batch: Vec<Entry>| {
            count += batch.len();
            Ok(())
        };
        read(text.as_bytes(), "file", format, &mapping, &mut |_| {}, &mut sink).unwrap();
        let rate = 500_000.0 / start.elapsed().as_secs_f64();
        eprintln!("{format}: {count} rows, {rate:.0} rows/s");
    }
}
