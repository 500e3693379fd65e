//! One traffic, told several ways: equal sums, counted once, and a difference is a finding.

use crate::house::House;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// One call: minute since 2026-03-02 00:00 UTC, fresh input, read from cache, output, reasoning within output.
type Call = (i64, i64, i64, i64, i64);

const START_S: i64 = 1_772_409_600;

/// Three days of calls, deterministic.
fn calls() -> Vec<Call> {
    (0..240).map(|i| (i * 18, 200 + i * 7 % 900, i * 5 % 300, 40 + i * 3 % 200, i % 4 * 5)).collect()
}

fn day(call: &Call) -> i64 {
    call.0 / 1440
}

fn stamp(second: i64) -> String {
    let (day, rest) = ((second - START_S) / 86_400, (second - START_S) % 86_400);
    format!("2026-03-{:02}T{:02}:{:02}:{:02}Z", 2 + day, rest / 3600, rest / 60 % 60, rest % 60)
}

/// (calls, fresh, cached, output) of one day.
fn totals(calls: &[Call], on: i64) -> [i64; 4] {
    calls.iter().filter(|call| day(call) == on).fold([0; 4], |sum, call| [sum[0] + 1, sum[1] + call.1, sum[2] + call.2, sum[3] + call.3])
}

/// Buckets as OpenAI counts: cached input lies inside the input.
fn openai_buckets(calls: &[Call], model: &str) -> Value {
    let data: Vec<Value> = (0..3)
        .map(|on| {
            let [count, fresh, cached, output] = totals(calls, on);
            let start = START_S + on * 86_400;
            json!({ "object": "bucket", "start_time": start, "end_time": start + 86_400, "results": [{
                "object": "organization.usage.completions.result", "input_tokens": fresh + cached, "output_tokens": output,
                "input_cached_tokens": cached, "input_audio_tokens": 0, "output_audio_tokens": 0, "num_model_requests": count,
                "project_id": "proj_a", "user_id": null, "api_key_id": null, "model": model, "batch": null, "service_tier": null }] })
        })
        .collect();
    json!({ "object": "page", "data": data, "has_more": false, "next_page": null })
}

/// Buckets as Anthropic counts: cached input lies beside the input, and calls are not told.
fn anthropic_buckets(calls: &[Call], model: &str) -> Value {
    let data: Vec<Value> = (0..3)
        .map(|on| {
            let [_, fresh, cached, output] = totals(calls, on);
            let start = START_S + on * 86_400;
            json!({ "starting_at": stamp(start), "ending_at": stamp(start + 86_400 - 1), "results": [{
                "workspace_id": null, "api_key_id": null, "model": model, "service_tier": "standard", "context_window": "0-200k",
                "uncached_input_tokens": fresh, "cache_read_input_tokens": cached, "cache_creation_5m_input_tokens": 0,
                "cache_creation_1h_input_tokens": 0, "output_tokens": output, "server_tool_use": {} }] })
        })
        .collect();
    json!({ "data": data, "has_more": false, "next_page": null })
}

fn spans(calls: &[Call], provider: &str, model: &str) -> Value {
    let attribute = |key: &str, value: Value| json!({ "key": key, "value": value });
    let number = |value: i64| json!({ "intValue": value.to_string() });
    let spans: Vec<Value> = calls
        .iter()
        .enumerate()
        .map(|(index, call)| {
            let nanos = (START_S + call.0 * 60) as i128 * 1_000_000_000;
            json!({ "traceId": format!("{index:032x}"), "spanId": format!("{index:016x}"), "name": "chat", "kind": 3,
                "startTimeUnixNano": nanos.to_string(), "endTimeUnixNano": (nanos + 2_000_000_000).to_string(),
                "attributes": [
                    attribute("gen_ai.operation.name", json!({ "stringValue": "chat" })),
                    attribute("gen_ai.provider.name", json!({ "stringValue": provider })),
                    attribute("gen_ai.request.model", json!({ "stringValue": model })),
                    attribute("gen_ai.usage.input_tokens", number(call.1 + call.2)),
                    attribute("gen_ai.usage.cache_read.input_tokens", number(call.2)),
                    attribute("gen_ai.usage.output_tokens", number(call.3)),
                ] })
        })
        .collect();
    json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] })
}

/// A gateway's log of the same calls, one JSON object a line.
fn gateway_log(calls: &[Call], model: &str) -> String {
    let mut log = String::new();
    for (index, call) in calls.iter().enumerate() {
        let start = START_S + call.0 * 60;
        let row = json!({ "request_id": format!("chatcmpl-{index}"), "call_type": "acompletion", "api_key": "88dc28", "spend": 0.0002,
            "total_tokens": call.1 + call.2 + call.3, "prompt_tokens": call.1 + call.2, "completion_tokens": call.3,
            "startTime": stamp(start), "endTime": stamp(start + 2), "model": model, "custom_llm_provider": "openai", "team_id": "t1", "cache_hit": "False",
            "metadata": { "usage_object": { "prompt_tokens_details": { "cached_tokens": call.2 } } } });
        writeln!(log, "{row}").unwrap();
    }
    log
}

