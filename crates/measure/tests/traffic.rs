//! One traffic, told in five formats, gives the same sums per day, model and token class.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Outcome, ok};
use measure::Format;
use std::collections::BTreeMap;
use std::fmt::Write;

/// One request: day, model, uncached, cache read, cache write, visible output.
type Request = (i64, &'static str, i64, i64, i64, i64);

const START_S: i64 = 1_772_323_200;

fn requests() -> Vec<Request> {
    (0..300)
        .map(|n: i64| {
            (n % 3, if n % 2 == 0 { "gpt-4o" } else { "claude-x" }, n * 37 % 5000 + 1, n * 91 % 9000, n * 13 % 400, n * 7 % 800 + 1)
        })
        .collect()
}

type Sums = BTreeMap<(i64, String), [i64; 4]>;

fn sums_of(requests: &[Request]) -> Sums {
    let mut sums = Sums::new();
    for (day, model, uncached, read, write, output) in requests {
        let sum = sums.entry((*day, (*model).to_owned())).or_default();
        for (total, part) in sum.iter_mut().zip([uncached, read, write, output]) {
            *total += part;
        }
    }
    sums
}

fn sums_from(outcome: &Outcome) -> Sums {
    let mut sums = Sums::new();
    for entry in &outcome.entries {
        let day = i64::from(books::day_of_ms(entry.time_start_ms).0) - START_S / 86_400;
        let sum = sums.entry((day, entry.model.rsplit('/').next().unwrap().to_owned())).or_default();
        let counts = &entry.counts;
        for (total, part) in
            sum.iter_mut().zip([counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens, counts.output_tokens])
        {
            *total += part.unwrap();
        }
    }
    sums
}

fn openai(sums: &Sums) -> String {
    let buckets: Vec<String> = sums
        .iter()
        .map(|((day, model), [uncached, read, write, output])| {
            format!(
                r#"{{"object":"bucket","start_time":{},"end_time":{},"results":[{{"object":"organization.usage.completions.result","model":"{model}","input_tokens":{},"input_cached_tokens":{read},"input_cache_write_tokens":{write},"output_tokens":{output},"num_model_requests":50}}]}}"#,
                START_S + day * 86_400,
                START_S + (day + 1) * 86_400,
                uncached + read + write
            )
        })
        .collect();
    format!(r#"{{"object":"page","data":[{}],"has_more":false}}"#, buckets.join(","))
}

fn anthropic(sums: &Sums) -> String {
    let buckets: Vec<String> = sums
        .iter()
        .map(|((day, model), [uncached, read, write, output])| {
            format!(
                r#"{{"starting_at":"2026-03-0{}T00:00:00Z","ending_at":"2026-03-0{}T00:00:00Z","results":[{{"model":"{model}","uncached_input_tokens":{uncached},"cache_read_input_tokens":{read},"cache_creation_5m_input_tokens":{write},"output_tokens":{output}}}]}}"#,
                day + 1,
                day + 2
            )
        })
        .collect();
    format!(r#"{{"data":[{}],"has_more":false}}"#, buckets.join(","))
}

fn spans(requests: &[Request]) -> String {
    let mut lines = String::new();
    for (number, (day, model, uncached, read, write, output)) in requests.iter().enumerate() {
        let start = (START_S + day * 86_400 + i64::try_from(number).unwrap()) * 1_000_000_000;
        let attribute = |name: &str, value: i64| format!(r#",{{"key":"gen_ai.usage.{name}","value":{{"intValue":"{value}"}}}}"#);
        writeln!(
            lines,
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"t","spanId":"{number}","startTimeUnixNano":"{start}","endTimeUnixNano":"{}","attributes":[{{"key":"gen_ai.request.model","value":{{"stringValue":"{model}"}}}}{}{}{}{}]}}]}}]}}]}}"#,
            start + 1_000_000_000,
            attribute("input_tokens", uncached + read + write),
            attribute("cache_read.input_tokens", *read),
            attribute("cache_creation.input_tokens", *write),
            attribute("output_tokens", *output)
        )
        .unwrap();
    }
    lines
}

fn bedrock(requests: &[Request]) -> String {
    let mut lines = String::new();
    for (number, (day, model, uncached, read, write, output)) in requests.iter().enumerate() {
        let time = START_S + day * 86_400 + i64::try_from(number).unwrap();
        writeln!(
            lines,
            r#"{{"schemaType":"ModelInvocationLog","timestamp":{time},"requestId":"{number}","operation":"Converse","modelId":"{model}","input":{{"inputTokenCount":{uncached},"cacheReadInputTokenCount":{read},"cacheWriteInputTokenCount":{write}}},"output":{{"outputTokenCount":{output}}}}}"#
        )
        .unwrap();
    }
    lines
}

fn langfuse(requests: &[Request], inside: bool) -> String {
    let mut lines = String::new();
    for (number, (day, model, uncached, read, write, output)) in requests.iter().enumerate() {
        let time = START_S + day * 86_400 + i64::try_from(number).unwrap();
        let total = uncached + read + write + output;
        let input = if inside { uncached + read + write } else { *uncached };
        writeln!(
            lines,
            r#"{{"id":"{number}","traceId":"t","type":"GENERATION","startTime":{time},"endTime":{time},"model":"{model}","usageDetails":{{"input":{input},"output":{output},"total":{total},"input_cached_tokens":{read},"cache_creation_input_tokens":{write}}}}}"#
        )
        .unwrap();
    }
    lines
}

#[test]
fn same_traffic_same_sums() {
    let requests = requests();
    let wanted = sums_of(&requests);
    assert_eq!(wanted.len(), 6);
    assert_eq!(sums_from(&ok(&openai(&wanted), Format::OpenaiUsage)), wanted);
    assert_eq!(sums_from(&ok(&anthropic(&wanted), Format::AnthropicUsage)), wanted);
    let spans = ok(&spans(&requests), Format::OtlpSpans);
    assert_eq!(spans.entries.len(), 300);
    assert_eq!(sums_from(&spans), wanted);
    for (text, format) in [
        (bedrock(&requests), Format::BedrockInvocation),
        (langfuse(&requests, false), Format::Langfuse),
        // The total says that an integration has counted the cache inside the input.
        (langfuse(&requests, true), Format::Langfuse),
    ] {
        let told = ok(&text, format);
        assert_eq!(told.entries.len(), 300);
        assert_eq!(sums_from(&told), wanted, "{format}");
        // Request by request the record is that of the spans, but for its source and duration.
        for (one, span) in told.entries.iter().zip(&spans.entries) {
            let same = |entry: &books::Entry| {
                let counts = &entry.counts;
                let classes = (counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens, counts.output_tokens);
                (
                    entry.time_start_ms,
                    entry.model.rsplit('/').next().unwrap().to_owned(),
                    classes,
                    counts.requests,
                    counts.context_input,
                    counts.context_output,
                )
            };
            assert_eq!(same(one), same(span));
        }
    }
}
