//! The public traces, read whole. They are found through `BILANZ_DATA`; without it the tests say that they are skipped.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the place of the traces and the clock of a measurement"
)]

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
    for (path, rows) in
        [("traces/mooncake-fast25/conversation_trace.jsonl", 12_031), ("traces/mooncake-fast25/synthetic_trace.jsonl", 3_993)]
    {
        let Some(bytes) = data(path) else { return };
        assert_eq!(detect(&bytes[..4096], path).unwrap(), Format::MooncakeTrace);
        let outcome =
            take(&bytes, Format::MooncakeTrace, |mapping| mapping.time_origin_ms = Some(1_735_689_600_000), &Config::default()).unwrap();
        assert_eq!(outcome.report.rows, rows);
        assert_eq!(outcome.finding("cache_not_inferred").unwrap().rows, rows);
    }
}

/// Text that repeats without being held in memory: head, body so many times, tail.
struct Long<'t> {
    parts: [&'t [u8]; 3],
    left: usize,
    place: usize,
}

impl std::io::Read for Long<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while self.place == self.parts[0].len() {
            self.place = 0;
            self.parts[0] = match self.left {
                0 => std::mem::take(&mut self.parts[2]),
                _ => self.parts[1],
            };
            if self.parts[0].is_empty() {
                return Ok(0);
            }
            self.left = self.left.saturating_sub(1);
        }
        let rest = &self.parts[0][self.place..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.place += count;
        Ok(count)
    }
}

const LITELLM: &str = r#"{"request_id":"r","call_type":"acompletion","api_key":"88dc28","spend":0.00021,"prompt_tokens":100,"completion_tokens":30,"startTime":"2026-03-01T10:00:00Z","endTime":"2026-03-01T10:00:02Z","model":"gpt-4o","custom_llm_provider":"openai","messages":[{"role":"user","content":"long text"}],"metadata":{"usage_object":{"cache_read_input_tokens":4}}}"#;
const SPAN: &str = r#"{"traceId":"5b8e","spanId":"eee1","name":"chat","startTimeUnixNano":"1756720800000000000","endTimeUnixNano":"1756720801200000000","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"100"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"180"}}]}"#;
const BUCKET: &str = r#"{"start_time":1759622400,"end_time":1759708800,"results":[{"input_tokens":59200,"output_tokens":10646,"input_cached_tokens":5760,"num_model_requests":10,"project_id":"p","model":"gpt-4o"}]}"#;

/// Run by hand: `cargo test -p measure --release --test traces -- --ignored --nocapture speed`.
/// Seen from outside, the memory of the process stays the same whatever the number of rows.
#[test]
#[ignore = "a measurement, not a check"]
fn speed() {
    let rows = 1_000_000;
    let list = |record: &str| format!("{record},\n");
    let cases = [
        (Format::AzureLlmTrace, "TIMESTAMP,ContextTokens,GeneratedTokens\n".to_owned(), "2023-11-16 18:17:03.9799600,4808,10\n".to_owned(), String::new()),
        (
            Format::BilanzUsage,
            "time_start,time_end,provider,model,region,use_case,unit,requests,input_tokens_uncached,input_tokens_cache_read,input_tokens_cache_write,output_tokens,reasoning_tokens,images,audio_seconds,energy_kwh,cost,currency,source_id\n".to_owned(),
            "2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,openai,gpt-4o,eu,case-7,,12,10000,2000,,300,,,,,0.0123,EUR,\n".to_owned(),
            String::new(),
        ),
        (Format::LitellmSpend, String::new(), format!("{LITELLM}\n"), String::new()),
        (Format::LitellmSpend, "[".to_owned(), list(LITELLM), format!("{LITELLM}]")),
        (Format::OtlpSpans, r#"{"resourceSpans":[{"scopeSpans":[{"spans":["#.to_owned(), list(SPAN), format!("{SPAN}]}}]}}]}}")),
        (Format::OpenaiUsage, r#"{"object":"page","data":["#.to_owned(), list(BUCKET), format!("{BUCKET}],\"has_more\":false}}")),
    ];
    let (config, names) = (Config::default(), FewNames::default());
    for (format, head, body, tail) in &cases {
        let reader = std::io::BufReader::with_capacity(
            1 << 16,
            Long { parts: [head.as_bytes(), body.as_bytes(), tail.as_bytes()], left: rows, place: 0 },
        );
        let mapping = Mapping::new(&config, &names, LATEST_MS);
        let start = std::time::Instant::now();
        let (mut count, mut bytes) = (0, 0);
        let mut sink = |batch: Vec<Entry>| {
            count += batch.len();
            Ok(())
        };
        read(reader, "file", *format, &mapping, &mut |at| bytes = at, &mut sink).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let memory = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        eprintln!(
            "{format}: {count} rows, {:.0} rows/s, {} MB, {:.0} MB/s; {memory}",
            count as f64 / seconds,
            bytes / 1_000_000,
            bytes as f64 / seconds / 1e6
        );
    }
}
