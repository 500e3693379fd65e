//! Logs of single requests: LiteLLM, OpenTelemetry spans, Mooncake traces.
#![allow(clippy::unwrap_used)]

mod common;

use books::{Config, Rank};
use common::{fails, keep_going, ok, take};
use measure::{Format, detect};

const LITELLM: &str = r#"{"request_id":"chatcmpl-1","call_type":"acompletion","api_key":"88dc28","spend":0.00021,"total_tokens":130,"prompt_tokens":100,"completion_tokens":30,"startTime":"2026-09-01T10:00:00Z","endTime":"2026-09-01T10:00:02Z","completionStartTime":"2026-09-01T10:00:00.500Z","model":"gpt-4o-mini","custom_llm_provider":"openai","team_id":"t1","cache_hit":"False","request_tags":["use-case:7"],"messages":[{"role":"user","content":"a secret"}],"response":{"text":"another"},"metadata":{"usage_object":{"prompt_tokens_details":{"cached_tokens":40},"completion_tokens_details":{"reasoning_tokens":10},"cache_creation_input_tokens":5}}}"#;

const OTLP: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{"traceId":"5b8e","spanId":"eee1","name":"chat gpt-4o","kind":3,"startTimeUnixNano":"1756720800000000000","endTimeUnixNano":"1756720801200000000","events":[{"name":"gen_ai.user.message","attributes":[{"key":"content","value":{"stringValue":"a secret"}}]}],"attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},{"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},{"key":"gen_ai.input.messages","value":{"stringValue":"a secret"}},{"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},{"key":"gen_ai.usage.input_tokens","value":{"intValue":"100"}},{"key":"gen_ai.usage.output_tokens","value":{"intValue":"180"}}]}]}]}]}"#;

#[test]
fn litellm() {
    assert_eq!(detect(LITELLM.as_bytes(), "spend.jsonl").unwrap(), Format::LitellmSpend);
    let outcome = ok(LITELLM, Format::LitellmSpend);
    let entry = &outcome.entries[0];
    assert_eq!((entry.rank, entry.external_id.as_deref()), (Rank::Gateway, Some("chatcmpl-1")));
    let counts = &entry.counts;
    assert_eq!((counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens), (Some(55), Some(40), Some(5)));
    assert_eq!((counts.output_tokens, counts.reasoning_tokens), (Some(20), Some(10)));
    assert_eq!((counts.requests, counts.requests_failed, counts.requests_cached), (Some(1), Some(0), Some(0)));
    assert_eq!((counts.duration_ms, counts.ttft_ms), (Some(2000), Some(500)));
    // 1,500 ms for 30 tokens: 50 ms each.
    assert_eq!(counts.itl_64, Some(30));
    assert_eq!((counts.cost_micro, &*entry.currency), (Some(210), "USD"));
    assert_eq!(counts.context_output, Some(30 * 100 + 450));
    assert_eq!(&*entry.labels, r#"{"key":"88dc28","tags":["use-case:7"],"team":"t1"}"#);
    assert!(!format!("{outcome:?}").contains("secret"));
}

#[test]
fn litellm_as_list_and_lines() {
    let second = LITELLM.replace("chatcmpl-1", "chatcmpl-2");
    let one = ok(LITELLM, Format::LitellmSpend).entries;
    for text in [format!("[{LITELLM},\n {second}]"), format!("{LITELLM}\n\n{second}"), format!("\u{feff}{LITELLM}\r\n{second}\r\n")] {
        let outcome = ok(&text, Format::LitellmSpend);
        assert_eq!(outcome.report.rows, 2);
        assert_eq!(outcome.entries[0], one[0]);
    }
    let bad = format!("[{LITELLM},\n{},\n{second}]", LITELLM.replace(":100,", ":\"letters\","));
    let message = fails(bad.as_bytes(), Format::LitellmSpend);
    assert!(message.contains("file, line 2, column `prompt_tokens`: `letters` is no whole number"), "{message}");
    assert_eq!(keep_going(&bad, Format::LitellmSpend).entries.len(), 2);
    let bad = format!("{LITELLM}\n{}\n{second}\n", &LITELLM[..200]);
    let message = fails(bad.as_bytes(), Format::LitellmSpend);
    assert!(message.contains("file, line 2: the JSON breaks off at byte 200"), "{message}");
    let outcome = keep_going(&bad, Format::LitellmSpend);
    assert_eq!((outcome.entries.len(), outcome.report.rejected, outcome.report.rows), (2, 1, 3));
    assert!(outcome.finding("rows_rejected").unwrap().text.contains("lines 2)"));
}

#[test]
fn litellm_answers_from_the_cache_and_failures() {
    let cached = ok(&LITELLM.replace("\"False\"", "\"True\""), Format::LitellmSpend);
    let counts = &cached.entries[0].counts;
    assert_eq!((counts.requests, counts.requests_cached, counts.input_tokens, counts.output_tokens), (Some(1), Some(1), Some(0), Some(0)));
    let failed = ok(&LITELLM.replace("\"team_id\"", "\"status\":\"failure\",\"team_id\""), Format::LitellmSpend);
    assert_eq!(failed.entries[0].counts.requests_failed, Some(1));
    let free = ok(&LITELLM.replace("0.00021", "0.0"), Format::LitellmSpend);
    assert_eq!(free.entries[0].counts.cost_micro, None);
    assert!(free.finding("spend_zero").is_some());
    // Not streamed: the first token comes with the last.
    let whole = ok(&LITELLM.replace("10:00:00.500Z", "10:00:02Z"), Format::LitellmSpend);
    assert_eq!((whole.entries[0].counts.ttft_ms, whole.entries[0].counts.itl_4), (None, None));
}

#[test]
fn litellm_metadata_as_text_and_raw_keys() {
    let text = r#"{"request_id":"r","call_type":"completion","api_key":"sk-abcdefghijklmnop","prompt_tokens":10,"completion_tokens":2,"startTime":"2026-09-01 10:00:00.123","endTime":"2026-09-01 10:00:01","model":"m","api_base":"https://bedrock-runtime.eu-central-1.amazonaws.com/x","metadata":"{\"project_id\":\"p9\",\"usage_object\":{\"cache_read_input_tokens\":4}}","request_tags":"[\"a=1\"]"}"#;
    let outcome = ok(text, Format::LitellmSpend);
    let entry = &outcome.entries[0];
    assert_eq!((entry.counts.input_tokens, entry.counts.cache_read_tokens), (Some(6), Some(4)));
    assert_eq!(&*entry.region, "eu-central-1");
    assert!(entry.labels.contains(r#""project":"p9""#) && entry.labels.contains(r#""tags":["a=1"]"#), "{}", entry.labels);
    assert!(entry.labels.contains("hashed-") && !format!("{outcome:?}").contains("abcdefgh"));
    assert_eq!(outcome.finding("time_zone_assumed").unwrap().rows, 1);
    assert_eq!(outcome.finding("model_unknown").unwrap().rows, 1);
}

#[test]
fn otlp() {
    assert_eq!(detect(OTLP.as_bytes(), "traces.json").unwrap(), Format::OtlpSpans);
    let outcome = ok(OTLP, Format::OtlpSpans);
    let entry = &outcome.entries[0];
    assert_eq!((entry.rank, entry.external_id.as_deref(), &*entry.model), (Rank::Span, Some("5b8eeee1"), "openai/gpt-4o"));
    assert_eq!((entry.time_start_ms, entry.time_end_ms), (1_756_720_800_000, 1_756_720_801_200));
    assert_eq!((entry.counts.input_tokens, entry.counts.output_tokens, entry.counts.cache_read_tokens), (Some(100), Some(180), None));
    assert_eq!((entry.counts.duration_ms, entry.counts.requests_failed), (Some(1200), Some(0)));
    // 180 tokens at 10 ms would take 1.8 s; the span took 1.2 s.
    assert_eq!(entry.counts.generation_low_us, Some(1_200_000));
    assert_eq!(&*entry.labels, r#"{"service":"shop"}"#);
    assert!(!format!("{outcome:?}").contains("secret"));
}

#[test]
fn otlp_lines_old_names_and_other_spans() {
    let old = OTLP
        .replace("gen_ai.provider.name", "gen_ai.system")
        .replace("usage.input_tokens", "usage.prompt_tokens")
        .replace("usage.output_tokens", "usage.completion_tokens")
        .replace("\"eee1\"", "\"eee2\"");
    let agent = OTLP.replace("\"chat\"", "\"invoke_agent\"");
    let text = format!("{OTLP}\n{old}\n{agent}\n");
    let outcome = ok(&text, Format::OtlpSpans);
    assert_eq!((outcome.report.rows, outcome.entries.len()), (3, 2));
    assert_eq!(outcome.finding("spans_skipped").unwrap().rows, 1);
    assert_eq!(outcome.entries[1].counts, outcome.entries[0].counts);
    let pretty: serde_json::Value = serde_json::from_str(OTLP).unwrap();
    assert_eq!(ok(&serde_json::to_string_pretty(&pretty).unwrap(), Format::OtlpSpans).entries, ok(OTLP, Format::OtlpSpans).entries);
    let message = fails(br#"{"resourceMetrics":[]}"#, Format::OtlpSpans);
    assert!(message.contains("no `resourceSpans`"), "{message}");
}

#[test]
fn mooncake() {
    let text = "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [0, 1]}\n{\"timestamp\": 1500, \"input_length\": 7322, \"output_length\": 490, \"hash_ids\": [0]}\n";
    assert_eq!(detect(text.as_bytes(), "trace.jsonl").unwrap(), Format::MooncakeTrace);
    assert!(fails(text.as_bytes(), Format::MooncakeTrace).contains("--time-origin"));
    let outcome =
        take(text.as_bytes(), Format::MooncakeTrace, |mapping| mapping.time_origin_ms = Some(1_760_000_000_000), &Config::default())
            .unwrap();
    assert_eq!(outcome.entries[1].time_start_ms, 1_760_000_001_500);
    assert_eq!((outcome.sum(|counts| counts.input_tokens), outcome.sum(|counts| counts.output_tokens)), (14_080, 990));
    assert_eq!(outcome.finding("cache_not_inferred").unwrap().rows, 2);
    assert_eq!(outcome.finding("model_missing").unwrap().rows, 2);
    assert_eq!(outcome.entries[0].counts.cache_read_tokens, None);
}