/// Day, model and token classes, as the books have them.
fn sums(house: &House) -> Value {
    house.json(&[
        "query",
        "SELECT day, model, SUM(input_tokens) AS fresh, SUM(cache_read_tokens) AS cached, SUM(output_tokens) AS output \
         FROM entries GROUP BY day, model ORDER BY day, model",
    ])
}

fn findings(statement: &Value) -> Vec<String> {
    statement["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{} {} {}", finding["code"], finding["about"], finding["text"]))
        .collect()
}

#[test]
fn three_exports_of_one_traffic_give_the_same_sums_per_day_model_and_class() {
    // One provider's model in every format: a span or a bucket of OpenAI's, then of Anthropic's.
    let calls = calls();
    for (provider, model, buckets) in [
        ("openai", "gpt-4o-2024-08-06", openai_buckets(&calls, "gpt-4o-2024-08-06")),
        ("anthropic", "claude-sonnet-4-20250514", anthropic_buckets(&calls, "claude-sonnet-4-20250514")),
    ] {
        let (told, seen) = (House::new(), House::new());
        told.write("usage.json", buckets.to_string());
        seen.write("spans.json", spans(&calls, provider, model).to_string());
        told.ok(&["import", "usage.json"]);
        assert_eq!(seen.json(&["import", "spans.json"])["imported"], calls.len());
        assert_eq!(sums(&told), sums(&seen), "{provider}");
        assert_eq!(sums(&told).as_array().unwrap().len(), 3, "one row a day");
        let expected = totals(&calls, 1);
        assert_eq!(sums(&told)[1]["cached"].to_string().replace('"', ""), expected[2].to_string());
    }
}

#[test]
fn a_gateway_log_and_the_provider_s_export_of_the_same_calls_count_once() {
    let calls = calls();
    let house = House::new();
    house.write("log.jsonl", gateway_log(&calls, "gpt-4o"));
    house.write("usage.json", openai_buckets(&calls, "gpt-4o-2024-08-06").to_string());
    house.ok(&["import", "log.jsonl"]);
    let alone: Value = serde_json::from_str(&house.statement()).unwrap();
    house.ok(&["import", "usage.json"]);
    let both: Value = serde_json::from_str(&house.statement()).unwrap();
    assert_eq!(both["total"]["tokens"], alone["total"]["tokens"]);
    assert_eq!(both["total"]["requests"], calls.len());
    assert_eq!(both["total"]["token_classes"], alone["total"]["token_classes"]);
    assert!(!findings(&both).iter().any(|finding| finding.contains("sources_differ")), "{:?}", findings(&both));
}

#[test]
fn traffic_past_the_gateway_fills_the_gap_and_is_a_finding() {
    let calls = calls();
    let house = House::new();
    // The gateway missed the last sixty calls.
    house.write("log.jsonl", gateway_log(&calls[..180], "gpt-4o"));
    house.write("usage.json", openai_buckets(&calls, "gpt-4o-2024-08-06").to_string());
    house.ok(&["import", "log.jsonl"]);
    house.ok(&["import", "usage.json"]);
    let statement: Value = serde_json::from_str(&house.statement()).unwrap();
    let all: i64 = calls.iter().map(|call| call.1 + call.2 + call.3).sum();
    assert_eq!(statement["total"]["tokens"], all);
    assert_eq!(statement["total"]["requests"], calls.len());
    assert!(
        findings(&statement).iter().any(|finding| finding.contains("sources_differ") && finding.contains("more")),
        "{:?}",
        findings(&statement)
    );
}

#[test]
fn a_restated_bucket_replaces_the_old_one() {
    let calls = calls();
    let house = House::new();
    house.write("early.json", openai_buckets(&calls[..200], "gpt-4o").to_string());
    house.write("late.json", openai_buckets(&calls, "gpt-4o").to_string());
    house.ok(&["import", "early.json"]);
    let report = house.json(&["import", "late.json"]);
    assert!(report["superseded"].as_i64().unwrap() >= 1, "{report}");
    let statement: Value = serde_json::from_str(&house.statement()).unwrap();
    assert_eq!(statement["total"]["tokens"], calls.iter().map(|call| call.1 + call.2 + call.3).sum::<i64>());
    assert!(house.output(&["verify"]).status.success());
}
